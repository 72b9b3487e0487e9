package gen

import (
	"fmt"
	"go/types"

	"github.com/pipegen/pipegen/spec"
)

// bindKey binds a function from an item to a key, which has to be comparable or, of a priority queue,
// ordered. It reports problems and then returns nil.
func (p *planner) bindKey(n *node, r role, ref spec.Ref, item types.Type) *bound {
	b := p.bind(use{stage: n, role: r, ref: ref, items: []types.Type{item}})
	if b == nil {
		return nil
	}
	if item != nil && !types.AssignableTo(item, b.in[0]) {
		p.report(spec.Diagnostic{
			Code:    codeMismatch,
			Span:    ref.Span,
			Message: fmt.Sprintf("%q %s %s but its key takes %s", n.Name, map[bool]string{false: "reads", true: "emits"}[r == hashRole || n.Verb == spec.Source], p.typ(item), p.typ(b.in[0])),
			Label:   "takes " + p.typ(b.in[0]),
			Where:   where(b.Pos),
		})
		return nil
	}
	d := spec.Diagnostic{
		Code:    codeKey,
		Span:    ref.Span,
		Message: fmt.Sprintf("%s returns %s, which cannot be a key: Go cannot compare it", ref.Text, p.typ(b.out)),
		Label:   "is not comparable",
		Where:   where(b.Pos),
		Help:    "return a string, a number, or a struct of such",
	}
	switch {
	case r == priorityRole && !isOrdered(b.out):
		d.Code, d.Label = codePriorityKey, "has no order"
		d.Message = fmt.Sprintf("%s returns %s, of which none is smaller than another", ref.Text, p.typ(b.out))
		d.Help = "return a number or a string"
	case !types.Comparable(b.out):
	case p.unnameable(b.out) != "":
		d.Code, d.Label = codeUnnameable, ""
		d.Message = fmt.Sprintf("generated code cannot name the key that %s returns, %s: %s", ref.Text, p.typ(b.out), p.unnameable(b.out))
		d.Help = "declare a function here that returns an exported type"
	default:
		return b
	}
	p.report(d)
	return nil
}

// isOrdered says whether t is a cmp.Ordered.
func isOrdered(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsOrdered != 0
}

// planPartition plans the partition_by of a stage whose items are known.
func (p *planner) planPartition(n *node) {
	if !n.Spec.Partition.IsSet() {
		return
	}
	if b := p.bindKey(n, partitionRole, n.Spec.Partition, n.In); b != nil {
		n.Partition = b.Call
	}
}

// keyUse is one function of a key over items of one type. Several outputs or queues may share it.
type keyUse struct {
	span spec.Span
	item types.Type
}

// planKeys binds the functions by which outputs choose among their readers, and those by which priority
// queues are sorted.
func (p *planner) planKeys(order []*node) {
	done := make(map[keyUse]*bound)
	bind := func(n *node, r role, ref spec.Ref, item types.Type) *Call {
		u := keyUse{ref.Span, item}
		if _, ok := done[u]; !ok {
			done[u] = p.bindKey(n, r, ref, item)
		}
		if done[u] == nil {
			return nil
		}
		return done[u].Call
	}
	for _, n := range order {
		if n.failed {
			continue
		}
		for _, o := range n.ports {
			if o.FanOut == Hash {
				o.Hash = bind(n, hashRole, o.hash.Hash, o.Type)
			}
		}
		for _, side := range n.sides() {
			if s := n.settings(side); s != nil && s.Kind.Value == "priority" {
				n.priority = bind(n, priorityRole, s.Key, n.In)
			}
		}
	}
}

// sides returns the inputs of n that have a queue each.
func (n *node) sides() []Side {
	if n.Verb == spec.ZipV {
		return []Side{Left, Right}
	}
	return []Side{NoSide}
}

// settings returns what the spec says of the queue that feeds n, or one side of it; nil for nothing.
func (n *node) settings(side Side) *spec.Queue {
	if q := n.shared(side); q != nil {
		return &q.spec.Queue
	}
	return n.Spec.Queue
}

// shared returns the named queue that feeds n, or one side of it, or nil.
func (n *node) shared(side Side) *namedQueue {
	for _, l := range n.links {
		if l.queue != nil && (l.side == side || n.Verb != spec.ZipV) {
			return l.queue
		}
	}
	return nil
}
