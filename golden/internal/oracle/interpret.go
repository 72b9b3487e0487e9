package oracle

import (
	"slices"
	"strings"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
	"github.com/pipegen/pipegen/spec"
)

// Interpret walks over the plan in the order items flow, as often as cycles need. early says that the run does not
// come to its natural end.
func (t *Topology) Interpret(job *rig.Job, early bool) *Expectation {
	in := &interpreter{t: t, job: job, early: early, groups: make(map[*gen.Stage]*gen.Group), edges: make(map[*gen.Edge]*Stream)}
	for _, g := range t.Plan.Groups {
		for _, s := range g.Stages {
			in.groups[s] = g
		}
	}
	for total := -1; total < 0 || len(t.Plan.Cycles) > 0 && in.Total > total && in.Total <= tooMany; in.pass() {
		if in.Expectation != nil {
			total = in.Total
		}
	}
	return in.Expectation
}

type interpreter struct {
	*Expectation
	t      *Topology
	job    *rig.Job
	early  bool
	groups map[*gen.Stage]*gen.Group
	mains  map[*gen.Stage]*Stream // what fused stages hand on
	edges  map[*gen.Edge]*Stream  // of the pass before, where a cycle goes round
	dead   *Stream
}

// tooMany elements are never run: the interpreter gives up.
const tooMany = 2 * mostElements

// pass walks over all stages once.
func (in *interpreter) pass() {
	in.Expectation = &Expectation{
		Ends: make(map[string]*Stream), Results: make(map[int]string), Stats: make(map[string]*Counts),
		Fatal: make(map[string]bool), Errors: make(map[string]Mark),
		inputs: make(map[int][]uint64), loose: make(map[int]bool),
	}
	in.mains = make(map[*gen.Stage]*Stream)
	in.dead = &Stream{Order: Multiset}
	in.Ends["dead"] = in.dead
	for _, src := range in.t.Plan.Sources {
		if src.Stage == nil {
			in.deliver(src.Output, in.source(nil))
		}
	}
	for _, s := range in.t.Plan.Stages {
		in.stage(s)
	}
	for _, q := range in.t.Plan.Queues {
		if q.Reader == nil {
			in.Ends["out"] = in.queue(q, gen.NoSide)
			for _, e := range in.Ends["out"].Elems {
				in.Results[e.Index] = e.token()
			}
		}
	}
}

// stage puts what the stage reads through it.
func (in *interpreter) stage(s *gen.Stage) {
	n := in.t.Node(s)
	if in.job.BadOpen == n.ID {
		in.Fatal[errToken(s.Name, rig.Opening)] = true
		in.Fatal[errToken(s.Name, 0)] = true // runtime.Goexit
	}
	if s.Verb == spec.Source {
		in.deliver(s.Outputs[0], in.source(s))
		return
	}
	switch s.Verb {
	case spec.ZipV:
		in.zip(s, n)
		return
	case spec.JoinV:
		in.join(s, n)
		return
	}
	from := in.input(s)
	in.enters(n, from)
	counts := &Counts{}
	known := !in.early && from.Extent == Whole && !from.Loose
	var outs []*Stream
	switch s.Verb {
	case spec.BatchVerb:
		out := in.batch(s, from, counts)
		known = known && !out.Loose
		outs = append(outs, out)
	case spec.ReduceV:
		outs = append(outs, in.reduce(s, n, from, counts))
	default:
		outs = in.items(s, n, from, counts)
	}
	if known {
		in.Stats[s.Name] = counts
	}
	if s.Verb == spec.Sink {
		in.Ends[rig.SinkEnd(n.ID)] = outs[len(outs)-1]
	}
	for i, o := range s.Outputs {
		in.deliver(o, outs[i])
	}
}

// enters notes what reaches a node.
func (in *interpreter) enters(n *Node, from *Stream) {
	for _, e := range from.Elems {
		if e.Err == "" {
			in.inputs[n.ID] = append(in.inputs[n.ID], e.Value.Identity())
			in.Total++
		}
	}
	in.loose[n.ID] = in.loose[n.ID] || from.Loose || from.Extent == Anything
}

// deliver leads what an output hands on to its edges.
func (in *interpreter) deliver(o *gen.Output, s *Stream) {
	if len(o.Edges) == 0 {
		in.mains[o.Stage] = s // to the next stage of its group
		return
	}
	turn := 0
	for _, e := range o.Edges {
		c := s.like()
		switch o.FanOut {
		case gen.Hash:
			c.Extent = max(c.Extent, Part)
		case gen.RoundRobin:
			if s.Order != Sequence || s.Loose {
				c.Extent = max(c.Extent, Part)
			}
		}
		in.edges[e] = c
	}
	for _, elem := range s.Elems {
		for i, e := range o.Edges {
			switch {
			case elem.Err != "" && !e.Errors:
				continue
			case elem.Err == "" && o.FanOut == gen.RoundRobin && in.edges[e].Extent <= Prefix && i != turn%len(o.Edges):
				continue
			}
			in.edges[e].Elems = append(in.edges[e].Elems, elem)
		}
		if elem.Err == "" {
			turn++
		}
	}
}

// input is what a stage takes in, in the order in which its workers begin with it.
func (in *interpreter) input(s *gen.Stage) *Stream {
	g := in.groups[s]
	if i := slices.Index(g.Stages, s); i > 0 {
		return in.mains[g.Stages[i-1]].clone()
	}
	from := in.queue(g.In, gen.NoSide)
	if g.Workers.N != 1 {
		switch p := s.Partition; {
		case p != nil && (from.Order == Sequence || from.Order == PerKey && from.Key == callKey(p)):
			from.Order, from.Key = PerKey, callKey(p)
		case !g.Ordered:
			from.Order = Multiset
		}
	}
	return from
}

// queue is what comes out of a queue, of one side of a join's.
func (in *interpreter) queue(q *gen.Queue, side gen.Side) *Stream {
	var all []*Stream
	for _, e := range q.Edges {
		switch {
		case side != gen.NoSide && e.Side != side:
		case in.edges[e] == nil:
			all = append(all, &Stream{Order: Multiset})
		default:
			all = append(all, in.edges[e])
		}
	}
	s := mergeStreams(all)
	switch {
	case q.Kind == gen.LIFO || q.Cycle != nil:
		s.Order = Multiset
	case q.Kind == gen.Priority && (s.Order == Sequence || s.Order == PerKey && s.Key == callKey(q.Key)):
		s.Order, s.Key = PerKey, callKey(q.Key)
	case q.Kind == gen.Priority:
		s.Order = Multiset
	}
	if q.OnFull == gen.DropNewest || q.OnFull == gen.DropOldest || len(q.Readers) > 1 {
		s.Extent = max(s.Extent, Part)
	}
	return s
}

// callKey is the key that one of rig's key functions gives.
func callKey(c *gen.Call) Key {
	if strings.HasSuffix(c.Object.Name(), string(HalfKey)) {
		return HalfKey
	}
	return EachKey
}
