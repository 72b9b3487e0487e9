// Package peers holds the other sides of the table: the same work done by hand, or with another
// library the way its README recommends. Every function runs one job to its end, stops at the first
// error and returns it.
//
// Where a library has no notion of a stage (pools of goroutines), a stage is a pool. Where it keeps no
// order, it is no peer of the ordered shape.
package peers

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/pipegen/pipegen/bench/stages"
)

// Job is a source and a sink; between them run the stages A, B and C. Sink is for one goroutine at a time.
type Job struct {
	Source iter.Seq[int]
	Sink   Func0
}

// Func is a stage, Func0 a sink.
type (
	Func  = func(ctx context.Context, x int) (int, error)
	Func0 = func(ctx context.Context, x int) error
)

// workers is the number of workers of each stage.
const workers = 2

// abc is the three stages in one call: fused by hand.
func abc(ctx context.Context, x int) (int, error) {
	x, err := stages.A(ctx, x)
	if err != nil {
		return 0, err
	}
	if x, err = stages.B(ctx, x); err != nil {
		return 0, err
	}
	return stages.C(ctx, x)
}

// failure keeps the first error of a job for libraries whose tasks return none. It cancels the rest.
type failure struct {
	cancel context.CancelCauseFunc
	failed atomic.Bool
}

// withFailure returns a context that ends with the first error.
func withFailure(ctx context.Context) (context.Context, *failure) {
	ctx, cancel := context.WithCancelCause(ctx)
	return ctx, &failure{cancel: cancel}
}

// is records err, if it is one, and says whether the job has failed.
func (f *failure) is(err error) bool {
	if err != nil {
		f.failed.Store(true)
		f.cancel(err)
	}
	return f.failed.Load()
}

// end frees the context and returns the first error.
func (f *failure) end(ctx context.Context) error {
	defer f.cancel(nil)
	return context.Cause(ctx)
}
