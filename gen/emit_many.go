package gen

import (
	"github.com/dave/jennifer/jen"
)

// flatMap is the code of a flat_map stage, with all that follows nested in what it hands out.
func (l *loop) flatMap(k int, s *Stage, ex exits) []jen.Code {
	out := l.result(k, s)
	if s.attempted() {
		results := jen.Id(l.scope.Local("results"))
		return append(l.call(k, s, ex, results), l.rangeOver(k, s, results, out, ex)...)
	}
	code := l.limitStream(k, s, ex)
	if s.Call.Shape == EmitShape {
		return append(code, l.emitted(k, s, out, ex)...)
	}
	ctx := l.id("w").Dot("ctx")
	streams := s.Call.Shape == SeqShape || s.Call.Shape == Seq2Shape
	timed := s.timed()
	var cancel *jen.Statement
	var call *jen.Statement
	if timed {
		call = jen.Id(l.scope.Local("call"))
		if streams {
			code = append(code, call.Clone().Op(":=").Add(l.timedCall(s, ctx)))
			ctx = call
		} else {
			var begin, after []jen.Code
			begin, ctx, after = l.timed(s, l.scope)
			code, cancel = append(code, begin...), after[0].(*jen.Statement)
		}
	}
	items := l.stageCall(s, ctx, l.state(s), l.args(k), nil)
	if s.Call.Err || cancel != nil {
		name := jen.Id(l.scope.Local("results"))
		names := []jen.Code{name.Clone()}
		if s.Call.Err {
			names = append(names, l.id("err"))
		}
		code = append(code, jen.List(names...).Op(":=").Add(items))
		if cancel != nil {
			code = append(code, cancel.Clone())
		}
		if s.Call.Err {
			failed := ex
			if timed && streams {
				failed.skip = append([]jen.Code{jen.Id("_").Op("=").Add(l.id("w")).Dot("endTimed").Call()}, ex.skip...)
			}
			code = append(code, l.fail(k, l.id("err"), failed))
		}
		items = name
	}
	if !timed || !streams {
		return append(code, l.rangeOver(k, s, items, out, ex)...)
	}
	return append(code, l.rangeTimed(k, s, call, items, out, ex)...)
}

// rangeOver loops over what a stage hands out.
func (l *loop) rangeOver(k int, s *Stage, items, out *jen.Statement, ex exits) []jen.Code {
	shape := s.handsOut()
	var body []jen.Code
	if shape == Seq2Shape {
		body = append(body, l.fail(k, l.id("err"), exits{skip: []jen.Code{jen.Break()}, halt: ex.halt}))
	}
	body = append(body, l.handOut(k, out, exits{skip: append(l.back(k), jen.Continue()), halt: ex.halt})...)
	if l.declared(k) {
		body = append(body, l.back(k)...)
	}
	return []jen.Code{l.rangeHead(k, out, items, shape).Block(body...)}
}

// rangeHead is the head of the loop over items.
func (l *loop) rangeHead(k int, out, items *jen.Statement, shape Shape) *jen.Statement {
	vars := []jen.Code{l.loopVar(k, out)}
	switch shape {
	case Seq2Shape:
		vars = append(vars, l.id("err"))
	case SliceShape:
		vars = append([]jen.Code{jen.Id("_")}, vars...)
	}
	return jen.For(jen.List(vars...).Op(":=").Range().Add(items))
}

// loopVar is the variable that takes a result of stage k.
func (l *loop) loopVar(k int, out *jen.Statement) *jen.Statement {
	if !l.declared(k) {
		return out.Clone()
	}
	return jen.Id(l.each(k))
}

// each names the variable that takes a result of stage k, once.
func (l *loop) each(k int) string {
	if l.eachVars == nil {
		l.eachVars = make(map[int]string)
	}
	if l.eachVars[k] == "" {
		l.eachVars[k] = l.scope.Local("next")
	}
	return l.eachVars[k]
}

// keepItem stores stage k's result where a panic of the next stage can name it.
func (l *loop) keepItem(k int, out *jen.Statement) []jen.Code {
	if !l.declared(k) {
		return nil
	}
	return []jen.Code{out.Clone().Op("=").Id(l.each(k))}
}

// handOut is the body of a loop over stage k's results.
func (l *loop) handOut(k int, out *jen.Statement, ex exits) []jen.Code {
	var code []jen.Code
	if l.declared(k) {
		code = append(l.keepItem(k, out), l.count(k, "out"))
	}
	code = append(code, l.next(k, ex)...)
	return code
}

// back says that stage k's own code goes on, now that its result has been handed out.
func (l *loop) back(k int) []jen.Code {
	s := l.group.Stages[k]
	if !l.declared(k) || s.handsOut() == SliceShape {
		return nil // a slice's elements are there already
	}
	return []jen.Code{l.id("at").Op("=").Lit(k)}
}

// rangeTimed is rangeOver for a call whose time stands still while it hands out items.
func (l *loop) rangeTimed(k int, s *Stage, call, items, out *jen.Statement, ex exits) []jen.Code {
	resume := call.Clone().Dot("resume").Call()
	inner := exits{skip: append(l.back(k), resume.Clone(), jen.Continue()), halt: ex.halt}
	var body []jen.Code
	failed := jen.Id(l.scope.Local("failed"))
	pairs := s.Call.Shape == Seq2Shape
	if pairs {
		body = append(body, l.fail(k, l.id("err"), exits{skip: []jen.Code{failed.Clone().Op("=").True(), jen.Break()}, halt: ex.halt}))
	}
	body = append(body, call.Clone().Dot("pause").Call())
	body = append(body, l.handOut(k, out, inner)...)
	body = append(append(body, l.back(k)...), resume.Clone())
	var code []jen.Code
	late := l.id("err").Op("!=").Nil()
	if pairs {
		code = append(code, failed.Clone().Op(":=").False())
		late = late.Op("&&").Op("!").Add(failed.Clone())
	}
	code = append(code, l.rangeHead(k, out, items, s.Call.Shape).Block(body...))
	return append(code, jen.If(l.id("err").Op(":=").Add(l.id("w")).Dot("endTimed").Call(), late).Block(append([]jen.Code{
		jen.If(jen.Op("!").Add(l.id("w")).Dot("failed").Call(jen.Lit(k), l.index(k), l.items[k].Clone(), l.id("err"))).Block(ex.halt...),
	}, ex.skip...)...))
}

// emitted is the code of a flat_map stage that calls emit for each result.
func (l *loop) emitted(k int, s *Stage, out *jen.Statement, ex exits) []jen.Code {
	ctx := l.id("w").Dot("ctx")
	halted := jen.Id(l.scope.Local("halted"))
	cause := jen.Return(l.id("w").Dot("cause").Call())
	inner := exits{skip: append(l.back(k), jen.Return(jen.Nil())), halt: []jen.Code{halted.Clone().Op("=").True(), cause.Clone()}}
	var code, body []jen.Code
	timed := s.timed()
	if timed {
		call := jen.Id(l.scope.Local("call"))
		code = append(code, call.Clone().Op(":=").Add(l.timedCall(s, ctx)))
		ctx = call
		body = append(body, call.Clone().Dot("pause").Call(), jen.Defer().Add(call.Clone()).Dot("resume").Call())
	}
	code = append(code, halted.Clone().Op(":=").False())
	body = append([]jen.Code{jen.If(halted.Clone()).Block(cause.Clone())}, body...)
	body = append(body, l.handOut(k, out, inner)...)
	body = append(append(body, l.back(k)...), jen.Return(jen.Nil()))
	param := out.Clone()
	if l.declared(k) {
		param = jen.Id(l.each(k))
	}
	emit := jen.Func().Params(param.Add(l.Type(s.Out))).Error().Block(body...)
	call := l.stageCall(s, ctx, l.state(s), l.args(k), emit)
	err := jen.Id(l.scope.Local("err")) // the block may have another already
	if s.Call.Err {
		call = err.Clone().Op(":=").Add(call)
	}
	code = append(code, call)
	if timed {
		if s.Call.Err {
			code = append(code, jen.Id("_").Op("=").Add(l.id("w")).Dot("endTimed").Call())
		} else {
			code = append(code, err.Clone().Op(":=").Add(l.id("w")).Dot("endTimed").Call())
		}
	}
	code = append(code, jen.If(halted.Clone()).Block(ex.halt...))
	if s.Call.Err || timed {
		code = append(code, l.fail(k, err, ex))
	}
	return code
}

// timedCall begins a call that hands out results as it goes, within ctx and the stage's timeout.
func (w *wiring) timedCall(s *Stage, ctx *jen.Statement) *jen.Statement {
	call := w.id("w").Dot("newTimedCall").Call(ctx, w.value(s.Timeout, w.id("r").Dot("params")))
	if s.inWorker() {
		return w.id("w").Dot("watched").Call(call)
	}
	return call
}
