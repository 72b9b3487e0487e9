package gen

import "github.com/dave/jennifer/jen"

// emitZip writes the loop of a zip: the items of its inputs meet by position.
func (w *wiring) emitZip(g *Group) {
	s := g.Stages[0]
	l := w.newLoop(g)
	halt := []jen.Code{jen.Return(jen.True())}
	one, two := l.id("in"), l.id("in2")
	has := []*jen.Statement{jen.Id(l.scope.Local("left")), jen.Id(l.scope.Local("right"))}
	item := func(in *jen.Statement, q *Queue) *jen.Statement {
		value := in.Clone().Dot("items").Index(in.Clone().Dot("pos"))
		if wraps(q) {
			value.Dot("value")
		}
		return value
	}
	l.items = []*jen.Statement{item(one, g.In)}
	next := jen.List(one.Clone().Dot("next").Call(), two.Clone().Dot("next").Call())
	loop := l.pairErrors(g)
	out := jen.Id(l.scope.Local(itemHintOf(s.Out)))
	loop = append(loop, l.invoke(0, s, []*jen.Statement{item(one, g.In), item(two, g.In2)}, exits{skip: []jen.Code{jen.Continue()}, halt: halt}, out)...)
	loop = append(loop,
		jen.If(jen.Op("!").Add(l.id("out")).Dot("put").Call(l.element(g.main(), out.Clone(), l.index(0)))).Block(
			append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(0))}, halt...)...),
		l.count(0, "out"))
	code := []jen.Code{
		jen.Defer().Add(l.id("w")).Dot("catch").Call(jen.Op("&").Add(l.id("over")), jen.Func().Params().Params(jen.Int(), jen.Int(), jen.Id("any")).Block(
			jen.Return(jen.Lit(0), l.index(0), item(one, g.In)))),
		jen.List(has[0].Clone(), has[1].Clone()).Op(":=").Add(next.Clone()),
		jen.For(jen.Empty(), has[0].Clone().Op("&&").Add(has[1]), jen.List(has[0].Clone(), has[1].Clone()).Op("=").Add(next)).Block(loop...),
		jen.Comment("What is left of the longer input has no partner."),
		l.surplus(g, has[0], one, g.In),
		l.surplus(g, has[1], two, g.In2),
		jen.Return(jen.True()),
	}
	setup := append(l.setup(g), jen.Return(w.holding(jen.Func().Params().Params(w.id("over").Bool()).Block(code...), s)))
	w.method("r", w.runPtr(), w.loops[g], w.loops[g]+" pairs the items of two inputs by position, with "+stageLabel(s)+".").
		Params(l.loopParams(g)...).Func().Params().Bool().Block(setup...)
	w.emitCalls(s)
}

// pairErrors is what becomes of a pair that has an error from above on either side: the error passes on in
// the place of the pair, and what would have been its partner has none.
func (l *loop) pairErrors(g *Group) []jen.Code {
	type side struct{ erred, put *jen.Statement }
	var sides []side
	for i, q := range []*Queue{g.In, g.In2} {
		if q.Elem.Err {
			in := []*jen.Statement{l.id("in"), l.id("in2")}[i]
			sides = append(sides, side{in.Clone().Dot("item").Call().Dot("err").Op("!=").Nil(), l.putError(g, in)})
		}
	}
	passed, filtered := l.id("w").Dot("passed").Call(), l.count(0, "filtered")
	end := []jen.Code{jen.Return(jen.True())}
	switch len(sides) {
	case 0:
		return nil
	case 1:
		return []jen.Code{jen.If(sides[0].erred).Block(passed, filtered, jen.If(jen.Op("!").Add(sides[0].put)).Block(end...), jen.Continue())}
	}
	var code []jen.Code
	for _, s := range sides {
		code = append(code, jen.If(s.erred.Clone()).Block(passed.Clone()).Else().Block(filtered))
	}
	for _, s := range sides {
		code = append(code, jen.If(s.erred.Clone().Op("&&").Op("!").Add(s.put)).Block(end...))
	}
	return []jen.Code{jen.If(sides[0].erred.Clone().Op("||").Add(sides[1].erred)).Block(append(code, jen.Continue())...)}
}

// surplus drains what is left of one input, of which has says whether there is an item in hand.
func (l *loop) surplus(g *Group, has, in *jen.Statement, q *Queue) jen.Code {
	code := []jen.Code{l.id("w").Dot("unpaired").Call()}
	if q.Elem.Err {
		code = append([]jen.Code{jen.If(in.Clone().Dot("item").Call().Dot("err").Op("!=").Nil()).Block(
			append(l.passOne(g, in), jen.Continue())...)}, code...)
	}
	return jen.For(jen.Empty(), has.Clone(), has.Clone().Op("=").Add(in.Clone()).Dot("next").Call()).Block(code...)
}

// passOne lets an error from above, the element in hand of in, pass on its way to the open end.
func (l *loop) passOne(g *Group, in *jen.Statement) []jen.Code {
	return []jen.Code{
		l.id("w").Dot("passed").Call(),
		jen.If(jen.Op("!").Add(l.putError(g, in))).Block(jen.Return(jen.True())),
	}
}

// putError puts the error in hand of in into the output.
func (l *loop) putError(g *Group, in *jen.Statement) *jen.Statement {
	return l.id("out").Dot("put").Call(l.errorElement(g.main(), jen.Lit(-1), in.Clone().Dot("item").Call().Dot("err")))
}
