package gen

import (
	"fmt"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// This file proves that a zip of branches of one fan-out does not stand still.
//
// Say an output is split and its branches meet again in a zip. As long as each branch passes on as many items
// as it gets, the zip takes one from each and nothing piles up. A branch that may pass on fewer starves the
// zip while the other one, which runs ahead, fills its queues; when they are full the split waits for it and
// hands the starving branch nothing more. A branch that may pass on more fills its own queues in the same
// way. So of two branches the one that runs ahead needs a queue without bound, or the spec is refused.

// A drift is what may change the number of items on the way down a branch. The zero drift is none.
type drift struct {
	fewer, more bool
	unbounded   bool  // there is a queue without bound on the way
	by          *node // what changes the number first, seen from the zip
	why         string
}

// A branch is a way from the outlet of an output down to a zip.
type branch struct {
	port *port
	at   edge // by which the way begins
	drift
}

// checkRejoin reports a zip whose inputs come from one output and may drift apart.
func (p *planner) checkRejoin(z *node, order []*node) {
	place := make(map[*node]int)
	for i, n := range order {
		place[n] = i
	}
	// From the zip upwards, the stages that are yet to be passed on each side, with the drift below them.
	ways := [2]map[*node][]branch{{}, {}}
	enter := func(side int, e edge, below drift) {
		ways[side][e.node] = appendNew(ways[side][e.node], branch{e.port, e, below.through(e)})
	}
	for side, s := range []Side{Left, Right} {
		edges := z.on(s)
		if len(edges) != 1 {
			return // a merge has no order, and that is reported
		}
		enter(side, edges[0], drift{})
	}
	for len(ways[0]) > 0 && len(ways[1]) > 0 {
		var n *node // the lowest one
		for _, way := range ways {
			for m := range way {
				if n == nil || place[m] > place[n] {
					n = m
				}
			}
		}
		left, right := ways[0][n], ways[1][n]
		for _, l := range left {
			for _, r := range right {
				if (l.at.link != r.at.link || l.port != r.port) && p.drifts(z, n, l, r) {
					return
				}
			}
		}
		meet := len(left) > 0 && len(right) > 0 && len(ways[0]) == 1 && len(ways[1]) == 1
		if meet || n.circle != nil {
			return // above it all is common; or unordered, and that is reported
		}
		for side := range ways {
			for _, b := range ways[side][n] {
				edges := n.from
				if len(n.from) > 1 && n.Verb != spec.ZipV {
					edges = nil
				}
				for _, e := range edges {
					enter(side, e, b.drift.above(n))
				}
			}
			delete(ways[side], n)
		}
	}
}

// appendNew appends b unless there is one that begins and drifts like it.
func appendNew(all []branch, b branch) []branch {
	if slices.ContainsFunc(all, func(o branch) bool {
		return o.port == b.port && o.at.link == b.at.link && o.fewer == b.fewer && o.more == b.more && o.unbounded == b.unbounded
	}) {
		return all
	}
	return append(all, b)
}

// through adds what the queue of e may do.
func (d drift) through(e edge) drift {
	s := e.reader.settings(e.side)
	switch {
	case s == nil:
	case s.Unlimited:
		d.unbounded = true
	case s.OnFull.Value == "drop_newest" || s.OnFull.Value == "drop_oldest":
		d.unbounded = true // it never holds up its writer
		d = d.because(e.reader, true, false, "drops items when its queue is full")
	}
	if e.queue != nil && len(e.queue.links) > 1 && (e.queue.spec.FanOut == nil) {
		d = d.because(e.reader, true, false, "shares its items with other readers")
	}
	return d
}

// above adds what n may do to the number of items.
func (d drift) above(n *node) drift {
	switch {
	case n.Verb == spec.Filter || n.Verb == spec.FilterMap:
		d = d.because(n, true, false, "filters")
	case n.Verb == spec.FlatMap || n.Verb == spec.Unbatch:
		d = d.because(n, true, true, "makes any number of items out of one")
	case n.Verb == spec.BatchVerb:
		d = d.because(n, true, false, "collects many items in one")
	case n.Verb == spec.ReduceV:
		d = d.because(n, true, false, "emits at the end of its input")
	case n.Verb == spec.JoinV:
		d = d.because(n, true, true, "joins by key")
	case n.OnError == Skip || n.OnError == DeadLetter || n.OnError == Route:
		d = d.because(n, true, false, fmt.Sprintf("passes on no item that fails, on_error: %s", n.Spec.OnError.Value))
	}
	return d
}

func (d drift) because(n *node, fewer, more bool, why string) drift {
	d.fewer, d.more = d.fewer || fewer, d.more || more
	if d.by == nil {
		d.by, d.why = n, why
	}
	return d
}

// drifts reports two branches of one stage that may drift apart until the zip stands still.
func (p *planner) drifts(z, split *node, l, r branch) bool {
	uneven := l.port != r.port || l.port.FanOut == Hash
	if uneven {
		why := "sends items to one port or the other as they come"
		if l.port == r.port {
			why = "shares its items out by a key"
		}
		l.drift = l.because(split, true, true, why)
		r.drift = r.because(split, true, true, why)
	}
	ahead := func(d, other drift) *node { // whose doing it is that d's branch may run ahead
		switch {
		case d.unbounded:
		case other.fewer:
			return other.by
		case d.more:
			return d.by
		}
		return nil
	}
	culprit, why, full := ahead(l.drift, r.drift), r.why, l
	if culprit != nil && culprit == l.by && culprit != r.by {
		why = l.why
	}
	if culprit == nil {
		culprit, why, full = ahead(r.drift, l.drift), l.why, r
		if culprit != nil && culprit == r.by && culprit != l.by {
			why = r.why
		}
	}
	if culprit == nil {
		return false
	}
	p.report(spec.Diagnostic{
		Code:    codeDeadlock,
		Span:    z.Spec.VerbSpan,
		Message: fmt.Sprintf("%q would stand still: both its inputs come from %q, and %q %s", z.Name, split.Name, culprit.Name, why),
		Label:   "pairs by position",
		Notes: []string{
			fmt.Sprintf("%s: %q is here", p.at(nameSpan(culprit.Spec)), culprit.Name),
			fmt.Sprintf("the branch from %q by %q runs ahead; when its queues are full, %q waits for it and the other branch gets nothing", split.Name, full.at.reader.Name, split.Name),
		},
		Help: p.unbound(z) + ", if memory allows; or join by a key, which needs no equal numbers",
	})
	return true
}

// unbound says how to give the inputs of a zip queues without bound.
func (p *planner) unbound(z *node) string {
	var names []string
	for _, side := range []Side{Left, Right} {
		if q := z.shared(side); q != nil {
			names = append(names, fmt.Sprintf("the queue %q", q.name))
		}
	}
	help := fmt.Sprintf("write queue: {capacity: unlimited} at %q", z.Name)
	switch len(names) {
	case 0:
		return help
	case 1:
		return help + " and capacity: unlimited at " + names[0]
	}
	return "write capacity: unlimited at " + andList(names)
}
