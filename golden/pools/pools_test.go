package pools

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// play installs a hook that sees each call.
func play(hook func(probe.Call) error) { probe.Play(probe.Script{Hook: hook}) }

// open starts a pool of p, which the test closes.
func open(t *testing.T, p Convert) *ConvertPool {
	t.Helper()
	pool, err := p.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// submit is Submit that must succeed.
func submit(t *testing.T, pool *ConvertPool, item int) *ConvertFuture {
	t.Helper()
	f, err := pool.Submit(t.Context(), item)
	if err != nil {
		t.Fatalf("Submit(%d): %v", item, err)
	}
	return f
}

// gate is a hook whose calls wait until open is closed; a call that its context ends returns the cause.
type gate struct{ open chan struct{} }

func newGate() gate { return gate{make(chan struct{})} }

func (g gate) hook(c probe.Call) error {
	select {
	case <-g.open:
		return nil
	case <-c.Ctx.Done():
		return context.Cause(c.Ctx)
	}
}

func wantIs(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

var errBoom = errors.New("boom")

func TestResults(t *testing.T) {
	play(nil)
	pool := open(t, Convert{})
	if s, err := pool.Do(t.Context(), 7); s != "7" || err != nil {
		t.Errorf("Do: %q, %v", s, err)
	}
	f := submit(t, pool, 8)
	<-f.Done()
	for range 2 {
		if s, err := f.Get(t.Context()); s != "8" || err != nil {
			t.Errorf("Get: %q, %v", s, err)
		}
	}
	f, err := pool.TrySubmit(9)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := f.Get(t.Context()); s != "9" || err != nil {
		t.Errorf("Get after TrySubmit: %q, %v", s, err)
	}
	if f.Cancel() {
		t.Error("a task that has ended was cancelled")
	}
	for range 2 {
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// A pipeline that ends in a sink has errors for results.
func TestSink(t *testing.T) {
	var stored atomic.Int64
	play(func(c probe.Call) error {
		if c.Stage == "store" {
			stored.Add(1)
			if c.Item == 3 {
				return errBoom
			}
		}
		return nil
	})
	pool, err := Store{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Do(t.Context(), 1); err != nil {
		t.Errorf("Do: %v", err)
	}
	f, err := pool.Submit(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	wantIs(t, "Get", f.Get(t.Context()), errBoom)
	err = pool.Map(t.Context(), []int{4, 3, 5})
	wantIs(t, "Map", err, errBoom)
	var e *StoreError
	if !errors.As(err, &e) || e.Index != 1 || e.Stage != "store" {
		t.Errorf("Map: %+v", err)
	}
	for r := range pool.Each(t.Context(), slices.Values([]int{6, 3})) {
		if failed := r.Index == 1; (r.Err != nil) != failed || r.In != []int{6, 3}[r.Index] {
			t.Errorf("Each: %+v", r)
		}
	}
	if err := pool.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if stored.Load() != 7 {
		t.Errorf("%d calls of the sink, want 7", stored.Load())
	}
}

// Every item ends: with a result, with the error of its stage, or filtered.
func TestFilters(t *testing.T) {
	play(func(c probe.Call) error {
		if c.Stage == "half" && c.Item == 6 || c.Stage == "convert" && c.Item == 8 {
			return errBoom
		}
		return nil
	})
	type pool interface {
		Do(context.Context, int) (string, error)
		Map(context.Context, []int) ([]string, error)
		Close() error
	}
	sift, err := Sift{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fused, err := Fused{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lenient, err := Lenient{Log: probe.Quiet}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		pool     pool
		filtered error
	}{"sift": {sift, ErrSiftFiltered}, "fused": {fused, ErrFusedFiltered}, "lenient": {lenient, ErrLenientFiltered}} {
		t.Run(name, func(t *testing.T) {
			for item, want := range map[int]struct {
				result string
				err    error
			}{1: {err: test.filtered}, 2: {err: test.filtered}, 4: {result: "2"}, 6: {err: errBoom}, 16: {err: errBoom}, 20: {result: "10"}} {
				s, err := test.pool.Do(t.Context(), item)
				if s != want.result || !errors.Is(err, want.err) || (err == nil) != (want.err == nil) {
					t.Errorf("item %d: %q, %v; want %q, %v", item, s, err, want.result, want.err)
				}
			}
			out, err := test.pool.Map(t.Context(), []int{4, 1, 16, 20})
			if !slices.Equal(out, []string{"2", "", "", "10"}) {
				t.Errorf("Map: %q", out)
			}
			wantIs(t, "Map", err, test.filtered)
			wantIs(t, "Map", err, errBoom)
			if err := test.pool.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		})
	}
}

// counts are the metrics of each stage.
func counts(each func(func(stage, metric string, v float64))) map[string]map[string]int {
	all := make(map[string]map[string]int)
	each(func(stage, metric string, v float64) {
		if all[stage] == nil {
			all[stage] = make(map[string]int)
		}
		all[stage][metric] = int(v)
	})
	return all
}

// What happened to single items adds up like what happened to those of a run.
func TestPromise07_Conservation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		play(func(c probe.Call) error {
			switch {
			case c.Stage == "half" && c.Item == 6:
				return errBoom
			case c.Stage == "convert":
				return g.hook(c)
			}
			return nil
		})
		stats := new(SiftStats)
		pool, err := Sift{Stats: stats}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			if _, err := pool.Submit(t.Context(), i); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		f, err := pool.TrySubmit(40)
		if err != nil {
			t.Fatal(err)
		}
		f.Cancel()
		if err := pool.Terminate(); err != nil {
			t.Fatal(err)
		}
		counts, above := counts(stats.Each), 21
		for _, stage := range []string{"seen", "even", "half", "convert"} {
			c := counts[stage]
			if c["in"] != above || c["in"] != c["done"]+c["filtered"]+c["failed"]+c["interrupted"] {
				t.Errorf("%s: %v, with %d from above", stage, c, above)
			}
			above = c["out"]
		}
		if c := counts["convert"]; c["done"] != 0 || c["interrupted"] != 5 || counts["half"]["failed"] != 1 || counts["even"]["filtered"] != 10 {
			t.Errorf("%v", counts)
		}
	})
}

// A task that never began, and one whose result came too late, are not counted as done.
func TestPromise07_InterruptedTasks(t *testing.T) {
	for _, terminated := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			release := make(chan struct{})
			play(func(probe.Call) error { <-release; return nil })
			stats := new(ConvertStats)
			pool := open(t, Convert{Stats: stats})
			for i := range 5 {
				f := submit(t, pool, i)
				synctest.Wait()
				if i == 3 && !f.Cancel() {
					t.Error("not cancelled")
				}
			}
			ended, done := make(chan struct{}), 4
			go func() {
				defer close(ended)
				if terminated {
					done = 0
					pool.Terminate()
				} else {
					pool.Close()
				}
			}()
			synctest.Wait()
			close(release)
			<-ended
			if c := counts(stats.Each)["convert"]; c["in"] != 5 || c["done"] != done || c["out"] != done || c["interrupted"] != 5-done {
				t.Errorf("terminated %v: %v", terminated, c)
			}
		})
	}
}

// A panic and runtime.Goexit go to the future; the worker lives on.
func TestPromise08_GoexitInAStage(t *testing.T) {
	play(func(c probe.Call) error {
		switch c.Item % 3 {
		case 1:
			panic(errBoom)
		case 2:
			runtime.Goexit()
		}
		return nil
	})
	pool := open(t, Convert{})
	for i := range 30 {
		s, err := pool.Do(t.Context(), i)
		if i%3 == 0 {
			if s != fmt.Sprint(i) || err != nil {
				t.Errorf("item %d: %q, %v", i, s, err)
			}
			continue
		}
		var e *ConvertError
		if !errors.As(err, &e) || e.Stack == nil || e.Item != i || e.Stage != "convert" || e.Index != -1 {
			t.Errorf("item %d: %+v", i, err)
		}
		if i%3 == 1 {
			wantIs(t, "panic", err, errBoom)
		} else if !strings.Contains(err.Error(), "Goexit") {
			t.Errorf("Goexit came out as %v", err)
		}
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// The capacity of the first queue is the number of tasks that wait: not one more, not one less.
func TestPromise13_Capacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		play(g.hook)
		pool := open(t, Convert{}) // two workers, a queue of three
		var futures []*ConvertFuture
		for i := range 5 {
			futures = append(futures, submit(t, pool, i))
			synctest.Wait()
		}
		_, err := pool.TrySubmit(5)
		wantIs(t, "TrySubmit to a full queue", err, ErrConvertQueueFull)
		submitted := make(chan *ConvertFuture)
		go func() { submitted <- submit(t, pool, 6) }()
		synctest.Wait()
		select {
		case <-submitted:
			t.Fatal("Submit did not block")
		default:
		}
		if !futures[4].Cancel() {
			t.Fatal("a task that waits cannot be cancelled")
		}
		f := <-submitted // has the place of the cancelled one
		_, err = pool.TrySubmit(7)
		wantIs(t, "TrySubmit to a full queue", err, ErrConvertQueueFull)
		close(g.open)
		if s, err := f.Get(t.Context()); s != "6" || err != nil {
			t.Errorf("%q, %v", s, err)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// However often tasks are cancelled before they begin, no more of them than twice the capacity are kept.
func TestPromise13_CancelledTasksDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		play(g.hook)
		pool := open(t, Convert{})
		submit(t, pool, 0)
		submit(t, pool, 1)
		synctest.Wait()
		n := 0
		for {
			f, err := pool.TrySubmit(n)
			if err != nil {
				wantIs(t, "TrySubmit", err, ErrConvertQueueFull)
				break
			}
			if !f.Cancel() {
				t.Fatal("not cancelled")
			}
			if n++; n > 100 {
				t.Fatal("cancelled tasks pile up")
			}
		}
		if n < 6 {
			t.Errorf("only %d tasks could be submitted and cancelled", n)
		}
		close(g.open)
		for range 10 { // all places are free again
			var futures []*ConvertFuture
			for i := range 3 {
				futures = append(futures, submit(t, pool, i))
			}
			for _, f := range futures {
				if _, err := f.Get(t.Context()); err != nil {
					t.Error(err)
				}
			}
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestCancelQueuedFuture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var calls atomic.Int64
		play(func(c probe.Call) error { calls.Add(1); return g.hook(c) })
		pool := open(t, Convert{})
		running := submit(t, pool, 0)
		submit(t, pool, 1)
		synctest.Wait()
		queued := submit(t, pool, 2)
		synctest.Wait()
		if running.Cancel() {
			t.Error("a running task was cancelled")
		}
		for range 2 {
			if !queued.Cancel() {
				t.Error("a queued task was not cancelled")
			}
		}
		_, err := queued.Get(t.Context()) // at once, though the workers are busy
		wantIs(t, "Get", err, context.Canceled)
		close(g.open)
		if err := pool.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if s, err := running.Get(t.Context()); s != "0" || err != nil {
			t.Errorf("running: %q, %v", s, err)
		}
		if calls.Load() != 2 {
			t.Errorf("%d calls, want 2", calls.Load())
		}
	})
}

// Cancelling the context of a Submit ends that wait and nothing else: those who wait behind it get the room.
func TestSubmitCancelledWhileFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		play(g.hook)
		pool := open(t, Convert{})
		for i := range 5 {
			submit(t, pool, i)
			synctest.Wait()
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		var refused, accepted atomic.Int64
		var waiting sync.WaitGroup
		for i := range 20 {
			waiting.Go(func() {
				if i%2 == 0 {
					_, err := pool.Submit(ctx, i)
					wantIs(t, "Submit", err, errBoom)
					refused.Add(1)
				} else {
					submit(t, pool, i)
					accepted.Add(1)
				}
			})
			synctest.Wait()
		}
		cancel(errBoom)
		synctest.Wait()
		if refused.Load() != 10 || accepted.Load() != 0 {
			t.Errorf("%d refused, %d accepted", refused.Load(), accepted.Load())
		}
		close(g.open)
		waiting.Wait()
		if accepted.Load() != 10 {
			t.Errorf("%d accepted", accepted.Load())
		}
		synctest.Wait()
		for range 20 { // though there is room
			_, err := pool.Submit(ctx, 0)
			wantIs(t, "Submit with a context that has ended", err, errBoom)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

type key struct{}

// Functions see the values and the deadline of whoever submitted the item, but not that its context was cancelled.
func TestValuesAndDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		started := context.WithValue(t.Context(), key{}, "of Start")
		var mu sync.Mutex
		seen := make(map[string]any)
		wait := make(chan struct{})
		var timed context.Context
		play(func(c probe.Call) error {
			mu.Lock()
			seen[fmt.Sprint(c.Stage, c.Item)] = c.Ctx.Value(key{})
			mu.Unlock()
			if c.Stage != "store" {
				return nil
			}
			if c.Item == 2 {
				<-wait
				return context.Cause(c.Ctx)
			}
			if c.Item == 3 {
				<-c.Ctx.Done()
				if _, ok := c.Ctx.Deadline(); !ok {
					t.Error("no deadline")
				}
				return c.Ctx.Err()
			}
			if c.Item == 4 {
				timed = c.Ctx
			}
			return nil
		})
		pool, err := Store{}.Start(started)
		if err != nil {
			t.Fatal(err)
		}
		if err := pool.Do(t.Context(), 0); err != nil {
			t.Error(err)
		}
		mine := context.WithValue(t.Context(), key{}, "of Submit")
		if err := pool.Do(mine, 1); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithCancel(mine)
		f, err := pool.Submit(ctx, 2)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(wait)
		if err := f.Get(t.Context()); err != nil {
			t.Errorf("the context of the call was cancelled with that of Submit: %v", err)
		}
		late, cancel := context.WithTimeout(mine, time.Second)
		defer cancel()
		began := time.Now()
		f, err = pool.Submit(late, 3)
		if err != nil {
			t.Fatal(err)
		}
		wantIs(t, "a call with a deadline", f.Get(t.Context()), context.DeadlineExceeded)
		if time.Since(began) != time.Second {
			t.Errorf("the deadline came after %v", time.Since(began))
		}
		late, cancel = context.WithTimeout(mine, time.Second)
		defer cancel()
		err = pool.Map(late, []int{3})
		wantIs(t, "a call of Map with a deadline", err, context.DeadlineExceeded)
		late, cancel = context.WithTimeout(mine, time.Hour)
		defer cancel()
		if err := pool.Do(late, 4); err != nil {
			t.Error(err)
		}
		wantIs(t, "the context of a task that has ended", timed.Err(), context.Canceled)
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		for item, want := range []string{"of Start", "of Submit", "of Submit", "of Submit"} {
			for _, stage := range []string{"seen", "store"} {
				if got := seen[fmt.Sprint(stage, item)]; got != want {
					t.Errorf("%s sees the value %v with item %d, want %v", stage, got, item, want)
				}
			}
		}
	})
}

// Where the context of a Do ends before its task has begun, that never begins.
func TestDoCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var calls atomic.Int64
		play(func(c probe.Call) error { calls.Add(1); return g.hook(c) })
		pool := open(t, Convert{})
		submit(t, pool, 0)
		submit(t, pool, 1)
		synctest.Wait()
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errBoom) })
		_, err := pool.Do(ctx, 2)
		wantIs(t, "Do", err, errBoom)
		close(g.open)
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		if calls.Load() != 2 {
			t.Errorf("%d calls, want 2", calls.Load())
		}
	})
}

// An item whose deadline has passed in the queue is not begun.
func TestDeadlineInTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var calls atomic.Int64
		play(func(c probe.Call) error { calls.Add(1); return g.hook(c) })
		pool := open(t, Convert{})
		submit(t, pool, 0)
		submit(t, pool, 1)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		f, err := pool.Submit(ctx, 2)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = pool.Do(ctx, 3)
		wantIs(t, "Do", err, context.DeadlineExceeded)
		if time.Since(began) != time.Second {
			t.Errorf("Do returned after %v", time.Since(began))
		}
		time.Sleep(time.Second)
		close(g.open)
		_, err = f.Get(t.Context())
		wantIs(t, "Get", err, context.DeadlineExceeded)
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		if calls.Load() != 2 {
			t.Errorf("%d calls, want 2", calls.Load())
		}
	})
}

// A pool that is used from inside its own stage function would wait for itself: it says so instead.
func TestNestedSubmit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var pool *ConvertPool
		errs := make(map[string]error)
		outer := make(chan *ConvertFuture, 1)
		play(func(c probe.Call) error {
			if c.Item != 1 {
				return nil
			}
			ctx, cancel := context.WithTimeout(context.WithValue(c.Ctx, key{}, 1), time.Hour)
			defer cancel()
			_, errs["Do"] = pool.Do(ctx, 2)
			_, errs["Submit"] = pool.Submit(ctx, 2)
			_, errs["Map"] = pool.Map(ctx, []int{2, 3})
			for r := range pool.Each(ctx, slices.Values([]int{2, 3})) {
				errs["Each"] = r.Err
			}
			errs["Shutdown"] = pool.Shutdown(ctx)
			_, errs["Get"] = (<-outer).Get(ctx)
			return nil
		})
		pool = open(t, Convert{})
		f := submit(t, pool, 1)
		outer <- f
		if s, err := f.Get(t.Context()); s != "1" || err != nil {
			t.Errorf("%q, %v", s, err)
		}
		for _, method := range []string{"Do", "Submit", "Map", "Each", "Shutdown", "Get"} {
			if err := errs[method]; err == nil || !strings.Contains(err.Error(), "inside one of its own stage functions") {
				t.Errorf("%s from inside: %v", method, err)
			}
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A pool may use another one.
func TestPoolInPool(t *testing.T) {
	inner, err := Store{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var pool *ConvertPool
	play(func(c probe.Call) error {
		switch c.Stage {
		case "convert":
			return inner.Do(c.Ctx, c.Item)
		case "store":
			_, err := pool.Do(c.Ctx, c.Item) // that would be a circle
			if err == nil {
				t.Error("a circle of two pools was not refused")
			}
		}
		return nil
	})
	pool = open(t, Convert{})
	if s, err := pool.Do(t.Context(), 1); s != "1" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
	if err := errors.Join(pool.Close(), inner.Close()); err != nil {
		t.Error(err)
	}
}
