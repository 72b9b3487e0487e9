package oracle

import (
	"slices"
	"strings"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
	"github.com/pipegen/pipegen/spec"
)

// Expectation is what a run must come to.
type Expectation struct {
	Ends  map[string]*Stream // by the names of rig: sinks, "out", "dead"
	Stats map[string]*Counts // by stage; nil where they are not fixed
	Fatal map[string]bool    // tokens of the errors that may end the run
	Sure  bool               // one of them surely does, unless something else ends it
	Total int                // elements that stages take in

	inputs map[int][]uint64 // what reaches each node: the identities of its items
	loose  map[int]bool     // nodes whose items are not fixed
}

// Counts are the counters of a stage that are fixed.
type Counts struct{ In, Out, Done, Filtered, Failed, DeadLettered, Retries int }

// Interpret walks over the plan in the order items flow. early says that the run does not come to its natural end.
func (t *Topology) Interpret(job *rig.Job, early bool) *Expectation {
	in := &interpreter{t: t, job: job, early: early, outputs: make(map[*gen.Output]*Stream), edges: make(map[*gen.Edge]*Stream)}
	in.Expectation = &Expectation{Ends: make(map[string]*Stream), Stats: make(map[string]*Counts), Fatal: make(map[string]bool),
		inputs: make(map[int][]uint64), loose: make(map[int]bool)}
	for _, g := range t.Plan.Groups {
		for _, s := range g.Stages {
			if in.groups == nil {
				in.groups = make(map[*gen.Stage]*gen.Group)
			}
			in.groups[s] = g
		}
	}
	for _, src := range t.Plan.Sources {
		if src.Stage == nil {
			in.deliver(src.Output, in.source(nil))
		}
	}
	for _, s := range t.Plan.Stages {
		in.stage(s)
	}
	for _, q := range t.Plan.Queues {
		if q.Reader == nil {
			in.Ends["out"] = in.queue(q, gen.NoSide)
		}
	}
	return in.Expectation
}

type interpreter struct {
	*Expectation
	t       *Topology
	job     *rig.Job
	early   bool
	groups  map[*gen.Stage]*gen.Group
	outputs map[*gen.Output]*Stream
	edges   map[*gen.Edge]*Stream
}

// stage puts what the stage reads through it.
func (in *interpreter) stage(s *gen.Stage) {
	n := in.t.Node(s)
	if s.Verb == spec.Source {
		in.deliver(s.Outputs[0], in.source(s))
		return
	}
	from := in.input(s)
	for _, e := range from.Elems {
		if e.Err == "" {
			in.inputs[n.ID] = append(in.inputs[n.ID], e.Value.Identity())
			in.Total++
		}
	}
	in.loose[n.ID] = from.Loose || from.Extent == Anything
	counts := &Counts{}
	known := !in.early && from.Extent == Whole && !from.Loose
	var out *Stream
	switch s.Verb {
	case spec.BatchVerb:
		out = in.batch(s, from, counts)
		known = known && !out.Loose
	case spec.ReduceV:
		out = in.reduce(s, n, from, counts)
	default:
		out = in.items(s, n, from, counts)
	}
	if known {
		in.Stats[s.Name] = counts
	}
	if s.Verb == spec.Sink {
		in.Ends[rig.SinkEnd(n.ID)] = out
		return
	}
	in.deliver(s.Outputs[0], out)
}

// deliver leads what an output hands on to its edges.
func (in *interpreter) deliver(o *gen.Output, s *Stream) {
	in.outputs[o] = s
	for _, e := range o.Edges {
		in.edges[e] = s
	}
}

// input is what a stage takes in, in the order in which its workers begin with it.
func (in *interpreter) input(s *gen.Stage) *Stream {
	g := in.groups[s]
	if i := slices.Index(g.Stages, s); i > 0 {
		return in.outputs[g.Stages[i-1].Outputs[0]].clone()
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

// queue is what comes out of a queue.
func (in *interpreter) queue(q *gen.Queue, side gen.Side) *Stream {
	var all []*Stream
	for _, e := range q.Edges {
		if e.Side == side {
			all = append(all, in.edges[e])
		}
	}
	s := mergeStreams(all)
	switch {
	case q.Kind == gen.LIFO:
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

// source is what the source of a stage hands out; that of the caller's sequence for nil.
func (in *interpreter) source(s *gen.Stage) *Stream {
	out := &Stream{}
	if in.early {
		out.Extent = Prefix
	}
	node, name, perItem := 0, "input", strings.HasSuffix(in.job.Via, "Seq2")
	var policy gen.OnError
	counts := &Counts{}
	if s != nil {
		n := in.t.Node(s)
		node, name, policy, perItem = n.ID, s.Name, s.OnError, n.Shape == "seq2"
		if !in.early {
			in.Stats[name] = counts
		}
	}
	for k := range in.job.Items[node] {
		v := in.job.Made(node, k)
		kind, _ := in.job.Draw(node, v.Item.ID)
		counts.In++
		if kind == rig.None {
			counts.Done++
			counts.Out++
			out.Elems = append(out.Elems, Elem{Value: v})
			continue
		}
		token := errToken(name, v.Item.ID)
		if kind == rig.Goexit {
			token = errToken(name, 0) // nothing says which item it was
		}
		if kind == rig.Panic || kind == rig.Goexit || !perItem || policy == gen.Stop {
			in.Fatal[token], in.Sure = true, true
			break
		}
		counts.Failed++
		if policy == gen.Yield {
			out.Elems = append(out.Elems, Elem{Err: token})
		}
	}
	return out
}

// outcome says how the stage's function fares with the item, all attempts together.
func (in *interpreter) outcome(s *gen.Stage, n *Node, id uint64) (ok bool, attempts int) {
	kind, failures := in.job.Draw(n.ID, id)
	limit := 1
	if s.Retry != nil {
		limit = int(s.Retry.MaxAttempts.Lit.(int64))
	}
	switch kind {
	case rig.None:
		return true, 1
	case rig.Flaky:
		if failures < limit {
			return true, failures + 1
		}
		return false, limit
	case rig.Panic, rig.Goexit:
		return false, 1
	}
	if s.Retry != nil && s.Retry.When != nil {
		return false, 1
	}
	return false, limit
}

// items puts each item through the stage's function.
func (in *interpreter) items(s *gen.Stage, n *Node, from *Stream, counts *Counts) *Stream {
	out := from.like()
	if from.Loose && s.Verb != spec.Map && s.Verb != spec.Tap && s.Verb != spec.Sink && s.Verb != spec.Unbatch {
		out.Extent = Anything // the function would see other batches
	}
	put := func(all ...rig.Value) {
		for _, v := range all {
			out.Elems = append(out.Elems, Elem{Value: v})
			counts.Out++
		}
	}
	for _, e := range from.Elems {
		if e.Err != "" {
			out.Elems = append(out.Elems, e)
			continue
		}
		v := e.Value
		counts.In++
		ok, attempts := true, 1
		if n.calls() {
			ok, attempts = in.outcome(s, n, v.Identity())
		}
		counts.Retries += attempts - 1
		if !ok {
			counts.Failed++
			if s.Verb == spec.FlatMap && s.Retry == nil && n.Shape != "slice" {
				all, good := in.many(n, v)
				put(all[:good]...)
			}
			in.failed(s, v.Identity(), from, out)
			continue
		}
		counts.Done++
		switch s.Verb {
		case spec.Map:
			put(rig.Mapped(n.ID, v))
		case spec.FilterMap, spec.Filter:
			switch {
			case !rig.Kept(n.ID, v):
				counts.Done--
				counts.Filtered++
			case s.Verb == spec.Filter:
				put(v)
			default:
				put(rig.Mapped(n.ID, v))
			}
		case spec.Tap:
			put(v)
		case spec.Sink:
			out.Elems = append(out.Elems, e)
		case spec.Unbatch:
			out.Loose = false
			for _, i := range v.Batch {
				put(rig.Value{Item: i})
			}
		case spec.FlatMap:
			all, _ := in.many(n, v)
			put(all...)
		}
	}
	return out
}

// many is what a flat_map makes of v, and how many of them come before an error.
func (in *interpreter) many(n *Node, v rig.Value) ([]rig.Value, int) {
	if n.Cycle {
		all := rig.Next(n.ID, v)
		return all, len(all) / 2
	}
	return rig.Many(n.ID, v)
}

// failed does with an item that failed what the stage says.
func (in *interpreter) failed(s *gen.Stage, id uint64, from, out *Stream) {
	token := errToken(s.Name, id)
	switch s.OnError {
	case gen.Stop:
		in.Fatal[token] = true
		in.Sure = in.Sure || from.Extent <= Prefix
	case gen.Yield:
		out.Elems = append(out.Elems, Elem{Err: token})
	}
}

// batch cuts the items into batches.
func (in *interpreter) batch(s *gen.Stage, from *Stream, counts *Counts) *Stream {
	out := from.like()
	out.Apart = true // an error does not wait for the batch to fill
	size := int(s.Batch.Size.Lit.(int64))
	g := in.groups[s]
	out.Loose = from.Order != Sequence || from.Extent > Prefix || g.Workers.N != 1 || s.Batch.MaxWait.IsSet() || in.job.Drain != 0
	var batch []rig.Item
	end := func() {
		if len(batch) > 0 {
			counts.Out++
			out.Elems = append(out.Elems, Elem{Value: rig.Value{Batch: batch}})
		}
		batch = nil
	}
	for _, e := range from.Elems {
		if e.Err != "" {
			out.Elems = append(out.Elems, e)
			continue
		}
		counts.In++
		counts.Done++
		if batch = append(batch, e.Value.Item); len(batch) == size {
			end()
		}
	}
	end()
	return out
}

// reduce folds the items.
func (in *interpreter) reduce(s *gen.Stage, n *Node, from *Stream, counts *Counts) *Stream {
	out := &Stream{Extent: from.Extent, Apart: true}
	if in.early || from.Extent != Whole {
		out.Extent = Anything
	}
	start := rig.Sum{}
	if n.Init && !n.Merge {
		start = rig.Start
	}
	whole, sums := start, make(map[string]rig.Sum)
	for _, e := range from.Elems {
		if e.Err != "" {
			out.Elems = append(out.Elems, e)
			continue
		}
		counts.In++
		if ok, _ := in.outcome(s, n, e.Value.Identity()); !ok {
			in.Fatal[errToken(s.Name, e.Value.Identity())] = true
			in.Sure = in.Sure || from.Extent <= Prefix
			counts.Failed++
			continue
		}
		counts.Done++
		if n.Key == "" {
			whole = whole.Plus(e.Value)
			continue
		}
		k := string(rune('0' + keyOf(n.Key, e.Value)))
		if _, ok := sums[k]; !ok {
			sums[k] = start
		}
		sums[k] = sums[k].Plus(e.Value)
	}
	result := rig.From(whole)
	if n.Key != "" {
		result = rig.From(sums)
	}
	counts.Out = 1
	out.Elems = append(out.Elems, Elem{Value: result})
	return out
}
