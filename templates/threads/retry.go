package threads

import (
	"errors"
	"math"
	"math/rand/v2"
	"time"
)

// retry says when a call that fails is made again.
type retry struct {
	attempts      int              // at most, the first included
	initial, most time.Duration    // the first wait and the longest
	multiplier    float64          // from one wait to the next
	jitter        float64          // the share of a wait by which it varies, either way
	when          func(error) bool // whether an error is worth another attempt; nil: each is
}

// again says whether the call of stage at, whose attempt has ended with err, is to be made once more. It
// waits until then, unless the run stops: no attempt begins after that.
func (p *retry) again(w *worker, at int, err error) bool {
	if err == nil {
		w.attempt = 0
		return false
	}
	if w.ctx.Err() != nil || p.when != nil && !p.when(err) || w.attempt >= p.attempts || sleep(w.ctx, p.wait(w.attempt, err)) != nil {
		return false
	}
	w.counts[at].retries++
	return true
}

// wait is the time between the attempt with the given number, which has ended with err, and the next one.
// An error may set it by a method RetryAfter.
func (p *retry) wait(attempt int, err error) time.Duration {
	var after interface{ RetryAfter() time.Duration }
	if errors.As(err, &after) {
		return after.RetryAfter()
	}
	d := float64(p.initial) * math.Pow(p.multiplier, float64(attempt-1))
	d = min(d, float64(p.most)) * (1 + p.jitter*(2*rand.Float64()-1))
	return time.Duration(min(d, float64(p.most)))
}
