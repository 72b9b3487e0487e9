package rig

import (
	"context"
	"iter"
)

// FlatMap is the function of a flat_map that returns a slice.
func (t *Topology) FlatMap(ctx context.Context, stage int, v Value, cycle bool) ([]Value, error) {
	if err := t.call(ctx, stage, v); err != nil {
		return nil, err
	}
	all, _ := made(stage, v, cycle)
	return all, nil
}

func made(stage int, v Value, cycle bool) (all []Value, good int) {
	if cycle {
		all = Next(stage, v)
		return all, len(all) / 2
	}
	return Many(stage, v)
}

// Each hands the items that a flat_map makes to yield. Where the item is to fail, it does so among them.
func (t *Topology) Each(ctx context.Context, stage int, v Value, cycle bool, yield func(Value) bool) error {
	r, leave := t.enter(stage)
	defer leave()
	r.begun(ctx, stage)
	all, good := made(stage, v, cycle)
	if kind, _ := r.Job.Draw(stage, v.Identity()); kind == None {
		good = 0
	}
	for _, out := range all[:good] {
		if !yield(out) {
			return nil
		}
	}
	if err := r.act(ctx, stage, v.Identity()); err != nil {
		return err
	}
	for _, out := range all[good:] {
		if !yield(out) {
			return nil
		}
	}
	return nil
}

// Seq is Each for functions that return an iterator.
func Seq[T any](each func(yield func(Value) bool) error) iter.Seq[T] {
	return func(yield func(T) bool) {
		_ = each(func(v Value) bool { return yield(To[T](v)) })
	}
}

// Seq2 is Seq with an error at the end, if there is one.
func Seq2[T any](each func(yield func(Value) bool) error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		if err := each(func(v Value) bool { return yield(To[T](v), nil) }); err != nil {
			yield(*new(T), err)
		}
	}
}

// Emit is Each for functions that take emit: its error ends the call.
func Emit[T any](each func(yield func(Value) bool) error, emit func(T) error) error {
	var stop error
	err := each(func(v Value) bool {
		stop = emit(To[T](v))
		return stop == nil
	})
	if stop != nil {
		return stop
	}
	return err
}
