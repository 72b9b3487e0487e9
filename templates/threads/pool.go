package threads

import (
	"context"
	"errors"
	"math"
	"sync"
)

// tasks is what the workers of a run need of the pool that feeds it. The elements in the queues of such a run
// carry the numbers of their tasks.
type tasks interface {
	// beginTask makes w work on a task: w.number and w.ctx are the task's from now on. It returns false where
	// the task has ended already.
	beginTask(w *worker, number int) bool
	// failTask ends the task in hand with the error that its item met in the group's stage at. It returns
	// false when the worker must leave its loop.
	failTask(w *worker, at, attempt int, item any, err error, stack []byte) bool
	// endTask ends the task in hand without a result: a filter or a sink was its end.
	endTask(w *worker, filtered bool)
}

// begin says whether w is to work on the element with the given number: always, unless that is a task of a pool
// which has ended before its turn.
func (w *worker) begin(number int) bool {
	return w.run.tasks == nil || w.run.tasks.beginTask(w, number)
}

// filtered counts the item in hand as left out by stage at.
func (w *worker) filtered(at int) {
	w.counts[at].filtered++
	if w.run.tasks != nil {
		w.run.tasks.endTask(w, true)
	}
}

// consumed says that the item in hand has been through the last stage, a sink.
func (w *worker) consumed() {
	if w.run.tasks != nil {
		w.run.tasks.endTask(w, false)
	}
}

// pool runs single items through a pipeline for as many callers as there are. Each item is a task with a number
// and a future.
type pool[In, Out any] struct {
	errs    poolErrors
	run     *run
	queue   *queue[indexed[In]]
	room    chan struct{} // holds one element for each task that waits to begin
	closing chan struct{} // closed with the pool
	ended   chan struct{} // closed when all that the pool started has ended

	feeding sync.Mutex // before a queue's mu; guards in and closed
	in      *writer[indexed[In]]
	closed  bool

	mu      sync.Mutex               // after a queue's mu; guards all below and the futures
	open    map[int]*future[In, Out] // the tasks that have not ended, by number
	numbers int                      // given out so far
	dropped int                      // tasks that ended before they began and whose items are still queued
	cut     bool                     // the pool was terminated before some task had ended
	failure error                    // with which the run ended by itself
}

// poolErrors are the errors of one pipeline's pools.
type poolErrors struct{ closed, queueFull, terminated, filtered error }

// errInside is the error of a pool that would wait for itself.
const errInside sentinel = "the pool is used from inside one of its own stage functions, and would wait for itself"

func newPool[In, Out any](errs poolErrors) *pool[In, Out] {
	return &pool[In, Out]{
		errs:    errs,
		closing: make(chan struct{}),
		ended:   make(chan struct{}),
		open:    make(map[int]*future[In, Out]),
	}
}

// attach makes the pool the source of r, whose first queue is q, before r is launched. At most capacity tasks
// wait to begin; the queue itself has no bound.
func (p *pool[In, Out]) attach(r *run, q *queue[indexed[In]], capacity int) {
	q.capacity, q.exact = math.MaxInt, false
	p.run, p.queue, p.in, p.room = r, q, q.writer(nil), make(chan struct{}, capacity)
	r.tasks = p
}

// deliver makes put take what is put into q; to be called before q has writers.
func (q *queue[E]) deliver(put func(E) bool) {
	q.hand = func(w *worker, to int) *writer[E] {
		hand := q.newHand(w, to)
		hand.via = put
		return hand
	}
}

// serve begins the pool's service, after its run was launched, and goes on until the run has ended.
func (p *pool[In, Out]) serve() {
	p.run.atStop(p.halt)
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
		if p.run.outer.Err() == nil && !errors.Is(err, p.errs.terminated) {
			p.failure = err
		}
		for _, f := range p.open {
			p.terminated(f, nil)
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
		p.queue.close()
	}
}

// halt ends the tasks that have not begun when the run stops.
func (p *pool[In, Out]) halt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.open {
		if !f.begun {
			p.terminated(f, nil)
		}
	}
}

// close waits until all tasks have ended and nothing that the pool started is alive.
func (p *pool[In, Out]) close() error {
	p.shut()
	<-p.ended
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.failure != nil:
		return p.failure
	case p.cut:
		return p.errs.terminated
	}
	return nil
}

// shutdown is close until ctx ends, and terminate from then on.
func (p *pool[In, Out]) shutdown(ctx context.Context) error {
	if p.inside(ctx) {
		return errInside
	}
	p.shut()
	select {
	case <-p.ended:
	case <-ctx.Done():
		p.terminate()
		return context.Cause(ctx)
	}
	return p.close()
}

// terminate ends the tasks that have not begun, cancels the others and waits until nothing is alive.
func (p *pool[In, Out]) terminate() {
	p.run.fail(p.errs.terminated)
	<-p.ended
}

// inside says whether ctx is that of a call which the pool itself makes.
func (p *pool[In, Out]) inside(ctx context.Context) bool { return ctx.Value(p) != nil }

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
	f := &future[In, Out]{index: -1}
	if err := p.enter(ctx, f, item); err != nil {
		return nil, err
	}
	return f, nil
}

// trySubmit is submit that never blocks.
func (p *pool[In, Out]) trySubmit(item In) (*future[In, Out], error) {
	select {
	case p.room <- struct{}{}:
	case <-p.closing:
		return nil, p.refusal()
	default:
		return nil, p.errs.queueFull
	}
	f := &future[In, Out]{index: -1}
	if err := p.add(context.Background(), f, item); err != nil {
		return nil, err
	}
	return f, nil
}

// enter waits for room and adds a task whose future is f.
func (p *pool[In, Out]) enter(ctx context.Context, f *future[In, Out], item In) error {
	switch {
	case p.inside(ctx):
		return errInside
	case ctx.Err() != nil:
		return context.Cause(ctx)
	}
	select {
	case p.room <- struct{}{}:
		return p.add(ctx, f, item)
	case <-p.closing:
		return p.refusal()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// add makes a task, for which there is room, and puts its item into the queue.
func (p *pool[In, Out]) add(ctx context.Context, f *future[In, Out], item In) error {
	p.feeding.Lock()
	defer p.feeding.Unlock()
	p.mu.Lock()
	if p.closed || p.run.stopped.Load() {
		p.mu.Unlock()
		return p.refusal()
	}
	f.pool, f.number, f.submitter, f.done = p, p.numbers, ctx, make(chan struct{})
	p.numbers++
	p.open[f.number] = f
	p.mu.Unlock()
	p.in.put(indexed[In]{item, f.number}) // where the run has stopped since, halt ends the task
	return nil
}

// refusal is the error of a task that comes too late.
func (p *pool[In, Out]) refusal() error {
	if p.run.stopped.Load() {
		return p.errs.terminated
	}
	return p.errs.closed
}

func (p *pool[In, Out]) beginTask(w *worker, number int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.open[number]
	switch {
	case p.run.stopped.Load():
	case f == nil:
		if p.dropped > cap(p.room) {
			<-p.room
		}
		p.dropped--
	default:
		if !f.begun {
			<-p.room
			f.begin()
		}
		if f.ctx.Err() == nil {
			w.number, w.ctx = number, f.ctx
			return true
		}
		p.end(f, *new(Out), context.Cause(f.ctx)) // too late for it, and the function need not find that out
	}
	w.interrupted(0)
	return false
}

func (p *pool[In, Out]) failTask(w *worker, at, attempt int, item any, err error, stack []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.open[w.number]
	f.placed = true
	err = p.run.newError(w.group.stages[at].name, f.index, attempt, item, err, stack)
	if p.run.stopped.Load() {
		w.interrupted(at)
		p.terminated(f, err)
		return false
	}
	w.counts[at].failed++
	p.end(f, *new(Out), err)
	return true
}

func (p *pool[In, Out]) endTask(w *worker, filtered bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.open[w.number]
	switch {
	case p.run.stopped.Load():
		p.terminated(f, nil)
	case filtered:
		p.end(f, *new(Out), p.errs.filtered)
	default:
		p.end(f, *new(Out), nil)
	}
}

// finishTask ends a task with its result. It returns false when the run has stopped.
func (p *pool[In, Out]) finishTask(number int, value Out) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run.stopped.Load() {
		return false
	}
	p.end(p.open[number], value, nil)
	return true
}

// terminated ends a task that the end of the run has cut short; err is what its function returned. p.mu is held.
func (p *pool[In, Out]) terminated(f *future[In, Out], err error) {
	p.cut = true
	if err != nil {
		err = errors.Join(p.errs.terminated, err)
	} else {
		err = p.errs.terminated
	}
	p.end(f, *new(Out), err)
}

// drop ends a task that has not begun, with err. Its place is free at once, though its item stays queued until a
// worker passes it: for as many items as the queue has places, so that they cannot pile up. p.mu is held.
func (p *pool[In, Out]) drop(f *future[In, Out], err error) {
	p.dropped++
	if p.dropped <= cap(p.room) {
		<-p.room
	}
	p.end(f, *new(Out), err)
}

// end ends a task. p.mu is held.
func (p *pool[In, Out]) end(f *future[In, Out], value Out, err error) {
	delete(p.open, f.number)
	f.end(value, err)
}
