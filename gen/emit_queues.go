package gen

import (
	"fmt"

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
	if q.Reader == nil || !q.Reader.Chunk.IsSet() {
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
		g.Add(cycles[c].Clone()).Op(":=").Add(support("NewCycle")).Call()
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

// elementKey is a function that returns the key, or its hash, of an element of q. It belongs to stage s and
// runs on the side of the writers.
func (w *wiring) elementKey(q *Queue, s *Stage, key *Call, hash bool) *jen.Statement {
	scope := w.fixed.Child()
	e := jen.Id(scope.Local("e"))
	value := e.Clone()
	if wraps(q) {
		value = value.Dot("value")
	}
	result := jen.Uint64()
	body := w.hashOf(w.id("run"), key, value)
	if !hash {
		result = w.Type(key.Sig.Results().At(0).Type())
		body = jen.Func().Params().Add(result.Clone()).Block(jen.Return(w.callFunc(key, w.id("run").Dot("ctx"), value, nil)))
	}
	call := jen.Return(w.keyOf(jen.Add(w.id("run")), s, body))
	none := []jen.Code(nil)
	if q.Elem.Err {
		none = append(none, jen.If(e.Clone().Dot("err").Op("!=").Nil()).Block(jen.Return(jen.Op("*").New(result.Clone()), jen.True()).Comment("an error has no key")))
	}
	return jen.Func().Params(e.Clone().Add(w.elementType(q))).Params(result, jen.Bool()).Block(append(none, call)...)
}

// hashOf is a function that returns the hash of an item's key.
func (w *wiring) hashOf(run *jen.Statement, key *Call, item *jen.Statement) *jen.Statement {
	return jen.Func().Params().Uint64().Block(jen.Return(support("HashOf").Call(w.callFunc(key, run.Clone().Dot("ctx"), item, nil))))
}

// keyOf calls a function of a key on behalf of stage s: the run ends where it panics.
func (w *wiring) keyOf(run *jen.Statement, s *Stage, key *jen.Statement) *jen.Statement {
	return support("KeyOf").Call(run, jen.Lit(s.Name), key)
}
