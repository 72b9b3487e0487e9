package gen

import "github.com/dave/jennifer/jen"

// emitJoin writes the loop of a join: each item meets those of the other side that have its key and are
// still kept.
func (w *wiring) emitJoin(g *Group) {
	s := g.Stages[0]
	j := s.Join
	l := w.newLoop(g)
	e, left, right := jen.Id(l.scope.Local("element")), jen.Id(l.scope.Local("left")), jen.Id(l.scope.Local("right"))
	item, other := jen.Id(l.scope.Local("item")), jen.Id(l.scope.Local("other"))
	matches := l.scope.Local("items")
	key := jen.Id(l.scope.Local("key"))
	most := w.value(j.MaxItems, l.params())
	next := []jen.Code{jen.Continue()}
	halt := []jen.Code{jen.Return(jen.True())}
	label := s.Call.Err || s.Retry != nil || s.Rate != nil
	inner := exits{skip: next, halt: halt}
	if label {
		inner.skip = []jen.Code{jen.Continue().Id(matches)}
	}
	side := func(field string, keyCall *Call, own, across *jen.Statement) []jen.Code {
		code := []jen.Code{item.Clone().Op(":=").Add(e.Clone()).Dot(field)}
		l.items = []*jen.Statement{item}
		code = append(code, l.assignNew(l.callFunc(keyCall, l.id("w").Dot("ctx"), item, nil), keyCall.Err, key))
		if keyCall.Err {
			code = append(code, l.fail(0, l.id("err"), exits{skip: next, halt: halt}))
		}
		out := jen.Id(l.scope.Local(itemHintOf(s.Out)))
		args := []*jen.Statement{item, other}
		if field == "right" {
			args = []*jen.Statement{other, item}
		}
		pair := []jen.Code{jen.If(l.id("w").Dot("stopped").Call()).Block(
			append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(0))}, halt...)...)}
		pair = append(pair, l.invoke(0, s, args, inner, out)...)
		pair = append(pair,
			jen.If(jen.Op("!").Add(l.id("out")).Dot("put").Call(l.element(g.main(), out.Clone(), jen.Lit(-1)))).Block(
				append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(0))}, halt...)...),
			l.count(0, "out"))
		return append(code,
			jen.For(jen.List(jen.Id("_"), other.Clone()).Op(":=").Range().Add(across.Clone()).Dot("byKey").Index(key.Clone())).Block(pair...),
			jen.If(own.Clone().Dot("add").Call(key.Clone(), item.Clone())).Block(l.count(0, "filtered").Comment("the oldest made room")))
	}
	body := l.passErrors(g)
	body = append(body,
		e.Clone().Op(":=").Add(l.id("in")).Dot("item").Call(),
		jen.If(e.Clone().Dot("isRight")).Block(side("right", j.RightKey, right, left)...).
			Else().Block(side("left", j.LeftKey, left, right)...))
	loop := jen.For(l.id("in").Dot("next").Call()).Block(body...)
	code := []jen.Code{
		jen.Defer().Add(l.id("w")).Dot("catch").Call(jen.Op("&").Add(l.id("over")), jen.Func().Params().Params(jen.Int(), jen.Int(), jen.Id("any")).Block(
			jen.Return(jen.Lit(0), jen.Lit(-1), l.id("in").Dot("item").Call().Dot("item").Call()))),
	}
	if label {
		code = append(code, jen.Id(matches).Op(":"))
	}
	code = append(code, loop, jen.Return(jen.True()))
	setup := l.setup(g)
	setup = append(setup,
		left.Clone().Op(":=").Add(support("NewJoinSide").Types(w.Type(j.Key), w.Type(j.Left))).Call(most.Clone()),
		right.Clone().Op(":=").Add(support("NewJoinSide").Types(w.Type(j.Key), w.Type(j.Right))).Call(most.Clone()),
		jen.Return(w.holding(jen.Func().Params().Params(w.id("over").Bool()).Block(code...), s)))
	w.method("r", w.runPtr(), w.loops[g], w.loops[g]+" joins two sides with "+stageLabel(s)+".").
		Params(l.loopParams(g)...).Func().Params().Bool().Block(setup...)
	w.emitCalls(s)
}
