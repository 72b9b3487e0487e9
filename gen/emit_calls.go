package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// invoke is stage k's function called with items; results get its results, the error aside. Where it fails
// the worker is told, who knows the stage's policy, and ex leaves the item.
func (l *loop) invoke(k int, s *Stage, items []*jen.Statement, ex exits, results ...*jen.Statement) []jen.Code {
	if s.attempted() {
		return l.checked(k, l.attemptsCall(s, items), true, nil, ex, results)
	}
	ctx := l.id("w").Dot("ctx")
	var code, after []jen.Code
	if s.timed() {
		code, ctx, after = l.timed(s, l.scope)
	}
	call := l.stageCall(s, ctx, l.state(s), items, nil)
	return append(code, l.checked(k, call, s.Call.Err, after, ex, results)...)
}

// call is invoke with the stage's item.
func (l *loop) call(k int, s *Stage, ex exits, results ...*jen.Statement) []jen.Code {
	return l.invoke(k, s, l.args(k), ex, results...)
}

// args are what stage k's function takes of its item: the item, and the error of one that failed above.
func (l *loop) args(k int) []*jen.Statement {
	args := []*jen.Statement{l.items[k]}
	if l.group.Stages[k].Pair {
		args = append(args, l.id("in").Dot("items").Index(l.id("in").Dot("pos")).Dot("err"))
	}
	return args
}

// checked assigns the results of a call, does what comes right after it and looks at its error.
func (l *loop) checked(k int, call *jen.Statement, fails bool, after []jen.Code, ex exits, results []*jen.Statement) []jen.Code {
	if len(results) == 0 && fails && after == nil {
		return []jen.Code{jen.If(l.id("err").Op(":=").Add(call), l.id("err").Op("!=").Nil()).Block(l.failure(k, l.id("err"), ex)...)}
	}
	err := l.id("err")
	var names []jen.Code
	for _, name := range results {
		names = append(names, name.Clone())
	}
	if fails {
		if len(results) == 0 {
			err = jen.Id(l.scope.Local("err"))
		}
		names = append(names, err.Clone())
	}
	if len(names) > 0 {
		call = jen.List(names...).Op(":=").Add(call)
	}
	code := append([]jen.Code{call}, after...)
	if fails {
		code = append(code, l.fail(k, err, ex))
	}
	return code
}

// timed makes the context of a call that may take as long as the stage's timeout says. after releases it.
func (w *wiring) timed(s *Stage, scope *scope) (code []jen.Code, ctx *jen.Statement, after []jen.Code) {
	ctx, cancel := jen.Id(scope.Local("callCtx")), jen.Id(scope.Local("cancel"))
	most := w.value(s.Timeout, w.id("r").Dot("params"))
	limited := w.Std("context", "WithTimeout").Call(w.id("w").Dot("ctx"), most)
	if s.inWorker() {
		limited = w.id("w").Dot("limited").Call(most)
	}
	name := ctx.Clone()
	if !s.Call.Ctx {
		name = jen.Id("_")
	}
	code = []jen.Code{jen.List(name, cancel.Clone()).Op(":=").Add(limited)}
	return code, ctx, []jen.Code{cancel.Clone().Call()}
}

// stageCall is a call of the stage's function: with its state, where there is one, before the items.
func (w *wiring) stageCall(s *Stage, ctx, state *jen.Statement, items []*jen.Statement, emit *jen.Statement) *jen.Statement {
	if s.commanded() {
		return w.commandCall(s, items[0])
	}
	if state != nil {
		items = append([]*jen.Statement{state}, items...)
	}
	if len(items) == 0 {
		return w.callFunc(s.Call, ctx, nil, emit)
	}
	return w.callFunc(s.Call, ctx, items[0], emit, items[1:]...)
}

// canFail says whether the stage's function can return an error.
func (s *Stage) canFail() bool { return s.Call != nil && (s.Call.Err || s.Call.Shape == Seq2Shape) }

// retries says whether a failed call of the stage is made again.
func (s *Stage) retries() bool { return s.Retry != nil && s.canFail() }

// streams says whether the stage hands on results while its function still runs.
func (s *Stage) streams() bool {
	return s.Verb == spec.Source || s.Verb == spec.FlatMap && s.Call.Shape != SliceShape && !s.retries()
}

// attempted says whether the stage's calls are made by a method of their own.
func (s *Stage) attempted() bool {
	return s.Call != nil && (s.retries() || s.Rate != nil && !s.streams())
}

// handsOut is the shape of what the loop gets from a flat_map: an attempt's results are held until it
// succeeds.
func (s *Stage) handsOut() Shape {
	if s.Verb != spec.FlatMap || s.attempted() {
		return SliceShape
	}
	return s.Call.Shape
}

// callNames are the names that one stage's calls need beside its loop's.
type callNames struct {
	call  string // method that makes a call with its attempts
	retry string // field of the run: the policy
	limit string // field of the run: the rate limit
	state string // field of the run, or variable of the loop where each worker has its own
	dead  string // method that writes a dead letter

	command string // field of the run: what calls the stage's program
}

// nameCalls names what the calls of the stages need. Members of the run have names that are free.
func (w *wiring) nameCalls(free func(string) bool) {
	own := make(map[string]bool)
	member := func(base string) string {
		name := fresh(base, func(name string) bool { return free(name) && !own[name] })
		own[name] = true
		return name
	}
	w.calls = make(map[*Stage]*callNames)
	for _, s := range w.plan.Stages {
		c := &callNames{}
		w.calls[s] = c
		if s.attempted() {
			c.call = member("call" + s.Field)
		}
		if s.commanded() {
			c.command = member(lowerFirst(s.Field) + "Command")
		}
		if s.retries() {
			c.retry = member(lowerFirst(s.Field) + "Retry")
		}
		if s.Rate != nil {
			c.limit = member(lowerFirst(s.Field) + "Limit")
		}
		if s.sharesState() {
			c.state = member(lowerFirst(s.Field) + "State")
		} else if s.ownsState() {
			c.state = w.fixed.Local(itemHintOf(s.State.Type))
		}
		if s.Dead != nil {
			c.dead = member("bury" + s.Field)
		}
	}
}

// callFields are the fields of the run that calls need.
func (w *wiring) callFields(g *jen.Group) {
	for _, s := range w.plan.Stages {
		c := w.calls[s]
		if c.command != "" {
			g.Id(c.command).Op("*").Add(support("Command"))
		}
		if c.retry != "" {
			g.Id(c.retry).Op("*").Add(support("Retry"))
		}
		if c.limit != "" {
			g.Id(c.limit).Op("*").Add(w.limitType(s.Rate, "Limit", "KeyedLimit"))
		}
		if s.sharesState() {
			g.Id(c.state).Op("*").Add(support("State").Types(w.Type(s.State.Type)))
		}
	}
}

// callSetup makes in begin what all workers of a stage have in common.
func (w *wiring) callSetup(g *jen.Group) {
	for _, s := range w.plan.Stages {
		w.stageSetup(g, s)
	}
}

// stageSetup is callSetup for one stage.
func (w *wiring) stageSetup(g *jen.Group, s *Stage) {
	c, r := w.calls[s], w.id("r")
	if c.retry != "" {
		g.Add(r.Clone()).Dot(c.retry).Op("=").Add(w.retryPolicy(s))
	}
	if c.limit != "" {
		g.Add(r.Clone()).Dot(c.limit).Op("=").Add(w.newLimit(s.Rate))
	}
	if s.sharesState() {
		g.Add(r.Clone()).Dot(c.state).Op("=").Add(w.newState(s))
	}
}

// emitCalls writes the methods that make the calls of stages and write their dead letters.
func (w *wiring) emitCalls(stages ...*Stage) {
	for _, s := range stages {
		if s.attempted() {
			w.emitAttempts(s)
		}
		if s.Dead != nil {
			w.emitDeadLetter(s)
		}
	}
}

// position is the position of a stage in its group.
func (w *wiring) position(s *Stage) int {
	for _, g := range w.plan.Groups {
		for k, member := range g.Stages {
			if member == s {
				return k
			}
		}
	}
	return 0 // a source
}
