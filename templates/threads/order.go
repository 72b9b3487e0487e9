package threads

import (
	"sync"
	"sync/atomic"
)

// order lets the workers of a group take chunks of the input in turn and emit their results in that turn.
//
// The chunk whose turn it is streams: its worker puts straight into out. The others hold their results until
// then; whoever finishes a chunk emits what the next ones hold. A worker does not wait for its turn, it goes
// on with another chunk, up to most items ahead of what has been emitted.
type order[E any] struct {
	input interface{ wakeForRoom() }
	out   putter[E]
	queue *writer[E] // out, where that is a plain queue: it takes results together
	group *group
	most  int          // items claimed and not yet emitted; 0: four chunks a worker, or least if that is more
	least int          // what the queue below may hold, where neither chunk nor its capacity was asked for
	ahead atomic.Int64 // how many that are now
	taken int          // items claimed so far

	mu          sync.Mutex
	first, last *ticket
	held        [][]E // results by ticket.id
	free        []*ticket
	emitting    bool // somebody puts into out, outside the lock
	stopped     bool
}

// ticket is the place of one chunk in the order. Its worker holds results without a lock: it alone writes
// them, and made publishes each.
//
// The worker stores made, then looks at turn; whoever passes the turn on stores turn, then looks at made: so
// one of the two sees the other, and no result waits for the next one once its turn has come.
type ticket struct {
	id       int
	next     *ticket
	at       int          // the position of the chunk in the input; guarded by the input's lock
	items    int          // of the chunk
	made     atomic.Int64 // results that it has held
	room     int          // the most it may hold without asking
	live     bool         // its worker, which alone reads this without the lock, puts straight into out
	turn     atomic.Bool  // it is the first
	emitted  int          // of made
	finished bool
	wake     chan struct{} // to a worker that holds as much as it may
	_        [64]byte      // tickets are written by different cores
}

// sequencer is what a queue needs of the order of its reading group.
type sequencer interface {
	room(chunk int) int
	add(items int) *ticket
	split(t *ticket, items int) *ticket
	finish(t *ticket)
}

// newOrder puts the results of g, which reads in, into out in the order of in.
func newOrder[E, F any](g *group, in *queue[E], out putter[F], most int) *order[F] {
	o := &order[F]{input: in, out: out, group: g, most: most}
	if o.queue, _ = out.(*writer[F]); o.queue != nil && !o.queue.queue.exact && in.chunk == 0 {
		o.least = o.queue.queue.capacity
	}
	g.order = o
	g.run.atStop(o.stop)
	g.run.onEnd = append(g.run.onEnd, o.count)
	return o
}

// orderedWriter is the hand with which one worker puts results into an order.
type orderedWriter[E any] struct {
	order  *order[E]
	worker *worker
	held   []E // where the chunk in hand holds its results
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
	n := int(t.made.Load())
	if n == t.room {
		return w.ask(t, e)
	}
	w.held[n] = e
	t.made.Store(int64(n) + 1)
	if t.turn.Load() {
		w.begin(t, n)
	}
	return true
}

// begin starts t, which has just held its result n. Where the function of a key ends the goroutine that is taken
// back: it has not been put.
func (w *orderedWriter[E]) begin(t *ticket, n int) {
	made := n
	defer func() { t.made.Store(int64(made)) }()
	w.order.start(t)
	made++
}

// ask is put where there may be no room to hold e.
func (w *orderedWriter[E]) ask(t *ticket, e E) bool {
	o := w.order
	for o.start(t) {
		if t.live {
			return o.out.put(e)
		}
		if w.grow(t) {
			return w.put(e)
		}
		<-t.wake
	}
	return false
}

// grow makes room for results of t, up to a chunk. While the turn is t's the room stays as it is: somebody
// emits from there.
func (w *orderedWriter[E]) grow(t *ticket) bool {
	o := w.order
	o.mu.Lock()
	defer o.mu.Unlock()
	most := max(t.items, firstRing)
	if o.first == t || t.room >= most {
		return false
	}
	if len(o.held[t.id]) == t.room {
		larger := make([]E, min(most, max(t.items, 4*t.room)))
		copy(larger, o.held[t.id])
		o.held[t.id] = larger
	}
	w.held = o.held[t.id]
	t.room = min(most, len(w.held))
	return true
}

// start makes t live if its turn has come and nobody else emits for it. It returns false when the run has
// stopped.
func (o *order[E]) start(t *ticket) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.first != t || o.emitting {
		return !o.stopped
	}
	t.live = o.emit(t)
	o.emitting = t.live
	return t.live
}

// finish ends the chunk of t. If it is t's turn, the turn passes on, over all chunks that are finished;
// what the next one holds so far is emitted too.
func (o *order[E]) finish(t *ticket) {
	defer o.input.wakeForRoom()
	o.mu.Lock()
	defer o.mu.Unlock()
	t.finished = true
	if t.live {
		o.emitting = false
	}
	for o.first != nil && !o.emitting {
		t := o.first
		t.turn.Store(true)
		if !o.emit(t) {
			break
		}
		if t.emitted < int(t.made.Load()) {
			continue // its worker has gone on meanwhile
		}
		if !t.finished {
			signal(t.wake)
			break
		}
		o.remove(t)
	}
}

// emit puts what t holds into out, and returns false when the run has stopped. o.mu is held, and released
// while it puts.
func (o *order[E]) emit(t *ticket) bool {
	results := o.held[t.id][t.emitted:t.made.Load()]
	if len(results) > 0 && !o.stopped {
		o.emitting = true
		o.drain(t, results)
		o.emitting = false
	}
	return !o.stopped
}

func (o *order[E]) drain(t *ticket, results []E) {
	o.mu.Unlock()
	defer o.mu.Lock() // also where the function of a key ends the goroutine
	for len(results) > 0 {
		n := 0
		if o.queue != nil {
			n = o.queue.putSome(results)
		} else if o.out.put(results[0]) {
			n = 1
		}
		if n == 0 {
			return
		}
		t.emitted += n
		clear(results[:n])
		results = results[n:]
	}
}

// putSome puts as many of es as there is room for, at least one, and publishes them together. It blocks
// while the queue is full and returns 0 when the run has stopped.
func (w *writer[E]) putSome(es []E) int {
	if w.pos == w.room {
		if w.ask(es[0]) {
			return 1
		}
		return 0
	}
	es = es[:min(len(es), int(w.room-w.pos))]
	n := copy(w.ring[w.pos&uint64(len(w.ring)-1):], es)
	copy(w.ring, es[n:])
	w.pos += uint64(len(es))
	w.lane.tail.Store(w.pos)
	if w.slot.waiting.Load() != 0 {
		w.wakeReader()
	}
	return len(es)
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
		most = max(4*o.group.slots*chunk, o.least)
	}
	return most - int(o.ahead.Load())
}

// add gives a chunk the last place.
func (o *order[E]) add(items int) *ticket {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ahead.Add(int64(items))
	t := o.issue(items)
	t.at = o.taken
	o.taken += items
	if o.last == nil {
		o.first = t
		t.turn.Store(true)
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
	rest.at = t.at + t.items
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
	t.items, t.room, t.emitted, t.live, t.finished = items, 0, 0, false, false
	t.made.Store(0)
	t.turn.Store(false)
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
	for t := o.first; t != nil; t = t.next {
		lost += countItems(o.held[t.id][t.emitted:t.made.Load()])
	}
	o.group.retract(lost)
}

// wakeForRoom wakes the readers that may have waited for results to be emitted.
func (q *queue[E]) wakeForRoom() {
	if q.slots[0].waiting.Load() != 0 { // ordered readers are not partitioned
		q.mu.Lock()
		q.wakeAll()
		q.mu.Unlock()
	}
}
