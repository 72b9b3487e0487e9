package threads

import (
	"cmp"
	"context"
)

// tasks is what the workers of a run need of the pool that feeds it.
type tasks interface {
	// beginTask makes w work on a task: w.number and w.ctx are the task's from now on. It returns false where the
	// task has ended.
	beginTask(w *worker, number int) bool
	// failTask ends the task in hand with the error that its item met in the group's stage at. policy, unless it is
	// nil, buries the item. It returns false when the worker must leave its loop.
	failTask(w *worker, policy errorPolicy, at, attempt int, item any, err error, stack []byte) bool
	// endTask ends the task in hand without a result: a filter or a sink was its end.
	endTask(w *worker, filtered bool)
}

// begin says whether w is to work on the element with the given number: always, unless that is a task which has
// ended.
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

// deliver makes put take what is put into q; to be called before q has writers.
func (q *queue[E]) deliver(put func(E) bool) {
	newHand := q.hand
	q.hand = func(w *worker, to int) *writer[E] {
		return &writer[E]{queue: q, lane: newHand(w, to).lane, via: put}
	}
}

func (p *pool[In, Out]) beginTask(w *worker, number int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.open[number]
	switch {
	case f == nil && p.halted():
	case f == nil:
		if p.dropped > cap(p.room) {
			<-p.room
		}
		p.dropped--
	case !f.begun:
		<-p.room
		f.begin()
		fallthrough
	default:
		if f.ctx.Err() == nil {
			w.number, w.ctx = number, f.ctx
			return true
		}
		p.end(f, *new(Out), context.Cause(f.ctx)) // too late; the function need not find that out
	}
	w.interrupted(0)
	return false
}

func (p *pool[In, Out]) failTask(w *worker, policy errorPolicy, at, attempt int, item any, err error, stack []byte) bool {
	p.mu.Lock()
	f := p.open[w.number]
	p.mu.Unlock()
	s := &w.group.stages[at]
	err = p.run.newError(s.name, f.index, attempt, item, err, stack)
	halted := p.halted()
	if halted || f.ctx.Err() != nil { // without its end another attempt might have succeeded
		w.interrupted(at)
	} else {
		w.counts[at].failed++
		if policy != nil {
			err = cmp.Or(policy(w, at, failure[any]{item, f.index, err}), err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f.placed = true
	p.end(f, *new(Out), err)
	return !halted
}

func (p *pool[In, Out]) endTask(w *worker, filtered bool) {
	var err error
	if filtered {
		err = p.errs.filtered
	}
	p.finishTask(w.number, *new(Out), err)
}

// finishTask ends a task with value, or err. It returns false where that does not count any more.
func (p *pool[In, Out]) finishTask(number int, value Out, err error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.open[number]
	p.end(f, value, err)
	return f.err == nil
}
