package threads

import "time"

// expireAfter makes next return false, with timeUp saying so, if it still waits when d has passed.
func (r *reader[E]) expireAfter(d time.Duration) {
	if r.timer == nil {
		r.timer = time.NewTimer(d)
	} else {
		r.timer.Reset(d)
	}
	r.expire = r.timer.C
}

// keep ends the wait that expireAfter began.
func (r *reader[E]) keep() {
	if r.timer != nil {
		r.timer.Stop()
	}
	r.expire = nil
}

// timeUp says whether next returned false because the time was up, and ends the wait.
func (r *reader[E]) timeUp() bool {
	up := r.expired
	r.expired, r.expire = false, nil
	return up
}

// newBatch returns an empty batch for size items: all of its memory at once unless that is much.
func newBatch[T any](size int) []T { return make([]T, 0, min(size, maxChunk)) }
