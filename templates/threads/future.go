package threads

import (
	"context"
)

// future is the result of a task, once there is one. Its fields are guarded by the pool's mu until done is closed.
type future[In, Out any] struct {
	pool   *pool[In, Out]
	number int
	done   chan struct{} // closed when the task has ended
	value  Out
	err    error
	placed bool // err tells the index

	item      In
	index     int                     // in the caller's input; -1: there is none
	submitter context.Context         // whose values and deadline the task has; nil once it has begun
	run       context.Context         // within which it runs; nil: the pool's
	report    chan<- *future[In, Out] // takes the future when the task has ended, without blocking; nil: nobody asks

	begun     bool
	cancelled bool // by withdraw
	ctx       context.Context
	release   context.CancelFunc // of a deadline's timer
}

// taskContext is the context of a task's calls.
type taskContext struct {
	context.Context // ends with the run, or at the submitter's deadline
	values          context.Context
	pool            any
}

// Value returns the submitter's value for key. The pool itself is a key too.
func (c *taskContext) Value(key any) any {
	if key == c.pool {
		return c.pool
	}
	if value := c.values.Value(key); value != nil {
		return value
	}
	return c.Context.Value(key)
}

// begin makes the task's context, whose deadline runs from now on.
func (f *future[In, Out]) begin() {
	ctx := &taskContext{Context: f.run, values: context.WithoutCancel(f.submitter), pool: f.pool}
	if f.run == nil {
		ctx.Context = f.pool.run.ctx
	}
	if deadline, ok := f.submitter.Deadline(); ok {
		ctx.Context, f.release = context.WithDeadline(ctx.Context, deadline)
	}
	f.begun, f.submitter, f.ctx = true, nil, ctx
}

// end makes the result known.
func (f *future[In, Out]) end(value Out, err error) {
	if f.release != nil {
		f.release()
	}
	f.value, f.err, f.submitter, f.ctx, f.release = value, err, nil, nil, nil
	close(f.done)
	if f.report != nil {
		f.report <- f
	}
}

// get waits for the task's end.
func (f *future[In, Out]) get(ctx context.Context) (Out, error) {
	select {
	case <-f.done:
		return f.value, f.err
	default:
	}
	if f.pool.inside(ctx) {
		return *new(Out), errInside
	}
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return *new(Out), context.Cause(ctx)
	}
}

// withdraw ends the task with context.Canceled if it has not begun.
func (f *future[In, Out]) withdraw() bool {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	if f.pool.open[f.number] == f && !f.begun {
		f.cancelled = true
		f.pool.drop(f, context.Canceled)
	}
	return f.cancelled
}
