package threads

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A call that has returned in time leaves nothing behind that ends it once more.
func TestPromise01_NoTimerAfterTimedCall(t *testing.T) {
	for name, during := range map[string]func(*timedCall){
		"at once": func(*timedCall) {},
		"after a while": func(*timedCall) {
			time.Sleep(time.Second - 1)
		},
		"while it hands out": func(c *timedCall) {
			c.pause()
			time.Sleep(time.Hour)
		},
		"after it has handed out": func(c *timedCall) {
			c.pause()
			time.Sleep(time.Hour)
			c.resume()
			time.Sleep(time.Second - 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := new(worker)
				c := w.newTimedCall(t.Context(), time.Second)
				during(c)
				if err := w.endTimed(); err != nil || c.Err() != context.Canceled {
					t.Errorf("the call ends with %v, its context with %v", err, c.Err())
				}
				if c.timer.Stop() {
					t.Error("the timer is still running")
				}
				time.Sleep(2 * time.Second)
				if c.Err() != context.Canceled || len(w.timed) != 0 {
					t.Errorf("its context says %v later; %d calls under way", c.Err(), len(w.timed))
				}
			})
		})
	}
}

// Nor does one that has panicked, of an item or of a source.
func TestPromise01_NoTimerAfterPanic(t *testing.T) {
	r := newRun(t.Context(), nil, nil, newFault)
	defer r.abandon()
	w := r.addGroup(1, stageInfo{name: "work"}).workers[0]
	for name, call := range map[string]func(begin func()){
		"item": func(begin func()) {
			over := false
			defer w.catch(&over, func() (int, int, any) { return 0, 0, nil })
			begin()
		},
		"source": func(begin func()) {
			over := false
			defer w.catchSource(&over)
			begin()
		},
	} {
		var c *timedCall
		call(func() {
			c = w.newTimedCall(t.Context(), time.Minute)
			panic("in the call")
		})
		if c.Err() != context.Canceled || c.timer.Stop() {
			t.Errorf("%s: its context says %v, or the timer was still running", name, c.Err())
		}
	}
}

// A call that returns at the very moment of its limit is either late or in time, and nothing strikes afterwards.
func TestPromise01_TimerFunctionIsWaitedFor(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			w := new(worker)
			c := w.newTimedCall(t.Context(), time.Second)
			time.Sleep(time.Second)
			err := w.endTimed()
			then := c.Err()
			time.Sleep(time.Second)
			if now := c.Err(); now != then || (err != nil) != (now == context.DeadlineExceeded) {
				t.Errorf("the call ends with %v, its context first with %v, then with %v", err, then, now)
			}
		})
	}
}

// Whoever watches the call from outside, as the parent of a worker process does, is told when its clock stands still,
// when it goes on and until when, and when the call is over.
func TestPromise10_ToldOfTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []time.Time
		began := time.Now()
		c := new(worker).newTimedCall(t.Context(), 10*time.Second)
		c.told = func(deadline time.Time) { told = append(told, deadline) }
		time.Sleep(3 * time.Second)
		c.pause()
		time.Sleep(time.Minute)
		c.resume()
		_ = c.end()
		if want := []time.Time{{}, began.Add(70 * time.Second), {}}; !slices.EqualFunc(told, want, time.Time.Equal) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}

// The clock stands still from pause to resume, and only then.
func TestPromise10_ClockStandsStill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := new(worker)
		c := w.newTimedCall(t.Context(), 10*time.Second)
		for range 4 {
			time.Sleep(2 * time.Second)
			c.pause()
			time.Sleep(time.Minute)
			c.resume()
		}
		time.Sleep(2*time.Second - time.Nanosecond)
		if c.Err() != nil {
			t.Errorf("%v before the limit", c.Err())
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		select {
		case <-c.Done():
		default:
			t.Error("the call goes on after the limit")
		}
		if c.Err() != context.DeadlineExceeded || context.Cause(c) != context.DeadlineExceeded {
			t.Errorf("%v because of %v", c.Err(), context.Cause(c))
		}
		c.pause() // too late to stop anything
		c.resume()
		if err := w.endTimed(); err != context.DeadlineExceeded {
			t.Errorf("the call ends with %v", err)
		}
	})
}

// A call knows when it is to end, and what ends the run ends it.
func TestPromise10_CallEndsWithTheRun(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	w := new(worker)
	c := w.newTimedCall(ctx, time.Hour)
	cancel()
	<-c.Done()
	if c.Err() != context.Canceled {
		t.Errorf("%v", c.Err())
	}
	if err := w.endTimed(); err != nil {
		t.Errorf("%v", err)
	}
}

// A call of a source that panics has ended like any other: nothing strikes afterwards.
func TestPromise08_NoTimerAfterPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bare(t.Context(), nil)
		w := r.addSource(stageInfo{name: "source"})
		var c *timedCall
		w.loop = func() (over bool) {
			defer w.catchSource(&over)
			c = w.newTimedCall(w.ctx, time.Second)
			panic("boom")
		}
		r.launch()
		if err := r.wait(); err == nil {
			t.Error("the panic is lost")
		}
		time.Sleep(time.Hour)
		if c.Err() != context.Canceled {
			t.Errorf("the context of the call says %v", c.Err())
		}
	})
}
