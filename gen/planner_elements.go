package gen

import (
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// placeStages fills the plan's stages, and what travels with their items.
func (p *planner) placeStages(order []*node) {
	for i, n := range order {
		n.Index = i
		p.plan.Stages = append(p.plan.Stages, n.Stage)
		in := n.caller || len(n.from) == 1 && n.from[0].node.ElemOut.Index && !n.from[0].Failed
		n.ElemOut.Index = n.Verb == spec.Source || in && (n.oneToOne() || n.Verb == spec.SwitchV)
		n.ElemIn.Index = in && n.Verb != spec.BatchVerb && n.Verb != spec.Unbatch // where nothing fails that could name it
	}
	if first := p.nodes[0]; first.caller {
		p.plan.Input = first.In
	}
	if p.open != nil {
		p.plan.Output = p.open.Type
	}
	p.placeErrors(order)
	p.planPool(order)
}

// oneToOne says whether every item has one result.
func (n *node) oneToOne() bool { return n.Verb == spec.Map || n.Verb == spec.Tap }

// An outlet is one place that an output's items go to: the queue of one reader, or of several that compete.
type outlet struct {
	readers []*node
	side    Side
	queue   *namedQueue // nil where the reader reads the output itself
}

// outlets returns where o's items go, in the order of the file.
func (o *port) outlets() []outlet {
	var all []outlet
	for _, l := range o.links {
		all = append(all, outlet{[]*node{l.reader}, l.side, nil})
	}
	switch {
	case o.to == nil || len(o.to.links) == 0:
	case o.to.spec.FanOut != nil:
		for _, l := range o.to.links {
			all = append(all, outlet{[]*node{l.reader}, l.side, o.to})
		}
	default:
		out := outlet{nil, o.to.links[0].side, o.to}
		for _, l := range o.to.links {
			out.readers = append(out.readers, l.reader)
		}
		all = append(all, out)
	}
	slices.SortStableFunc(all, func(a, b outlet) int { return a.readers[0].index - b.readers[0].index })
	return all
}

// far is the distance of stages from which nothing leads to the open end.
const far = 1 << 30

// distances returns for each stage how many stages there are from it to the open end, on the shortest way.
// A queue whose readers compete leads there only where all of them do.
func (p *planner) distances() map[*node]int {
	dist := make(map[*node]int)
	for _, n := range p.nodes {
		dist[n] = far
	}
	if p.open == nil {
		return dist
	}
	dist[p.open.node] = 0
	for changed := true; changed; {
		changed = false
		for _, n := range slices.Backward(p.nodes) {
			if _, d := n.toOpenEnd(dist); d < dist[n] {
				dist[n], changed = d, true
			}
		}
	}
	return dist
}

// toOpenEnd returns the outlet by which errors leave n on their way to the open end, and how far that is.
// It is nil where n is the last stage there, or nothing leads there.
func (n *node) toOpenEnd(dist map[*node]int) (by *exit, d int) {
	d = far
	if dist[n] == 0 {
		return nil, 0
	}
	for _, o := range n.ports {
		if o.Failed {
			continue
		}
		for i, out := range o.outlets() {
			longest := 0
			for _, r := range out.readers {
				longest = max(longest, dist[r])
			}
			if longest+1 < d {
				by, d = &exit{o, i, out}, longest+1
			}
		}
	}
	return by, d
}

// An exit is an outlet of a port.
type exit struct {
	port *port
	at   int
	outlet
}

// placeErrors finds the way of yielded errors: from their stage along the shortest way to the open end.
func (p *planner) placeErrors(order []*node) {
	dist := p.distances()
	for changed := true; changed; {
		changed = false
		for _, n := range order {
			n.ElemOut.Err = n.ElemIn.Err || n.OnError == Yield
			if !n.ElemOut.Err {
				continue
			}
			if n.errors, _ = n.toOpenEnd(dist); n.errors == nil {
				continue
			}
			for _, r := range n.errors.readers {
				changed = changed || !r.ElemIn.Err
				r.ElemIn.Err = true
			}
		}
	}
}
