package gen

import (
	"go/types"
	"slices"

	"github.com/dave/jennifer/jen"
)

// carries says what the elements of an output hold beside the item: what its queues ask for.
func (o *Output) carries() Elem {
	var e Elem
	for _, edge := range o.Edges {
		e.Index = e.Index || edge.Queue.Elem.Index
		e.Err = e.Err || edge.Errors
	}
	return e
}

// errors says whether yielded errors leave by an output.
func (o *Output) errors() bool {
	return slices.ContainsFunc(o.Edges, func(e *Edge) bool { return e.Errors })
}

// single returns the queue that an output leads to, or nil where it fans out.
func (o *Output) single() *Queue {
	if o.FanOut == Single && len(o.Edges) == 1 {
		return o.Edges[0].Queue
	}
	return nil
}

// holdsFailures says whether the elements of q are failed items, each with its error.
func (q *Queue) holdsFailures() bool { return len(q.Edges) > 0 && q.Edges[0].From.Failed }

// join returns the join that reads q, or nil.
func (q *Queue) join() *Join {
	if q.Reader == nil {
		return nil
	}
	return q.Reader.Stages[0].Join
}

// elementType is the type of a queue's elements.
func (w *wiring) elementType(q *Queue) *jen.Statement {
	if j := q.join(); j != nil {
		return support("Either").Types(w.Type(j.Left), w.Type(j.Right))
	}
	if q.holdsFailures() {
		return support("Failure").Types(w.Type(q.Type))
	}
	return w.wrapped(q.Type, q.Elem)
}

// wrapped is the type of elements that hold items of type t and what e says.
func (w *wiring) wrapped(t types.Type, e Elem) *jen.Statement {
	switch {
	case e.Err:
		return support("Outcome").Types(w.Type(t))
	case e.Index:
		return support("Indexed").Types(w.Type(t))
	}
	return w.Type(t)
}

// wraps says whether elements of q wrap their item.
func wraps(q *Queue) bool { return q.Elem.Err || q.Elem.Index || q.join() != nil || q.holdsFailures() }

// outputType is the type of the elements that loops put into an output.
func (w *wiring) outputType(o *Output) *jen.Statement {
	if q := o.single(); q != nil {
		return w.elementType(q)
	}
	if o.Failed {
		return support("Failure").Types(w.Type(o.Type))
	}
	return w.wrapped(o.Type, o.carries())
}

// handType is the type of the hand with which a loop puts into an output.
func (w *wiring) handType(o *Output) *jen.Statement {
	if o.single() == nil {
		return support("Hand").Types(w.outputType(o))
	}
	return jen.Op("*").Add(support("Writer").Types(w.outputType(o)))
}

// element is value as an element of an output. index is what stands for its position, -1 where that is unknown.
func (w *wiring) element(o *Output, value, index *jen.Statement) *jen.Statement {
	if q := o.single(); q != nil {
		return w.edgeElement(o.Edges[0], value, index, nil)
	}
	return w.wrap(o.Type, o.carries(), value, index, nil)
}

// errorElement is an error in the place of an item.
func (w *wiring) errorElement(o *Output, index, err *jen.Statement) *jen.Statement {
	if q := o.single(); q != nil {
		return w.edgeElement(o.Edges[0], nil, index, err)
	}
	return w.wrap(o.Type, o.carries(), nil, index, err)
}

// edgeElement is value, or err in its place, as an element of the queue that an edge leads to.
func (w *wiring) edgeElement(e *Edge, value, index, err *jen.Statement) *jen.Statement {
	if e.Queue.join() == nil {
		return w.wrap(e.Queue.Type, e.Queue.Elem, value, index, err)
	}
	var fields []jen.Code
	switch {
	case err != nil:
		fields = append(fields, key("err", err))
	case e.Side == Left:
		fields = append(fields, key("left", value))
	default:
		fields = append(fields, key("right", value))
	}
	if e.Side == Right {
		fields = append(fields, key("isRight", jen.True()))
	}
	return w.elementType(e.Queue).Values(fields...)
}

func (w *wiring) wrap(t types.Type, e Elem, value, index, err *jen.Statement) *jen.Statement {
	if !e.Err && !e.Index {
		return value
	}
	var fields []jen.Code
	if value != nil {
		fields = append(fields, key("value", value))
	}
	if e.Index || err != nil {
		fields = append(fields, key("index", index))
	}
	if err != nil {
		fields = append(fields, key("err", err))
	}
	return w.wrapped(t, e).Values(fields...)
}

// leaving are the outputs of a group whose items leave it: the last stage's, and the failed ports of all.
func (g *Group) leaving() []*Output {
	var outs []*Output
	for i, s := range g.Stages {
		for _, o := range s.Outputs {
			if o.Failed || i == len(g.Stages)-1 {
				outs = append(outs, o)
			}
		}
	}
	return outs
}

// leaving are the outputs of a source.
func (s *Source) leaving() []*Output {
	if s.Stage == nil {
		return []*Output{s.Output}
	}
	return s.Stage.Outputs
}

// main is the output of the last stage; nil after a sink or switch.
func (g *Group) main() *Output {
	last := g.Stages[len(g.Stages)-1]
	if last.Switch != nil || len(last.Outputs) == 0 || last.Outputs[0].Failed {
		return nil
	}
	return last.Outputs[0]
}

// queuesOf are the queues that outputs lead to, each once.
func queuesOf(outs []*Output) []*Queue {
	var queues []*Queue
	seen := make(map[*Queue]bool)
	for _, o := range outs {
		for _, e := range o.Edges {
			if !seen[e.Queue] {
				seen[e.Queue] = true
				queues = append(queues, e.Queue)
			}
		}
	}
	return queues
}

// finish is what the last worker of a group or source runs: it closes the queues that outs lead to.
func (w *wiring) finish(outs []*Output, locals map[*Queue]string) *jen.Statement {
	queues := queuesOf(outs)
	if len(queues) == 1 {
		return jen.Id(locals[queues[0]]).Dot("close")
	}
	return jen.Func().Params().BlockFunc(func(g *jen.Group) {
		for _, q := range queues {
			g.Id(locals[q]).Dot("close").Call()
		}
	})
}

// hand is a worker's hand on an output: the writer of its queue, or what makes one of several.
func (w *wiring) hand(o *Output, worker *jen.Statement, locals map[*Queue]string) *jen.Statement {
	if q := o.single(); q != nil {
		return jen.Id(locals[q]).Dot("writer").Call(worker)
	}
	var writers []jen.Code
	for _, e := range o.Edges {
		writers = append(writers, jen.Id(locals[e.Queue]).Dot("writer").Call(worker.Clone()))
	}
	return w.id("r").Dot(w.fans[o]).Call(writers...)
}

// emitFans writes the methods that make hands on outputs with several readers.
func (w *wiring) emitFans() {
	for _, o := range w.outputs() {
		if o.single() == nil {
			w.emitFan(o)
		}
	}
}

// outputs are all outputs of the pipeline, in the order items flow.
func (w *wiring) outputs() []*Output {
	var outs []*Output
	for _, s := range w.plan.Sources {
		outs = append(outs, s.leaving()...)
	}
	for _, g := range w.plan.Groups {
		outs = append(outs, g.leaving()...)
	}
	return outs
}

func (w *wiring) emitFan(o *Output) {
	scope := w.fixed.Child()
	e := jen.Id(scope.Local("element"))
	if !o.carries().Err && !o.carries().Index && !o.Failed {
		e = jen.Id(scope.Local(itemHintOf(o.Type)))
	}
	var params []jen.Code
	var hands []*jen.Statement
	for _, edge := range o.Edges {
		hand := jen.Id(scope.Local("to-" + edge.Queue.Name))
		hands = append(hands, hand)
		params = append(params, hand.Clone().Op("*").Add(support("Writer").Types(w.elementType(edge.Queue))))
	}
	how, outside, inside := "", []jen.Code(nil), []jen.Code(nil)
	switch o.FanOut {
	case Broadcast:
		how = "hands each item to all of its readers"
		inside = append(w.errorsFirst(o, e, hands), w.broadcast(o, e, hands)...)
	case RoundRobin:
		how = "hands the items to its readers in turn"
		turn := jen.Id(scope.Local("turn"))
		outside = []jen.Code{turn.Clone().Op(":=").Lit(-1)}
		inside = append(w.errorsFirst(o, e, hands),
			turn.Clone().Op("=").Parens(turn.Clone().Op("+").Lit(1)).Op("%").Lit(len(hands)))
		inside = append(inside, w.choose(o, turn, e, hands)...)
	case Hash:
		how = "hands the items of one key to one reader"
		hash, ok := jen.Id(scope.Local("hash")), jen.Id(scope.Local("ok"))
		inside = append(w.errorsFirst(o, e, hands),
			jen.List(hash.Clone(), ok.Clone()).Op(":=").Add(w.hashBy(w.id("r").Dot("run"), o.Stage, o.Hash, w.valueOf(o, e))),
			jen.If(jen.Op("!").Add(ok)).Block(jen.Return(jen.False())))
		inside = append(inside, w.choose(o, hash.Clone().Op("%").Lit(len(hands)), e, hands)...)
	}
	body := append(outside, jen.Return(jen.Func().Params(e.Clone().Add(w.outputType(o))).Bool().Block(inside...)))
	w.method("r", w.runPtr(), w.fans[o], w.fans[o]+" "+how+".").
		Params(params...).Add(support("Hand").Types(w.outputType(o))).Block(body...)
}

// valueOf is the item in an element e of o.
func (w *wiring) valueOf(o *Output, e *jen.Statement) *jen.Statement {
	if c := o.carries(); c.Err || c.Index || o.Failed {
		return e.Clone().Dot("value")
	}
	return e.Clone()
}

// along is an element of o as an element of the queue that one of its edges leads to.
func (w *wiring) along(o *Output, edge *Edge, e *jen.Statement) *jen.Statement {
	c := o.carries()
	same := types.Identical(edge.Queue.Type, o.Type)
	switch {
	case o.Failed && !same:
		return w.elementType(edge.Queue).Values(e.Clone().Dot("value"), e.Clone().Dot("index"), e.Clone().Dot("err"))
	case o.Failed, same && edge.Queue.join() == nil && edge.Queue.Elem == c:
		return e.Clone()
	}
	index := jen.Lit(-1)
	if c.Index {
		index = e.Clone().Dot("index")
	}
	value := w.valueOf(o, e)
	if !c.Err || !edge.Queue.Elem.Err {
		return w.edgeElement(edge, value, index, nil)
	}
	if edge.Queue.join() != nil {
		if edge.Side == Left {
			return w.elementType(edge.Queue).Values(key("left", value), key("err", e.Clone().Dot("err")))
		}
		return w.elementType(edge.Queue).Values(key("right", value), key("isRight", jen.True()), key("err", e.Clone().Dot("err")))
	}
	return w.wrap(edge.Queue.Type, edge.Queue.Elem, value, index, e.Clone().Dot("err"))
}

// broadcast puts a copy into each queue. Once the first has its copy the others get theirs, even if the run
// stops in between, so that every edge is in balance. For the same reason the key functions of all come first:
// none of them can then end the goroutine half-way.
func (w *wiring) broadcast(o *Output, e *jen.Statement, hands []*jen.Statement) []jen.Code {
	failed := jen.Op("!").Add(hands[0].Clone()).Dot("put").Call(w.along(o, o.Edges[0], e))
	var rest []jen.Code
	for i := len(o.Edges) - 1; i > 0; i-- {
		edge := o.Edges[i]
		if edge.Queue.keyed() {
			failed = jen.Op("!").Add(hands[i].Clone()).Dot("prepare").Call(w.along(o, edge, e)).Op("||").Add(failed)
		}
		rest = append(rest, hands[i].Clone().Dot("give").Call(w.along(o, edge, e)))
	}
	slices.Reverse(rest)
	return append(append([]jen.Code{jen.If(failed).Block(jen.Return(jen.False()))}, rest...), jen.Return(jen.True()))
}

// errorsFirst sends an error on its way to the open end along the edge that leads there.
func (w *wiring) errorsFirst(o *Output, e *jen.Statement, hands []*jen.Statement) []jen.Code {
	for i, edge := range o.Edges {
		if edge.Errors {
			return []jen.Code{jen.If(e.Clone().Dot("err").Op("!=").Nil()).Block(
				jen.Return(hands[i].Clone().Dot("put").Call(w.along(o, edge, e))))}
		}
	}
	return nil
}

// choose puts e into the queue that which, a number, says.
func (w *wiring) choose(o *Output, which, e *jen.Statement, hands []*jen.Statement) []jen.Code {
	last := len(hands) - 1
	return []jen.Code{
		jen.Switch(which).BlockFunc(func(g *jen.Group) {
			for i, hand := range hands[:last] {
				g.Case(jen.Lit(i)).Block(jen.Return(hand.Clone().Dot("put").Call(w.along(o, o.Edges[i], e))))
			}
		}),
		jen.Return(hands[last].Clone().Dot("put").Call(w.along(o, o.Edges[last], e))),
	}
}
