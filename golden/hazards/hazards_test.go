package hazards

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var (
	errBoom  = errors.New("boom")
	errCause = errors.New("enough")
)

// play installs what the functions do, and counts the calls by stage.
func play(t *testing.T, n int, hook func(probe.Call) error) (calls func(stage string) int) {
	var mu sync.Mutex
	counts := make(map[string]int)
	probe.Play(probe.Script{N: n, Hook: func(c probe.Call) error {
		mu.Lock()
		counts[c.Stage]++
		mu.Unlock()
		return hook(c)
	}})
	t.Cleanup(func() { probe.Play(probe.Script{}) })
	return func(stage string) int {
		mu.Lock()
		defer mu.Unlock()
		return counts[stage]
	}
}

// at fails, or does whatever else do does, in the call of one stage for one item.
func at(stage string, item int, do func() error) func(probe.Call) error {
	return func(c probe.Call) error {
		if c.Stage == stage && c.Item == item {
			return do()
		}
		return nil
	}
}

// alone runs f in a bubble, which must be empty when f returns: whatever the pipeline started has ended.
func alone(t *testing.T, f func(t *testing.T)) { synctest.Test(t, f) }

func TestErrorThen990QueuedItems(t *testing.T) {
	alone(t, func(t *testing.T) {
		var failed atomic.Bool
		var late atomic.Int64
		play(t, 1000, func(c probe.Call) error {
			if c.Stage != "work" {
				return nil
			}
			if failed.Load() {
				late.Add(1)
			}
			time.Sleep(time.Millisecond)
			if c.Item == 9 {
				failed.Store(true)
				return errBoom
			}
			return nil
		})
		stats := new(ChainStats)
		err := Chain{Stats: stats}.Run(t.Context())
		if !errors.Is(err, errBoom) {
			t.Errorf("the run ended with %v", err)
		}
		// The three other workers may be about to begin when the error is on its way.
		if n := late.Load(); n > 3 {
			t.Errorf("%d calls began after the error", n)
		}
		c := probe.Read(stats)
		c.Conserved(t, nil)
		if c.Of("work", "failed") != 1 {
			t.Errorf("%d items failed, want 1", c.Of("work", "failed"))
		}
	})
}

func TestGoexitInAStage(t *testing.T) {
	alone(t, func(t *testing.T) {
		play(t, 100, at("work", 5, func() error { runtime.Goexit(); return nil }))
		err := Chain{}.Run(t.Context())
		if err == nil || !strings.Contains(err.Error(), "runtime.Goexit was called") {
			t.Errorf("the run ended with %v", err)
		}
	})
}

func TestPanicInTheLastItem(t *testing.T) {
	alone(t, func(t *testing.T) {
		play(t, 100, at("keep", 99, func() error { panic(errBoom) }))
		var e *ChainError
		if err := (Chain{}).Run(t.Context()); !errors.As(err, &e) || !errors.Is(err, errBoom) || len(e.Stack) == 0 {
			t.Errorf("the run ended with %v", err)
		}
	})
}

func TestPanicsInAllWorkersAtOnce(t *testing.T) {
	alone(t, func(t *testing.T) {
		play(t, 100, func(c probe.Call) error {
			if c.Stage == "work" {
				time.Sleep(time.Second) // until all four are in a call
				panic(errBoom)
			}
			return nil
		})
		if err := (Chain{}).Run(t.Context()); !errors.Is(err, errBoom) {
			t.Errorf("the run ended with %v", err)
		}
	})
}

func TestEarlyBreak(t *testing.T) {
	alone(t, func(t *testing.T) {
		calls := play(t, 1_000_000, func(probe.Call) error { return nil })
		n := 0
		for _, err := range (Results{}).Stream(t.Context()) {
			if n++; err != nil || n == 3 {
				break
			}
		}
		if n != 3 || calls("work") > 100_000 {
			t.Errorf("read %d results; %d items were worked on", n, calls("work"))
		}
	})
}

func TestCancelWithAFullQueue(t *testing.T) {
	alone(t, func(t *testing.T) {
		gate := make(chan struct{})
		play(t, 1000, at("keep", 0, func() error { <-gate; return nil }))
		ctx, cancel := context.WithCancelCause(t.Context())
		ended := make(chan error)
		go func() { ended <- Chain{}.Run(ctx) }()
		synctest.Wait() // the queue before keep is full, the four workers are blocked
		cancel(errCause)
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("ended with %v while a function was running", err)
		default:
		}
		close(gate)
		if err := <-ended; err != errCause {
			t.Errorf("the run ended with %v", err)
		}
	})
}

func TestOrderedWithABlockedFirstItem(t *testing.T) {
	alone(t, func(t *testing.T) {
		gate := make(chan struct{})
		calls := play(t, 1000, at("work", 0, func() error { <-gate; return nil }))
		ended := make(chan error)
		go func() { ended <- InOrder{}.Run(t.Context()) }()
		synctest.Wait()
		if n := calls("work"); n != 10 {
			t.Errorf("%d items were started beside the one that is stuck, max_ahead is 10", n)
		}
		close(gate)
		if err := <-ended; err != nil || calls("keep") != 1000 {
			t.Errorf("%d items, %v", calls("keep"), err)
		}
	})
}

func TestStopMidBatch(t *testing.T) {
	alone(t, func(t *testing.T) {
		calls := play(t, 15, at("work", 14, func() error { return errBoom }))
		stats := new(BatchedStats)
		if err := (Batched{Stats: stats}).Run(t.Context()); !errors.Is(err, errBoom) {
			t.Errorf("the run ended with %v", err)
		}
		c := probe.Read(stats)
		c.Conserved(t, nil)
		if calls("keep_all") > 1 {
			t.Error("the rest of a batch was handed on after the error")
		}
	})
}

func TestFinishedResultBesideABlockedChunkMate(t *testing.T) {
	alone(t, func(t *testing.T) {
		gate := make(chan struct{})
		calls := play(t, 100, at("work", 50, func() error { <-gate; return nil }))
		ended := make(chan error)
		go func() { ended <- Chunks{}.Run(t.Context()) }()
		time.Sleep(time.Second) // claimed items go back after a millisecond
		if n := calls("keep"); n != 99 {
			t.Errorf("%d results arrived, want all but the one that is stuck", n)
		}
		close(gate)
		if err := <-ended; err != nil || calls("keep") != 100 {
			t.Errorf("%d results, %v", calls("keep"), err)
		}
	})
}

func TestStageThatIgnoresItsContext(t *testing.T) {
	alone(t, func(t *testing.T) {
		calls := play(t, 1000, func(c probe.Call) error {
			if c.Stage == "work" {
				time.Sleep(time.Minute)
			}
			return nil
		})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errCause) })
		start := time.Now()
		if err := (Chain{}).Run(ctx); err != errCause {
			t.Errorf("the run ended with %v", err)
		}
		if took := time.Since(start); took != time.Minute || calls("work") != 4 {
			t.Errorf("ended after %v and %d calls; want a minute, when the first four calls are over", took, calls("work"))
		}
	})
}

func TestSourceThatNeverEnds(t *testing.T) {
	alone(t, func(t *testing.T) {
		for _, drained := range []bool{false, true} {
			play(t, 0, func(c probe.Call) error {
				if c.Stage == "keep" {
					time.Sleep(time.Millisecond)
				}
				return nil
			})
			ctx, cancel := context.WithCancelCause(t.Context())
			drain := make(chan struct{})
			stats := new(ForeverStats)
			time.AfterFunc(time.Minute, func() {
				if drained {
					close(drain)
				} else {
					cancel(errCause)
				}
			})
			err := Forever{Drain: drain, Stats: stats}.Run(ctx)
			c := probe.Read(stats)
			c.Conserved(t, nil)
			switch {
			case drained && (err != nil || c.Sum("interrupted") != 0):
				t.Errorf("drained: %v, and %d items were not finished", err, c.Sum("interrupted"))
			case !drained && err != errCause:
				t.Errorf("cancelled: %v", err)
			}
			if done := c.Of("keep", "done"); done < 59_000 {
				t.Errorf("%d items in a minute", done)
			}
			cancel(nil)
		}
	})
}

func TestSinkThatIsSlowForAMinute(t *testing.T) {
	alone(t, func(t *testing.T) {
		calls := play(t, 0, at("keep", 0, func() error { time.Sleep(time.Minute); return nil }))
		drain := make(chan struct{})
		ended := make(chan error)
		go func() { ended <- Forever{Drain: drain}.Run(t.Context()) }()
		time.Sleep(30 * time.Second)
		// One is with the sink; 16 and 16 wait; two workers and the source hold one each.
		if n := calls("endless"); n > 1+16+16+2+1 {
			t.Errorf("the source got %d items ahead of the sink", n)
		}
		close(drain)
		if err := <-ended; err != nil || calls("keep") != calls("work") {
			t.Errorf("%d items came in, %d were kept, %v", calls("work"), calls("keep"), err)
		}
	})
}
