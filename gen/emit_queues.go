package gen

import (
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"
)

// queueLocals names the queues in begin: after their readers.
func (w *wiring) queueLocals() map[*Queue]string {
	s := w.fixed.Child()
	locals := make(map[*Queue]string)
	for _, q := range w.plan.Queues {
		hint := "results"
		switch {
		case len(q.Readers) > 1:
			hint = q.Name
		case q.Reader != nil:
			hint = "to-" + q.Reader.Stages[0].Name
		}
		locals[q] = s.Local(hint)
	}
	return locals
}

func (w *wiring) capacity(q *Queue) *jen.Statement {
	if q.Unlimited {
		return w.Std("math", "MaxInt")
	}
	return w.value(q.Capacity, w.id("p"))
}

func (w *wiring) chunk(q *Queue) *jen.Statement {
	if q.Reader == nil || !q.Reader.Chunk.IsSet() || q.Reader.Stages[0].inWorker() { // there it is the size of messages
		return jen.Lit(0)
	}
	return w.value(q.Reader.Chunk, w.id("p"))
}

// makeQueues makes the queues, with what the spec says of them.
func (w *wiring) makeQueues(g *jen.Group, locals map[*Queue]string) {
	cycles := make(map[*Cycle]*jen.Statement)
	for _, c := range w.plan.Cycles {
		cycles[c] = jen.Id(w.fixed.Child().Local("cycle"))
		if len(w.plan.Cycles) > 1 {
			cycles[c] = jen.Id(w.fixed.Child().Local(fmt.Sprintf("cycle-%d", c.Index+1)))
		}
		g.Add(cycles[c].Clone()).Op(":=").New(support("Cycle"))
	}
	for _, q := range w.plan.Queues {
		local := jen.Id(locals[q])
		g.Add(local.Clone()).Op(":=").Add(support("NewQueue").Types(w.elementType(q))).Call(
			w.id("run"), jen.Lit(len(q.Sources)+len(q.Writers)), w.capacity(q), jen.Lit(q.Explicit), w.chunk(q))
		w.setKind(g, q, local)
		if key := w.partition(q); key != nil {
			g.Add(local.Clone()).Dot("partition").Call(w.slots(q.Reader.Workers), w.elementKey(q, q.Reader.Stages[0], key, true))
		}
		if q.Cycle != nil {
			g.Add(local.Clone()).Dot("inCycle").Call(cycles[q.Cycle].Clone(), jen.Lit(q.inside()))
		}
		for _, reader := range q.Readers {
			g.Add(local.Clone()).Dot("observe").Call(w.id("stats").Index(jen.Lit(reader.Stages[0].Index)))
		}
	}
}

// setKind says in which order q gives its items, and what it does when it is full.
func (w *wiring) setKind(g *jen.Group, q *Queue, local *jen.Statement) {
	full := support([]string{"BlockFull", "DropNewest", "DropOldest", "FailFull"}[q.OnFull])
	switch {
	case q.Kind == Priority:
		key := q.Key.Sig.Results().At(0).Type()
		g.Add(support("Priority")).Call(local.Clone(), full, w.elementKey(q, q.Reader.Stages[0], q.Key, false), w.Std("cmp", "Less").Types(w.Type(key)))
	case q.Kind == LIFO:
		g.Add(local.Clone()).Dot("lifo").Call(full)
	case q.OnFull != Block:
		g.Add(local.Clone()).Dot("fifo").Call(full)
	}
}

// partition is the function that gives the key by which q's items go to one worker each, or nil.
func (w *wiring) partition(q *Queue) *Call {
	if q.Reader == nil {
		return nil
	}
	return q.Reader.Stages[0].Partition
}

// keyed says whether writers of q call key functions of its reader.
func (q *Queue) keyed() bool {
	return q.Kind == Priority || q.Reader != nil && q.Reader.Stages[0].Partition != nil
}

// inside is how many of the groups that write into q are in its cycle.
func (q *Queue) inside() int {
	n := 0
	for _, g := range q.Writers {
		if g.In.Cycle == q.Cycle {
			n++
		}
	}
	return n
}

// elementKey is a function of an element of q that returns its key, or the hash of it. The key belongs to
// stage s; writers call it.
func (w *wiring) elementKey(q *Queue, s *Stage, keyCall *Call, hash bool) *jen.Statement {
	scope := w.fixed.Child()
	e := jen.Id(scope.Local("element"))
	value := e.Clone()
	if wraps(q) {
		value = value.Dot("value")
	}
	var none []jen.Code
	if q.Elem.Err {
		none = append(none, jen.If(e.Clone().Dot("err").Op("!=").Nil()).Block(jen.Return(jen.Lit(0), jen.True()).Comment("an error has no key")))
	}
	f := jen.Func().Params(e.Clone().Add(w.elementType(q)))
	if hash {
		return f.Params(jen.Uint64(), jen.Bool()).Block(append(none, jen.Return(w.hashBy(w.id("run"), s, keyCall, value)))...)
	}
	result, ok := jen.Id(scope.Local("key")), jen.Id(scope.Local("ok"))
	if none != nil {
		none = []jen.Code{jen.If(e.Clone().Dot("err").Op("!=").Nil()).Block(jen.Return(result.Clone(), jen.True()).Comment("an error has no key"))}
	}
	return f.Params(result.Clone().Add(w.Type(keyCall.Sig.Results().At(0).Type())), ok.Clone().Bool()).Block(append(none,
		jen.Defer().Add(w.id("run")).Dot("guard").Call(jen.Lit(s.Name), jen.Op("&").Add(ok)),
		jen.Return(w.callFunc(keyCall, w.id("run").Dot("ctx"), value, nil), jen.True()))...)
}

// hashBy is the hash of an item's key, and whether the function that gives the key has returned.
func (w *wiring) hashBy(run *jen.Statement, s *Stage, keyCall *Call, item *jen.Statement) *jen.Statement {
	return support("HashBy").Call(run, jen.Lit(s.Name), jen.Func().Params().Add(w.Type(keyCall.Sig.Results().At(0).Type())).Block(
		jen.Return(w.callFunc(keyCall, run.Clone().Dot("ctx"), item, nil))))
}

// hashes says whether anything in the pipeline is chosen by the hash of a key.
func (w *wiring) hashes() bool {
	return slices.ContainsFunc(w.outputs(), func(o *Output) bool { return o.FanOut == Hash }) ||
		slices.ContainsFunc(w.plan.Stages, func(s *Stage) bool { return s.Partition != nil })
}
