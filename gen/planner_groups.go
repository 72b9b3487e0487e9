package gen

import (
	"fmt"

	"github.com/pipegen/pipegen/spec"
)

// placeStages fills the plan's stages, and what travels with their items.
func (p *planner) placeStages(order []*node) {
	for i, n := range order {
		n.Index = i
		p.plan.Stages = append(p.plan.Stages, n.Stage)
		in := Elem{Index: len(n.from) == 1 && n.from[0].ElemOut.Index || n.caller}
		for _, e := range n.from {
			in.Err = in.Err || e.ElemOut.Err
		}
		n.ElemOut.Err = in.Err || n.OnError == Yield
		n.ElemOut.Index = n.Verb == spec.Source || in.Index && n.oneToOne()
		if n.Verb == spec.BatchVerb || n.Verb == spec.Unbatch {
			in.Index = false // nothing fails there that could name it
		}
		n.ElemIn = in
	}
	first, last := p.nodes[0], p.nodes[len(p.nodes)-1]
	if first.caller {
		p.plan.Input = first.In
	}
	if last.Verb != spec.Sink && last.to == nil {
		p.plan.Output = last.Out
	}
	p.plan.HasMap = p.plan.Input != nil && p.plan.Output != nil
	for _, n := range order {
		p.plan.HasMap = p.plan.HasMap && n.oneToOne()
	}
}

// oneToOne says whether every item has one result.
func (n *node) oneToOne() bool { return n.Verb == spec.Map || n.Verb == spec.Tap }

// planGroups makes the sources and cuts the stages into groups.
//
// A group ends where the next stage cannot or must not run in the same goroutine; boundary says why. The
// first stage of a group brings its workers, order and look-ahead; all members agree with them.
func (p *planner) planGroups(order []*node) {
	groups := make(map[*node]*Group)
	for _, n := range order {
		if n.Verb == spec.Source {
			p.plan.Sources = append(p.plan.Sources, &Source{Stage: n.Stage})
			n.Reason = "a source runs in its own goroutine"
			continue
		}
		if n.caller {
			p.plan.Sources = append(p.plan.Sources, &Source{})
		}
		why := p.boundary(n, groups)
		if why == "" {
			g := groups[n.from[0].node]
			n.Reason = "fused with " + n.from[0].Name + ": "
			if n.Spec.Fuse.Value.Value {
				n.Reason += "fuse: true"
			} else {
				n.Reason += "both have workers: auto"
			}
			g.Stages = append(g.Stages, n.Stage)
			g.OneToOne = g.OneToOne && n.oneToOne()
			groups[n] = g
			continue
		}
		n.Reason = why
		g := &Group{
			Index:    len(p.plan.Groups),
			Stages:   []*Stage{n.Stage},
			Workers:  p.workers(n),
			Chunk:    p.chunk(n),
			OneToOne: n.oneToOne(),
			Reason:   why,
		}
		if n.Spec.Ordered.Value && !g.Workers.isOne() { // one worker keeps the order anyway
			g.Ordered, g.MaxAhead = true, p.number(n.Spec.MaxAhead)
		}
		p.plan.Groups = append(p.plan.Groups, g)
		groups[n] = g
	}
}

// boundary says why n begins a group, or returns "" where it is fused with the stage above. Where the stage
// itself demands a fusion that cannot be, it is reported; as a default, fuse: true means where it can be.
func (p *planner) boundary(n *node, groups map[*node]*Group) string {
	s := n.Spec
	forced := s.Fuse.Value.IsSet() && s.Fuse.Value.Value
	why := p.obstacle(n, groups)
	if why == "" && forced && p.workers(n) != groups[n.from[0].node].Workers {
		why = fmt.Sprintf("it has workers: %s and %s has workers: %s", p.workers(n).text(), n.from[0].Name, p.workers(n.from[0].node).text())
	}
	if why != "" && forced && (p.file.Defaults == nil || s.Fuse.Span != p.file.Defaults.Fuse.Span) {
		p.report(spec.Diagnostic{
			Code:    codeFuse,
			Span:    p.keySpan(n, s.Fuse.Span),
			Message: fmt.Sprintf("%q cannot be fused with the stage above: %s", n.Name, why),
			Help:    "remove fuse, or what is in its way",
		})
	}
	if why != "" || forced {
		return why
	}
	above := n.from[0]
	switch {
	case s.Fuse.Value.IsSet():
		return "fuse: false"
	case !s.Workers.IsSet():
		return "workers is 1, the default; only neighbours with workers: auto are fused"
	case !s.Workers.Auto:
		return fmt.Sprintf("workers: %s is explicit", p.workers(n).text())
	case !above.Spec.Workers.IsSet():
		return fmt.Sprintf("%s above has the default of 1 worker; only neighbours with workers: auto are fused", above.Name)
	case !above.Spec.Workers.Auto:
		return fmt.Sprintf("workers: %s of %s above is explicit", p.workers(above.node).text(), above.Name)
	}
	return ""
}

// obstacle says what makes it impossible to fuse n with the stage above, or returns "".
func (p *planner) obstacle(n *node, groups map[*node]*Group) string {
	s := n.Spec
	if n.caller {
		return "it reads the caller's items"
	}
	if len(n.from) == 0 {
		return "it reads nothing" // and that is reported
	}
	if len(n.from) > 1 {
		return fmt.Sprintf("it merges %d stages", len(n.from))
	}
	above := n.from[0]
	g := groups[above.node]
	switch {
	case above.Verb == spec.Source:
		return fmt.Sprintf("it reads the source %s", above.Name)
	case above.Verb == spec.ReduceV:
		return fmt.Sprintf("%s above emits at its end", above.Name)
	case above.Verb == spec.BatchVerb:
		return fmt.Sprintf("%s above has a timer of its own", above.Name)
	case n.Verb == spec.BatchVerb:
		return "a batch has a timer of its own"
	case n.OnError != Stop && g.firstMany() != nil:
		return fmt.Sprintf("a panic in it would end the whole item of %s above", g.firstMany().Name)
	case s.Queue != nil:
		return "it has a queue of its own"
	case s.Ordered.Value && !g.Ordered && !g.Workers.isOne():
		return fmt.Sprintf("it is ordered and %s above is not", above.Name)
	case s.MaxAhead.IsSet() && g.Ordered && p.number(s.MaxAhead) != g.MaxAhead:
		return "max_ahead is explicit"
	case s.Chunk.IsSet() && p.chunk(n) != g.Chunk:
		return "chunk is explicit"
	}
	return ""
}

// firstMany returns the first stage of g that makes any number of items out of one, or nil.
func (g *Group) firstMany() *Stage {
	for _, s := range g.Stages {
		if s.Verb == spec.FlatMap || s.Verb == spec.Unbatch {
			return s
		}
	}
	return nil
}

// chunk returns the chunk that the spec asks for; no value for auto.
func (p *planner) chunk(n *node) Value {
	if n.Spec.Chunk.Auto {
		return Value{}
	}
	return p.number(n.Spec.Chunk.N)
}
