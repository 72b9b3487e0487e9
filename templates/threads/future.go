package threads

import "context"

// future is the result of a task, once there is one. Until done is closed, the pool's mu guards it.
type future[In, Out any] struct {
	pool      *pool[In, Out]
	number    int             // of the task
	submitter context.Context // whose values and deadline the task has
	done      chan struct{}   // closed when the task has ended
	value     Out
	err       error
	placed    bool // err tells the index

	index  int                     // in the caller's input; -1: there is none
	item   In                      // where report takes it
	within context.Context         // ends the task; nil: only the run does
	report chan<- *future[In, Out] // takes the future at its end and has room for it; nil: nobody asks

	begun     bool
	cancelled bool
	ctx       context.Context    // of the task's calls
	release   context.CancelFunc // of ctx
}

// begin makes the context of the task's calls.
func (f *future[In, Out]) begin() {
	within := f.within
	if within == nil {
		within = f.pool.run.ctx
	}
	deadline, ok := f.submitter.Deadline()
	if ok {
		within, f.release = context.WithDeadline(within, deadline)
	}
	f.begun, f.ctx = true, &taskContext{within, context.WithoutCancel(f.submitter), f.pool}
}

// taskContext is a context with the values of another. Its pool is a key, too.
type taskContext struct {
	context.Context
	values context.Context
	pool   any
}

// Value returns the value for key.
func (c *taskContext) Value(key any) any {
	if key == c.pool {
		return c.pool
	}
	if value := c.values.Value(key); value != nil {
		return value
	}
	return c.Context.Value(key)
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
