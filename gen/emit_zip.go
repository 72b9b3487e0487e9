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
	var loop []jen.Code
	for i, in := range []*jen.Statement{one, two} {
		loop = append(loop, has[i].Clone().Op(":=").Add(in.Clone()).Dot("next").Call())
		if queue := []*Queue{g.In, g.In2}[i]; queue.Elem.Err {
			loop = append(loop, jen.For(has[i].Clone().Op("&&").Add(in.Clone()).Dot("item").Call().Dot("err").Op("!=").Nil()).Block(
				append(l.passOne(g, in), has[i].Clone().Op("=").Add(in.Clone()).Dot("next").Call())...))
		}
	}
	loop = append(loop, jen.If(jen.Op("!").Add(has[0].Clone()).Op("||").Op("!").Add(has[1].Clone())).Block(
		jen.If(has[0].Clone().Op("||").Add(has[1].Clone())).Block(l.id("w").Dot("unpaired").Call()),
		jen.Break()))
	surplus := func(in *jen.Statement, q *Queue) jen.Code {
		filtered := []jen.Code{l.count(0, "filtered")}
		if q.Elem.Err {
			filtered = []jen.Code{jen.If(in.Clone().Dot("item").Call().Dot("err").Op("!=").Nil()).Block(
				append(l.passOne(g, in), jen.Continue())...), filtered[0]}
		}
		return jen.For(in.Clone().Dot("next").Call()).Block(filtered...)
	}
	out := jen.Id(l.scope.Local(itemHintOf(s.Out)))
	loop = append(loop, l.invoke(0, s, []*jen.Statement{item(one, g.In), item(two, g.In2)}, exits{skip: []jen.Code{jen.Continue()}, halt: halt}, out)...)
	loop = append(loop,
		jen.If(jen.Op("!").Add(l.id("out")).Dot("put").Call(l.element(g.main(), out.Clone(), l.index(0)))).Block(
			append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(0))}, halt...)...),
		l.count(0, "out"))
	code := []jen.Code{
		jen.Defer().Add(l.id("w")).Dot("catch").Call(jen.Op("&").Add(l.id("over")), jen.Func().Params().Params(jen.Int(), jen.Int(), jen.Id("any")).Block(
			jen.Return(jen.Lit(0), l.index(0), item(one, g.In)))),
		jen.For().Block(loop...),
		jen.Comment("What is left of the longer input has no partner."),
		surplus(one, g.In),
		surplus(two, g.In2),
		jen.Return(jen.True()),
	}
	setup := append(l.setup(g), jen.Return(w.holding(jen.Func().Params().Params(w.id("over").Bool()).Block(code...), s)))
	w.method("r", w.runPtr(), w.loops[g], w.loops[g]+" pairs the items of two inputs by position, with "+stageLabel(s)+".").
		Params(l.loopParams(g)...).Func().Params().Bool().Block(setup...)
	w.emitCalls(s)
}

// passOne lets an error from above, the element in hand of in, pass on its way to the open end.
func (l *loop) passOne(g *Group, in *jen.Statement) []jen.Code {
	return []jen.Code{
		l.id("w").Dot("passed").Call(),
		jen.If(jen.Op("!").Add(l.id("out")).Dot("put").Call(l.errorElement(g.main(), jen.Lit(-1), in.Clone().Dot("item").Call().Dot("err")))).Block(jen.Return(jen.True())),
	}
}
