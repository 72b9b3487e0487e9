package gen

import (
	"github.com/dave/jennifer/jen"
)

// emitInput writes the loop over the caller's items.
func (w *wiring) emitInput(s *Source, name, kind string) {
	o := s.Output
	item := jen.Id(w.fixed.Child().Local(itemHintOf(w.plan.Input)))
	comment := name + " hands on the caller's items."
	if kind == "Seq2" {
		comment = name + " hands on the caller's items, up to the first error."
	}
	head := jen.For(item.Clone().Op(":=").Range().Add(w.id("in")))
	var body []jen.Code
	if kind == "Seq2" {
		head = jen.For(jen.List(item.Clone(), w.id("err")).Op(":=").Range().Add(w.id("in")))
		body = append(body, jen.If(w.id("err").Op("!=").Nil()).Block(
			w.id("w").Dot("erred").Call(w.sourceIndex(o), w.id("err")),
			jen.Return(jen.True())))
	}
	body = append(body, w.produce(o, item, []jen.Code{jen.Return(jen.True())})...)
	w.method("r", w.runPtr(), name, comment).
		Params(w.id("w").Op("*").Add(support("Worker")), w.id("in").Add(w.seq(kind)), w.id("out").Add(w.handType(o))).
		Func().Params().Bool().
		Block(append(w.sourceState(o), w.sourceLoop(nil, head.Block(body...), jen.Return(jen.True())))...)
}

// emitSource writes the loop of a source stage.
func (w *wiring) emitSource(s *Source) {
	o, stage, c := s.Output, s.Stage, s.Stage.Call
	scope := w.fixed.Child()
	item := jen.Id(scope.Local(itemHintOf(stage.Out)))
	halt := []jen.Code{jen.Return(jen.True())}
	var code []jen.Code
	ctx := w.id("w").Dot("ctx")
	timed := stage.timed()
	var call *jen.Statement
	body := append(w.limitSource(stage, item), w.produce(o, item, halt)...)
	if timed {
		call = jen.Id(scope.Local("call"))
		code = append(code, call.Clone().Op(":=").Add(w.timedCall(stage, ctx)))
		ctx = call
		body = append(append([]jen.Code{call.Clone().Dot("pause").Call()}, body...), call.Clone().Dot("resume").Call())
	}
	if c.Shape == EmitShape {
		code = append(code, w.emitSourceCall(o, stage, ctx, call, item, scope)...)
	} else {
		items := w.stageCall(stage, ctx, w.state(stage), nil, nil)
		if c.Err || c.Shape == ChanShape {
			name := jen.Id(scope.Local("items"))
			names := []jen.Code{name.Clone()}
			if c.Err {
				names = append(names, w.id("err"))
			}
			code = append(code, jen.List(names...).Op(":=").Add(items))
			if c.Err {
				code = append(code, jen.If(w.id("err").Op("!=").Nil()).Block(
					w.id("w").Dot("broken").Call(w.id("err")), jen.Return(jen.True())))
			}
			items = name
		}
		switch c.Shape {
		case Seq2Shape:
			failed := []jen.Code{jen.If(w.id("err").Op("!=").Nil()).Block(append([]jen.Code{
				jen.If(jen.Op("!").Add(w.id("w")).Dot("erred").Call(w.sourceIndex(o), w.id("err"))).Block(halt...)},
				append(w.advance(o), jen.Continue())...)...)}
			code = append(code, jen.For(jen.List(item.Clone(), w.id("err")).Op(":=").Range().Add(items)).Block(append(failed, body...)...))
		case SeqShape:
			code = append(code, jen.For(item.Clone().Op(":=").Range().Add(items)).Block(body...))
		case SliceShape:
			code = append(code, jen.For(jen.List(jen.Id("_"), item.Clone()).Op(":=").Range().Add(items)).Block(body...))
		case ChanShape:
			ok := w.id("ok")
			receive := append([]jen.Code{jen.If(jen.Op("!").Add(ok.Clone())).Block(jen.Return(jen.True()))}, body...)
			code = append(code, jen.For().Block(jen.Select().Block(
				jen.Case(jen.List(item.Clone(), ok.Clone()).Op(":=").Op("<-").Add(items)).Block(receive...),
				jen.Case(jen.Op("<-").Add(w.id("w")).Dot("ctx").Dot("Done").Call()).Block(jen.Return(jen.True())),
			)))
		}
		if timed && c.Shape != ChanShape {
			code = append(code, w.id("w").Dot("broken").Call(w.id("w").Dot("endTimed").Call()))
		}
		if c.Shape != ChanShape {
			code = append(code, jen.Return(jen.True()))
		}
	}
	w.method("r", w.runPtr(), w.loops[s], w.loops[s]+" produces what "+stageLabel(stage)+" does.").
		Params(w.id("w").Op("*").Add(support("Worker")), w.id("out").Add(w.handType(o))).
		Func().Params().Bool().
		Block(append(w.sourceSetup(stage, o), w.sourceLoop(stage, code...))...)
	w.emitCalls(stage)
}

// emitSourceCall calls a source that emits its items.
func (w *wiring) emitSourceCall(o *Output, stage *Stage, ctx, call, item *jen.Statement, scope *scope) []jen.Code {
	c := stage.Call
	halted := jen.Id(scope.Local("halted"))
	halt := []jen.Code{halted.Clone().Op("=").True(), jen.Return(w.id("w").Dot("cause").Call())}
	body := []jen.Code{jen.If(halted.Clone()).Block(jen.Return(w.id("w").Dot("cause").Call()))}
	if call != nil {
		body = append(body, call.Clone().Dot("pause").Call(), jen.Defer().Add(call.Clone()).Dot("resume").Call())
	}
	body = append(body, w.limitSource(stage, item)...)
	produced := w.produce(o, item, halt)
	// The emit that put the item says so; the next one tells the source to end.
	produced[len(produced)-1] = halted.Clone().Op("=").Op("!").Add(w.id("w")).Dot("produced").Call()
	body = append(body, produced...)
	body = append(body, jen.Return(jen.Nil()))
	emit := jen.Func().Params(item.Clone().Add(w.Type(stage.Out))).Error().Block(body...)
	code := []jen.Code{halted.Clone().Op(":=").False()}
	invoke := w.stageCall(stage, ctx, w.state(stage), nil, emit)
	if c.Err {
		code = append(code, w.id("err").Op(":=").Add(invoke))
	} else {
		code = append(code, invoke)
	}
	if call != nil {
		late := w.id("w").Dot("broken").Call(w.id("w").Dot("endTimed").Call())
		if c.Err {
			late = jen.Id("_").Op("=").Add(w.id("w")).Dot("endTimed").Call()
		}
		code = append(code, late)
	}
	if c.Err {
		code = append(code, w.id("w").Dot("broken").Call(w.id("err")))
	}
	return append(code, jen.Return(jen.True()))
}

// sourceState is what a source's loop keeps: the position of its next item, where that is known.
func (w *wiring) sourceState(o *Output) []jen.Code {
	if !o.carries().Index {
		return nil
	}
	return []jen.Code{w.id("index").Op(":=").Lit(0)}
}

// sourceSetup is what the loop of a source does once.
func (w *wiring) sourceSetup(s *Stage, o *Output) []jen.Code {
	var code []jen.Code
	if s.OnError == Yield {
		code = append(code, w.yieldTo(o, w.id("out")))
	}
	return append(append(code, w.ownStates(s)...), w.sourceState(o)...)
}

func (w *wiring) sourceIndex(o *Output) *jen.Statement {
	if !o.carries().Index {
		return jen.Lit(-1)
	}
	return w.id("index")
}

func (w *wiring) advance(o *Output) []jen.Code {
	if !o.carries().Index {
		return nil
	}
	return []jen.Code{w.id("index").Op("++")}
}

// sourceLoop returns the function that the source's worker runs; s is nil for the caller's input.
func (w *wiring) sourceLoop(s *Stage, code ...jen.Code) *jen.Statement {
	body := append([]jen.Code{jen.Defer().Add(w.id("w")).Dot("catchSource").Call(jen.Op("&").Add(w.id("over")))}, code...)
	loop := jen.Func().Params().Params(w.id("over").Bool()).Block(body...)
	if s != nil {
		loop = w.holding(loop, s)
	}
	return jen.Return(loop)
}

// produce puts an item of a source. The source ends where the run has stopped or Drain is closed.
func (w *wiring) produce(o *Output, item *jen.Statement, halt []jen.Code) []jen.Code {
	code := []jen.Code{jen.If(jen.Op("!").Add(w.id("out")).Dot("put").Call(w.element(o, item.Clone(), w.sourceIndex(o)))).Block(halt...)}
	code = append(code, w.advance(o)...)
	return append(code, jen.If(jen.Op("!").Add(w.id("w")).Dot("produced").Call()).Block(halt...))
}
