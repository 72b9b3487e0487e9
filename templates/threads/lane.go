package threads

import (
	"runtime"
	"sync/atomic"
	"time"
)

// lane is a ring of elements. Its writer alone writes slots and stores tail; readers take from head under
// the queue's lock; the ring is replaced by a larger one under that lock.
type lane[E any] struct {
	tail     atomic.Uint64 // elements ever put
	_        [56]byte      // tail and head are written by different cores
	head     atomic.Uint64 // elements ever claimed
	ring     []E           // length is a power of two
	pop      func() E      // takes in the place of the ring, in another order; see heap
	capacity int
	owner    *group
	locked   bool // written by several writers, or counted exactly: put takes the queue's lock
	waking   int  // writers that have been told of room and have not looked yet; guarded by the queue's lock
}

// len is the number of elements in the lane; at least that many for its reader, at most for its writer.
func (l *lane[E]) len() int { return int(l.tail.Load() - l.head.Load()) }

// writer is the hand with which one worker puts elements into a queue.
type writer[E any] struct {
	queue  *queue[E]
	slot   *slot[E]
	lane   *lane[E]
	ring   []E          // the lane's
	pos    uint64       // the lane's tail
	room   uint64       // pos may grow to this without asking; pos itself where every put has to ask
	via    func(E) bool // puts in the writer's place, in variants of the queue
	keys   func(E) bool // calls the key functions for what via puts next; nil: there are none
	wake   chan struct{}
	worker *worker // whose waiting time is not work; nil for an order's
}

// writer returns the hand of w, or of an order where w is nil.
func (q *queue[E]) writer(w *worker) *writer[E] { return q.hand(w, 0) }

// newHand returns a hand on a lane of the slot to. The workers of a group have a lane each, unless they are
// so many that they wait more than they work, or the capacity is counted exactly.
func (q *queue[E]) newHand(w *worker, to int) *writer[E] {
	q.mu.Lock() // somebody may look at the stats already
	defer q.mu.Unlock()
	s := q.slots[to]
	out := &writer[E]{queue: q, slot: s, worker: w, wake: make(chan struct{}, 1)}
	workers, owner := 1, (*group)(nil)
	if w != nil {
		workers, owner = w.group.slots, w.group
	}
	shared := q.exact || workers > max(maxLanes, runtime.GOMAXPROCS(0))
	if shared {
		for _, l := range s.lanes {
			if q.exact || l.owner == owner {
				out.lane = l
				return out
			}
		}
	}
	l := &lane[E]{owner: owner, locked: shared, capacity: q.capacity}
	if !q.exact {
		l.capacity = max(1, q.capacity/q.writing/len(q.slots))
	}
	if !shared {
		l.capacity = max(1, l.capacity/workers)
	}
	s.lanes = append(s.lanes, l)
	out.lane = l
	return out
}

// put hands e to the queue's readers. It blocks while the queue is full and returns false, without having
// put e, when the run has stopped. When it returns true e is visible to every reader.
func (w *writer[E]) put(e E) bool {
	if w.pos == w.room {
		return w.ask(e)
	}
	w.ring[w.pos&uint64(len(w.ring)-1)] = e
	w.pos++
	w.lane.tail.Store(w.pos)
	if w.slot.waiting.Load() != 0 {
		w.wakeReader()
	}
	return true
}

// wakeReader unparks a reader, if one is parked.
func (w *writer[E]) wakeReader() {
	w.queue.mu.Lock()
	w.slot.wake()
	w.queue.mu.Unlock()
}

// prepare calls the key functions that put would call for e. It returns false where one of them has ended the run.
func (w *writer[E]) prepare(e E) bool { return w.keys == nil || w.keys(e) }

// place is put of an element that has been prepared. It calls nothing that might end the goroutine.
func (w *writer[E]) place(e E) bool {
	if w.via != nil {
		return w.via(e)
	}
	return w.put(e)
}

// give is place of an element that is counted in any case: where the run has stopped, as interrupted at the
// reader. So the copies of one item go all the same way.
func (w *writer[E]) give(e E) {
	if !w.place(e) {
		w.queue.mu.Lock()
		w.queue.lost = append(w.queue.lost, e)
		w.queue.mu.Unlock()
	}
}

// ask is put where there may be no room, or where others write the lane too.
func (w *writer[E]) ask(e E) bool {
	if w.via != nil {
		return w.prepare(e) && w.via(e)
	}
	q, l := w.queue, w.lane
	q.mu.Lock()
	if !w.await() {
		q.mu.Unlock()
		return false
	}
	if l.len() == len(l.ring) {
		l.grow()
	}
	w.ring, w.pos = l.ring, l.tail.Load()
	w.ring[w.pos&uint64(len(w.ring)-1)] = e
	w.pos++
	l.tail.Store(w.pos)
	w.room = w.pos
	if !l.locked {
		w.room = l.head.Load() + uint64(min(l.capacity, len(l.ring)))
	}
	q.high = max(q.high, l.len())
	w.slot.wake()
	q.mu.Unlock()
	return true
}

// await blocks until the lane has a free slot, or the run has stopped: false. q.mu is held, and released
// while it waits.
func (w *writer[E]) await() bool {
	q, l := w.queue, w.lane
	for !q.stopped {
		if q.exact && !q.full() || !q.exact && l.len() < l.capacity {
			return true
		}
		if !l.locked && w.spin() {
			continue // the readers have moved while the lock was free
		}
		q.blocked = append(q.blocked, w)
		q.mu.Unlock()
		w.pause()
		q.mu.Lock()
		l.waking--
	}
	return false
}

// spin lets the readers run for a while, and says whether that made room. q.mu is held, and released while
// it spins.
func (w *writer[E]) spin() bool {
	q, l := w.queue, w.lane
	q.mu.Unlock()
	for range spins {
		runtime.Gosched()
		if l.len() <= l.capacity/2 || q.run.stopped.Load() {
			break
		}
	}
	q.mu.Lock()
	return l.len() < l.capacity || q.stopped
}

// full says whether an exact queue is full. Where it is, readers are asked to look up as they begin their
// next item. q.mu is held.
func (q *queue[E]) full() bool {
	if q.depth() < q.capacity {
		return false
	}
	// A reader announces an item, then looks at its limit; here the limit is lowered, then the
	// announcements are read again: one of the two sees the other.
	for _, r := range q.readers {
		r.limit.Store(0)
	}
	return q.depth() >= q.capacity
}

// pause waits to be woken; the time does not count as the worker's.
func (w *writer[E]) pause() {
	began := time.Now()
	<-w.wake
	if w.worker != nil {
		w.worker.paused += time.Since(began)
	}
}

// grow gives the lane a larger ring. The queue's lock is held.
func (l *lane[E]) grow() {
	size := max(firstRing, 4*len(l.ring))
	for size > 1 && size/2 >= l.capacity {
		size /= 2
	}
	ring, head, tail := make([]E, size), l.head.Load(), l.tail.Load()
	for i := head; i != tail; i++ {
		ring[i&uint64(size-1)] = l.ring[i&uint64(len(l.ring)-1)]
	}
	l.ring = ring
}

// claim moves up to len(to) elements to the front of to and says how many. The queue's lock is held.
func (l *lane[E]) claim(to []E) int {
	head := l.head.Load()
	n := min(len(to), int(l.tail.Load()-head))
	if l.pop != nil {
		for i := range n {
			to[i] = l.pop()
		}
		l.head.Add(uint64(n))
		return n
	}
	if n == 0 {
		return 0
	}
	from := int(head & uint64(len(l.ring)-1))
	first := copy(to[:n], l.ring[from:])
	copy(to[first:n], l.ring)
	clear(l.ring[from : from+first]) // the ring must not keep values alive
	clear(l.ring[:n-first])
	l.head.Store(head + uint64(n))
	return n
}
