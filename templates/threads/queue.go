package threads

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// queue stands between the stages that write elements of type E and the workers that read them.
//
// Writers put into lanes without a lock: a lane is a ring with one writer, whose atomic tail publishes each
// element as it is put. Readers take under mu, a chunk at a time: up to about chunkTime of estimated work.
// What a reader has claimed it still announces item by item, so that a claim can be taken back from a
// reader that is stuck in a slow call, and so that an exact capacity counts what no call has begun on.
type queue[E any] struct {
	run      *run
	capacity int
	exact    bool          // capacity was asked for: it counts items until their reader's call begins
	chunk    int           // items a claim, 0: chosen from cost
	span     time.Duration // of the estimated work of such a claim
	most     int           // items of such a claim
	writing  int           // groups and sources that have not finished

	mu       sync.Mutex
	slots    []*slot[E] // one, or one a reader where elements are partitioned
	readers  []*reader[E]
	chunks   int          // readers whose claim may hold elements that have not begun: more than one
	blocked  []*writer[E] // parked, first come first served
	returned []claim[E]   // taken back from slow readers; to be read before the lanes
	lost     []E          // given to a queue that had stopped
	closed   bool         // all writers have finished
	stopped  bool
	cost     time.Duration // estimated time an item takes its reader; negative: unknown
	watch    *time.Timer   // looks for slow readers while others idle
	watching bool
	high     int // most elements seen waiting
	stats    *stageStats

	// hand makes a writer that puts into a slot; the variants of a queue wrap it.
	hand func(w *worker, to int) *writer[E]
	left func(n int) // told of elements that are through, and of each writing group's end, in a cycle
}

// slot is what readers have in common that compete for the same elements.
type slot[E any] struct {
	// waiting is len(idle), or 0 while a reader spins: the writers' cue to wake one. Readers store it, then
	// look at the tails; writers store a tail, then look here; so one of them always sees the other.
	waiting atomic.Int32

	lanes    []*lane[E]   // this and all below is guarded by queue.mu
	turn     int          // the lane to read first
	idle     []*reader[E] // parked
	spinning bool         // one reader looks again before it parks
	idleness int          // spins in a row that found nothing
}

const (
	chunkTime = 20 * time.Microsecond // of estimated work, that an item may wait in a claim
	slowCall  = time.Millisecond      // after which a claim is taken back if another reader idles
	maxChunk  = 1024
	firstRing = 16  // rings start small and grow to their capacity
	maxLanes  = 16  // a group of more workers shares one lane under the lock
	spins     = 100 // looks before a reader or writer sleeps
	giveUp    = 3   // spins in vain after which readers sleep at once, until one would have helped
)

// newQueue makes a queue that closes after writing groups and sources have finished.
func newQueue[E any](r *run, writing, capacity int, exact bool, chunk int) *queue[E] {
	q := &queue[E]{run: r, writing: writing, capacity: capacity, exact: exact, chunk: chunk, span: chunkTime, most: maxChunk, cost: -1}
	q.slots = []*slot[E]{{}}
	q.hand = q.newHand
	r.atStop(q.stop)
	r.onEnd = append(r.onEnd, q.count)
	return q
}

// close tells the queue that one of its writing groups has finished.
func (q *queue[E]) close() {
	if q.left != nil {
		q.left(1)
		return
	}
	q.mu.Lock()
	q.writing--
	last := q.writing == 0
	q.mu.Unlock()
	if last {
		q.end()
	}
}

// end is the end of the input: readers get what is left, then the end.
func (q *queue[E]) end() {
	q.mu.Lock()
	q.closed = true
	q.wakeAll()
	q.mu.Unlock()
}

// stop makes every put and next return false from now on.
func (q *queue[E]) stop() {
	q.mu.Lock()
	q.stopped = true
	q.wakeAll()
	for _, w := range q.blocked {
		signal(w.wake)
	}
	q.unwatch()
	q.mu.Unlock()
}

// depth is the number of elements that wait: in lanes, taken back, or claimed and not begun.
// q.mu is held.
func (q *queue[E]) depth() int {
	n := 0
	for _, s := range q.slots {
		n += s.len()
	}
	for _, c := range q.returned {
		n += len(c.items)
	}
	if q.chunks > 0 {
		for _, r := range q.readers {
			n += r.unbegun()
		}
	}
	return n
}

// len is the number of elements in the slot's lanes.
func (s *slot[E]) len() int {
	n := 0
	for _, l := range s.lanes {
		n += l.len()
	}
	return n
}

// wake unparks a reader, if one is parked that may read: the last to fall asleep, whose cache is warmest.
// The queue's lock is held.
func (s *slot[E]) wake() {
	for i := len(s.idle) - 1; i >= 0; i-- {
		if r := s.idle[i]; r.mayClaim() {
			signal(r.wake)
			s.unpark(i)
			return
		}
	}
}

// unpark takes the reader at i out of those that are parked. The queue's lock is held.
func (s *slot[E]) unpark(i int) {
	s.idle[i].parked = false
	s.idle = slices.Delete(s.idle, i, i+1)
	s.cue()
}

// wakeAll unparks every reader. q.mu is held.
func (q *queue[E]) wakeAll() {
	for _, s := range q.slots {
		for _, r := range s.idle {
			r.parked = false
			signal(r.wake)
		}
		s.idle = s.idle[:0]
		s.cue()
	}
}

// cue tells writers whether a reader wants to be woken. The queue's lock is held.
func (s *slot[E]) cue() {
	if s.spinning {
		s.waiting.Store(0)
	} else {
		s.waiting.Store(int32(len(s.idle)))
	}
}

// admit unparks the writers for whom there is room. q.mu is held.
func (q *queue[E]) admit() {
	if len(q.blocked) == 0 {
		return
	}
	free := q.capacity
	if q.exact {
		free -= q.depth()
	}
	still := q.blocked[:0]
	for i, w := range q.blocked {
		l := w.lane
		if !q.exact {
			free = l.capacity - l.len() - l.waking
			if l.len() > l.capacity/2 {
				free = 0 // a lane of a chosen capacity is refilled when it is half empty, not an element at a time
			}
		}
		switch {
		case free > 0:
			free--
			l.waking++
			signal(w.wake)
		case l.locked && len(q.slots[0].lanes) == 1: // all the others wait for this lane too
			still = append(still, q.blocked[i:]...)
			clear(q.blocked[len(still):])
			q.blocked = still
			return
		default:
			still = append(still, w)
		}
	}
	clear(q.blocked[len(still):])
	q.blocked = still
}

// signal wakes the owner of a one-element channel, now or when it next waits.
func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
