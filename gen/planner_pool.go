package gen

import (
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// planPool says whether the pipeline can serve single items: each that the caller puts in goes down one chain
// of stages, has at most one result and does not get lost between them. Where each has a result that comes
// out, a slice of items can be mapped.
func (p *planner) planPool(order []*node) {
	all := func(ok func(*node) bool) bool {
		return !slices.ContainsFunc(order, func(n *node) bool { return !ok(n) })
	}
	p.plan.HasPool = p.plan.Input != nil && all((*node).inPool)
	p.plan.HasMap = p.plan.HasPool && p.plan.Output != nil && all((*node).oneToOne)
}

// inPool says whether n may be a stage of a pool: it has at most one result an item, and no item gets lost
// or goes another way before it.
func (n *node) inPool() bool {
	switch n.Verb {
	case spec.Map, spec.Filter, spec.FilterMap, spec.Tap, spec.Sink:
	default:
		return false
	}
	if s := n.settings(NoSide); s != nil && s.OnFull.IsSet() && s.OnFull.Value != "block" {
		return false
	}
	for _, o := range n.ports {
		if out := o.outlets(); o.Failed || len(out) > 1 || len(out) == 1 && len(out[0].readers) > 1 {
			return false
		}
	}
	return n.circle == nil && len(n.from) <= 1
}
