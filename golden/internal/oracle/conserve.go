package oracle

import (
	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// conserved holds promise 7: nothing is lost in a stage, nor between stages.
func (j *judge) conserved() {
	for _, s := range j.t.Plan.Stages {
		st := j.r.Stats[s.Name]
		if ends := st["done"] + st["filtered"] + st["failed"] + st["dead_lettered"] + st["interrupted"]; st["in"] != ends {
			j.complain("%s: in %v is not done %v + filtered %v + failed %v + dead-lettered %v + interrupted %v", s.Name,
				st["in"], st["done"], st["filtered"], st["failed"], st["dead_lettered"], st["interrupted"])
		}
		for metric, v := range st {
			if v < 0 {
				j.complain("%s: %s is %v", s.Name, metric, v)
			}
		}
	}
	j.fused()
	j.flows()
}

// fused holds what the members of a group hand on against what the next one takes.
func (j *judge) fused() {
	for _, g := range j.t.Plan.Groups {
		for i, s := range g.Stages[1:] {
			above := g.Stages[i]
			if out, in := j.r.Stats[above.Name]["out"], j.r.Stats[s.Name]["in"]; out != in {
				j.complain("%s put out %v, %s, fused with it, took in %v", above.Name, out, s.Name, in)
			}
		}
	}
}

// flows holds what stages hand on against what their readers take in and what was dropped. Outputs and queues that
// hang together in ways that the counters do not tell apart are added up.
func (j *judge) flows() {
	parts := make(parts)
	edges := make(map[*gen.Output]float64) // copies that an output hands on
	for _, q := range j.t.Plan.Queues {
		for _, e := range q.Edges {
			parts.join(q, e.From)
			edges[e.From]++
		}
		for _, g := range q.Readers {
			parts.join(q, g)
		}
	}
	for _, s := range j.t.Plan.Stages {
		for _, o := range s.Outputs {
			if s.Verb == spec.SwitchV && !o.Failed {
				parts.join(s, o)
			}
		}
	}
	type sum struct {
		out, in float64
		skip    bool
		names   []string
	}
	sums := make(map[any]*sum)
	at := func(x any) *sum {
		root := parts.root(x)
		if sums[root] == nil {
			sums[root] = new(sum)
		}
		return sums[root]
	}
	whole := !j.early && j.r.Job.Via != "Map" && !j.r.Job.Pool()
	for _, q := range j.t.Plan.Queues {
		if q.Reader == nil { // the caller's loop
			at(q).skip = !whole
			for _, e := range j.r.Ends["out"] {
				if e.Err == nil {
					at(q).in++
				}
			}
		}
	}
	for _, q := range j.t.Plan.Queues {
		for _, e := range q.Edges {
			if e.From.Stage == nil {
				at(q).skip = at(q).skip || !whole
				at(q).out += float64(j.r.Job.Items[0])
			}
		}
	}
	for _, s := range j.t.Plan.Stages {
		seen := make(map[*sum]bool)
		for _, o := range s.Outputs {
			if len(o.Edges) == 0 {
				continue // fused
			}
			copies := 1.0
			if o.FanOut == gen.Broadcast {
				copies = edges[o]
			}
			n := j.r.Stats[s.Name]["out"]
			if o.Failed {
				n = j.r.Stats[s.Name]["failed"]
			} else if s.Verb == spec.SwitchV {
				if copies != 1 {
					at(o).skip = true
				}
				if seen[at(o)] {
					continue
				}
				seen[at(o)] = true
			}
			at(o).out += n * copies
			at(o).names = append(at(o).names, s.Name)
		}
	}
	counted := make(map[*gen.Group]bool)
	for _, q := range j.t.Plan.Queues {
		for _, g := range q.Readers {
			if counted[g] {
				continue
			}
			counted[g] = true
			st := j.r.Stats[g.Stages[0].Name]
			at(q).in += st["in"] + st["dropped"]
			at(q).names = append(at(q).names, "→ "+g.Stages[0].Name)
		}
	}
	for _, s := range sums {
		if !s.skip && s.out != s.in {
			j.complain("%v: put out %v, took in %v", s.names, s.out, s.in)
		}
	}
}

// parts are disjoint sets of things that hang together.
type parts map[any]any

func (p parts) root(x any) any {
	for p[x] != nil && p[x] != x {
		x = p[x]
	}
	return x
}

func (p parts) join(a, b any) {
	if ra, rb := p.root(a), p.root(b); ra != rb {
		p[ra] = rb
	}
}
