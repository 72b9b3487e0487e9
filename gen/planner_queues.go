package gen

import (
	"fmt"
	"go/types"
	"math/bits"
	"slices"
)

// planQueues puts a queue before each group and, where the end is open, before the caller.
func (p *planner) planQueues() {
	groupOf := make(map[*Stage]*Group)
	for _, g := range p.plan.Groups {
		for _, s := range g.Stages {
			groupOf[s] = g
		}
	}
	sourceOf := make(map[*Stage]*Source)
	for _, s := range p.plan.Sources {
		sourceOf[s.Stage] = s // the caller's has no stage
		s.Output = &Output{Type: p.plan.Input}
		if s.Stage != nil {
			s.Output = &Output{Stage: s.Stage, Type: s.Stage.Out}
			s.Stage.Outputs = []*Output{s.Output}
		}
	}
	for _, g := range p.plan.Groups {
		for _, s := range g.Stages {
			if s.Out != nil {
				s.Outputs = []*Output{{Stage: s, Type: s.Out}}
			}
		}
	}
	for _, s := range p.plan.Stages {
		for _, from := range s.From {
			s.Reads = append(s.Reads, from.Outputs[0])
		}
	}
	add := func(q *Queue, writers []*Stage) {
		q.Index = len(p.plan.Queues)
		p.plan.Queues = append(p.plan.Queues, q)
		if q.Reader != nil {
			q.Readers = []*Group{q.Reader}
		}
		for _, w := range writers {
			o := p.outputOf(w)
			e := &Edge{From: o, Queue: q, Errors: w != nil && w.ElemOut.Err}
			o.Edges = append(o.Edges, e)
			q.Edges = append(q.Edges, e)
			if src := sourceOf[w]; src != nil {
				src.Out = q
				q.Sources = append(q.Sources, src)
			} else {
				groupOf[w].Out = q
				q.Writers = append(q.Writers, groupOf[w])
			}
		}
	}
	for _, g := range p.plan.Groups {
		s := g.Stages[0]
		g.In = &Queue{Name: s.Name, Type: s.In, Elem: s.ElemIn, Reader: g}
		p.setCapacity(g.In, s)
		writers := s.From
		if len(writers) == 0 {
			writers = []*Stage{nil} // the caller
		}
		add(g.In, writers)
	}
	if p.plan.Output != nil {
		last := p.nodes[len(p.nodes)-1].Stage
		q := &Queue{Name: "out", Type: last.Out, Elem: Elem{Index: p.plan.HasMap, Err: last.ElemOut.Err}}
		p.setCapacity(q, nil)
		add(q, []*Stage{last})
	}
}

// outputOf returns the main output of a stage, or the caller's input for nil.
func (p *planner) outputOf(s *Stage) *Output {
	if s != nil {
		return s.Outputs[0]
	}
	i := slices.IndexFunc(p.plan.Sources, func(src *Source) bool { return src.Stage == nil })
	return p.plan.Sources[i].Output
}

// setCapacity gives q the capacity that its reader asks for, or the default. The reader is nil at the open
// end.
func (p *planner) setCapacity(q *Queue, reader *Stage) {
	if reader != nil && reader.Spec.Queue != nil {
		s := reader.Spec.Queue
		if s.Unlimited {
			q.Unlimited, q.Reason = true, "capacity: unlimited is explicit"
			return
		}
		q.Capacity, q.Explicit, q.Reason = p.number(s.Capacity), true, "capacity is explicit"
		return
	}
	n, reason := defaultCapacity(q.Type)
	q.Capacity, q.Reason = Value{Lit: int64(n)}, reason
}

// The bounds of default capacities.
const (
	maxCapacity     = 4096
	minCapacity     = 4
	maxQueueBytes   = 256 << 10
	stringCapacity  = 512 // strings: short ones, most often
	pointerCapacity = 64  // what else leads to memory of unknown size
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
