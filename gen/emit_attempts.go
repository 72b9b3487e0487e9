package gen

import (
	"fmt"
	"go/types"

	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// attempts writes the method that makes the calls of one stage: when its rate allows, and again where a call
// fails.
type attempts struct {
	*wiring
	stage   *Stage
	scope   *scope
	state   *jen.Statement   // nil without
	items   []*jen.Statement // what the function takes of the item
	results []*jen.Statement // without the error
}

// attemptsCall is a call of that method.
func (l *loop) attemptsCall(s *Stage, items []*jen.Statement) *jen.Statement {
	args := []jen.Code{l.id("w")}
	if s.ownsState() {
		args = append(args, l.state(s))
	}
	for _, item := range items {
		args = append(args, item.Clone())
	}
	return l.id("r").Dot(l.calls[s].call).Call(args...)
}

func (w *wiring) emitAttempts(s *Stage) {
	a := &attempts{wiring: w, stage: s, scope: w.fixed.Child(), state: w.state(s)}
	params := []jen.Code{w.id("w").Op("*").Add(support("Worker"))}
	if s.ownsState() {
		a.state = jen.Id(w.calls[s].state)
		params = append(params, a.state.Clone().Add(w.Type(s.State.Type)))
	}
	for i, t := range s.operands() {
		hint := operandHint(s, i, t)
		if s.Pair && i == 1 {
			hint = "cause" // err is the result
		}
		item := jen.Id(a.scope.Local(hint))
		a.items = append(a.items, item)
		params = append(params, item.Clone().Add(w.Type(t)))
	}
	var results []jen.Code
	for _, t := range s.attemptResults() {
		hint := resultHint(t)
		if s.Verb == spec.SwitchV {
			hint = "key"
		}
		result := jen.Id(a.scope.Local(hint))
		a.results = append(a.results, result)
		results = append(results, result.Clone().Add(w.Type(t)))
	}
	results = append(results, w.id("err").Error())
	name := w.calls[s].call
	w.method("r", w.runPtr(), name, name+" "+a.comment()+".").Params(params...).Params(results...).Block(a.body()...)
}

// operands are the types of what the stage's function takes of its item.
func (s *Stage) operands() []types.Type {
	switch {
	case s.Verb == spec.ZipV:
		return []types.Type{s.Reads[0].Type, s.Reads[1].Type}
	case s.Verb == spec.JoinV:
		return []types.Type{s.Join.Left, s.Join.Right}
	case s.Pair:
		return []types.Type{s.In, errorType}
	}
	return []types.Type{s.In}
}

// attemptResults are the types of what an attempt gives, the error aside.
func (s *Stage) attemptResults() []types.Type {
	if s.Verb == spec.FlatMap {
		return []types.Type{types.NewSlice(s.Out)}
	}
	var list []types.Type
	for v := range s.Call.Sig.Results().Variables() {
		list = append(list, v.Type())
	}
	if n := len(list); s.Call.Err && n > 0 && isError(list[n-1]) { // a program's needs none in its type
		list = list[:n-1]
	}
	return list
}

// resultHint names a result after its type.
func resultHint(t types.Type) string {
	if isBool(t) {
		return "keep"
	}
	if hint := itemHintOf(t); hint != "item" {
		return hint
	}
	return "result"
}

func (a *attempts) comment() string {
	s := a.stage
	text := "calls " + stageLabel(s)
	if s.Rate != nil {
		text += " when its rate allows"
	}
	if s.retries() {
		if n, fixed := s.Retry.MaxAttempts.Lit.(int64); fixed {
			text += fmt.Sprintf(", up to %d times", n)
		} else {
			text += ", up to $" + s.Retry.MaxAttempts.Param.Name + " times"
		}
	}
	if s.Verb == spec.FlatMap && s.Call.Shape != SliceShape {
		text += "; the results of an attempt are held until it succeeds"
	}
	return text
}

func (a *attempts) body() []jen.Code {
	s, err := a.stage, a.id("err")
	var code, attempt []jen.Code
	var key *jen.Statement
	if !s.inWorker() { // the parent finds it there
		key = a.limitKey(s, a.items[0])
	}
	if key != nil && s.retries() {
		name := jen.Id(a.scope.Local("key"))
		code = []jen.Code{name.Clone().Op(":=").Add(key)}
		key = name
	}
	if wait := a.limitWait(s, key); wait != nil {
		attempt = []jen.Code{jen.If(err.Clone().Op("=").Add(wait), err.Clone().Op("!=").Nil()).Block(a.leave(err))}
	}
	attempt = append(attempt, a.once()...)
	switch {
	case s.retries():
		n := a.id("w").Dot("attempt")
		again := a.id("r").Dot(a.calls[s].retry).Dot("again").Call(a.id("w"), jen.Lit(a.position(s)), err)
		attempt = append(attempt, jen.If(jen.Op("!").Add(again)).Block(a.leave(err)))
		first := jen.Lit(1)
		if s.inWorker() {
			first = a.id("w").Dot("before").Op("+").Lit(1)
		}
		return append(code, jen.For(n.Clone().Op("=").Add(first), jen.Empty(), n.Clone().Op("++")).Block(attempt...))
	case s.Call.Err:
		return append(attempt, a.leave(err))
	}
	return append(attempt, a.leave(jen.Nil()))
}

// leave returns the results and err.
func (a *attempts) leave(err *jen.Statement) *jen.Statement {
	var list []jen.Code
	for _, r := range a.results {
		list = append(list, r.Clone())
	}
	return jen.Return(append(list, err.Clone())...)
}

// once is one attempt.
func (a *attempts) once() []jen.Code {
	s, ctx := a.stage, a.id("w").Dot("ctx")
	var code, after []jen.Code
	if s.timed() {
		code, ctx, after = a.timed(s, a.scope)
	}
	if s.Verb == spec.FlatMap && s.Call.Shape != SliceShape {
		code = append(code, a.hold(ctx)...)
	} else {
		code = append(code, a.assign(a.results, s.Call.Err, a.stageCall(s, ctx, a.state, a.items, nil)))
	}
	return append(code, after...)
}

// assign is a call whose results, and error if it has one, are kept.
func (a *attempts) assign(results []*jen.Statement, fails bool, call *jen.Statement) *jen.Statement {
	var names []jen.Code
	for _, r := range results {
		names = append(names, r.Clone())
	}
	if fails {
		names = append(names, a.id("err"))
	}
	if len(names) == 0 {
		return call
	}
	return jen.List(names...).Op("=").Add(call)
}

// hold is an attempt at a call that hands out results one by one.
func (a *attempts) hold(ctx *jen.Statement) []jen.Code {
	s, results, err := a.stage, a.results[0], a.id("err")
	item := jen.Id(a.scope.Local(itemHintOf(s.Out)))
	keep := results.Clone().Op("=").Append(results.Clone(), item.Clone())
	again := results.Clone().Op("=").Add(results.Clone()).Index(jen.Empty(), jen.Lit(0))
	if s.Call.Shape == EmitShape {
		emit := jen.Func().Params(item.Clone().Add(a.Type(s.Out))).Error().Block(
			keep, jen.Return(a.Std("context", "Cause").Call(a.id("w").Dot("ctx"))))
		return []jen.Code{again, a.assign(nil, s.Call.Err, a.stageCall(s, ctx, a.state, a.items, emit))}
	}
	failed := jen.Id(a.scope.Local("failed"))
	sequence := a.stageCall(s, ctx, a.state, a.items, nil)
	var before []jen.Code
	if s.Call.Err {
		items := jen.Id(a.scope.Local("items"))
		before = []jen.Code{jen.List(items.Clone(), failed.Clone()).Op(":=").Add(sequence)}
		sequence = items
	}
	vars, body := []jen.Code{item.Clone()}, []jen.Code{keep}
	if s.Call.Shape == Seq2Shape {
		next := failed
		if s.Call.Err {
			next = jen.Id(a.scope.Local("broken"))
		}
		vars = append(vars, next.Clone())
		body = []jen.Code{jen.If(err.Clone().Op("=").Add(next), err.Clone().Op("!=").Nil()).Block(jen.Break()), keep}
	}
	each := jen.For(jen.List(vars...).Op(":=").Range().Add(sequence)).Block(body...)
	if !s.Call.Err {
		return []jen.Code{jen.List(results.Clone(), err.Clone()).Op("=").List(results.Clone().Index(jen.Empty(), jen.Lit(0)), jen.Nil()), each}
	}
	return append(append([]jen.Code{again}, before...),
		jen.If(err.Clone().Op("=").Add(failed.Clone()), err.Clone().Op("==").Nil()).Block(each))
}
