package threads

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

// reader is the hand with which one worker takes elements from a queue.
type reader[E any] struct {
	queue    *queue[E]
	slot     *slot[E]
	order    sequencer    // the group's, where it is ordered
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
	end   int    // the end of the claim; guarded by queue.mu, set by setEnd

	seen    uint64  // begun when the watch last looked; guarded by queue.mu
	ticket  *ticket // the claim's place in the order, where there is one
	parked  bool    // in slot.idle; guarded by queue.mu
	wake    chan struct{}
	timer   *time.Timer      // of a batch
	expire  <-chan time.Time // the timer while it runs
	expired bool             // next returned false because of it

	feed   func() bool // makes the next item the one in hand, in a worker process; nil: they are claimed from queue
	revoke func() int  // takes back what has been sent ahead to a worker process: how many of the claim are left; nil: nothing is

	own atomic.Uint64 // begun, where that is not the tail of a lane
	_   [64]byte      // readers are written by different cores
}

// claim is a run of elements, and their place in the order where there is one.
type claim[E any] struct {
	items  []E
	ticket *ticket
}

// reader adds a reader, at the next slot. All readers are added before the first one reads.
func (q *queue[E]) reader(w *worker) *reader[E] {
	q.mu.Lock() // somebody may look at the stats already
	defer q.mu.Unlock()
	r := &reader[E]{queue: q, worker: w, stopped: &q.run.stopped, pos: -1, wake: make(chan struct{}, 1)}
	r.begun = &r.own
	r.slot = q.slots[len(q.readers)%len(q.slots)]
	if w != nil {
		r.order = w.group.order
	}
	q.readers = append(q.readers, r)
	if w != nil && w.group != q.readers[0].worker.group {
		q.chunk = 1 // what is taken back would come to another group late, or out of its order
	}
	changed := q.readers[len(q.readers)-1:]
	if len(q.readers) == len(q.slots)+1 {
		changed = q.readers // from now on they compete
	}
	for _, r := range changed {
		r.counted = q.exact || q.competing()
		r.announce = r.counted && !r.oneToOne
	}
	return r
}

// competing says whether a reader has others to leave work to.
func (q *queue[E]) competing() bool { return len(q.readers) > len(q.slots) }

// follow declares that the worker puts exactly one element into w for each item, so that the tail of its
// lane tells which item is in hand and need not be announced apart.
func follow[E, F any](r *reader[E], w *writer[F]) {
	if r.queue.run.tasks == nil && !w.lane.locked { // a task may end without a result
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
	if r.feed != nil {
		return r.feed()
	}
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
	if r.end == 0 || !r.counted {
		return 0
	}
	begun := r.begun.Load() - r.base
	if r.oneToOne {
		begun++
	}
	return r.end - min(r.end, int(begun))
}

// setEnd gives r's claim its end. queue.mu is held.
func (r *reader[E]) setEnd(n int) {
	if r.end > 1 {
		r.queue.chunks--
	}
	if n > 1 {
		r.queue.chunks++
	}
	r.end = n
	r.limit.Store(int64(n))
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
		if r.claim() {
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
		if r.end > 0 && r.queue.competing() {
			each := spent / time.Duration(r.end)
			if r.queue.cost < 0 {
				r.queue.cost = each
			}
			r.queue.cost = (r.queue.cost + each) / 2
		}
	}
	n, t := r.end, r.ticket
	clear(r.items[:n])
	r.base += uint64(n)
	r.pos, r.ticket = -1, nil
	r.setEnd(0)
	if t != nil || r.queue.left != nil {
		r.through(n, t)
	}
}

// through says that the n items of a claim, with the place t, have been through. queue.mu is held, and
// released meanwhile.
func (r *reader[E]) through(n int, t *ticket) {
	r.queue.mu.Unlock()
	defer r.queue.mu.Lock() // also where the function of a key ends the goroutine
	if t != nil {
		r.worker.between = true
		r.order.finish(t)
		r.worker.between = false
	}
	if r.queue.left != nil && n > 0 {
		r.queue.left(n)
	}
}

// claim gives r a share of what waits and begins its first item. queue.mu is held.
func (r *reader[E]) claim() bool {
	q, s := r.queue, r.slot
	waiting := s.len()
	for _, c := range q.returned {
		waiting += len(c.items)
	}
	q.high = max(q.high, q.depth())
	n := min(waiting, q.share())
	if len(q.returned) > 0 {
		n = q.reclaim(r, n)
	} else {
		if n = min(n, r.room()); n <= 0 {
			return false
		}
		r.items = slices.Grow(r.items[:0], n)[:n]
		for got := 0; got < n; {
			l := s.lanes[s.turn%len(s.lanes)]
			got += l.claim(r.items[got:])
			if got < n || l.len() == 0 {
				s.turn++
			}
		}
		if r.order != nil {
			r.ticket = r.order.add(n)
		}
	}
	r.pos = 0
	if r.oneToOne {
		r.base = r.begun.Load()
	} else if r.announce {
		r.begun.Store(r.base + 1)
	}
	r.setEnd(n)
	if waiting > n {
		s.wake()
	}
	if n > 1 && len(s.idle) > 0 {
		q.startWatch()
	}
	q.admit()
	if r.worker != nil {
		r.worker.ticket = r.ticket
		r.worker.resume()
	}
	return true
}

// room is how many items r may claim at most.
func (r *reader[E]) room() int {
	if r.order == nil {
		return math.MaxInt
	}
	return r.order.room(r.queue.share())
}

// mayClaim says whether r could claim something if there is something. queue.mu is held.
func (r *reader[E]) mayClaim() bool { return len(r.queue.returned) > 0 || r.room() > 0 }

// share is the largest claim: what the fastest reader finishes within chunkTime, or any number where a
// reader has nobody to leave work to.
func (q *queue[E]) share() int {
	most := min(q.most, max(1, q.capacity/4))
	switch {
	case q.chunk > 0:
		return q.chunk
	case !q.competing():
		return most
	case q.cost < 0:
		return 1
	}
	return min(most, max(1, int(q.span/max(1, q.cost))))
}

// park waits for elements, the end, or a stop. It looks a few times before it sleeps: on a busy machine
// yielding lets the writers run and costs a tenth of a sleep. queue.mu is held, and released while it waits.
func (r *reader[E]) park() {
	q, s := r.queue, r.slot
	if !s.spinning && s.idleness < giveUp {
		s.spinning = true
		s.cue()
		q.mu.Unlock()
		found := s.spin()
		q.mu.Lock()
		s.idleness++
		if found {
			s.idleness = 0
		}
		s.spinning = false
		s.cue()
		if r.claimable() || q.stopped || q.closed && q.depth() == 0 {
			return
		}
	}
	s.idle, r.parked = append(s.idle, r), true
	s.cue()
	if !r.claimable() {
		if s.len() > 0 {
			s.wake() // r's order has no room, another's may have
		}
		q.startWatch()
		q.mu.Unlock()
		slept := time.Now()
		select {
		case <-r.wake:
		case <-r.expire:
			r.expired = true
		}
		q.mu.Lock()
		if time.Since(slept) < chunkTime {
			s.idleness = 0 // spinning would have been the shorter way
		}
		if r.expired && s.len() > 0 {
			s.wake() // r may have been woken for what waits
		}
	}
	if r.parked {
		s.unpark(slices.Index(s.idle, r))
	}
}

// spin yields until there is something to read, or often enough: false.
func (s *slot[E]) spin() bool {
	for range spins {
		runtime.Gosched()
		if s.len() > 0 {
			return true
		}
	}
	return false
}

// claimable says whether r could claim something now. queue.mu is held.
func (r *reader[E]) claimable() bool {
	return len(r.queue.returned) > 0 || r.slot.len() > 0 && r.room() > 0
}
