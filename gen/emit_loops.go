package gen

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// emitLoops writes the loops of sources and groups, in the order items flow.
func (w *wiring) emitLoops() {
	for _, s := range w.plan.Sources {
		if s.Stage == nil {
			w.emitInput(s, "input", "Seq")
			w.emitInput(s, "inputSeq2", "Seq2")
		} else {
			w.emitSource(s)
		}
	}
	for _, g := range w.plan.Groups {
		switch g.Stages[0].Verb {
		case spec.BatchVerb:
			w.emitBatch(g)
		case spec.JoinV:
			w.emitJoin(g)
		case spec.ZipV:
			w.emitZip(g)
		default:
			if g.Stages[0].inWorker() {
				w.emitRelay(g)
			}
			w.emitGroup(g)
		}
	}
}

// loop writes one loop as code: the stages of a group, each nested in what the one above hands out.
type loop struct {
	*wiring
	group    *Group
	scope    *scope
	items    []*jen.Statement // what stands for the item of each stage
	hands    map[*Output]*jen.Statement
	vars     []jen.Code     // declarations outside the loop, so that a panic can name the item
	served   bool           // it runs in a worker process, and the order is kept in the parent
	eachVars map[int]string // by stage: the variables of loops over its results
}

// exits are the statements with which the code at some place leaves an item.
type exits struct {
	skip []jen.Code // the item is finished here
	halt []jen.Code // the run has stopped
}

// writerType is the type of the hand that puts into the group's main output.
func (w *wiring) writerType(g *Group) *jen.Statement {
	if g.Ordered {
		return jen.Op("*").Add(support("OrderedWriter").Types(w.outputType(g.main())))
	}
	return w.handType(g.main())
}

// newLoop begins the loop of a group.
func (w *wiring) newLoop(g *Group) *loop {
	l := &loop{wiring: w, group: g, scope: w.fixed.Child(), hands: make(map[*Output]*jen.Statement)}
	for _, o := range g.leaving() {
		switch {
		case o == g.main():
			l.hands[o] = w.id("out")
		case o.Failed && len(g.Stages) > 1:
			l.hands[o] = jen.Id(l.scope.Local(o.Stage.Name + "-failed"))
		default:
			l.hands[o] = jen.Id(l.scope.Local(o.Port))
		}
	}
	return l
}

func (l *loop) loopParams(g *Group) []jen.Code {
	params := []jen.Code{
		l.id("w").Op("*").Add(support("Worker")),
		l.id("in").Op("*").Add(support("Reader").Types(l.elementType(g.In))),
	}
	if g.In2 != nil {
		params = append(params, l.id("in2").Op("*").Add(support("Reader").Types(l.elementType(g.In2))))
	}
	for _, o := range g.leaving() {
		hand := l.handType(o)
		if o == g.main() && !l.served {
			hand = l.writerType(g)
		}
		params = append(params, l.hands[o].Clone().Add(hand))
	}
	if last := g.Stages[len(g.Stages)-1]; last.Verb == spec.ReduceV && !g.isSingle() {
		params = append(params, l.id("whole").Op("*").Add(support("Fold").Types(l.foldType(last))))
	}
	return params
}

// setup is what a loop does once, before its first item.
func (l *loop) setup(g *Group) []jen.Code {
	code := l.yieldHook(g)
	for k, s := range g.Stages {
		if s.OnError == Route {
			code = append(code, l.routeTo(k, s, l.hands[s.failedPort()]))
		}
	}
	return append(code, l.ownStates(g.Stages...)...)
}

// inItem is the item in hand, as it came from the queue.
func (w *wiring) inItem(g *Group) *jen.Statement {
	if wraps(g.In) {
		return w.id("in").Dot("items").Index(w.id("in").Dot("pos")).Dot("value")
	}
	return w.id("in").Dot("items").Index(w.id("in").Dot("pos"))
}

// inIndex is its position, or -1.
func (w *wiring) inIndex(q *Queue) *jen.Statement {
	if q.Elem.Index {
		return w.id("in").Dot("items").Index(w.id("in").Dot("pos")).Dot("index")
	}
	return jen.Lit(-1)
}

// index is the position of stage k's item, or -1.
func (l *loop) index(k int) *jen.Statement {
	for _, s := range l.group.Stages[:k] {
		if s.Verb != spec.Map && s.Verb != spec.Tap {
			return jen.Lit(-1)
		}
	}
	if !l.group.Stages[0].ElemIn.Index {
		return jen.Lit(-1) // what the elements of a pool's chain carry is more than a position
	}
	return l.inIndex(l.group.In)
}

func (w *wiring) emitGroup(g *Group) {
	l := w.newLoop(g)
	l.served = g.Stages[0].inWorker()
	fused := len(g.Stages) > 1
	// The first item is read where it is used; the others need a name.
	first := l.scope.Local(itemHint(g.Stages[0], g.In.Type))
	l.items = append(l.items, jen.Id(first))

	body := append(l.passErrors(g), l.beginTask()...)
	if fused {
		l.vars = append(l.vars, jen.Id(first).Add(w.Type(g.In.Type)))
		body = append(body, jen.Id(first).Op("=").Add(w.inItem(g)))
	} else {
		body = append(body, jen.Id(first).Op(":=").Add(w.inItem(g)))
	}
	body = append(body, l.stage(0, exits{skip: []jen.Code{jen.Continue()}, halt: []jen.Code{jen.Return(jen.True())}})...)

	reduce := g.Stages[len(g.Stages)-1]
	setup := l.setup(g)
	if g.OneToOne && g.main() != nil && g.main().single() != nil && !g.Ordered && !skips(g) {
		setup = append(setup, support("Follow").Call(w.id("in"), w.id("out")).Comment("each item ends in one element of out"))
	}
	if reduce.Verb == spec.ReduceV {
		setup = append(setup, l.foldState(reduce)...)
	}

	inner := []jen.Code{}
	where := jen.Return(jen.Lit(0), l.index(0), w.inItem(g))
	if fused {
		inner = append(inner, jen.Var().DefsFunc(func(d *jen.Group) {
			d.Add(w.id("at")).Int().Comment("the stage in progress")
			for _, v := range l.vars {
				d.Add(v)
			}
		}))
		where = jen.Switch(w.id("at")).BlockFunc(func(b *jen.Group) {
			for k := 1; k < len(g.Stages); k++ {
				b.Case(jen.Lit(k)).Block(jen.Return(jen.Lit(k), l.index(k), l.items[k].Clone()))
			}
		}).Line().Return(jen.Lit(0), l.index(0), w.inItem(g))
	}
	if reduce.Verb == spec.ReduceV {
		where = jen.If(w.id("w").Dot("ending")).Block(jen.Return(jen.Lit(len(g.Stages)-1), jen.Lit(-1), jen.Nil())).Line().Add(where)
	}
	inner = append(inner, jen.Defer().Add(w.id("w")).Dot("catch").Call(jen.Op("&").Add(w.id("over")), jen.Func().Params().Params(jen.Int(), jen.Int(), jen.Id("any")).Block(where)))
	inner = append(inner, jen.For(w.id("in").Dot("next").Call()).Block(body...))
	if reduce.Verb == spec.ReduceV {
		inner = append(inner, l.finishFold(reduce)...)
	}
	inner = append(inner, jen.Return(jen.True()))

	setup = append(setup, jen.Return(w.holding(jen.Func().Params().Params(w.id("over").Bool()).Block(inner...), g.Stages...)))
	w.method("r", w.runPtr(), w.loops[g], w.loopComment(g)).Params(l.loopParams(g)...).Func().Params().Bool().Block(setup...)
	w.emitCalls(g.Stages...)
}

// runPtr is the receiver type of loops.
func (w *wiring) runPtr() string { return "*" + w.runType() }

func (w *wiring) loopComment(g *Group) string {
	calls := ""
	for i, s := range g.Stages {
		if i > 0 {
			calls += ", "
		}
		calls += stageLabel(s)
	}
	text := fmt.Sprintf("%s calls %s", w.loops[g], calls)
	if len(g.Stages) > 1 {
		text += ", fused"
	}
	switch n := g.Workers; {
	case n.N == 1:
		text += ": one worker"
	case n.N > 1:
		text += fmt.Sprintf(": %d workers", n.N)
	case n.Auto:
		text += ": as many workers as GOMAXPROCS"
	default:
		text += ": $" + n.Param.Name + " workers"
	}
	if g.Ordered {
		text += ", results in the order of the input"
	}
	return text + "."
}

// skips says whether items that fail in g leave its output out.
func skips(g *Group) bool {
	for _, s := range g.Stages {
		if s.OnError == Skip || s.OnError == DeadLetter || s.OnError == Route {
			return true
		}
	}
	return false
}

// passErrors lets errors from above pass on their way to the open end.
func (l *loop) passErrors(g *Group) []jen.Code {
	if !g.In.Elem.Err {
		return nil
	}
	e := l.id("e")
	for _, o := range g.leaving() {
		if !o.errors() {
			continue
		}
		return []jen.Code{jen.If(e.Clone().Op(":=").Add(l.id("in")).Dot("item").Call(), e.Clone().Dot("err").Op("!=").Nil()).Block(
			l.id("w").Dot("passed").Call(),
			jen.If(jen.Op("!").Add(l.hands[o].Clone()).Dot("put").Call(l.errorElement(o, l.errorIndex(g), e.Clone().Dot("err")))).Block(jen.Return(jen.True())),
			jen.Continue(),
		)}
	}
	return nil
}

// errorIndex is the position of an error from above, or -1.
func (l *loop) errorIndex(g *Group) *jen.Statement {
	if g.In.join() != nil {
		return jen.Lit(-1)
	}
	return l.id("e").Dot("index")
}

// yieldHook tells the worker how an error takes the place of an item.
func (l *loop) yieldHook(g *Group) []jen.Code {
	if !slices.ContainsFunc(g.Stages, func(s *Stage) bool { return s.OnError == Yield }) {
		return nil
	}
	for _, o := range g.leaving() {
		if o.errors() {
			return []jen.Code{l.yieldTo(o, l.hands[o])}
		}
	}
	return nil
}

// yieldTo sets the worker's yield to put an error into o by way of hand.
func (w *wiring) yieldTo(o *Output, hand *jen.Statement) *jen.Statement {
	index, err := jen.Id("index"), jen.Id("err")
	return w.id("w").Dot("yield").Op("=").Func().Params(index.Clone().Int(), err.Clone().Error()).Bool().Block(
		jen.Return(hand.Clone().Dot("put").Call(w.errorElement(o, index, err))))
}

// stage is the code of stage k on its item, and of all that follow.
func (l *loop) stage(k int, ex exits) []jen.Code {
	s := l.group.Stages[k]
	var code []jen.Code
	if len(l.group.Stages) > 1 {
		if k > 0 {
			code = append(code, jen.If(l.id("w").Dot("stopped").Call()).Block(
				append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(k))}, ex.halt...)...))
		}
		code = append(code, l.id("at").Op("=").Lit(k))
	}
	switch s.Verb {
	case spec.Map:
		out := l.result(k, s)
		code = append(code, l.call(k, s, ex, l.loopVar(k, out))...)
		code = append(code, l.keepItem(k, out)...)
		return append(code, l.next(k, ex)...)
	case spec.Tap:
		code = append(code, l.call(k, s, ex)...)
		l.items = append(l.items, l.items[k])
		return append(code, l.next(k, ex)...)
	case spec.Sink:
		code = append(code, l.call(k, s, ex)...)
		if l.plan.HasPool {
			code = append(code, l.id("w").Dot("consumed").Call())
		}
		return code
	case spec.Filter:
		keep := jen.Id(l.scope.Local("keep"))
		code = append(code, l.call(k, s, ex, keep)...)
		l.items = append(l.items, l.items[k])
		code = append(code, l.drop(k, keep, ex))
		return append(code, l.next(k, ex)...)
	case spec.FilterMap:
		out, keep := l.result(k, s), jen.Id(l.scope.Local("keep"))
		code = append(code, l.call(k, s, ex, l.loopVar(k, out), keep)...)
		code = append(code, l.drop(k, keep, ex))
		code = append(code, l.keepItem(k, out)...)
		return append(code, l.next(k, ex)...)
	case spec.Unbatch:
		out := l.result(k, s)
		return append(code, l.rangeOver(k, s, l.items[k].Clone(), out, ex)...)
	case spec.FlatMap:
		return append(code, l.flatMap(k, s, ex)...)
	case spec.ReduceV:
		return append(code, l.fold(k, s, ex)...)
	case spec.SwitchV:
		key := jen.Id(l.scope.Local("key"))
		code = append(code, l.call(k, s, ex, key)...)
		return append(code, l.lead(k, s, key, ex)...)
	}
	panic("unknown verb " + string(s.Verb))
}

// result names what stage k hands on. In a fused group a panic further down must be able to name it.
func (l *loop) result(k int, s *Stage) *jen.Statement {
	hint := itemHintOf(s.Out)
	if k+1 < len(l.group.Stages) {
		hint = itemHint(l.group.Stages[k+1], s.Out)
	}
	name := jen.Id(l.scope.Local(hint))
	if k+1 < len(l.group.Stages) {
		l.vars = append(l.vars, name.Clone().Add(l.Type(s.Out)))
	}
	l.items = append(l.items, name)
	return name
}

// declared says whether the result of stage k is declared outside the loop.
func (l *loop) declared(k int) bool { return k+1 < len(l.group.Stages) }

// next is what follows stage k: the next stage, or the queue.
func (l *loop) next(k int, ex exits) []jen.Code {
	if l.declared(k) {
		return l.stage(k+1, ex)
	}
	index := l.index(k + 1)
	if l.plan.HasPool {
		index = l.number()
	}
	put := l.id("out").Dot("put").Call(l.element(l.group.main(), l.items[k+1].Clone(), index))
	if countsOut(l.group.Stages[k]) {
		return []jen.Code{
			jen.If(jen.Op("!").Add(put)).Block(append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(k))}, ex.halt...)...),
			l.count(k, "out"),
		}
	}
	return []jen.Code{jen.If(jen.Op("!").Add(put)).Block(append([]jen.Code{l.id("w").Dot("interrupted").Call(jen.Lit(k))}, ex.halt...)...)}
}

// count adds one to a counter of stage k.
func (l *loop) count(k int, name string) *jen.Statement {
	return l.id("w").Dot("counts").Index(jen.Lit(k)).Dot(name).Op("++")
}

// drop ends an item that the filter does not keep.
func (l *loop) drop(k int, keep *jen.Statement, ex exits) *jen.Statement {
	filtered := l.count(k, "filtered")
	if l.plan.HasPool {
		filtered = l.id("w").Dot("filtered").Call(jen.Lit(k))
	}
	return jen.If(jen.Op("!").Add(keep.Clone())).Block(append([]jen.Code{filtered}, ex.skip...)...)
}

// fail hands the error of stage k's item to the worker, which knows the stage's policy.
func (l *loop) fail(k int, err *jen.Statement, ex exits) *jen.Statement {
	return jen.If(err.Clone().Op("!=").Nil()).Block(l.failure(k, err, ex)...)
}

func (l *loop) failure(k int, err *jen.Statement, ex exits) []jen.Code {
	return append([]jen.Code{
		jen.If(jen.Op("!").Add(l.id("w")).Dot("failed").Call(jen.Lit(k), l.index(k), l.items[k].Clone(), err.Clone())).Block(ex.halt...),
	}, ex.skip...)
}

func (l *loop) params() *jen.Statement { return l.id("r").Dot("params") }

// callFunc is a call of c. item is nil for a source, emit where c takes one.
func (w *wiring) callFunc(c *Call, ctx, item, emit *jen.Statement, more ...*jen.Statement) *jen.Statement {
	var args []jen.Code
	var fn *jen.Statement
	if c.Recv != nil && item != nil {
		fn = item.Clone().Dot(c.Object.Name())
		if c.Ctx {
			args = append(args, ctx.Clone())
		}
	} else {
		fn = w.Object(c.Object)
		if len(c.TypeArgs) > 0 {
			var list []jen.Code
			for _, t := range c.TypeArgs {
				list = append(list, w.Type(t))
			}
			fn.Types(list...)
		}
		if c.Ctx {
			args = append(args, ctx.Clone())
		}
		if item != nil {
			args = append(args, item.Clone())
		}
	}
	for _, m := range more {
		args = append(args, m.Clone())
	}
	bound := c.Args
	for i := 0; len(bound) > 0 || emit != nil; i++ {
		if emit != nil && (c.EmitAt == i || len(bound) == 0) {
			args = append(args, emit)
			emit = nil
			continue
		}
		args = append(args, w.arg(bound[0]))
		bound = bound[1:]
	}
	return fn.Call(args...)
}

// arg is a bound argument. A literal takes the parameter's type by itself.
func (w *wiring) arg(a Arg) *jen.Statement {
	v := w.value(a.Value, w.id("r").Dot("params"))
	if basic, ok := a.Type.Underlying().(*types.Basic); ok && a.Value.Param != nil && !types.AssignableTo(a.Value.Param.Type, a.Type) && basic.Kind() != types.Invalid {
		return w.Type(a.Type).Call(v)
	}
	return v
}

// itemHint names the item of a stage: as its function does, if it does.
func itemHint(s *Stage, t types.Type) string { return operandHint(s, 0, t) }

// operandHint names one of the things that a stage's function takes of its item.
func operandHint(s *Stage, i int, t types.Type) string {
	if s.Call != nil && s.Call.Sig != nil && (s.Call.Recv == nil || s.State != nil) {
		if s.Call.Ctx {
			i++
		}
		if s.State != nil {
			i++
		}
		if s.Call.Sig.Params().Len() > i {
			if name := s.Call.Sig.Params().At(i).Name(); len(name) > 1 && name != "_" {
				return name
			}
		}
	}
	return itemHintOf(t)
}

// itemHintOf names an item after its type.
func itemHintOf(t types.Type) string {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if name := t.Obj().Name(); name != "error" {
			return name
		}
	case *types.Pointer:
		return itemHintOf(t.Elem())
	case *types.Slice:
		if _, ok := types.Unalias(t.Elem()).(*types.Named); ok {
			return itemHintOf(t.Elem()) + "s"
		}
		return "items"
	}
	return "item"
}
