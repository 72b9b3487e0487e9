package timeouts

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Limited", New: func(drain <-chan struct{}) probe.Ends {
		p := Limited{Drain: drain, Stats: new(LimitedStats)}
		return probe.Open[*LimitedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Verbs", New: func(drain <-chan struct{}) probe.Ends {
		p := Verbs{Drain: drain, Stats: new(VerbsStats)}
		return probe.Closed[*VerbsError](p.Stats, p.Run)
	}},
	{Name: "Emitting", Items: 4, New: func(drain <-chan struct{}) probe.Ends {
		p := Emitting{Drain: drain, Stats: new(EmittingStats)}
		return probe.Open[*EmittingError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Skipped", Tolerant: []string{"work"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Skipped{Drain: drain, Log: probe.Quiet, Stats: new(SkippedStats)}
		return probe.Open[*SkippedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Fused", Items: 4, New: func(drain <-chan struct{}) probe.Ends {
		p := Fused{Drain: drain, Stats: new(FusedStats)}
		return probe.Open[*FusedError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// slow is a hook under which one item of a stage waits for its context.
func slow(stage string, item int) func(probe.Call) error {
	return func(c probe.Call) error {
		if c.Stage != stage || c.Item != item {
			return nil
		}
		<-c.Ctx.Done()
		return c.Ctx.Err()
	}
}

// The time limit ends the attempt's context; what the function then returns is the item's error.
func TestPromise10_Timeout(t *testing.T) {
	for _, stage := range []string{"keep_all", "same", "one", "look", "work", "keep"} {
		synctest.Test(t, func(t *testing.T) {
			r := pipelines[1].Do(t, probe.Script{N: 5, Hook: slow(stage, 3)}, probe.Plan{})
			e := r.AsError()
			if e == nil || e.Stage != stage || !errors.Is(r.Err, context.DeadlineExceeded) || r.Took != 10*time.Second {
				t.Errorf("%s: %v after %v", stage, r.Err, r.Took)
			}
		})
	}
}

// Each call has a context of its own, with a deadline of its own, that ends when the call has returned.
func TestPromise09_FreshContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []context.Context
		r := pipelines[3].Do(t, probe.Script{N: 5, Hook: func(c probe.Call) error {
			if c.Stage == "work" {
				deadline, ok := c.Ctx.Deadline()
				if !ok || time.Until(deadline) != 10*time.Second || c.Ctx.Err() != nil {
					t.Errorf("item %d begins with deadline in %v (%v) and %v", c.Item, time.Until(deadline), ok, c.Ctx.Err())
				}
				seen = append(seen, c.Ctx)
				time.Sleep(8 * time.Second)
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || len(r.Out) != 5 {
			t.Errorf("%v, %v", r.Out, r.Err)
		}
		for i, ctx := range seen {
			if ctx.Err() == nil {
				t.Errorf("the context of item %d has not ended", i)
			}
		}
	})
}

// The limit may be passed by a param.
func TestTimeoutFromParam(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{N: 5, Hook: slow("look", 3)})
		start := time.Now()
		err := Verbs{Limit: 3 * time.Second}.Run(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// A function that ignores its context keeps its worker until it returns; a result in spite of the limit counts.
func TestPromise10_SlotStaysTaken(t *testing.T) {
	probe.Peak(t, pipelines[0], "work", 2)
	synctest.Test(t, func(t *testing.T) {
		r := pipelines[3].Do(t, probe.Script{N: 3, Hook: func(c probe.Call) error {
			if c.Stage == "work" && c.Item == 1 {
				time.Sleep(30 * time.Second)
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || !slices.Equal(r.Out, []any{0, 1, 2}) {
			t.Errorf("%v, %v", r.Out, r.Err)
		}
	})
}

// A skipped time-out is one lost item.
func TestTimeoutSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipelines[3].Do(t, probe.Script{N: 4, Hook: slow("work", 2)}, probe.Plan{})
		if r.Err != nil || !slices.Equal(r.Out, []any{0, 1, 3}) || r.Counts.Of("work", "failed") != 1 {
			t.Errorf("%v, %v", r.Out, r.Err)
		}
	})
}

// Time blocked in emit or yield is the reader's, not the function's, however long it is.
func TestPromise10_BlockedInEmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipelines[2].Do(t, probe.Script{N: 2, Hook: func(c probe.Call) error {
			switch c.Stage {
			case "after":
				time.Sleep(15 * time.Second)
			case "three", "sequence":
				time.Sleep(2 * time.Second)
				return c.Ctx.Err()
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || len(r.Out) != 6 {
			t.Errorf("%d items, %v", len(r.Out), r.Err)
		}
	})
}

// The context of a call in time ends with the call, and the limit, when its time comes, changes nothing: no timer is
// left. That holds for calls that return, that fail, that panic, and that the run's end interrupts.
func TestPromise01_NoTimerIsLeft(t *testing.T) {
	boom := errors.New("boom")
	for name, end := range map[string]func() error{
		"success": func() error { return nil },
		"error":   func() error { return boom },
		"panic":   func() error { panic(boom) },
		"Goexit":  func() error { runtime.Goexit(); return nil },
	} {
		for _, p := range pipelines {
			t.Run(name+" "+p.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var mu sync.Mutex
					var seen []context.Context
					calls := 0
					p.Do(t, probe.Script{N: 4, Hook: func(c probe.Call) error {
						if c.Source || c.Stage == "after" { // no limit
							return nil
						}
						mu.Lock()
						seen = append(seen, c.Ctx)
						calls++
						last := calls == 7
						mu.Unlock()
						time.Sleep(time.Second)
						if last {
							return end()
						}
						return nil
					}}, probe.Plan{})
					ended := make([]error, len(seen))
					for i, ctx := range seen {
						ended[i] = ctx.Err()
					}
					time.Sleep(time.Minute)
					for i, ctx := range seen {
						if now := ctx.Err(); ended[i] != context.Canceled || now != context.Canceled {
							t.Errorf("the context of call %d of %d: %v at the end, %v a minute later", i+1, len(seen), ended[i], now)
						}
					}
				})
			})
		}
	}
}

// What it takes between two emits adds up.
func TestPromise10_EmittingTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipelines[2].Do(t, probe.Script{N: 1, Hook: func(c probe.Call) error {
			if c.Stage != "three" {
				return nil
			}
			select {
			case <-time.After(4 * time.Second):
				return nil
			case <-c.Ctx.Done():
				return c.Ctx.Err()
			}
		}}, probe.Plan{})
		if e := r.AsError(); e == nil || e.Stage != "three" || !errors.Is(r.Err, context.DeadlineExceeded) || r.Counts.Of("three", "out") != 2 {
			t.Errorf("%v after %d items", r.Err, r.Counts.Of("three", "out"))
		}
	})
}

// In a group each member has a limit of its own: what the stages below take is not the time of those that hand
// out the items.
func TestPromise10_FusedMembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipelines[4].Do(t, probe.Script{N: 1, Hook: func(c probe.Call) error {
			switch c.Stage {
			case probe.Caller:
				return nil
			case "three", "sequence":
				time.Sleep(2 * time.Second)
			default:
				time.Sleep(6 * time.Second)
			}
			return c.Ctx.Err()
		}}, probe.Plan{})
		if r.Err != nil || len(r.Out) != 3 {
			t.Errorf("%d items, %v", len(r.Out), r.Err)
		}
	})
	for _, stage := range []string{"three", "keep_all", "sequence", "work", "look"} {
		synctest.Test(t, func(t *testing.T) {
			r := pipelines[4].Do(t, probe.Script{N: 2, Hook: slow(stage, 0)}, probe.Plan{})
			if e := r.AsError(); e == nil || e.Stage != stage || !errors.Is(e.Err, context.DeadlineExceeded) || r.Took != 10*time.Second {
				t.Errorf("%s: %v after %v", stage, r.Err, r.Took)
			}
		})
	}
}
