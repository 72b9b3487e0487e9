package oracle

import (
	"slices"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
	"github.com/pipegen/pipegen/spec"
)

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
		if g := in.groups[s]; o.Failed && g.Ordered && g.Workers.N != 1 {
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
