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
	Ends    map[string]*Stream // by the names of rig: sinks, "out", "dead"
	Stats   map[string]*Counts // by stage; nil where they are not fixed
	Fatal   map[string]bool    // tokens of the errors that may end the run
	Sure    bool               // one of them surely does, unless something else ends it
	Results map[int]string     // of a pool's items, by index: the token of the result or error, "filtered", or "" without an output
	Total   int                // elements that stages take in

	Errors map[string]Mark // by token: what else an error says

	inputs map[int][]uint64 // what reaches each node: the identities of its items
	loose  map[int]bool     // nodes whose items are not fixed
}

// Mark is what an error says of its item: its position, -1 where that is not known, and the number of the attempt.
type Mark struct{ Index, Attempt int }

// Counts are the counters of a stage that are fixed.
type Counts struct{ In, Out, Done, Filtered, Failed, DeadLettered, Retries int }

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
	in.Expectation = &Expectation{Ends: make(map[string]*Stream), Stats: make(map[string]*Counts), Fatal: make(map[string]bool), Results: make(map[int]string), Errors: make(map[string]Mark),
		inputs: make(map[int][]uint64), loose: make(map[int]bool)}
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

// source is what the source of a stage hands out; that of the caller's sequence for nil.
func (in *interpreter) source(s *gen.Stage) *Stream {
	out := &Stream{}
	if in.early {
		out.Extent = Prefix
	}
	if in.job.Via == "PoolDo" {
		out.Order = Multiset // several callers
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
			out.Elems = append(out.Elems, Elem{Value: v, Index: k})
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
			out.Elems = append(out.Elems, Elem{Err: token, Index: k})
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

// items puts each item through the stage's function. It returns a stream for each output, and that of a sink's items
// last.
func (in *interpreter) items(s *gen.Stage, n *Node, from *Stream, counts *Counts) []*Stream {
	var outs []*Stream
	for _, o := range s.Outputs {
		out := from.like()
		if from.Loose && s.Verb != spec.Map && s.Verb != spec.Tap && s.Verb != spec.Sink && s.Verb != spec.Unbatch {
			out.Extent = Anything // the function would see other batches
		}
		if o.Failed && in.groups[s].Workers.N != 1 && out.Order == Sequence {
			out.Order = Multiset // failed items do not wait for their turn
		}
		outs = append(outs, out)
	}
	if s.Verb == spec.Sink {
		out := from.like()
		if g := in.groups[s]; g.Ordered {
			out.Order = Multiset // the calls of an ordered group overlap
		}
		outs = append(outs, out)
	}
	main := outs[0]
	if s.Verb == spec.Sink {
		main = outs[len(outs)-1]
	}
	index := 0
	put := func(all ...rig.Value) {
		for _, v := range all {
			main.Elems = append(main.Elems, Elem{Value: v, Index: index})
			counts.Out++
		}
	}
	if s.OnError == gen.DeadLetter {
		in.dead.Extent = max(in.dead.Extent, from.Extent)
	}
	for _, e := range from.Elems {
		if in.Total > tooMany {
			break
		}
		if e.Err != "" {
			out := main
			for i, o := range s.Outputs {
				if slices.ContainsFunc(o.Edges, func(e *gen.Edge) bool { return e.Errors }) {
					out = outs[i] // the port of a switch that leads to the open end
				}
			}
			out.Elems = append(out.Elems, e)
			continue
		}
		v := e.Value
		index = e.Index
		counts.In++
		ok, attempts := true, 1
		if n.calls() {
			ok, attempts = in.outcome(s, n, v.Identity())
		}
		counts.Retries += attempts - 1
		if !ok {
			mark := Mark{-1, attempts}
			if via := in.job.Via; via == "PoolMap" || via == "PoolEach" || s.ElemIn.Index && !in.job.Pool() {
				mark.Index = e.Index
			}
			in.Errors[errToken(s.Name, v.Identity())] = mark
			if s.Verb == spec.FlatMap && s.Retry == nil && n.Shape != "slice" {
				all, good := in.many(n, v)
				put(all[:good]...)
			}
			in.failed(s, e, from, outs, counts)
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
				in.Results[e.Index] = "filtered"
			case s.Verb == spec.Filter:
				put(v)
			default:
				put(rig.Mapped(n.ID, v))
			}
		case spec.Tap:
			put(v)
		case spec.Sink:
			main.Elems = append(main.Elems, e)
			in.Results[e.Index] = ""
		case spec.SwitchV:
			main = outs[rig.Port(n.ID, v, len(n.Ports))]
			put(v)
		case spec.Unbatch:
			main.Loose = false
			for _, i := range v.Batch {
				put(rig.Value{Item: i})
			}
		case spec.FlatMap:
			all, _ := in.many(n, v)
			put(all...)
		}
	}
	if s.Verb == spec.Unbatch {
		main.Loose = false
	}
	return outs
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
func (in *interpreter) failed(s *gen.Stage, e Elem, from *Stream, outs []*Stream, counts *Counts) {
	token := errToken(s.Name, e.Value.Identity())
	counts.Failed++
	in.Results[e.Index] = token
	if in.job.Pool() {
		if s.OnError != gen.DeadLetter {
			return // the item's future has the error, whatever on_error says
		}
	}
	switch s.OnError {
	case gen.Stop:
		in.fatal(token, from)
	case gen.Yield:
		at := 0
		for i, o := range s.Outputs {
			if slices.ContainsFunc(o.Edges, func(e *gen.Edge) bool { return e.Errors }) {
				at = i
			}
		}
		outs[at].Elems = append(outs[at].Elems, Elem{Err: token, Index: e.Index})
	case gen.DeadLetter:
		counts.Failed--
		counts.DeadLettered++
		in.dead.Elems = append(in.dead.Elems, Elem{Err: token})
	case gen.Route:
		for i, o := range s.Outputs {
			if o.Failed {
				outs[i].Elems = append(outs[i].Elems, e)
			}
		}
	}
}

// fatal notes an error that ends the run. That is sure unless the item may not come.
func (in *interpreter) fatal(token string, from *Stream) {
	in.Fatal[token] = true
	in.Sure = in.Sure || from.Extent <= Prefix
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
	if in.job.Drain != 0 || in.job.Cancel != 0 || from.Extent > Prefix {
		out.Extent = Anything // it may come to its end with some of the items
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
			in.fatal(errToken(s.Name, e.Value.Identity()), from)
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
