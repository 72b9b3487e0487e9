package threads

import (
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// reader is the hand with which one worker takes elements from a queue.
type reader[E any] struct {
	queue    *queue[E]
	worker   *worker      // nil for the reader of a stream
	stopped  *atomic.Bool // the run's
	items    []E          // the claim
	pos      int          // the item in hand; -1 before the first
	counted  bool         // begun matters: to other readers, or to an exact capacity
	announce bool         // begun is stored as each item begins
	oneToOne bool         // begun is the tail of the worker's own lane: a put says that the next item begins

	// limit is the end of the claim, or 0 to make the worker look up: at a stop, at a writer that waits for
	// room, at a claim taken back.
	limit atomic.Int64
	begun *atomic.Uint64
	base  uint64 // begun before the first item of the claim; guarded by queue.mu
	end   int    // the end of the claim; guarded by queue.mu

	seen    uint64  // begun when the watch last looked; guarded by queue.mu
	ticket  *ticket // the claim's place in the order, where there is one
	wake    chan struct{}
	timer   *time.Timer      // of a batch
	expire  <-chan time.Time // the timer while it runs
	expired bool             // next returned false because of it
}

// claim is a run of elements, and their place in the order where there is one.
type claim[E any] struct {
	items  []E
	ticket *ticket
}

// reader adds a reader. All readers are added before the first one reads.
func (q *queue[E]) reader(w *worker) *reader[E] {
	r := &reader[E]{queue: q, worker: w, stopped: &q.run.stopped, pos: -1, begun: new(atomic.Uint64), wake: make(chan struct{}, 1)}
	q.readers = append(q.readers, r)
	for _, r := range q.readers {
		r.counted = q.exact || len(q.readers) > 1
		r.announce = r.counted && !r.oneToOne
	}
	return r
}

// follow declares that the worker puts exactly one element into w for each item, so that the tail of its
// lane tells which item is in hand and need not be announced apart.
func follow[E, F any](r *reader[E], w *writer[F]) {
	if !w.lane.locked {
		r.begun, r.oneToOne, r.announce = &w.lane.tail, true, false
	}
}

// next begins the next item, waiting for one if it must. It returns false at the end of the input, when the
// run has stopped, or, with expired set, when the batch's time is over.
func (r *reader[E]) next() bool {
	i := r.pos + 1
	if r.announce {
		r.begun.Store(r.base + uint64(i) + 1)
	}
	if int64(i) < r.limit.Load() && !r.stopped.Load() {
		r.pos = i
		return true
	}
	return r.lookUp(i)
}

// item is the item in hand.
func (r *reader[E]) item() *E { return &r.items[r.pos] }

// lookUp is next's slow path: the claim is used up, or somebody has lowered the limit.
func (r *reader[E]) lookUp(i int) bool {
	q := r.queue
	q.mu.Lock()
	defer q.mu.Unlock()
	if r.stopped.Load() {
		return false // the claim is left for the final count
	}
	if i >= r.end {
		return r.refill()
	}
	r.limit.Store(int64(r.end))
	r.pos = i
	q.admit()
	return true
}

// unbegun is the number of claimed items that no call has begun on. queue.mu is held.
func (r *reader[E]) unbegun() int {
	if r.end == 0 {
		return 0
	}
	if !r.counted {
		return 0
	}
	begun := r.begun.Load() - r.base
	if r.oneToOne {
		begun++
	}
	return r.end - min(r.end, int(begun))
}

// refill claims the next chunk and begins its first item. queue.mu is held.
func (r *reader[E]) refill() bool {
	q := r.queue
	r.settle()
	for !q.stopped {
		if r.expire != nil {
			select {
			case <-r.expire:
				r.expired = true
				return false
			default:
			}
		}
		if q.claim(r) {
			return true
		}
		if q.closed && q.depth() == 0 {
			q.wakeAll() // the others have nothing to wait for either
			q.unwatch()
			return false
		}
		r.park()
		if r.expired {
			return false
		}
	}
	return false
}

// settle accounts for the claim that has been used up.
func (r *reader[E]) settle() {
	if r.worker != nil {
		spent := r.worker.settle(r.end)
		if r.end > 0 && len(r.queue.readers) > 1 {
			each := spent / time.Duration(r.end)
			if r.queue.cost < 0 {
				r.queue.cost = each
			}
			r.queue.cost = (r.queue.cost + each) / 2
		}
	}
	if r.ticket != nil {
		r.queue.mu.Unlock()
		r.queue.order.finish(r.ticket)
		r.queue.mu.Lock()
	}
	clear(r.items[:r.end])
	r.base += uint64(r.end)
	r.pos, r.end, r.ticket = -1, 0, nil
	r.limit.Store(0)
}

// claim gives r a share of what waits and begins its first item. q.mu is held.
func (q *queue[E]) claim(r *reader[E]) bool {
	waiting := q.available()
	if waiting == 0 {
		return false
	}
	q.high = max(q.high, waiting)
	n := min(waiting, q.share())
	if q.order != nil && len(q.returned) == 0 {
		n = min(n, q.order.room(q.share()))
		if n <= 0 {
			return false
		}
	}
	if len(q.returned) > 0 {
		n = q.reclaim(r, n)
	} else {
		r.items = slices.Grow(r.items[:0], n)[:n]
		for got := 0; got < n; {
			l := q.lanes[q.turn%len(q.lanes)]
			got += l.claim(r.items[got:])
			if got < n || l.len() == 0 {
				q.turn++
			}
		}
		if q.order != nil {
			r.ticket = q.order.add(n)
		}
	}
	r.pos, r.end = 0, n
	if r.oneToOne {
		r.base = r.begun.Load()
	} else if r.announce {
		r.begun.Store(r.base + 1)
	}
	r.limit.Store(int64(n))
	if waiting > n {
		q.wakeLast()
	}
	if n > 1 && len(q.idle) > 0 {
		q.startWatch()
	}
	q.admit()
	if r.worker != nil {
		r.worker.ticket = r.ticket
		r.worker.resume()
	}
	return true
}

// share is the largest claim: what the fastest reader finishes within chunkTime. A single reader has
// nobody to leave work to.
func (q *queue[E]) share() int {
	most := min(maxChunk, max(1, q.capacity/4))
	switch {
	case q.chunk > 0:
		return q.chunk
	case len(q.readers) == 1:
		return most
	case q.cost < 0:
		return 1
	case q.cost == 0:
		return most
	}
	return min(most, max(1, int(chunkTime/q.cost)))
}

// park waits for elements, the end, or a stop. It looks a few times before it sleeps: on a busy machine
// yielding lets the writers run and costs a tenth of a sleep. q.mu is held, and released while it waits.
func (r *reader[E]) park() {
	q := r.queue
	if !q.spinning && q.idleness < giveUp {
		q.spinning = true
		q.cue()
		q.mu.Unlock()
		found := q.spin()
		q.mu.Lock()
		q.idleness++
		if found {
			q.idleness = 0
		}
		q.spinning = false
		q.cue()
		if q.claimable() || q.stopped || q.closed && q.depth() == 0 {
			return
		}
	}
	q.idle = append(q.idle, r)
	q.cue()
	if !q.claimable() {
		if q.busy() {
			q.startWatch()
		}
		q.mu.Unlock()
		slept := time.Now()
		select {
		case <-r.wake:
		case <-r.expire:
			r.expired = true
		}
		q.mu.Lock()
		if time.Since(slept) < chunkTime {
			q.idleness = 0 // spinning would have been the shorter way
		}
	}
	if i := slices.Index(q.idle, r); i >= 0 {
		q.idle = slices.Delete(q.idle, i, i+1)
		q.cue()
	}
}

// spin yields until there is something to read, or often enough: false.
func (q *queue[E]) spin() bool {
	for range spins {
		runtime.Gosched()
		for _, l := range q.lanes {
			if l.len() > 0 {
				return true
			}
		}
	}
	return false
}

// claimable says whether a reader could claim something now. q.mu is held.
func (q *queue[E]) claimable() bool {
	return len(q.returned) > 0 || q.available() > 0 && (q.order == nil || q.order.room(q.share()) > 0)
}

// busy says whether some reader has claimed items that it has not begun. q.mu is held.
func (q *queue[E]) busy() bool {
	for _, r := range q.readers {
		if r.unbegun() > 0 {
			return true
		}
	}
	return false
}
