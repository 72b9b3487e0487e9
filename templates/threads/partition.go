package threads

// partition gives each of n readers a slot of its own: it alone reads the elements for which of returns its
// number, modulo n, in the order in which they came. They keep the capacity in common. Where of says that
// the run has failed, put returns false.
func (q *queue[E]) partition(n int, of func(e E) (to uint64, ok bool)) {
	q.mu.Lock() // the run may stop meanwhile
	for len(q.slots) < n {
		q.slots = append(q.slots, new(slot[E]))
	}
	q.mu.Unlock()
	newHand := q.hand
	q.hand = func(w *worker, _ int) *writer[E] {
		hands := make([]*writer[E], n)
		for i := range hands {
			hands[i] = newHand(w, i)
		}
		var next *writer[E] // takes the element for which of was called last
		return &writer[E]{queue: q, lane: &lane[E]{locked: true}, keys: func(e E) bool {
			to, ok := of(e)
			next = hands[to%uint64(n)]
			return ok && next.prepare(e)
		}, via: func(e E) bool { return next.place(e) }}
	}
}
