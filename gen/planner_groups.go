package gen

import (
	"fmt"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// planGroups makes the sources and cuts the stages into groups.
//
// A group ends where the next stage cannot or must not run in the same goroutine; boundary says why. The
// first stage of a group brings its workers, order and look-ahead; all members agree with them.
func (p *planner) planGroups(order []*node) {
	groups := make(map[*node]*Group)
	p.groups = groups
	for _, n := range order {
		if n.Verb == spec.Source {
			p.plan.Sources = append(p.plan.Sources, &Source{Stage: n.Stage, Output: n.Outputs[0], Process: n.Process})
			n.Reason = "a source runs in its own goroutine"
			if n.Process != nil {
				n.Reason = "a source in a process has one worker"
			}
			continue
		}
		if n.caller {
			p.plan.Sources = append(p.plan.Sources, &Source{Output: &Output{Type: n.In}})
		}
		why := p.boundary(n, groups)
		if why == "" {
			g := groups[n.from[0].node]
			n.Reason = "fused with " + n.from[0].node.Name + ": "
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
			Process:  n.Process,
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
		why = fmt.Sprintf("it has workers: %s and %s has workers: %s", p.workers(n).text(), n.from[0].node.Name, p.workers(n.from[0].node).text())
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
	above := n.from[0].node
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
		return fmt.Sprintf("workers: %s of %s above is explicit", p.workers(above).text(), above.Name)
	case n.Process != nil && n.Timeout.IsSet():
		return "a process that exceeds its timeout is killed, and it would not be known in which of the stages"
	case n.Process != nil && n.OnError != above.OnError:
		return fmt.Sprintf("its on_error is not that of %s above, and where a process dies it would not be known in which of them", above.Name)
	}
	return ""
}

// obstacle says what makes it impossible to fuse n with the stage above, or returns "".
func (p *planner) obstacle(n *node, groups map[*node]*Group) string {
	if n.caller {
		return "it reads the caller's items"
	}
	if len(n.from) == 0 {
		return "it reads nothing" // and that is reported
	}
	if n.Verb == spec.ZipV || n.Verb == spec.JoinV {
		return fmt.Sprintf("a %s reads two inputs", n.Verb)
	}
	if l := n.links[0]; l.queue != nil && len(n.links) == 1 {
		return fmt.Sprintf("it reads the queue %s", l.queue.name)
	}
	if len(n.from) > 1 {
		return fmt.Sprintf("it merges %d stages", len(n.from))
	}
	if why := p.obstacleAbove(n.from[0]); why != "" {
		return why
	}
	s, above, g := n.Spec, n.from[0], groups[n.from[0].node]
	if why := processObstacle(n.Stage, above.node.Stage); why != "" {
		return why
	}
	switch {
	case n.Verb == spec.BatchVerb:
		return "a batch fills in its own worker"
	case n.Verb == spec.SwitchV:
		return "a switch has a worker of its own"
	case n.OnError != Stop && g.firstMany() != nil:
		return fmt.Sprintf("a panic in it would end the whole item of %s above", g.firstMany().Name)
	case s.Partition.IsSet():
		return "it is partitioned"
	case s.Queue != nil:
		return "it has a queue of its own"
	case s.Rate != nil:
		return "it has a rate limit"
	case n.State != nil && slices.ContainsFunc(g.Stages, func(o *Stage) bool { return o.State != nil && o.State.shared() != n.State.shared() }):
		return "its state has another scope"
	case n.Verb == spec.ReduceV && g.Ordered:
		return fmt.Sprintf("%s above is ordered, and a reduction has no order to keep", above.node.Name)
	case s.Ordered.Value && !g.Ordered && !g.Workers.isOne():
		return fmt.Sprintf("it is ordered and %s above is not", above.node.Name)
	case s.MaxAhead.IsSet() && g.Ordered && p.number(s.MaxAhead) != g.MaxAhead:
		return "max_ahead is explicit"
	case s.Chunk.IsSet() && p.chunk(n) != g.Chunk:
		return "chunk is explicit"
	}
	return ""
}

// obstacleAbove says why no stage can be fused with the one whose output e reads, or returns "".
func (p *planner) obstacleAbove(e edge) string {
	above := e.node
	switch {
	case p.groups[above] == nil && above.Verb != spec.Source:
		return fmt.Sprintf("%s above is below it, too", above.Name) // and that is reported
	case e.Port != "":
		return fmt.Sprintf("it reads the port %s", e.title())
	case len(above.port("").outlets()) > 1:
		return fmt.Sprintf("%s above fans out", above.Name)
	case above.Verb == spec.Source:
		return fmt.Sprintf("it reads the source %s", above.Name)
	case above.Verb == spec.ReduceV:
		return fmt.Sprintf("%s above emits at its end", above.Name)
	case above.Verb == spec.BatchVerb:
		return fmt.Sprintf("%s above fills its batches in workers of their own", above.Name)
	case above.Verb == spec.ZipV || above.Verb == spec.JoinV:
		return fmt.Sprintf("%s above reads two inputs", above.Name)
	}
	return ""
}

// shared says whether all workers have one state.
func (s *State) shared() bool { return s.Pipeline || s.Param != nil }

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
