package threads

import (
	"sync"
	"sync/atomic"
)

// order lets the workers of a group take chunks of the input in turn and emit their results in that turn.
//
// The chunk whose turn it is streams: its worker puts straight into the queue below. The others hold
// their results until then; whoever finishes a chunk emits what the next ones hold. A worker does not wait
// for its turn, it goes on with another chunk, up to most items ahead of what has been emitted.
type order[E any] struct {
	input interface{ wakeForRoom() }
	out   *writer[E]
	group *group
	most  int          // items claimed and not yet emitted; 0: four chunks a worker
	ahead atomic.Int64 // how many that are now

	mu          sync.Mutex
	first, last *ticket
	held        [][]E // results by ticket.id
	spare       [][]E // empty, for results to come
	free        []*ticket
	emitting    bool // a worker puts into out, outside the lock
	stopped     bool
}

// ticket is the place of one chunk in the order.
type ticket struct {
	id       int
	next     *ticket
	items    int  // of the chunk
	live     bool // its worker puts straight into out; only that worker reads it without the lock
	finished bool
	wake     chan struct{} // to a worker that holds as much as it may
}

// sequencer is what a queue needs of the order of its reading group.
type sequencer interface {
	room(chunk int) int
	add(items int) *ticket
	split(t *ticket, items int) *ticket
	finish(t *ticket)
}

// newOrder puts the results of g, which reads in, into out in the order of in.
func newOrder[E, F any](g *group, in *queue[E], out *queue[F], most int) *order[F] {
	o := &order[F]{input: in, out: out.writer(nil), group: g, most: most}
	in.order = o
	g.run.atStop(o.stop)
	g.run.onEnd = append(g.run.onEnd, o.count)
	return o
}

// orderedWriter is the hand with which one worker puts results into an order.
type orderedWriter[E any] struct {
	order  *order[E]
	worker *worker
}

// writer returns w's hand.
func (o *order[E]) writer(w *worker) *orderedWriter[E] {
	return &orderedWriter[E]{order: o, worker: w}
}

// put emits e in the turn of the worker's chunk. It blocks while the queue below is full or, before its
// turn, while it holds more than a chunk; it returns false when the run has stopped.
func (w *orderedWriter[E]) put(e E) bool {
	t := w.worker.ticket
	if t.live {
		return w.order.out.put(e)
	}
	return w.order.hold(t, e)
}

// hold keeps e until the turn of t. Where that has come, t streams from now on.
func (o *order[E]) hold(t *ticket, e E) bool {
	o.mu.Lock()
	for !o.stopped {
		if o.first == t && !o.emitting {
			o.emitting, t.live = true, true
			before := o.held[t.id]
			o.held[t.id] = nil
			o.mu.Unlock()
			return o.emit(t, before) && o.out.put(e)
		}
		if len(o.held[t.id]) < max(t.items, firstRing) {
			if n := len(o.spare); o.held[t.id] == nil && n > 0 {
				o.held[t.id], o.spare = o.spare[n-1], o.spare[:n-1]
			}
			o.held[t.id] = append(o.held[t.id], e)
			o.mu.Unlock()
			return true
		}
		o.mu.Unlock()
		<-t.wake
		o.mu.Lock()
	}
	o.mu.Unlock()
	return false
}

// emit puts results, and returns to t what a stop has left.
func (o *order[E]) emit(t *ticket, results []E) bool {
	for i, e := range results {
		if !o.out.put(e) {
			o.mu.Lock()
			o.held[t.id] = append(results[i:len(results):len(results)], o.held[t.id]...) // its worker may have added more
			o.mu.Unlock()
			return false
		}
	}
	if results != nil {
		clear(results)
		o.mu.Lock()
		o.spare = append(o.spare, results[:0])
		o.mu.Unlock()
	}
	return true
}

// finish ends the chunk of t. If it is t's turn, the turn passes on, over all chunks that are finished;
// what the next one holds so far is emitted too.
func (o *order[E]) finish(t *ticket) {
	o.mu.Lock()
	t.finished = true
	if t.live {
		o.emitting = false
	}
	for o.first != nil && !o.emitting && !o.stopped {
		t := o.first
		results := o.held[t.id]
		if len(results) == 0 && !t.finished {
			break
		}
		o.held[t.id] = nil
		o.emitting = true
		done := t.finished
		o.mu.Unlock()
		ok := o.emit(t, results)
		o.mu.Lock()
		if !ok {
			break
		}
		o.emitting = false
		if done {
			o.remove(t)
		} else {
			signal(t.wake)
		}
	}
	o.mu.Unlock()
	o.input.wakeForRoom()
}

// remove takes the first ticket out of the order. o.mu is held.
func (o *order[E]) remove(t *ticket) {
	o.first = t.next
	if o.first == nil {
		o.last = nil
	}
	o.ahead.Add(-int64(t.items))
	t.next = nil
	o.free = append(o.free, t)
}

// room is how many more items may be claimed, in chunks of the given size.
func (o *order[E]) room(chunk int) int {
	most := o.most
	if most == 0 {
		most = 4 * o.group.slots * chunk
	}
	return most - int(o.ahead.Load())
}

// add gives a chunk the last place.
func (o *order[E]) add(items int) *ticket {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ahead.Add(int64(items))
	t := o.issue(items)
	if o.last == nil {
		o.first = t
	} else {
		o.last.next = t
	}
	o.last = t
	return t
}

// split gives the last items of t's chunk a place of their own behind it.
func (o *order[E]) split(t *ticket, items int) *ticket {
	o.mu.Lock()
	defer o.mu.Unlock()
	rest := o.issue(items)
	t.items -= items
	rest.next, t.next = t.next, rest
	if o.last == t {
		o.last = rest
	}
	return rest
}

// issue returns a ticket, an old one if it can. o.mu is held.
func (o *order[E]) issue(items int) *ticket {
	var t *ticket
	if n := len(o.free); n > 0 {
		t = o.free[n-1]
		o.free = o.free[:n-1]
	} else {
		t = &ticket{id: len(o.held), wake: make(chan struct{}, 1)}
		o.held = append(o.held, nil)
	}
	t.items, t.live, t.finished = items, false, false
	return t
}

// stop wakes the workers that wait for their turn.
func (o *order[E]) stop() {
	o.mu.Lock()
	o.stopped = true
	for t := o.first; t != nil; t = t.next {
		signal(t.wake)
	}
	o.mu.Unlock()
}

// count makes results that a stop kept from being emitted count as interrupted.
func (o *order[E]) count() {
	lost := 0
	for _, results := range o.held {
		lost += len(results)
	}
	o.group.retract(lost)
}

// wakeForRoom wakes the readers that may have waited for results to be emitted.
func (q *queue[E]) wakeForRoom() {
	if q.waiting.Load() != 0 {
		q.mu.Lock()
		q.wakeAll()
		q.mu.Unlock()
	}
}
