package retries

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Flaky", Tolerant: []string{"work"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Flaky{Drain: drain, Stats: new(FlakyStats)}
		return probe.Open[*FlakyError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Ordered", New: func(drain <-chan struct{}) probe.Ends {
		p := Ordered{Drain: drain, Stats: new(OrderedStats)}
		return probe.Open[*OrderedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Every", New: func(drain <-chan struct{}) probe.Ends {
		p := Every{Drain: drain, Stats: new(EveryStats)}
		return probe.Closed[*EveryError](p.Stats, p.Run)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

var (
	errBoom  = errors.New("boom")
	errAgain = temporary{errors.New("again")}
)

// attempts counts the calls of each item in one stage.
type attempts struct {
	mu    sync.Mutex
	stage string
	calls map[int]int
	last  time.Time
}

func countAttempts(stage string) *attempts { return &attempts{stage: stage, calls: make(map[int]int)} }

// failing is a hook that lets the first n[item] attempts of an item fail with err.
func (a *attempts) failing(err error, n map[int]int) func(probe.Call) error {
	return func(c probe.Call) error {
		if c.Stage != a.stage {
			return nil
		}
		a.mu.Lock()
		defer a.mu.Unlock()
		a.calls[c.Item]++
		a.last = time.Now()
		if a.calls[c.Item] <= n[c.Item] {
			return err
		}
		return nil
	}
}

// collect runs a stream to its end.
func collect[T any](seq iter.Seq2[T, error]) (got []T, errs []error) {
	for v, err := range seq {
		if err != nil {
			errs = append(errs, err)
		} else {
			got = append(got, v)
		}
	}
	return got, errs
}

// The error says in which attempt it happened; items that failed before count one failure, and their retries.
func TestPromise09_Attempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := countAttempts("work")
		probe.Play(probe.Script{Hook: a.failing(errAgain, map[int]int{1: 1, 2: 2, 3: 3, 4: 9})})
		var stats FlakyStats
		start := time.Now()
		got, errs := collect(Flaky{Stats: &stats}.Stream(t.Context(), slices.Values([]int{0, 1, 2, 3, 4})))
		slices.Sort(got)
		if !slices.Equal(got, []int{0, 10, 20}) || len(errs) != 2 {
			t.Errorf("%v, %v", got, errs)
		}
		for _, err := range errs {
			var e *FlakyError
			if !errors.As(err, &e) || e.Attempt != 3 || e.Index != e.Item || e.Err != error(errAgain) {
				t.Fatalf("%#v", err)
			}
			if want := fmt.Sprintf("flaky: work: item %d, attempt 3: again", e.Index); err.Error() != want {
				t.Errorf("%q, want %q", err, want)
			}
		}
		if want := map[int]int{0: 1, 1: 2, 2: 3, 3: 3, 4: 3}; !maps.Equal(a.calls, want) {
			t.Errorf("calls %v, want %v", a.calls, want)
		}
		// Waits of 1 s and 3 s: two workers share 1 + 4 and 4 + 4 seconds. An item may wait 1 ms behind a slow one.
		if d := a.last.Sub(start); d < 8*time.Second || d > 9*time.Second {
			t.Errorf("the last attempt began after %v", d)
		}
		if w := &stats.Work; w.Retries() != 7 || w.Failed() != 2 || w.In() != 5 || w.Done() != 3 {
			t.Errorf("%s", &stats)
		}
		probe.Read(&stats).Conserved(t, nil)
	})
}

// Each attempt has a context of its own, which its timeout ends, and which has ended before the next one.
func TestPromise09_FreshContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seen []context.Context
		start := time.Now()
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			for _, ctx := range seen {
				if ctx.Err() == nil {
					t.Error("the context of an earlier attempt lives on")
				}
			}
			seen = append(seen, c.Ctx)
			if deadline, ok := c.Ctx.Deadline(); !ok || time.Until(deadline) != 10*time.Second {
				t.Errorf("the deadline is in %v", time.Until(deadline))
			}
			if len(seen) == 3 {
				return nil
			}
			<-c.Ctx.Done()
			return temporary{c.Ctx.Err()}
		}})
		got, errs := collect(Flaky{}.Stream(t.Context(), slices.Values([]int{4})))
		if !slices.Equal(got, []int{40}) || len(errs) > 0 || len(seen) != 3 {
			t.Errorf("%v, %v after %d attempts", got, errs, len(seen))
		}
		if d := time.Since(start); d != 24*time.Second { // 10 s, 1 s, 10 s, 3 s
			t.Errorf("it took %v", d)
		}
	})
}

// An error that when does not take for temporary is final at once, and so is a panic.
func TestPromise09_NotRetried(t *testing.T) {
	a := countAttempts("work")
	probe.Play(probe.Script{Hook: a.failing(errBoom, map[int]int{0: 1})})
	_, errs := collect(Flaky{}.Stream(t.Context(), slices.Values([]int{0})))
	if a.calls[0] != 1 || len(errs) != 1 || errs[0].Error() != "flaky: work: item 0: boom" {
		t.Errorf("%d attempts, %v", a.calls[0], errs)
	}
	calls := 0
	probe.Play(probe.Script{Hook: func(probe.Call) error { calls++; panic(errAgain) }})
	_, errs = collect(Flaky{}.Stream(t.Context(), slices.Values([]int{0})))
	var e *FlakyError
	if calls != 1 || len(errs) != 1 || !errors.As(errs[0], &e) || e.Stack == nil || e.Attempt != 1 {
		t.Errorf("%d attempts, %v", calls, errs)
	}
	calls = 0
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{Hook: func(probe.Call) error {
			if calls++; calls == 2 {
				panic(errBoom)
			}
			return errAgain
		}})
		_, errs = collect(Flaky{}.Stream(t.Context(), slices.Values([]int{0})))
		if calls != 2 || len(errs) != 1 || !errors.As(errs[0], &e) || e.Attempt != 2 || e.Stack == nil {
			t.Errorf("%d attempts, %v", calls, errs)
		}
	})
}

// A backoff ends when the run does; its item counts as interrupted and nothing more is called.
func TestPromise09_WaitsEndAtCancellation(t *testing.T) {
	cause := errors.New("cause")
	synctest.Test(t, func(t *testing.T) {
		a := countAttempts("work")
		probe.Play(probe.Script{Hook: a.failing(errAgain, map[int]int{0: 9, 1: 9})})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(2500*time.Millisecond, func() { cancel(cause) })
		start := time.Now()
		var stats FlakyStats
		got, errs := collect(Flaky{Stats: &stats}.Stream(ctx, slices.Values([]int{0, 1})))
		if len(got) > 0 || len(errs) != 1 || errs[0] != cause {
			t.Errorf("%v, %v", got, errs)
		}
		if d := time.Since(start); d != 2500*time.Millisecond {
			t.Errorf("it took %v", d)
		}
		if a.calls[0] != 2 || a.calls[1] != 2 || stats.Work.Interrupted() != 2 || stats.Work.Retries() != 2 {
			t.Errorf("calls %v, %s", a.calls, &stats)
		}
		probe.Read(&stats).Conserved(t, nil)
	})
}

// The error of an attempt that the run's end has cancelled is not tried again, and is not the run's.
func TestPromise09_ContextErrorOfTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		calls := 0
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			calls++
			<-c.Ctx.Done()
			return temporary{c.Ctx.Err()}
		}})
		_, errs := collect(Flaky{}.Stream(ctx, slices.Values([]int{0})))
		if calls != 1 || len(errs) != 1 || errs[0] != context.DeadlineExceeded {
			t.Errorf("%d attempts, %v", calls, errs)
		}
	})
}

// An item that backs off keeps its worker: while both workers wait no other item begins.
func TestPromise09_KeepsItsWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := make(map[int]time.Duration)
		var mu sync.Mutex
		start := time.Now()
		a := countAttempts("work")
		failing := a.failing(errAgain, map[int]int{0: 2, 1: 2})
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			mu.Lock()
			if _, again := began[c.Item]; !again && c.Stage == "work" {
				began[c.Item] = time.Since(start)
			}
			mu.Unlock()
			return failing(c)
		}})
		if _, errs := collect(Flaky{}.Stream(t.Context(), slices.Values([]int{0, 1, 2, 3}))); len(errs) > 0 {
			t.Fatal(errs)
		}
		if want := map[int]time.Duration{0: 0, 1: 0, 2: 4 * time.Second, 3: 4 * time.Second}; !maps.Equal(began, want) {
			t.Errorf("items began at %v", began)
		}
	})
}

// It keeps its slot in the order too, and no more than max_ahead items are taken meanwhile.
func TestPromise11_RetryKeepsSlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := countAttempts("work")
		failing := a.failing(errAgain, map[int]int{0: 2, 5: 1})
		var begun atomic.Int32
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			if c.Stage == "work" && c.Item != 0 {
				begun.Add(1)
			}
			return failing(c)
		}})
		go func() {
			time.Sleep(500 * time.Millisecond)
			if n := begun.Load(); n != 5 {
				t.Errorf("%d items have begun behind the one that waits, want 5", n)
			}
		}()
		in := make([]int, 20)
		want := make([]int, 20)
		for i := range in {
			in[i], want[i] = i, 10*i
		}
		if got, errs := collect(Ordered{}.Stream(t.Context(), slices.Values(in))); !slices.Equal(got, want) || len(errs) > 0 {
			t.Errorf("%v, %v", got, errs)
		}
	})
}

// What an attempt has handed out before it failed does not leave the stage.
func TestPromise09_OutputsAreHeld(t *testing.T) {
	for _, stage := range []string{"slice", "sequence", "pairs", "broken", "emits"} {
		a := countAttempts(stage)
		probe.Play(probe.Script{N: 3, Hook: a.failing(errAgain, map[int]int{1: 2})})
		var stats EveryStats
		if err := (Every{Stats: &stats}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		counts := probe.Read(&stats)
		counts.Conserved(t, nil)
		if a.calls[1] != 3 || counts.Of(stage, "out") != 3 || counts.Of(stage, "retries") != 2 || stats.Keep.In() != 3 {
			t.Errorf("%s: %d attempts, %s", stage, a.calls[1], &stats)
		}
	}
}

// Every verb is tried again, and no attempt is made of a function that cannot fail.
func TestPromise09_EveryVerb(t *testing.T) {
	for _, stage := range []string{"keep_all", "same", "slice", "sequence", "pairs", "broken", "emits", "look", "keep"} {
		a := countAttempts(stage)
		probe.Play(probe.Script{N: 3, Hook: a.failing(errAgain, map[int]int{0: 2, 1: 9})})
		var stats EveryStats
		err := Every{Stats: &stats}.Run(t.Context())
		var e *EveryError
		if !errors.As(err, &e) || e.Stage != stage || e.Attempt != 3 || a.calls[1] != 3 || a.calls[0] != 3 {
			t.Errorf("%s: %v after attempts %v", stage, err, a.calls)
		}
		counts := probe.Read(&stats)
		counts.Conserved(t, nil)
		if counts.Of(stage, "retries") != 4 || counts.Of(stage, "failed") != 1 {
			t.Errorf("%s: %s", stage, &stats)
		}
	}
}

// The stages of a group have their attempts each for themselves.
func TestPromise09_Fused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := countAttempts("work")
		again := countAttempts("keep_all")
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			return errors.Join(a.failing(errAgain, map[int]int{2: 3})(c), again.failing(errAgain, map[int]int{2: 1, 3: 1})(c))
		}})
		var stats FusedStats
		got, errs := collect(Fused{Stats: &stats}.Stream(t.Context(), slices.Values([]int{1, 2, 3})))
		slices.Sort(got)
		if !slices.Equal(got, []int{10, 20, 30}) || len(errs) > 0 || stats.Work.Retries() != 3 || stats.KeepAll.Retries() != 2 {
			t.Errorf("%v, %v, %s", got, errs, &stats)
		}
		a.calls, again.calls = map[int]int{}, map[int]int{}
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			if c.Stage == "work" {
				return a.failing(errBoom, map[int]int{2: 4})(c)
			}
			return again.failing(errAgain, map[int]int{2: 1})(c)
		}})
		_, errs = collect(Fused{}.Stream(t.Context(), slices.Values([]int{2})))
		var e *FusedError
		if len(errs) != 1 || !errors.As(errs[0], &e) || e.Stage != "work" || e.Attempt != 4 {
			t.Errorf("%v", errs)
		}
	})
}

// The functions of zips, switches and joins are tried again, and those that read failed items.
func TestPromise09_Joined(t *testing.T) {
	from := map[string][]string{"left": {}, "right": {}, "pairs": {"left", "right"}, "odd": {}, "work": {}, "mend": {}, "look": {"work", "mend"}, "meet": {}}
	for _, stage := range []string{"pairs", "odd", "mend", "meet"} {
		t.Run(stage, func(t *testing.T) {
			const n = 20
			a := countAttempts(stage)
			failing := a.failing(errAgain, map[int]int{4: 2, 5: 2})
			var finished sync.Map
			probe.Play(probe.Script{N: n, Hook: func(c probe.Call) error {
				switch {
				case c.Stage == "work" && c.Item == 4:
					return errBoom // to mend
				case c.Stage == "keep":
					finished.Store(c.Item, true)
				}
				return failing(c)
			}})
			var stats JoinedStats
			if err := (Joined{Stats: &stats}).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			probe.Read(&stats).Conserved(t, from)
			retries := map[string]int64{"pairs": 4, "odd": 4, "mend": 2, "meet": 2}[stage]
			if got := probe.Read(&stats).Of(stage, "retries"); got != int(retries) || stats.Keep.In() != n/2 {
				t.Errorf("%d retries, want %d: %s", got, retries, &stats)
			}
			for i := 1; i < n; i += 2 {
				if _, ok := finished.Load(i); !ok {
					t.Errorf("%d is missing", i)
				}
			}
		})
	}
}

// An error that comes after another item's attempts is of the first attempt of its own.
func TestPromise09_AttemptsOfTheItem(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			if c.Stage == "work" && c.Item == 2 || c.Stage == "look" && c.Item == 3 {
				return errBoom
			}
			return nil
		}})
		_, errs := collect(Mixed{}.Stream(t.Context(), slices.Values([]int{2, 3})))
		if fmt.Sprint(errs) != "[mixed: work: item 0, attempt 4: boom mixed: look: item 1: boom]" {
			t.Errorf("%v", errs)
		}
	})
}

// Params make a policy too.
func TestParams(t *testing.T) {
	a := countAttempts("emits")
	probe.Play(probe.Script{Hook: a.failing(errAgain, map[int]int{2: 4})})
	if _, errs := collect(Fused{Attempts: 5}.Stream(t.Context(), slices.Values([]int{2}))); len(errs) > 0 || a.calls[2] != 5 {
		t.Errorf("%d attempts, %v", a.calls[2], errs)
	}
	_, errs := collect(Fused{Attempts: -1, Initial: -1, Longest: -1, Multiplier: -1}.Stream(t.Context(), slices.Values([]int{2})))
	if len(errs) != 1 || errs[0].Error() != `fused: param attempts: -1: must be more than zero
param initial: -1ns: must be more than zero
param longest: -1ns: must be more than zero
param multiplier: -1: must be more than zero` {
		t.Errorf("%v", errs)
	}
}

// In a pool the attempts are those of a task: its error says how many there were, and its deadline ends the wait
// for the next one.
func TestPromise09_Pool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := countAttempts("work")
		probe.Play(probe.Script{Hook: a.failing(errAgain, map[int]int{1: 2, 2: 9, 3: 9})})
		var stats FlakyStats
		pool, err := Flaky{Stats: &stats}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := pool.Do(t.Context(), 1); got != 10 || err != nil {
			t.Errorf("%v, %v", got, err)
		}
		_, err = pool.Do(t.Context(), 2)
		var e *FlakyError
		if !errors.As(err, &e) || e.Attempt != 3 || e.Item != 2 {
			t.Errorf("%v", err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		start := time.Now()
		future, err := pool.Submit(ctx, 3)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = future.Get(t.Context()); !errors.As(err, &e) || e.Attempt != 2 || time.Since(start) != 1500*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		if stats.Work.Retries() != 5 || a.calls[3] != 2 {
			t.Errorf("%s, attempts %v", &stats, a.calls)
		}
	})
}

// Terminate ends the wait for the next attempt.
func TestPromise09_PoolTerminates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := countAttempts("work")
		probe.Play(probe.Script{Hook: a.failing(errAgain, map[int]int{1: 9})})
		pool, err := Flaky{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		future, err := pool.Submit(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second) // in the second wait
		start := time.Now()
		if err := pool.Terminate(); err != nil || time.Since(start) > 0 || a.calls[1] != 2 {
			t.Errorf("%v after %v and %d attempts", err, time.Since(start), a.calls[1])
		}
		if _, err := future.Get(t.Context()); !errors.Is(err, ErrFlakyTerminated) {
			t.Errorf("%v", err)
		}
	})
}
