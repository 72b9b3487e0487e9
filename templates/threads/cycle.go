package threads

import "sync/atomic"

// cycle finds the end of a feedback cycle: of queues that are written by stages which read them, by way of
// others or themselves. It counts the elements that have been put into one of them and whose call has not
// ended, and the writers outside: while there are none no element can come any more.
type cycle struct {
	open atomic.Int64
	ends []func() // of its queues
}

// inCycle makes q one of the queues of c. Of the groups that write it, inside belong to the cycle.
func (q *queue[E]) inCycle(c *cycle, inside int) {
	c.open.Add(int64(q.writing - inside))
	c.ends = append(c.ends, q.end)
	q.left = c.leave
	newHand := q.hand
	q.hand = func(w *worker, to int) *writer[E] {
		out := newHand(w, to)
		return &writer[E]{queue: q, lane: out.lane, keys: out.keys, via: func(e E) bool {
			c.open.Add(1) // before a reader can be through with it
			return out.place(e)
		}}
	}
}

// leave counts elements that have ended, or a writer that has. The last one ends all queues.
func (c *cycle) leave(n int) {
	if c.open.Add(-int64(n)) == 0 {
		for _, end := range c.ends {
			end()
		}
	}
}
