package threads

import "fmt"

// onFull is what a queue does with an element for which it has no room.
type onFull int

const (
	blockFull  onFull = iota // its writer waits
	dropNewest               // it is dropped
	dropOldest               // the one that has waited longest is dropped in its place
	failFull                 // it is dropped, and the run ends with an error
)

// ranking keeps the elements of a queue that gives them in an order of its own or does not block: a heap for
// each slot, under the queue's lock. Elements are claimed one at a time, so what is not in a heap has begun.
type ranking[E, K any] struct {
	queue    *queue[E]
	onFull   onFull
	before   func(a, b *ranked[E, K]) bool
	byAge    bool // the oldest is before all others
	heaps    []*heap[E, K]
	arrivals uint64
	dropped  int
}

// ranked is an element with its key and its place in the order of arrival.
type ranked[E, K any] struct {
	value   E
	key     K
	arrival uint64
}

// fifo makes q do what full says.
func (q *queue[E]) fifo(full onFull) {
	rank(q, full, nil, func(a, b *ranked[E, struct{}]) bool { return a.arrival < b.arrival }).byAge = true
}

// lifo makes q give the newest element first.
func (q *queue[E]) lifo(full onFull) {
	rank(q, full, nil, func(a, b *ranked[E, struct{}]) bool { return a.arrival > b.arrival })
}

// priority makes q give the element with the smallest key first, and the oldest of several.
func priority[E, K any](q *queue[E], full onFull, key func(e E) (K, bool), less func(a, b K) bool) {
	rank(q, full, key, func(a, b *ranked[E, K]) bool {
		return less(a.key, b.key) || a.arrival < b.arrival && !less(b.key, a.key)
	})
}

// rank puts the elements of q in order, by what key, if any, returns of each. It comes before partition.
func rank[E, K any](q *queue[E], full onFull, key func(e E) (key K, ok bool), before func(a, b *ranked[E, K]) bool) *ranking[E, K] {
	r := &ranking[E, K]{queue: q, onFull: full, before: before}
	q.exact, q.chunk = true, 1
	newHand := q.hand
	q.hand = func(w *worker, to int) *writer[E] {
		out := newHand(w, to)
		for len(r.heaps) <= to {
			r.heaps = append(r.heaps, &heap[E, K]{before: before})
		}
		h := r.heaps[to]
		out.lane.pop = h.pop
		var next K // the key of the element that is put next
		if key != nil {
			out.keys = func(e E) (ok bool) { next, ok = key(e); return ok }
		}
		out.via = func(e E) bool { return r.put(out, h, e, next) }
		return out
	}
	if full == dropNewest || full == dropOldest {
		q.run.onEnd = append(q.run.onEnd, r.logDrops)
	}
	return r
}

// put is the writer's, of e with its key into h.
func (r *ranking[E, K]) put(w *writer[E], h *heap[E, K], e E, key K) bool {
	q := r.queue
	q.mu.Lock()
	if r.onFull == blockFull {
		w.await()
	}
	full := r.onFull != blockFull && q.full()
	if q.stopped {
		q.mu.Unlock()
		return false
	}
	if full {
		r.drop()
	}
	if !full || r.onFull == dropOldest {
		r.arrivals++
		h.push(ranked[E, K]{e, key, r.arrivals})
		w.lane.tail.Add(1)
		q.high = max(q.high, q.depth())
		w.slot.wake()
	}
	q.mu.Unlock()
	if full && r.onFull == failFull {
		q.run.fail(q.run.newError(q.reading(), -1, 1, nil, fmt.Errorf("queue is full: capacity %d", q.capacity), nil))
	}
	if full && q.left != nil {
		q.left(1)
	}
	return true
}

// drop counts an element as dropped, and takes it out if it is the oldest. The queue's lock is held.
func (r *ranking[E, K]) drop() {
	r.dropped++
	if r.queue.stats != nil {
		r.queue.stats.dropped.Add(1)
	}
	if r.onFull != dropOldest {
		return
	}
	from, at, oldest := 0, 0, r.arrivals+1
	for s, h := range r.heaps {
		for i := range h.items {
			if h.items[i].arrival < oldest {
				from, at, oldest = s, i, h.items[i].arrival
			}
			if r.byAge {
				break
			}
		}
	}
	r.heaps[from].remove(at)
	r.queue.slots[from].lanes[0].head.Add(1)
}

// logDrops says what has been dropped, so that it is not silent.
func (r *ranking[E, K]) logDrops() {
	if r.dropped > 0 {
		r.queue.run.logger().Warn("items dropped", "stage", r.queue.reading(), "items", r.dropped)
	}
}

// reading is the name of the stage that reads q, or of the first of several.
func (q *queue[E]) reading() string { return q.readers[0].worker.group.stages[0].name }

// heap is a binary heap: no element comes before its parent, which stands at half its position.
type heap[E, K any] struct {
	items  []ranked[E, K]
	before func(a, b *ranked[E, K]) bool
}

func (h *heap[E, K]) push(e ranked[E, K]) {
	h.items = append(h.items, e)
	h.up(len(h.items) - 1)
}

// pop takes the first element.
func (h *heap[E, K]) pop() E {
	e := h.items[0].value
	h.remove(0)
	return e
}

// remove takes out the element at i.
func (h *heap[E, K]) remove(i int) {
	last := len(h.items) - 1
	h.items[i] = h.items[last]
	clear(h.items[last:]) // not to be kept alive by the array
	h.items = h.items[:last]
	if i < last {
		h.down(i)
		h.up(i)
	}
}

// up moves the element at i to where its parent comes before it.
func (h *heap[E, K]) up(i int) {
	for i > 0 && h.before(&h.items[i], &h.items[(i-1)/2]) {
		h.items[i], h.items[(i-1)/2] = h.items[(i-1)/2], h.items[i]
		i = (i - 1) / 2
	}
}

// down moves the element at i to where it comes before its children.
func (h *heap[E, K]) down(i int) {
	for child := 2*i + 1; child < len(h.items); child = 2*i + 1 {
		if child+1 < len(h.items) && h.before(&h.items[child+1], &h.items[child]) {
			child++
		}
		if !h.before(&h.items[child], &h.items[i]) {
			return
		}
		h.items[i], h.items[child] = h.items[child], h.items[i]
		i = child
	}
}
