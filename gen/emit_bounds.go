package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/pipegen/pipegen/spec"
)

// bounds are what the value of a number, a size or a duration must be, by where it stands.
type bounds struct {
	positive    bool  // more than zero
	notNegative bool  // at least zero
	most        int64 // 0: any
}

// paramBounds are the bounds of the params that stand where the spec bounds what is written there. A param's
// default has been checked; its field and its environment variable are not known before the run.
func (w *wiring) paramBounds() map[*Param]*bounds {
	all := make(map[*Param]*bounds)
	mark := func(set func(*bounds), values ...Value) {
		for _, v := range values {
			if v.Param == nil {
				continue
			}
			if all[v.Param] == nil {
				all[v.Param] = new(bounds)
			}
			set(all[v.Param])
		}
	}
	positive := func(b *bounds) { b.positive = true }
	for _, s := range w.plan.Stages {
		mark(positive, s.Timeout)
		if s.Batch != nil {
			mark(positive, s.Batch.Size, s.Batch.MaxWait)
		}
		if s.retries() {
			mark(positive, s.Retry.MaxAttempts, s.Retry.Initial, s.Retry.Max, s.Retry.Multiplier)
		}
		if s.Rate != nil {
			mark(positive, s.Rate.Count, s.Rate.Burst)
		}
		if c := s.Process; c != nil {
			mark(positive, c.Within, c.MaxAttempts, c.RecycleAfter, c.MemoryLimit, c.Heartbeat, c.ShutdownTimeout, c.MaxItem, c.MaxDepth)
			mark(func(b *bounds) { b.notNegative = true }, c.Spare, c.MaxRestarts)
			mark(func(b *bounds) { b.most = spec.LargestItem }, c.MaxItem)
		}
	}
	for _, g := range w.plan.Groups {
		mark(positive, Value{Param: g.Workers.Param}, g.MaxAhead, g.Chunk)
	}
	for _, q := range w.plan.Queues {
		mark(positive, q.Capacity)
	}
	return all
}

// checks are calls that return an error where the field of a param is out of bounds; b may be nil.
func (b *bounds) checks(p *Param, field *jen.Statement) (calls []*jen.Statement) {
	if b == nil {
		return nil
	}
	name := jen.Lit(p.Name)
	switch {
	case b.positive:
		calls = append(calls, support("Positive").Call(name, field.Clone()))
	case b.notNegative:
		calls = append(calls, support("NotNegative").Call(name, field.Clone()))
	}
	if b.most > 0 {
		calls = append(calls, support("AtMost").Call(name, field.Clone(), size(b.most)))
	}
	return calls
}
