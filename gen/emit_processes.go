package gen

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// inWorker says whether the stage's function is called in a worker process of this program.
func (s *Stage) inWorker() bool { return s != nil && s.Process != nil && !s.commanded() }

// timed says whether the time of the stage's calls is limited by what is emitted around them.
func (s *Stage) timed() bool { return s.Timeout.IsSet() && (s.Call.Ctx || s.inWorker()) }

// served are the stages whose functions are called in worker processes, by the group or source that these work for, in
// the order of their numbers.
func (p *Plan) served() (units []any, stages [][]*Stage) {
	for _, s := range p.Sources {
		if s.Stage.inWorker() {
			units, stages = append(units, s), append(stages, []*Stage{s.Stage})
		}
	}
	for _, g := range p.Groups {
		if g.Stages[0].inWorker() {
			units, stages = append(units, g), append(stages, g.Stages)
		}
	}
	return units, stages
}

// servedStages are the stages whose functions are called in worker processes.
func (p *Plan) servedStages() (all []*Stage) {
	_, stages := p.served()
	for _, list := range stages {
		all = append(all, list...)
	}
	return all
}

// leads says whether s is the first of the stages that worker processes work for together, or the only one.
func (p *Plan) leads(s *Stage) bool {
	_, stages := p.served()
	return s.commanded() || slices.ContainsFunc(stages, func(list []*Stage) bool { return list[0] == s })
}

// hooked, hook and hello are names that the file declares where there are workers.
func (w *wiring) hooked() string { return w.own(lowerFirst(w.plan.Name) + "Hooked") }
func (w *wiring) hook() string   { return w.plan.Name + "Worker" }
func (w *wiring) hello() string  { return w.own(lowerFirst(w.plan.Name) + "Hello") }

// refuseProcesses ends begin where worker processes cannot be started. It comes after the params are resolved.
func (w *wiring) refuseProcesses(g *jen.Group) {
	refuse := func(call *jen.Statement) {
		g.If(w.id("err").Op(":=").Add(call), w.id("err").Op("!=").Nil()).Block(jen.Return(jen.Nil(), w.id("err")))
	}
	var depths []Value
	for _, s := range w.plan.Stages {
		if s.Process != nil && !slices.Contains(depths, s.Process.MaxDepth) {
			depths = append(depths, s.Process.MaxDepth)
		}
	}
	if len(depths) == 0 {
		return
	}
	name := jen.Lit(w.plan.File.Pipeline.Value)
	var most []jen.Code
	for _, d := range depths {
		most = append(most, w.value(d, w.id("p")))
	}
	if len(most) > 1 {
		most = []jen.Code{jen.Min(most...)}
	}
	refuse(support("RefuseProcesses").Call(append([]jen.Code{name.Clone()}, most...)...))
	if len(w.plan.servedStages()) > 0 {
		refuse(support("RefuseUnhooked").Call(name, jen.Id(w.hooked()).Dot("Load").Call(), jen.Lit(w.hook()+"()")))
	}
}

// makeFleet makes the worker processes of a unit, whose slots are those of group, and says how these deal with them.
func (w *wiring) makeFleet(unit any, group *jen.Statement, stages []*Stage) []jen.Code {
	p, c, first := w.id("p"), stages[0].Process, stages[0]
	units, _ := w.plan.served()
	number := 0
	for i, u := range units {
		if u == unit {
			number = i
		}
	}
	params := jen.Id(w.local("params"))
	known := jen.Id(w.local("known"))
	stats, count := w.processStats(first)
	maxItem := w.maxItem(c)
	code := []jen.Code{params.Clone().Op(":=").Add(support("EncodeHead")).Call(maxItem.Clone())}
	for _, param := range w.plan.WorkerParams(stages) {
		encode, _ := w.codec(param.Type, nil)
		code = append(code, encode.Call(params.Clone(), jen.Op("&").Add(p).Dot(param.Field)))
	}
	fields := []jen.Code{
		key("pipeline", jen.Lit(w.role())),
		key("group", jen.Lit(number)),
		key("hello", jen.Index().Byte().Call(jen.Id(w.hello()))),
		key("params", params.Clone().Dot("buf")),
	}
	fields = append(fields, w.supervision(c)...)
	if c.Heartbeat.IsSet() {
		fields = append(fields, key("heartbeat", w.value(c.Heartbeat, p)))
	}
	if c.LogStdout {
		fields = append(fields, key("logStdout", jen.True()))
	}
	if t := w.shortest(stages); t != nil {
		fields = append(fields, key("timeout", t))
	}
	fields = append(fields,
		key("decodeFault", support("DecodeFaults").Call(known.Clone())),
		key("restarts", jen.Op("&").Add(stats).Dot("restarts")))
	fields = append(fields, w.sharedFields(stages, maxItem, stats)...)
	fleet := jen.Id(w.local("fleet"))
	code = append(code, known.Clone().Op(":=").Add(w.knownErrors()))
	code = append(code, count...)
	code = append(code,
		fleet.Clone().Op(":=").Add(w.id("run")).Dot("newFleet").Call(group, w.processConfig(fields)),
		jen.Id(w.local("remote")).Op(":=").Add(support("RemoteConfig")).Custom(
			jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, w.remoteFields(unit, stages, known, stats)...),
	)
	return code
}

// maxItem is how many bytes an item or a result may take.
func (w *wiring) maxItem(c *Process) *jen.Statement {
	if c.MaxItem.Param != nil {
		return jen.Int().Call(w.value(c.MaxItem, w.id("p")))
	}
	return w.size(c.MaxItem)
}

// processStats are the counters of the worker processes of which s is the first stage, and what makes them.
func (w *wiring) processStats(s *Stage) (stats *jen.Statement, code []jen.Code) {
	stats, all := jen.Id(w.local("workers")), w.id("p").Dot("Stats")
	return stats, []jen.Code{
		stats.Clone().Op(":=").New(support(w.plan.processStats(s))),
		jen.If(all.Clone().Op("!=").Nil()).Block(stats.Clone().Op("=").Op("&").Add(all.Clone()).Dot(s.Field)),
	}
}

// plainStats are those of stats that every worker process has.
func (w *wiring) plainStats(s *Stage, stats *jen.Statement) *jen.Statement {
	if w.plan.processStats(s) == "ProcessStats" {
		return stats.Clone()
	}
	return jen.Op("&").Add(stats.Clone()).Dot("pipegenProcessStats")
}

// processStats is the type of the counters of the stage, which is the first of those that worker processes work for
// together.
func (p *Plan) processStats(s *Stage) string {
	units, all := p.served()
	for i := range units {
		if all[i][0] == s && p.leavesBehind(all[i]) {
			return "SharingStats"
		}
	}
	return "ProcessStats"
}

// local is a name that begin uses once in each block.
func (w *wiring) local(hint string) string { return w.id(hint).GoString() }

// role is what worker processes of the pipeline are called: unique in the program.
func (w *wiring) role() string {
	path := "main"
	if w.plan.Package.Name() != "main" {
		path = w.plan.Package.Path()
	}
	return path + "." + w.plan.File.Pipeline.Value
}

// shortest is the shortest timeout of the stages; nil where none has one.
func (w *wiring) shortest(stages []*Stage) *jen.Statement {
	var all []jen.Code
	for _, s := range stages {
		if s.Timeout.IsSet() {
			all = append(all, w.value(s.Timeout, w.id("p")))
		}
	}
	switch len(all) {
	case 0:
		return nil
	case 1:
		return all[0].(*jen.Statement)
	}
	return jen.Min(all...)
}

func (w *wiring) remoteFields(unit any, stages []*Stage, known, stats *jen.Statement) []jen.Code {
	p, c, first := w.id("p"), stages[0].Process, stages[0]
	fields := []jen.Code{
		key("maxItem", w.maxItem(c)),
		key("known", known.Clone()),
		key("stats", w.plainStats(first, stats)),
	}
	if g, ok := unit.(*Group); ok && g.Chunk.IsSet() {
		fields = append(fields, key("chunk", w.value(g.Chunk, p)))
	}
	switch {
	case first.Rate != nil:
		fields = append(fields, key("alone", jen.True()))
	case w.plan.HasPool:
		fields = append(fields, key("alone", w.id("pool").Op("!=").Nil()))
	}
	switch c.InFlight {
	case RetryInFlight:
		fields = append(fields, key("maxAttempts", w.value(c.MaxAttempts, p)))
	case DeadLetterInFlight:
		fields = append(fields, key("onCrash", w.id("r").Dot(w.calls[first].dead)))
	}
	if first.retries() {
		fields = append(fields, key("retry", w.id("r").Dot(w.calls[first].retry)))
	}
	if len(stages) > 1 {
		fields = append(fields, key("inner", jen.Index().Func().Params(jen.Op("*").Add(support("Decoder"))).Any().ValuesFunc(func(g *jen.Group) {
			for _, s := range stages[1:] {
				_, decode := w.codec(s.In, s.Process)
				g.Add(support("DecodeInner").Call(decode))
			}
		})))
	}
	return fields
}

// elementCodec is the codec of elements of an output or a queue whose items are of type t.
func (w *wiring) elementCodec(t types.Type, p *Process, kind string) (encode, decode *jen.Statement) {
	encode, decode = w.codec(t, p)
	if kind == "" {
		return encode, decode
	}
	return support("Encode" + kind).Call(encode), support("Decode" + kind).Call(decode)
}

// inCodec is the codec of what a group reads.
func (w *wiring) inCodec(g *Group) (encode, decode *jen.Statement) {
	kind := ""
	switch q := g.In; {
	case q.holdsFailures():
		kind = "Failure"
	case q.Elem.Err:
		kind = "Outcome"
	case q.Elem.Index:
		kind = "Indexed"
	}
	return w.elementCodec(g.In.Type, g.Stages[0].Process, kind)
}

// outCodec is the codec of what a stage puts into its main output.
func (w *wiring) outCodec(o *Output) (encode, decode *jen.Statement) {
	elem, t := o.carries(), o.Type
	if q := o.single(); q != nil {
		if j := q.join(); j != nil {
			encode, decode = w.codec(o.Type, o.Stage.Process)
			side := "Left"
			if o.Edges[0].Side == Right {
				side = "Right"
			}
			return support("Encode"+side).Types(w.Type(j.Left), w.Type(j.Right)).Call(encode),
				support("Decode"+side).Types(w.Type(j.Left), w.Type(j.Right)).Call(decode)
		}
		elem, t = q.Elem, q.Type
	}
	kind := ""
	switch {
	case elem.Err:
		kind = "Outcome"
	case elem.Index:
		kind = "Indexed"
	}
	return w.elementCodec(t, o.Stage.Process, kind)
}

// relayName is the method with the loop of a slot in the parent.
func (w *wiring) relayName(unit any) string { return w.loops[unit] + "Relay" }

// emitRelay writes the loop of a group's slots in the parent.
func (w *wiring) emitRelay(g *Group) {
	l := w.newLoop(g)
	fleet, config := w.id("fleet"), w.id("remote")
	params := l.loopParams(g)
	params = append([]jen.Code{params[0], fleet.Clone().Op("*").Add(support("Fleet")), config.Clone().Add(support("RemoteConfig"))}, params[1:]...)
	body := l.yieldHook(g)
	for k, s := range g.Stages {
		if s.OnError == Route {
			body = append(body, l.routeTo(k, s, l.hands[s.failedPort()]))
		}
	}
	encode, _ := w.inCodec(g)
	put, decode := jen.Nil(), jen.Nil()
	out := jen.Struct()
	if o := g.main(); o != nil {
		put = l.hands[o].Clone().Dot("put")
		_, decode = w.outCodec(o)
		out = w.outputType(o)
	}
	relay, e := w.id("relay"), w.id("e")
	element := jen.Op("*").Add(w.elementType(g.In))
	body = append(body, relay.Clone().Op(":=").Add(support("NewRelay")).Types(w.elementType(g.In), out).Call(
		w.id("w"), fleet.Clone(), config.Clone(), w.id("in"), put, encode, decode))
	index, value := jen.Lit(-1), jen.Op("*").Add(e.Clone())
	if wraps(g.In) {
		value = e.Clone().Dot("value")
	}
	if g.Stages[0].ElemIn.Index {
		index = e.Clone().Dot("index")
	}
	literal := func(results ...jen.Code) *jen.Statement {
		return jen.Func().Params(e.Clone().Add(element.Clone())).Params(results...)
	}
	body = append(body, relay.Clone().Dot("where").Op("=").Add(literal(jen.Int(), jen.Any())).Block(jen.Return(index, value.Clone())))
	if g.In.Elem.Err {
		body = append(body, relay.Clone().Dot("yielded").Op("=").Add(literal(jen.Int(), jen.Error())).Block(
			jen.Return(e.Clone().Dot("index"), e.Clone().Dot("err"))))
		if l.yieldHook(g) == nil {
			for _, o := range g.leaving() {
				if o.errors() {
					body = append(body, l.yieldTo(o, l.hands[o]))
					break
				}
			}
		}
	}
	if w.plan.HasPool && g.In.Elem.Index {
		body = append(body, relay.Clone().Dot("task").Op("=").Add(literal(jen.Bool())).Block(
			jen.Return(w.id("w").Dot("begin").Call(e.Clone().Dot("index")))))
	}
	if s := g.Stages[0]; s.Rate != nil {
		wait := w.ownLimitWait(s, w.limitKey(s, value.Clone()))
		body = append(body, relay.Clone().Dot("turn").Op("=").Add(literal(jen.Error())).Block(jen.Return(wait)))
	}
	body = append(body, jen.Return(relay.Clone().Dot("loop")))
	name := w.relayName(g)
	w.method("r", w.runPtr(), name, name+" has "+w.stageNames(g.Stages)+" done by worker processes.").
		Params(params...).Func().Params().Bool().Block(body...)
}

func (w *wiring) stageNames(stages []*Stage) string {
	text := ""
	for i, s := range stages {
		if i > 0 {
			text += ", "
		}
		text += s.Name
	}
	return text
}

// emitWorker writes the hook with which a process becomes a worker, and what it does then.
func (w *wiring) emitWorker() {
	units, stages := w.plan.served()
	if !w.plan.hasWorkers() {
		return
	}
	w.decls = append(w.decls, w.hook())
	if len(units) == 0 {
		w.comment(w.hook() + " does nothing: the worker processes of " + w.plan.Name + " are other programs. Where one of its stages becomes " +
			"a Go function in worker processes, main must call it first, and may so now.")
		w.file.Func().Id(w.hook()).Params().Block()
		return
	}
	w.comment(w.hook() + " makes this process a worker if a run of " + w.plan.Name + " has started it as one, and does not return then. Else it does " +
		"nothing. Call it first in main, and in TestMain, before flags are parsed and anything is opened.")
	link, session := w.id("link"), w.id("s")
	w.file.Func().Id(w.hook()).Params().BlockFunc(func(g *jen.Group) {
		g.Id(w.hooked()).Dot("Store").Call(jen.True())
		g.Add(link).Op(":=").Add(support("WorkerLink")).Call(jen.Lit(w.role()))
		g.If(link.Clone().Op("==").Nil()).Block(jen.Return())
		g.Add(session).Op(":=").Add(support("NewSession")).Call(link.Clone(), jen.Id(w.hello()), w.knownErrors())
		g.Add(w.id("r")).Op(":=").Op("&").Id(w.runType()).Values(key("run", session.Clone().Dot("run")))
		g.Switch(link.Clone().Dot("group")).BlockFunc(func(g *jen.Group) {
			for i, unit := range units {
				g.Case(jen.Lit(i)).BlockFunc(func(g *jen.Group) { w.serveUnit(g, unit, stages[i], session) })
			}
		})
	})
	w.comment(w.hooked() + " says that " + w.hook() + " was called.")
	w.file.Var().Id(w.hooked()).Add(w.Std("sync/atomic", "Bool"))
	w.comment(w.hello() + " is what a worker must agree with its parent about: the spec, and the types that cross.")
	w.file.Const().Id(w.hello()).Op("=").Lit(fmt.Sprintf("spec: %s\ntypes: %s\n", w.plan.SpecHash(), w.plan.Fingerprint()))
}

// serveUnit is what a worker of one group or source does.
func (w *wiring) serveUnit(g *jen.Group, unit any, stages []*Stage, session *jen.Statement) {
	r, worker := w.id("r"), w.id("w")
	if len(taken(stages)) > 0 {
		g.Add(r.Clone()).Dot("shared").Op("=").Id(w.openShared()).Call(session.Clone())
	}
	for _, param := range w.plan.WorkerParams(stages) {
		_, decode := w.codec(param.Type, nil)
		g.Add(decode).Call(session.Clone().Dot("dec"), jen.Op("&").Add(r.Clone()).Dot("params").Dot(param.Field))
	}
	var values []Value
	for _, s := range stages {
		values = append(values, s.setupValues()...)
	}
	if slices.ContainsFunc(values, func(v Value) bool { return v.Param != nil }) {
		g.Add(w.id("p")).Op(":=").Add(r.Clone()).Dot("params")
	}
	for _, s := range stages {
		if s.Rate == nil || s.Verb == spec.Source { // the limits of others are the parent's
			w.stageSetup(g, s)
		} else if s.retries() {
			g.Add(r.Clone()).Dot(w.calls[s].retry).Op("=").Add(w.retryPolicy(s))
		}
	}
	var infos []jen.Code
	for _, s := range stages {
		fields := []jen.Code{key("name", jen.Lit(s.Name))}
		if s.OnError != Stop {
			fields = append(fields, key("onError", support("InParent")))
		}
		if countsOut(s) {
			fields = append(fields, key("many", jen.True()))
		}
		infos = append(infos, support("StageInfo").Values(fields...))
	}
	if s, ok := unit.(*Source); ok {
		encode, _ := w.outCodec(s.Output)
		g.Add(worker).Op(":=").Add(r.Clone()).Dot("run").Dot("addSource").Call(infos...)
		g.Add(worker.Clone()).Dot("loop").Op("=").Add(r.Clone()).Dot(w.loops[s]).Call(worker.Clone(), w.answerHand(s.Output, session, worker, encode))
		g.Add(session.Clone()).Dot("produce").Call(worker.Clone())
		return
	}
	group := unit.(*Group)
	g.Add(w.id("group")).Op(":=").Add(r.Clone()).Dot("run").Dot("addGroup").Call(append([]jen.Code{jen.Lit(1)}, infos...)...)
	g.Add(worker).Op(":=").Add(w.id("group")).Dot("workers").Index(jen.Lit(0))
	_, decode := w.inCodec(group)
	args := []jen.Code{worker.Clone(), support("FeedFrom").Call(session.Clone(), worker.Clone(), decode)}
	for _, o := range group.leaving() {
		if o != group.main() {
			args = append(args, jen.Nil()) // what fails is dealt with in the parent
			continue
		}
		encode, _ := w.outCodec(o)
		args = append(args, w.answerHand(o, session, worker, encode))
	}
	if len(stages) > 1 {
		g.Add(session.Clone()).Dot("inner").Op("=").Index().Func().Params(jen.Op("*").Add(support("Encoder")), jen.Any()).ValuesFunc(func(g *jen.Group) {
			for _, s := range stages[1:] {
				encode, _ := w.codec(s.In, s.Process)
				g.Add(support("EncodeInner").Call(encode))
			}
		})
	}
	if stages[0].Process.InFlight == RetryInFlight {
		g.Add(session.Clone()).Dot("hold").Op("=").True()
	}
	g.Add(worker.Clone()).Dot("loop").Op("=").Add(r.Clone()).Dot(w.loops[group]).Call(args...)
	g.Add(session.Clone()).Dot("serve").Call(w.id("group"))
}

// answerHand is the hand that a loop in a worker puts into.
func (w *wiring) answerHand(o *Output, session, worker, encode *jen.Statement) *jen.Statement {
	hand := support("AnswerTo").Call(session.Clone(), worker.Clone(), encode)
	if o.single() == nil {
		return hand.Dot("put")
	}
	return hand
}

// setupValues are the values that what is made before the stage's loop depends on.
func (s *Stage) setupValues() (values []Value) {
	if s.retries() {
		values = append(values, s.Retry.MaxAttempts, s.Retry.Initial, s.Retry.Max, s.Retry.Multiplier, s.Retry.Jitter)
	}
	if s.Rate != nil && s.Verb == spec.Source {
		values = append(values, s.Rate.Count, s.Rate.Burst)
	}
	return values
}
