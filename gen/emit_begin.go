package gen

import (
	"fmt"
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// emitBegin writes the run's type and begin, which connects the stages and starts them.
func (w *wiring) emitBegin() {
	p := w.plan
	name := w.runType()
	w.decls = append(w.decls, name)
	w.comment(name + " is one run.")
	w.file.Type().Id(name).StructFunc(func(g *jen.Group) {
		g.Id("params").Id(p.Name).Comment("as resolved")
		g.Id("run").Op("*").Add(support("Run"))
		if len(p.Shared) > 0 {
			g.Id("shared").Op("*").Id(p.sharedType())
		}
		if q := w.outQueue(); q != nil {
			g.Id("out").Op("*").Add(support("Reader").Types(w.elementType(q)))
		}
		w.callFields(g)
	})
	params := []jen.Code{w.id("ctx").Add(w.Std("context", "Context"))}
	if p.Input != nil {
		params = append(params, w.id("in").Add(w.seq("Seq")), w.id("inSeq2").Add(w.seq("Seq2")))
	}
	if p.HasPool {
		params = append(params, w.id("pool").Op("*").Add(w.poolType()))
	}
	w.method("p", p.Name, "begin", "begin resolves the params, connects the stages and starts them.").
		Params(params...).Params(jen.Op("*").Id(name), jen.Error()).BlockFunc(func(g *jen.Group) {
		g.If(w.id("ctx").Dot("Err").Call().Op("!=").Nil()).Block(
			jen.Return(jen.Nil(), w.Std("context", "Cause").Call(w.id("ctx"))))
		w.resolveParams(g)
		w.refuseProcesses(g)
		w.beginShared(g)
		g.Add(w.id("run")).Op(":=").Add(support("NewRun")).Call(w.id("ctx"), w.id("p").Dot("Drain"), w.id("p").Dot("Log"), jen.Id("new"+w.errorType()))
		fields := []jen.Code{key("params", w.id("p")), key("run", w.id("run"))}
		if len(p.Shared) > 0 {
			w.closeShared(g)
			fields = append(fields, key("shared", w.id("shared")))
		}
		g.Add(w.id("r")).Op(":=").Op("&").Id(name).Values(fields...)
		w.callSetup(g)
		g.Add(w.id("stats")).Op(":=").Add(w.id("p")).Dot("Stats").Dot("stages").Call()
		if w.hashes() {
			g.Add(w.id("run")).Dot("seed").Op("=").Add(w.Std("hash/maphash", "MakeSeed")).Call()
		}
		locals := w.queueLocals()
		g.Line()
		w.makeQueues(g, locals)
		for _, s := range p.Sources {
			g.Line()
			w.connectSource(g, s, locals)
		}
		for _, group := range p.Groups {
			g.Line()
			w.connectGroup(g, group, locals)
		}
		g.Line()
		if q := w.outQueue(); q != nil {
			g.Add(w.id("r")).Dot("out").Op("=").Id(locals[q]).Dot("reader").Call(jen.Nil())
		}
		g.Add(w.id("run")).Dot("launch").Call()
		g.Return(w.id("r"), jen.Nil())
	})
}

func (w *wiring) connectSource(g *jen.Group, s *Source, locals map[*Queue]string) {
	var hands []jen.Code
	for _, o := range s.leaving() {
		hands = append(hands, w.hand(o, w.id("source"), locals))
	}
	with := func(args ...jen.Code) []jen.Code {
		return append(append([]jen.Code{w.id("source")}, args...), hands...)
	}
	info := w.stageInfo(s.Stage)
	if s.Stage == nil {
		info = support("StageInfo").Values(key("name", jen.Lit("input")))
	}
	block := []jen.Code{w.id("source").Op(":=").Add(w.id("run")).Dot("addSource").Call(info)}
	if s.Stage == nil {
		block = append(block, jen.If(w.id("inSeq2").Op("!=").Nil()).Block(
			w.id("source").Dot("loop").Op("=").Add(w.id("r")).Dot("inputSeq2").Call(with(w.id("inSeq2"))...),
		).Else().Block(
			w.id("source").Dot("loop").Op("=").Add(w.id("r")).Dot("input").Call(with(w.id("in"))...),
		))
	} else {
		loop := w.id("r").Dot(w.loops[s]).Call(with()...)
		if s.Stage.inWorker() {
			block = append(block, w.makeFleet(s, w.id("source").Dot("group"), []*Stage{s.Stage})...)
			_, decode := w.outCodec(s.Output)
			put := w.id("out").Dot("put")
			block = append(block, w.id("out").Op(":=").Add(hands[0]))
			loop = support("NewSourceRelay").Call(w.id("source"), w.id("fleet"), w.id("remote"), put, decode).Dot("loop")
		}
		block = append(block, w.id("source").Dot("loop").Op("=").Add(loop))
	}
	block = append(block, w.id("source").Dot("group").Dot("finish").Op("=").Add(w.finish(s.leaving(), locals)))
	if s.Stage.inWorker() {
		block = append(block, w.id("fleet").Dot("begin").Call(w.id("source").Dot("group")))
	}
	if w.plan.HasPool {
		g.Add(w.attachPool(locals, block))
		return
	}
	g.Block(block...)
}

func (w *wiring) connectGroup(g *jen.Group, group *Group, locals map[*Queue]string) {
	in := jen.Id(locals[group.In])
	var infos []jen.Code
	infos = append(infos, w.slots(group.Workers))
	for _, s := range group.Stages {
		infos = append(infos, w.stageInfo(s))
	}
	block := []jen.Code{w.id("group").Op(":=").Add(w.id("run")).Dot("addGroup").Call(infos...)}
	if first := group.Stages[0]; first.commanded() {
		block = append(block, w.makeCommand(first)...)
	}
	args := []jen.Code{w.id("w")}
	name := w.loops[group]
	if group.Stages[0].inWorker() {
		block = append(block, w.makeFleet(group, w.id("group"), group.Stages)...)
		args = append(args, w.id("fleet"), w.id("remote"))
		name = w.relayName(group)
	}
	args = append(args, in.Clone().Dot("reader").Call(w.id("w")))
	if group.In2 != nil {
		args = append(args, jen.Id(locals[group.In2]).Dot("reader").Call(w.id("w")))
	}
	outs := group.leaving()
	for _, o := range outs {
		hand := w.hand(o, w.id("w"), locals)
		if o == group.main() && group.Ordered {
			most := jen.Lit(0)
			if group.MaxAhead.IsSet() {
				most = w.value(group.MaxAhead, w.id("p"))
			}
			block = append(block, w.id("order").Op(":=").Add(support("NewOrder").Types(w.elementType(group.In), w.outputType(o))).Call(
				w.id("group"), in, w.hand(o, jen.Nil(), locals), most))
			hand = w.id("order").Dot("writer").Call(w.id("w"))
		}
		args = append(args, hand)
	}
	if last := group.Stages[len(group.Stages)-1]; last.Verb == spec.ReduceV && !group.isSingle() {
		block = append(block, w.id("whole").Op(":=").Add(support("NewFold").Types(w.foldType(last))).Call(w.id("group").Dot("slots")))
		args = append(args, w.id("whole"))
	}
	block = append(block, jen.For(jen.List(jen.Id("_"), w.id("w")).Op(":=").Range().Add(w.id("group")).Dot("workers")).Block(
		w.id("w").Dot("loop").Op("=").Add(w.id("r")).Dot(name).Call(args...)))
	if len(outs) > 0 {
		block = append(block, w.id("group").Dot("finish").Op("=").Add(w.finish(outs, locals)))
	}
	switch first := group.Stages[0]; {
	case first.commanded():
		block = append(block, w.command(first).Dot("start").Call())
	case first.inWorker():
		block = append(block, w.id("fleet").Dot("begin").Call(w.id("group")))
	}
	g.Block(block...)
}

// isSingle says whether the group always has one worker.
func (g *Group) isSingle() bool { return g.Workers.N == 1 }

func (w *wiring) slots(n Workers) *jen.Statement {
	switch {
	case n.Param != nil:
		return w.id("p").Dot(n.Param.Field)
	case n.Auto:
		return w.Std("runtime", "GOMAXPROCS").Call(jen.Lit(0))
	}
	return jen.Lit(n.N)
}

func (w *wiring) stageInfo(s *Stage) *jen.Statement {
	if s == nil {
		return nil
	}
	fields := []jen.Code{
		key("name", jen.Lit(s.Name)),
		key("stats", w.id("stats").Index(jen.Lit(s.Index))),
	}
	if policy := w.policy(s); policy != nil {
		fields = append(fields, key("onError", policy))
	}
	if s.Dead != nil && w.plan.HasPool {
		fields = append(fields, key("buries", jen.True()))
	}
	if countsOut(s) {
		fields = append(fields, key("many", jen.True()))
	}
	if s.Verb == spec.ZipV {
		fields = append(fields, key("pairs", jen.True()))
	}
	return support("StageInfo").Values(fields...)
}

// countsOut says whether a stage's outputs are counted apart from its items.
func countsOut(s *Stage) bool {
	switch s.Verb {
	case spec.FlatMap, spec.Unbatch, spec.BatchVerb, spec.ReduceV, spec.Sink, spec.JoinV, spec.ZipV:
		return true
	}
	return false
}

// resolveParams fills p's zero fields from the environment and the defaults.
func (w *wiring) resolveParams(g *jen.Group) {
	p := w.plan
	if len(p.Params) == 0 {
		return
	}
	bounds := w.paramBounds()
	var lines []jen.Code
	plain := true // no error is possible
	for _, param := range p.Params {
		field := w.id("p").Dot(param.Field)
		if param.Kind == GoParam {
			if nilable(param.Type) {
				plain = false
				lines = append(lines, jen.If(field.Clone().Op("==").Nil()).Block(
					w.appendErr(support("ErrNilParam").Call(jen.Lit(param.Name)))))
			}
			continue
		}
		read := param.Env != "" || param.Required
		if read {
			plain = false
			lines = append(lines,
				jen.List(field.Clone(), w.id("err")).Op("=").Add(support("Param")).Call(
					jen.Lit(param.Name), field.Clone(), jen.Lit(param.Env), w.parser(param), w.paramDefault(param), jen.Lit(param.Required)),
				w.appendErr(w.id("err")))
		} else if param.Default != nil && !isZero(param.Default) {
			lines = append(lines, jen.If(field.Clone().Op("==").Add(w.zero(param))).Block(field.Clone().Op("=").Add(w.paramDefault(param))))
		}
		var checks []jen.Code
		for _, check := range bounds[param].checks(param, field) {
			plain = false
			checks = append(checks, w.appendErr(check))
		}
		if read && len(checks) > 0 { // a value that cannot be read is no value to check
			checks = []jen.Code{jen.If(w.id("err").Op("==").Nil()).Block(checks...)}
		}
		lines = append(lines, checks...)
	}
	if !plain {
		needErr := false
		for _, param := range p.Params {
			needErr = needErr || param.Kind != GoParam && (param.Env != "" || param.Required)
		}
		if needErr {
			g.Var().Err().Error()
		}
		g.Var().Add(w.id("errs")).Index().Error()
	}
	for _, line := range lines {
		g.Add(line)
	}
	if !plain {
		g.If(w.id("err").Op(":=").Add(w.Std("errors", "Join")).Call(w.id("errs").Op("...")), w.id("err").Op("!=").Nil()).Block(
			jen.Return(jen.Nil(), w.Std("fmt", "Errorf").Call(jen.Lit(p.File.Pipeline.Value+": %w"), w.id("err"))))
	}
}

func (w *wiring) appendErr(err *jen.Statement) *jen.Statement {
	return w.id("errs").Op("=").Append(w.id("errs"), err)
}

func (w *wiring) parser(p *Param) *jen.Statement {
	switch p.Kind {
	case IntParam:
		return w.Std("strconv", "Atoi")
	case Int64Param:
		return support("ParseInt64")
	case Float64Param:
		return support("ParseFloat64")
	case BoolParam:
		return w.Std("strconv", "ParseBool")
	case DurationParam:
		return w.Std("time", "ParseDuration")
	case SizeParam:
		return support("ParseSize")
	}
	return support("ParseString")
}

func (w *wiring) paramDefault(p *Param) *jen.Statement {
	if p.Default == nil {
		return w.zero(p)
	}
	return w.value(Value{Lit: literal(p.Default)}, nil)
}

// literal widens an int, the kind in which int params keep their default.
func literal(v any) any {
	if i, ok := v.(int); ok {
		return int64(i)
	}
	return v
}

func (w *wiring) zero(p *Param) *jen.Statement {
	switch p.Kind {
	case StringParam:
		return jen.Lit("")
	case BoolParam:
		return jen.False()
	}
	return jen.Lit(0)
}

func isZero(v any) bool {
	switch fmt.Sprint(v) {
	case "", "0", "false", "0s":
		return true
	}
	return false
}

// foldType is the type that the workers of a reduce stage fold.
func (w *wiring) foldType(s *Stage) *jen.Statement { return w.Type(s.Reduce.resultType()) }

// resultType is what a reduce stage emits.
func (r *Reduce) resultType() types.Type {
	if r.KeyType != nil {
		return types.NewMap(r.KeyType, r.Acc)
	}
	return r.Acc
}
