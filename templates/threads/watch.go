package threads

import (
	"slices"
	"time"
)

// startWatch makes sure that claims, if there are any, are looked after while a reader idles: one stuck in a
// slow call must not keep what it has claimed from those who have time. queue.mu is held.
func (q *queue[E]) startWatch() {
	if q.watching || q.chunks == 0 || !q.competing() {
		return
	}
	for _, r := range q.readers {
		r.seen = r.begun.Load()
		q.watching = q.watching || r.unbegun() > 0
	}
	if !q.watching {
		return
	}
	q.run.alive.Add(1)
	if q.watch == nil {
		q.watch = time.AfterFunc(slowCall, q.look)
	} else {
		q.watch.Reset(slowCall)
	}
}

// unwatch ends the watch, at the end of the input or a stop, after which none begins. queue.mu is held.
func (q *queue[E]) unwatch() {
	if q.watching && q.watch.Stop() {
		q.run.alive.Done()
	}
}

// look takes back the claims of readers that have been in one call since the last look.
func (q *queue[E]) look() {
	defer q.run.alive.Done()
	q.mu.Lock()
	defer q.mu.Unlock()
	q.watching = false
	s := q.slots[0]
	if q.stopped || len(s.idle) == 0 {
		return
	}
	for _, r := range q.readers {
		if r.unbegun() > 0 && r.seen == r.begun.Load() {
			q.takeBack(r)
		}
	}
	if len(q.returned) > 0 {
		s.wake()
	} else {
		q.startWatch()
	}
}

// takeBack returns what r has claimed and not begun to the queue. queue.mu is held.
func (q *queue[E]) takeBack(r *reader[E]) {
	// The reader announces an item, then looks at its limit; here the limit is lowered, then the
	// announcement is read: one of the two sees the other.
	r.limit.Store(0)
	keep := r.end - r.unbegun()
	if r.revoke != nil {
		keep = min(r.end, r.revoke())
	}
	if n := r.end - keep; n > 0 {
		back := claim[E]{items: slices.Clone(r.items[keep:r.end])}
		if r.ticket != nil {
			back.ticket = r.order.split(r.ticket, n)
		}
		clear(r.items[keep:r.end])
		at := len(q.returned) // in order: readers of later chunks may wait for their turn, that of these to come
		for at > 0 && back.ticket != nil && back.ticket.at < q.returned[at-1].ticket.at {
			at--
		}
		q.returned = slices.Insert(q.returned, at, back)
		q.cost = max(q.cost, slowCall)
	}
	r.setEnd(keep)
}

// reclaim gives r up to n of the first items that were taken back. queue.mu is held.
func (q *queue[E]) reclaim(r *reader[E], n int) int {
	back := &q.returned[0]
	n = min(n, len(back.items))
	r.items = append(r.items[:0], back.items[:n]...)
	r.ticket = back.ticket
	if n == len(back.items) {
		q.returned = slices.Delete(q.returned, 0, 1)
		return n
	}
	back.items = back.items[n:]
	if r.ticket != nil {
		back.ticket = r.order.split(r.ticket, len(back.items))
	}
	return n
}
