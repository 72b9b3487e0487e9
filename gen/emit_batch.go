package gen

import (
	"github.com/dave/jennifer/jen"
)

// emitBatch writes the loop of a batch stage. It calls no user function, so nothing in it can panic.
func (w *wiring) emitBatch(g *Group) {
	s := g.Stages[0]
	l := w.newLoop(g)
	batch := jen.Id(l.scope.Local("batch"))
	timed := s.Batch.MaxWait.IsSet()
	in, worker := w.id("in"), w.id("w")
	size := w.value(s.Batch.Size, w.id("r").Dot("params"))

	emit := []jen.Code{
		jen.If(jen.Op("!").Add(w.id("out")).Dot("put").Call(w.element(g.main(), batch.Clone(), jen.Lit(-1)))).Block(
			worker.Clone().Dot("counts").Index(jen.Lit(0)).Dot("interrupted").Op("+=").Int64().Call(jen.Len(batch.Clone())),
			jen.Return(jen.False())),
		worker.Clone().Dot("counts").Index(jen.Lit(0)).Dot("out").Op("++"),
		batch.Clone().Op("=").Nil(),
	}
	if timed {
		emit = append(emit, in.Clone().Dot("keep").Call())
	}
	emit = append(emit, jen.Return(jen.True()))
	flush := jen.Id(l.scope.Local("flush"))

	first := []jen.Code{batch.Clone().Op("=").Add(support("NewBatch").Types(w.Type(s.In))).Call(size.Clone())}
	if timed {
		first = append(first, in.Clone().Dot("expireAfter").Call(w.value(s.Batch.MaxWait, w.id("r").Dot("params"))))
	}
	each := l.passErrors(g)
	each = append(each,
		jen.If(jen.Len(batch.Clone()).Op("==").Lit(0)).Block(first...),
		batch.Clone().Op("=").Append(batch.Clone(), w.inItem(g)),
		jen.If(jen.Len(batch.Clone()).Op("==").Add(size.Clone()).Op("&&").Op("!").Add(flush.Clone()).Call()).Block(jen.Return(jen.True())),
	)
	body := []jen.Code{
		jen.Var().Add(batch.Clone()).Index().Add(w.Type(s.In)),
		flush.Clone().Op(":=").Func().Params().Bool().Block(emit...),
	}
	if timed {
		body = append(body, jen.Defer().Add(in.Clone()).Dot("keep").Call())
	}
	loop := []jen.Code{jen.For(in.Clone().Dot("next").Call()).Block(each...)}
	if timed {
		loop = []jen.Code{jen.For().Block(
			jen.For(in.Clone().Dot("next").Call()).Block(each...),
			jen.If(jen.Op("!").Add(in.Clone()).Dot("timeUp").Call()).Block(jen.Break()),
			jen.If(jen.Op("!").Add(flush.Clone()).Call()).Block(jen.Return(jen.True())),
		)}
	}
	body = append(body, loop...)
	body = append(body,
		jen.If(worker.Clone().Dot("stopped").Call()).Block(
			worker.Clone().Dot("counts").Index(jen.Lit(0)).Dot("interrupted").Op("+=").Int64().Call(jen.Len(batch.Clone())),
		).Else().If(jen.Len(batch.Clone()).Op(">").Lit(0)).Block(flush.Clone().Call()),
		jen.Return(jen.True()),
	)
	w.method("r", w.runPtr(), w.loops[g], w.loops[g]+" collects items into batches.").
		Params(l.loopParams(g)...).Func().Params().Bool().
		Block(jen.Return(jen.Func().Params().Bool().Block(body...)))
}
