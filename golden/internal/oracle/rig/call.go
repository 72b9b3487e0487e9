package rig

import (
	"context"
	"runtime"
	"strconv"
)

// enter begins a call of the stage's function; what it returns ends it.
func (t *Topology) enter(stage int) (r *Run, leave func()) {
	r = t.run.Load()
	n := r.active[stage].Add(1)
	r.mu.Lock()
	r.report.Calls[stage]++
	r.report.Peak[stage] = max(r.report.Peak[stage], n)
	if r.over.Load() {
		r.report.Late++
	}
	r.mu.Unlock()
	r.step()
	return r, func() { r.active[stage].Add(-1) }
}

// begun looks whether the run had ended with an error before the call began.
func (r *Run) begun(ctx context.Context, stage int) {
	if cause := context.Cause(ctx); cause != nil && cause != ErrCancelled && !r.Job.Pool() {
		r.mu.Lock()
		r.report.Begun[stage]++
		r.mu.Unlock()
	}
}

// act does what the job has in store for the item in the stage: it takes its time, fails or goes wrong.
func (r *Run) act(ctx context.Context, stage int, id uint64) error {
	r.pace(stage, id)
	kind, failures := r.Job.Draw(stage, id)
	fault := &Fault{stage, id, kind}
	switch kind {
	case Err:
		return fault
	case Flaky:
		at := place{stage, id}
		r.mu.Lock()
		r.attempts[at]++
		n := r.attempts[at]
		r.mu.Unlock()
		if n <= failures {
			return fault
		}
	case Hang:
		<-ctx.Done()
		return ctx.Err()
	case Panic:
		panic(fault)
	case Goexit:
		runtime.Goexit()
	}
	return nil
}

func (t *Topology) call(ctx context.Context, stage int, v Value) error {
	r, leave := t.enter(stage)
	defer leave()
	r.begun(ctx, stage)
	return r.act(ctx, stage, v.Identity())
}

// Map is the function of a map.
func (t *Topology) Map(ctx context.Context, stage int, v Value) (Value, error) {
	if err := t.call(ctx, stage, v); err != nil {
		return Value{}, err
	}
	return Mapped(stage, v), nil
}

// Filter is the function of a filter.
func (t *Topology) Filter(ctx context.Context, stage int, v Value) (bool, error) {
	if err := t.call(ctx, stage, v); err != nil {
		return false, err
	}
	return Kept(stage, v), nil
}

// FilterMap is the function of a filter_map.
func (t *Topology) FilterMap(ctx context.Context, stage int, v Value) (Value, bool, error) {
	if err := t.call(ctx, stage, v); err != nil {
		return Value{}, false, err
	}
	return Mapped(stage, v), Kept(stage, v), nil
}

// Tap is the function of a tap.
func (t *Topology) Tap(ctx context.Context, stage int, v Value) error { return t.call(ctx, stage, v) }

// Sink is the function of a sink.
func (t *Topology) Sink(ctx context.Context, stage int, v Value) error {
	r, leave := t.enter(stage)
	defer leave()
	r.begun(ctx, stage)
	if err := r.act(ctx, stage, v.Identity()); err != nil {
		return err
	}
	r.keep(SinkEnd(stage), Element{Value: v})
	return nil
}

// SinkEnd names the end that a sink is.
func SinkEnd(stage int) string { return "sink " + strconv.Itoa(stage) }

// Switch is the function of a switch with n ports.
func (t *Topology) Switch(ctx context.Context, stage int, v Value, n int) (int, error) {
	if err := t.call(ctx, stage, v); err != nil {
		return 0, err
	}
	return Port(stage, v, n), nil
}

// With is the function of a zip or join.
func (t *Topology) With(ctx context.Context, stage int, a, b Value) (Value, error) {
	pair := Pair(stage, a, b)
	if err := t.call(ctx, stage, pair); err != nil {
		return Value{}, err
	}
	return pair, nil
}

// Add is the add of a reduction.
func (t *Topology) Add(ctx context.Context, stage int, s Sum, v Value) (Sum, error) {
	if err := t.call(ctx, stage, v); err != nil {
		return Sum{}, err
	}
	return s.Plus(v), nil
}

// Dead is the dead letter function.
func (t *Topology) Dead(_ context.Context, stage string, v Value, err error) error {
	r := t.run.Load()
	if err == nil {
		r.odd("a dead letter without an error")
	}
	if r.over.Load() {
		r.odd("a dead letter after the run")
	}
	r.step()
	r.keep("dead", Element{Value: v, Stage: stage})
	return nil
}

// Led says that the reader of a failed port got an item with this error.
func (t *Topology) Led(err error) {
	if err == nil {
		t.run.Load().odd("a failed item without an error")
	}
}
