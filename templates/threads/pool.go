package threads

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
)

// pool runs single items through a pipeline for any number of callers. Each item is a task, with a number that its
// elements carry in the queues, and with a future.
type pool[In, Out any] struct {
	errs    poolErrors
	run     *run
	room    chan struct{} // holds an element for each task that waits to begin
	closing chan struct{} // closed with the pool
	ended   chan struct{} // closed when all that the pool started has ended

	feeding sync.Mutex // comes before a queue's mu
	in      *writer[indexed[In]]
	closed  bool

	mu      sync.Mutex               // comes after a queue's mu; guards the futures too
	open    map[int]*future[In, Out] // the tasks that have not ended, by number
	number  int                      // of the next task
	dropped int                      // tasks that have ended before they began and whose items are still queued
	err     error                    // of close: some task was cut short
}

// poolErrors are the errors of one pipeline's pools.
type poolErrors struct{ closed, queueFull, terminated, filtered error }

// errInside is the error of a pool that would wait for itself.
const errInside sentinel = "the pool is used from inside one of its own stage functions, and would wait for itself"

// attach makes the pool the source of r, whose first queue is q, before q has readers. At most capacity tasks wait
// to begin; the queue itself has no bound.
func (p *pool[In, Out]) attach(r *run, q *queue[indexed[In]], capacity int) {
	q.capacity, q.exact = math.MaxInt, false
	p.run, p.in, p.open = r, q.writer(nil), make(map[int]*future[In, Out])
	p.room, p.closing, p.ended = make(chan struct{}, capacity), make(chan struct{}), make(chan struct{})
	r.tasks = p
	r.atStop(p.halt)
}

// serve waits, on a goroutine of its own, until the run, which has been launched, has ended.
func (p *pool[In, Out]) serve() {
	go func() {
		defer close(p.ended)
		select {
		case <-p.run.sources.Done(): // Drain was closed, or the run has stopped
			p.shut()
		case <-p.closing:
		}
		err := p.run.wait()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, f := range p.open {
			p.end(f, *new(Out), nil)
		}
		if err != nil && p.run.outer.Err() == nil && !errors.Is(err, p.errs.terminated) {
			p.err = err // which has terminated the pool from within
		}
	}()
}

// shut lets no more tasks in.
func (p *pool[In, Out]) shut() {
	p.feeding.Lock()
	defer p.feeding.Unlock()
	if !p.closed {
		p.closed = true
		close(p.closing)
		p.in.queue.close()
	}
}

// halt ends the tasks that have not begun when the run stops.
func (p *pool[In, Out]) halt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.open {
		if !f.begun {
			p.end(f, *new(Out), nil)
		}
	}
}

// halted says whether the pool is terminated. Where its context has ended, the run stops a little later.
func (p *pool[In, Out]) halted() bool { return p.run.stopped.Load() || p.run.outer.Err() != nil }

// inside says whether ctx is that of a call which the pool itself makes.
func (p *pool[In, Out]) inside(ctx context.Context) bool { return ctx.Value(p) != nil }

// shutdown lets no more tasks in and waits until nothing that the pool started is alive. It terminates the pool when
// ctx ends.
func (p *pool[In, Out]) shutdown(ctx context.Context) error {
	if p.inside(ctx) {
		return errInside
	}
	p.shut()
	select {
	case <-p.ended:
		return p.err
	case <-ctx.Done():
		p.terminate()
		return context.Cause(ctx)
	}
}

// terminate ends the tasks that have not begun, cancels the others and waits until nothing is alive.
func (p *pool[In, Out]) terminate() {
	p.run.fail(p.errs.terminated)
	<-p.ended
}

// do submits item and waits for its result. Where ctx ends before the task has begun, it never begins.
func (p *pool[In, Out]) do(ctx context.Context, item In) (Out, error) {
	f, err := p.submit(ctx, item)
	if err != nil {
		return *new(Out), err
	}
	defer f.withdraw()
	return f.get(ctx)
}

// submit hands item to the pool. It blocks while as many tasks wait as may.
func (p *pool[In, Out]) submit(ctx context.Context, item In) (*future[In, Out], error) {
	return p.enter(ctx, &future[In, Out]{index: -1}, item)
}

// trySubmit is submit that never blocks.
func (p *pool[In, Out]) trySubmit(item In) (*future[In, Out], error) {
	select {
	case p.room <- struct{}{}:
		return p.add(context.Background(), &future[In, Out]{index: -1}, item)
	case <-p.closing:
		return nil, p.refusal()
	default:
		return nil, p.errs.queueFull
	}
}

// enter waits for room and adds a task, whose future is f.
func (p *pool[In, Out]) enter(ctx context.Context, f *future[In, Out], item In) (*future[In, Out], error) {
	switch {
	case p.inside(ctx):
		return nil, errInside
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	select {
	case p.room <- struct{}{}:
		return p.add(ctx, f, item)
	case <-p.closing:
		return nil, p.refusal()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// add puts the item of a task for which there is room into the queue.
func (p *pool[In, Out]) add(ctx context.Context, f *future[In, Out], item In) (*future[In, Out], error) {
	p.feeding.Lock()
	defer p.feeding.Unlock()
	p.mu.Lock()
	if p.closed || p.halted() {
		p.mu.Unlock()
		return nil, p.refusal()
	}
	f.pool, f.number, f.submitter, f.done = p, p.number, ctx, make(chan struct{})
	p.open[f.number] = f
	p.number++
	p.mu.Unlock()
	p.in.put(indexed[In]{item, f.number}) // where the run has stopped since, halt ends the task
	return f, nil
}

// refusal is the error of a task that comes too late.
func (p *pool[In, Out]) refusal() error {
	if p.halted() {
		return p.termination()
	}
	return p.errs.closed
}

// termination is the error of what the pool's end cuts short, with the reason where the run has ended by itself.
func (p *pool[In, Out]) termination() error {
	p.run.mu.Lock()
	defer p.run.mu.Unlock()
	if p.run.err == nil || p.run.outer.Err() != nil || errors.Is(p.run.err, p.errs.terminated) {
		return p.errs.terminated
	}
	return fmt.Errorf("%w: %w", p.errs.terminated, p.run.err)
}

// drop ends a task that has not begun. Its place is free at once, though its item stays queued until a worker passes
// it: as many of these as there are places, so that they cannot pile up. p.mu is held.
func (p *pool[In, Out]) drop(f *future[In, Out], err error) {
	p.dropped++
	if p.dropped <= cap(p.room) {
		<-p.room
	}
	p.end(f, *new(Out), err)
}

// end ends a task: with value, or err, or because the pool is terminated. p.mu is held.
func (p *pool[In, Out]) end(f *future[In, Out], value Out, err error) {
	if p.halted() {
		value, p.err = *new(Out), p.termination()
		if err != nil {
			err = errors.Join(p.err, err)
		} else {
			err = p.err
		}
	}
	delete(p.open, f.number)
	f.end(value, err)
}
