package oracle

import (
	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
)

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
