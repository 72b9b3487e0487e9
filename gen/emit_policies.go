package gen

import (
	"go/types"

	"github.com/dave/jennifer/jen"
)

// policy is what the stage does with an item's error, as the support knows it; nil where the run stops.
func (w *wiring) policy(s *Stage) *jen.Statement {
	policy := w.errorPolicy(s)
	if !s.commanded() || s.Process.InFlight != DeadLetterInFlight || s.OnError == DeadLetter {
		return policy
	}
	if policy == nil {
		policy = jen.Nil()
	}
	return support("BuryCrashed").Call(w.id("r").Dot(w.calls[s].dead), policy)
}

// errorPolicy is what on_error says.
func (w *wiring) errorPolicy(s *Stage) *jen.Statement {
	switch s.OnError {
	case Skip:
		return support("SkipItem")
	case Yield:
		return support("YieldError")
	case DeadLetter:
		return w.id("r").Dot(w.calls[s].dead)
	case Route:
		return support("RouteItem")
	}
	return nil
}

// failedPort is the output of the stage that carries what fails in it; nil where it does not route.
func (s *Stage) failedPort() *Output {
	for _, o := range s.Outputs {
		if o.Failed {
			return o
		}
	}
	return nil
}

// failedItem declares the item of a failure f as a value of its type t; a nil item of an interface type is none.
func (w *wiring) failedItem(f *jen.Statement, t types.Type, scope *scope) (code jen.Code, item *jen.Statement) {
	item = jen.Id(scope.Local(itemHintOf(t)))
	return jen.List(item.Clone(), jen.Id("_")).Op(":=").Add(f.Clone()).Dot("value").Assert(w.Type(t)), item
}

// emitDeadLetter writes the method that hands a failed item to the dead letter function.
func (w *wiring) emitDeadLetter(s *Stage) {
	scope := w.fixed.Child()
	f, at := jen.Id(scope.Local("f")), jen.Id(scope.Local("at"))
	declared, item := w.failedItem(f, s.In, scope)
	call := w.callFunc(s.Dead, w.id("r").Dot("run").Dot("ctx"), jen.Lit(s.Name), nil, item, f.Clone().Dot("err"))
	body := []jen.Code{jen.Return(call)}
	if !s.Dead.Err {
		body = []jen.Code{call, jen.Return(jen.Nil())}
	}
	name := w.calls[s].dead
	w.method("r", w.runPtr(), name, name+" hands an item that "+s.Name+" could not do to "+w.plan.File.Dead.Func.Text+".").
		Params(w.id("w").Op("*").Add(support("Worker")), at.Clone().Int(), f.Clone().Add(support("Failure").Types(jen.Any()))).Error().
		Block(
			declared,
			jen.Return(w.id("w").Dot("deadLetter").Call(at, f, jen.Func().Params().Error().Block(body...))))
}

// routeTo tells the worker how an item that fails in stage k is put into the failed port, whose elements are
// put with hand.
func (l *loop) routeTo(k int, s *Stage, hand *jen.Statement) jen.Code {
	scope := l.fixed.Child() // the literal stands beside the loop, not in it
	for _, o := range l.group.leaving() {
		scope.own[l.hands[o].GoString()] = true
	}
	f := jen.Id(scope.Local("f"))
	declared, item := l.failedItem(f, s.In, scope)
	element := l.outputType(s.failedPort()).Values(item, f.Clone().Dot("index"), f.Clone().Dot("err"))
	return l.id("w").Dot("route").Call(jen.Lit(k), jen.Func().Params(f.Clone().Add(support("Failure").Types(jen.Any()))).Bool().Block(
		declared,
		jen.Return(hand.Clone().Dot("put").Call(element))))
}
