package gen

import (
	"fmt"
	"go/types"
	"math/bits"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// planQueues puts queues before the groups and, where the end is open, before the caller; and leads each
// output to its queues.
func (p *planner) planQueues(order []*node) {
	queues := make(map[*node][2]*Queue) // of each group's first stage: the only one, or left and right
	for _, n := range order {
		g := p.groups[n]
		if g == nil || g.Stages[0] != n.Stage {
			continue
		}
		g.In = p.queueOf(n, g, n.sides()[0])
		queues[n] = [2]*Queue{g.In, g.In}
		if n.Verb == spec.ZipV {
			g.In2 = p.queueOf(n, g, Right)
			queues[n] = [2]*Queue{g.In, g.In2}
		}
	}
	if p.plan.Output != nil {
		q := &Queue{Name: "out", Type: p.plan.Output, Index: len(p.plan.Queues)}
		p.plan.Queues = append(p.plan.Queues, q)
		p.setCapacity(q, nil)
	}
	for _, src := range p.plan.Sources {
		if src.Stage == nil {
			first := p.nodes[0]
			p.addEdge(src.Output, queues[first][0], NoSide)
		}
	}
	inside := make(map[*Queue]*circle) // those that lie in one
	for _, n := range order {
		for _, o := range n.ports {
			for i, out := range o.outlets() {
				r := out.readers[0]
				if queues[r][0] == nil {
					continue // fused
				}
				q := queues[r][0]
				if out.side == Right {
					q = queues[r][1]
				}
				e := p.addEdge(o.Output, q, out.side)
				e.Errors = n.errors != nil && n.errors.port == o && n.errors.at == i
				if slices.ContainsFunc(out.readers, func(r *node) bool { return n.circle != nil && n.circle == r.circle }) {
					inside[q] = n.circle
				}
			}
			if o == p.open {
				e := p.addEdge(o.Output, p.plan.Queues[len(p.plan.Queues)-1], NoSide)
				e.Errors = n.ElemOut.Err
			}
		}
	}
	p.connectWriters(order)
	for _, q := range p.plan.Queues {
		p.setElem(q)
	}
	p.planCycles(inside)
}

// queueOf returns the queue that feeds a group, or one side of it. Groups that share a named queue share it.
func (p *planner) queueOf(n *node, g *Group, side Side) *Queue {
	named := n.shared(side)
	if named != nil && named.queue != nil {
		named.queue.Readers = append(named.queue.Readers, g)
		return named.queue
	}
	q := &Queue{
		Index:   len(p.plan.Queues),
		Name:    n.Name,
		Type:    n.In,
		Key:     n.priority,
		Reader:  g,
		Readers: []*Group{g},
	}
	if side == Right {
		q.Type = n.In2
	}
	if named != nil && named.spec.FanOut == nil {
		named.queue, q.Name = q, named.name
	}
	s := n.settings(side)
	if s != nil {
		q.OnFull, q.Kind = fullPolicies[s.OnFull.Value], queueKinds[s.Kind.Value]
	}
	p.setCapacity(q, s)
	p.plan.Queues = append(p.plan.Queues, q)
	return q
}

// fullPolicies and queueKinds are by their words; absent ones are Block and FIFO.
var (
	fullPolicies = map[string]OnFull{"drop_newest": DropNewest, "drop_oldest": DropOldest, "fail": FailFull}
	queueKinds   = map[string]QueueKind{"lifo": LIFO, "priority": Priority}
)

func (p *planner) addEdge(o *Output, q *Queue, side Side) *Edge {
	e := &Edge{From: o, Queue: q, Side: side}
	o.Edges = append(o.Edges, e)
	q.Edges = append(q.Edges, e)
	return e
}

// connectWriters tells queues who writes to them, once each, and sources and groups where they write if it
// is to one queue alone.
func (p *planner) connectWriters(order []*node) {
	for _, src := range p.plan.Sources {
		if len(src.Output.Edges) == 1 {
			src.Out = src.Output.Edges[0].Queue
		}
		for _, e := range src.Output.Edges {
			if !slices.Contains(e.Queue.Sources, src) {
				e.Queue.Sources = append(e.Queue.Sources, src)
			}
		}
	}
	for _, n := range order {
		g := p.groups[n]
		if g == nil {
			continue // a source
		}
		for _, o := range n.Outputs {
			if o.Port == "" && len(o.Edges) == 1 {
				g.Out = o.Edges[0].Queue
			}
			for _, e := range o.Edges {
				if !slices.Contains(e.Queue.Writers, g) {
					e.Queue.Writers = append(e.Queue.Writers, g)
				}
			}
		}
	}
}

// setElem settles what the elements of q carry: yielded errors where they pass here, positions where the one
// writer knows them and a reader names them.
func (p *planner) setElem(q *Queue) {
	for _, e := range q.Edges {
		q.Elem.Err = q.Elem.Err || e.Errors
	}
	if p.plan.HasPool {
		q.Elem.Index = true // every item is a task of its own
		return
	}
	if q.Reader != nil && len(q.Edges) == 1 && !q.Edges[0].From.Failed {
		q.Elem.Index = slices.ContainsFunc(q.Readers, func(g *Group) bool { return g.Stages[0].ElemIn.Index })
	}
}

// planCycles makes the plan's cycles of the queues inside circles.
func (p *planner) planCycles(inside map[*Queue]*circle) {
	cycles := make(map[*circle]*Cycle)
	for _, q := range p.plan.Queues {
		c := inside[q]
		if c == nil {
			continue
		}
		if cycles[c] == nil {
			cycles[c] = &Cycle{Index: len(p.plan.Cycles)}
			p.plan.Cycles = append(p.plan.Cycles, cycles[c])
		}
		q.Cycle = cycles[c]
		q.Cycle.Queues = append(q.Cycle.Queues, q)
	}
}

// setCapacity gives q the capacity that the spec asks for, or the default. No settings are nil.
func (p *planner) setCapacity(q *Queue, s *spec.Queue) {
	switch {
	case s != nil && s.Unlimited:
		q.Unlimited, q.Reason = true, "capacity: unlimited is explicit"
	case s != nil && s.Capacity.IsSet():
		q.Capacity, q.Explicit, q.Reason = p.number(s.Capacity), true, "capacity is explicit"
	default:
		item := q.Type
		if q.Reader != nil && q.Reader.Stages[0].Join != nil { // elements hold an item of either side
			item = types.NewStruct([]*types.Var{
				types.NewField(0, nil, "left", q.Type, false),
				types.NewField(0, nil, "right", q.Reader.Stages[0].In2, false),
			}, nil)
		}
		n, reason := defaultCapacity(item)
		if q.Reader != nil && q.Reader.Stages[0].inWorker() {
			n, reason = n*aheadFactor, reason+"; sent ahead to worker processes"
		}
		q.Capacity, q.Reason = Value{Lit: int64(n)}, reason
	}
}

// The bounds of default capacities.
const (
	maxCapacity     = 4096
	minCapacity     = 4
	maxQueueBytes   = 256 << 10
	stringCapacity  = 512 // strings: short ones, most often
	pointerCapacity = 64  // what else leads to memory of unknown size
	aheadFactor     = 4   // more before worker processes: a message must be worth its way
)

// defaultCapacity returns how many items of type t a queue holds unless the spec says otherwise, a power of
// two, and the reason. The queue's own memory is bounded by maxQueueBytes, the number of items by
// maxCapacity; what items point to has no size that types tell, so fewer of them may wait.
//
// Sizes are those of 64-bit machines wherever the code is generated.
func defaultCapacity(t types.Type) (n int, reason string) {
	size := types.SizesFor("gc", "amd64").Sizeof(t)
	limit, why := maxCapacity, ""
	switch {
	case isString(t):
		limit, why = stringCapacity, "strings, whose length is not known"
	case hasPointers(t):
		limit, why = pointerCapacity, "items that lead to memory of unknown size"
	case size == 1:
		why = "items of 1 byte"
	default:
		why = fmt.Sprintf("items of %d bytes", size)
	}
	n = limit
	if size < 0 || size > maxQueueBytes { // a size that overflows is negative
		n = minCapacity
	} else if size > 0 {
		n = min(limit, maxQueueBytes/int(size))
	}
	n = max(n, minCapacity)
	return 1 << (bits.Len(uint(n)) - 1), why
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Kind() == types.String
}

// hasPointers says whether a value of type t leads to other memory.
func hasPointers(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() == types.String || t.Kind() == types.UnsafePointer
	case *types.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if hasPointers(f.Type()) {
				return true
			}
		}
		return false
	}
	return true
}
