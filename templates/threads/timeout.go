package threads

import (
	"context"
	"sync/atomic"
	"time"
)

// timedCall is the context of a call that hands out items as it goes: its time stands still while it does.
type timedCall struct {
	context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	left   time.Duration
	began  time.Time
	paused bool
	late   atomic.Bool
	fired  chan struct{}
	told   func(deadline time.Time) // of where the time stands, the zero Time while it does; nil: nobody asks
}

// newTimedCall begins a call of w that may take most.
func (w *worker) newTimedCall(ctx context.Context, most time.Duration) *timedCall {
	c := &timedCall{left: most, began: time.Now(), fired: make(chan struct{})}
	c.Context, c.cancel = context.WithCancelCause(ctx)
	c.timer = time.AfterFunc(most, func() {
		c.late.Store(true)
		c.cancel(context.DeadlineExceeded)
		close(c.fired)
	})
	w.timed = append(w.timed, c)
	return c
}

// Err is context.DeadlineExceeded once the time is up.
func (c *timedCall) Err() error {
	if c.late.Load() {
		return context.DeadlineExceeded
	}
	return c.Context.Err()
}

// pause stops the clock: the call is handing out an item.
func (c *timedCall) pause() {
	if c.timer.Stop() {
		c.left -= time.Since(c.began)
		c.paused = true
		c.tell(time.Time{})
	}
}

// tell passes on where the time stands.
func (c *timedCall) tell(deadline time.Time) {
	if c.told != nil {
		c.told(deadline)
	}
}

// resume starts the clock again.
func (c *timedCall) resume() {
	if c.paused {
		c.paused, c.began = false, time.Now()
		c.timer.Reset(max(0, c.left))
		c.tell(c.began.Add(c.left))
	}
}

// end releases the call's timer and returns context.DeadlineExceeded if the time was up.
func (c *timedCall) end() error {
	if !c.paused && !c.timer.Stop() {
		<-c.fired // the timer's function is on its way
	}
	c.paused = true
	c.tell(time.Time{})
	if c.late.Load() {
		return context.DeadlineExceeded
	}
	c.cancel(context.Canceled)
	return nil
}

// endTimed ends the innermost timed call.
func (w *worker) endTimed() error {
	last := len(w.timed) - 1
	c := w.timed[last]
	w.timed = w.timed[:last]
	return c.end()
}

// sleep waits for d. It returns the cause of ctx's end if that comes first.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return context.Cause(ctx)
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
