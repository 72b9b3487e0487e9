package rig

import (
	"context"
	"iter"
	"runtime"
)

// Made hands the items of a source to yield: each, or the error in its place.
func (t *Topology) Made(stage int, yield func(Value, error) bool) {
	r, leave := t.enter(stage)
	defer leave()
	r.made(stage, yield)
}

func (r *Run) made(stage int, yield func(Value, error) bool) {
	for k := range r.Job.Items[stage] {
		r.step()
		v := r.Job.Made(stage, k)
		r.pace(stage, v.Item.ID)
		switch kind, _ := r.Job.Draw(stage, v.Item.ID); kind {
		case None:
			if !yield(v, nil) {
				return
			}
		case Panic:
			panic(&Fault{stage, v.Item.ID, kind})
		case Goexit:
			runtime.Goexit()
		default:
			if !yield(Value{}, &Fault{stage, v.Item.ID, kind}) {
				return
			}
		}
	}
}

// Items are the items of a source that stops with its first error.
func (t *Topology) Items(stage int) func(yield func(Value) bool) error {
	return func(yield func(Value) bool) error {
		var failed error
		t.Made(stage, func(v Value, err error) bool {
			failed = err
			return err == nil && yield(v)
		})
		return failed
	}
}

// Made2 is a source's sequence of items and errors.
func Made2[T any](t *Topology, stage int) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		t.Made(stage, func(v Value, err error) bool {
			if err != nil {
				return yield(*new(T), err)
			}
			return yield(To[T](v), nil)
		})
	}
}

// Slice is a source that returns all of its items at once.
func Slice[T any](each func(yield func(Value) bool) error) ([]T, error) {
	var all []T
	err := each(func(v Value) bool {
		all = append(all, To[T](v))
		return true
	})
	return all, err
}

// Chan is a source whose items come from a goroutine of its own, which ends with ctx.
func Chan[T any](ctx context.Context, t *Topology, stage int) <-chan T {
	r, leave := t.enter(stage)
	c := make(chan T)
	go func() {
		defer close(c)
		defer leave()
		r.made(stage, func(v Value, _ error) bool {
			select {
			case c <- To[T](v):
				return true
			case <-ctx.Done():
				return false
			}
		})
	}()
	return c
}

// Input is the caller's sequence.
func Input[T any](t *Topology) iter.Seq[T] { return Seq[T](t.Items(0)) }

// Input2 is the caller's sequence with errors.
func Input2[T any](t *Topology) iter.Seq2[T, error] { return Made2[T](t, 0) }
