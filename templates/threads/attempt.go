package threads

import (
	"context"
	"sync/atomic"
	"time"
)

// attempt is the context of a call that hands out items as it goes: its time stands still while it does.
type attempt struct {
	context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	left   time.Duration
	began  time.Time
	paused bool
	late   atomic.Bool
	fired  chan struct{}
}

// newAttempt begins a call that may take limit.
func newAttempt(ctx context.Context, limit time.Duration) *attempt {
	a := &attempt{left: limit, began: time.Now(), fired: make(chan struct{})}
	a.Context, a.cancel = context.WithCancelCause(ctx)
	a.timer = time.AfterFunc(limit, func() {
		a.late.Store(true)
		a.cancel(context.DeadlineExceeded)
		close(a.fired)
	})
	return a
}

// Err is context.DeadlineExceeded once the time is up.
func (a *attempt) Err() error {
	if a.late.Load() {
		return context.DeadlineExceeded
	}
	return a.Context.Err()
}

// pause stops the clock: the call is handing out an item.
func (a *attempt) pause() {
	if a.timer.Stop() {
		a.left -= time.Since(a.began)
		a.paused = true
	}
}

// resume starts the clock again.
func (a *attempt) resume() {
	if a.paused {
		a.paused, a.began = false, time.Now()
		a.timer.Reset(max(0, a.left))
	}
}

// end releases the attempt's timer.
func (a *attempt) end() {
	if !a.paused && !a.timer.Stop() {
		<-a.fired // the timer's function is on its way
	}
	a.cancel(context.Canceled)
}
