package pools

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// Close waits for what was accepted, refuses the rest, and leaves nothing alive.
func TestPromise01_Close(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		play(g.hook)
		pool := open(t, Convert{})
		var futures []*ConvertFuture
		for i := range 5 {
			futures = append(futures, submit(t, pool, i))
			synctest.Wait()
		}
		blocked := make(chan error)
		go func() { _, err := pool.Submit(t.Context(), 5); blocked <- err }()
		synctest.Wait()
		closed := make(chan error)
		for range 2 {
			go func() { closed <- pool.Close() }()
		}
		wantIs(t, "a blocked Submit", <-blocked, ErrConvertClosed)
		_, err := pool.Submit(t.Context(), 6)
		wantIs(t, "Submit after Close", err, ErrConvertClosed)
		_, err = pool.TrySubmit(7)
		wantIs(t, "TrySubmit after Close", err, ErrConvertClosed)
		synctest.Wait()
		select {
		case err := <-closed:
			t.Fatalf("Close returned %v before the tasks had ended", err)
		default:
		}
		close(g.open)
		for range 2 {
			if err := <-closed; err != nil {
				t.Error(err)
			}
		}
		for i, f := range futures {
			if s, err := f.Get(t.Context()); s != fmt.Sprint(i) || err != nil {
				t.Errorf("item %d: %q, %v", i, s, err)
			}
		}
		if err := pool.Terminate(); err != nil {
			t.Errorf("Terminate after Close: %v", err)
		}
		_, err = pool.Submit(t.Context(), 8)
		wantIs(t, "Submit after Terminate", err, ErrConvertTerminated)
		if err := pool.Close(); err != nil {
			t.Errorf("Close after Terminate: %v", err)
		}
	})
}

// Close and Submit at the same time: a task that was accepted ends with its result, and every other one was refused.
func TestPromise01_CloseRacingSubmit(t *testing.T) {
	play(nil)
	known := goleak.IgnoreCurrent()
	for try := range 3000 {
		pool := open(t, Convert{})
		var submitters sync.WaitGroup
		var accepted, ended atomic.Int64
		for i := range 4 {
			submitters.Go(func() {
				for range 8 {
					var f *ConvertFuture
					var err error
					if i == 0 {
						f, err = pool.TrySubmit(i)
					} else {
						f, err = pool.Submit(t.Context(), i)
					}
					if errors.Is(err, ErrConvertQueueFull) {
						continue
					}
					if err != nil {
						wantIs(t, "Submit", err, ErrConvertClosed)
						return
					}
					accepted.Add(1)
					submitters.Go(func() {
						if s, err := f.Get(t.Context()); s != fmt.Sprint(i) || err != nil {
							t.Errorf("%q, %v", s, err)
						}
						ended.Add(1)
					})
				}
			})
		}
		for range rand.IntN(20) {
			runtime.Gosched()
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		submitters.Wait()
		if accepted.Load() != ended.Load() {
			t.Fatalf("%d accepted, %d ended", accepted.Load(), ended.Load())
		}
		if t.Failed() {
			t.Fatalf("in try %d", try)
		}
	}
	if err := goleak.Find(known); err != nil {
		t.Error(err)
	}
}

// Terminate and Submit at the same time: every task that was accepted ends.
func TestPromise01_TerminateRacingSubmit(t *testing.T) {
	play(nil)
	for range 1000 {
		ctx, cancel := context.WithCancel(t.Context())
		pool, err := Sift{}.Start(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var submitters sync.WaitGroup
		for range 4 {
			submitters.Go(func() {
				for i := range 16 {
					s, err := pool.Do(t.Context(), 4*i)
					if err == nil && s != fmt.Sprint(2*i) {
						t.Errorf("%q, %v", s, err)
					}
					if err != nil {
						wantIs(t, "Do", err, ErrSiftTerminated)
					}
				}
			})
		}
		for range rand.IntN(50) {
			runtime.Gosched()
		}
		if rand.IntN(2) == 0 {
			cancel()
		}
		if err := pool.Terminate(); err != nil {
			t.Error(err)
		}
		submitters.Wait()
		cancel()
	}
}

// Terminate cancels what runs and what waits, and says so to each.
func TestPromise01_TerminateRunningAndQueued(t *testing.T) {
	for name, end := range map[string]func(context.Context, *ConvertPool, context.CancelFunc) error{
		"Terminate":         func(_ context.Context, pool *ConvertPool, _ context.CancelFunc) error { return pool.Terminate() },
		"cancelled context": func(_ context.Context, pool *ConvertPool, cancel context.CancelFunc) error { cancel(); return nil },
		"Shutdown": func(ctx context.Context, pool *ConvertPool, _ context.CancelFunc) error {
			ctx, cancel := context.WithTimeoutCause(ctx, time.Second, errBoom)
			defer cancel()
			if err := pool.Shutdown(ctx); !errors.Is(err, errBoom) {
				return fmt.Errorf("Shutdown: %w", err)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := make(chan struct{})
				play(func(c probe.Call) error {
					<-c.Ctx.Done()
					if c.Item == 0 {
						<-slow // ignores it for a while
						return nil
					}
					return fmt.Errorf("item %d: %w", c.Item, errBoom)
				})
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				pool, err := Convert{}.Start(ctx)
				if err != nil {
					t.Fatal(err)
				}
				var futures []*ConvertFuture
				for i := range 5 {
					futures = append(futures, submit(t, pool, i))
					synctest.Wait()
				}
				blocked := make(chan error)
				go func() { _, err := pool.Submit(t.Context(), 5); blocked <- err }()
				synctest.Wait()
				ended := make(chan error, 1)
				go func() { ended <- end(t.Context(), pool, cancel) }()
				time.Sleep(2 * time.Second)
				if err := <-blocked; !errors.Is(err, ErrConvertTerminated) && (name != "Shutdown" || !errors.Is(err, ErrConvertClosed)) {
					t.Errorf("a blocked Submit: %v", err)
				}
				for i, f := range futures[1:] { // at once, while item 0 runs on
					s, err := f.Get(t.Context())
					wantIs(t, fmt.Sprint("item ", i+1), err, ErrConvertTerminated)
					if running := i == 0; errors.Is(err, errBoom) != running || s != "" {
						t.Errorf("item %d: %q, %v", i+1, s, err)
					}
				}
				if name != "cancelled context" {
					select {
					case err := <-ended:
						t.Errorf("%s returned %v while a call was running", name, err)
					default:
					}
				}
				_, err = pool.Submit(t.Context(), 6)
				wantIs(t, "Submit after the end", err, ErrConvertTerminated)
				close(slow)
				if err := <-ended; err != nil {
					t.Error(err)
				}
				_, err = futures[0].Get(t.Context())
				wantIs(t, "item 0", err, ErrConvertTerminated)
				wantIs(t, "Close of what was terminated", pool.Close(), ErrConvertTerminated)
				if err := pool.Terminate(); err != nil {
					t.Errorf("Terminate twice: %v", err)
				}
			})
		})
	}
}

// The cause that a call sees is that of its pool's end, whatever has become of the submitter's context.
func TestPromise05_CauseOfTermination(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		play(func(c probe.Call) error {
			<-c.Ctx.Done()
			if cause := context.Cause(c.Ctx); cause != ErrConvertTerminated {
				t.Errorf("cause %v", cause)
			}
			return nil
		})
		pool := open(t, Convert{})
		ctx, cancel := context.WithCancelCause(t.Context())
		if _, err := pool.Submit(ctx, 1); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		cancel(errBoom)
		synctest.Wait()
		if err := pool.Terminate(); err != nil {
			t.Error(err)
		}
	})
}

// A pool that is idle ends with nothing to say.
func TestPromise01_IdleEnds(t *testing.T) {
	play(nil)
	for name, end := range map[string]func(*ConvertPool) error{
		"Close":     (*ConvertPool).Close,
		"Terminate": (*ConvertPool).Terminate,
		"Shutdown":  func(p *ConvertPool) error { return p.Shutdown(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			known := goleak.IgnoreCurrent()
			pool := open(t, Convert{})
			if err := end(pool); err != nil {
				t.Error(err)
			}
			if err := goleak.Find(known); err != nil {
				t.Error(err)
			}
		})
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errBoom)
	if _, err := (Convert{}).Start(ctx); !errors.Is(err, errBoom) {
		t.Errorf("Start with a context that has ended: %v", err)
	}
}

// Closing Drain is Close.
func TestPromise04_Drain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		play(g.hook)
		drain := make(chan struct{})
		pool := open(t, Convert{Drain: drain})
		f := submit(t, pool, 1)
		close(drain)
		synctest.Wait()
		_, err := pool.Submit(t.Context(), 2)
		wantIs(t, "Submit after Drain", err, ErrConvertClosed)
		close(g.open)
		if s, err := f.Get(t.Context()); s != "1" || err != nil {
			t.Errorf("%q, %v", s, err)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The tasks of an ordered stage end in the order in which they were submitted.
func TestPromise11_Ordered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		play(func(c probe.Call) error {
			time.Sleep(time.Duration(100-c.Item%7) * time.Millisecond)
			if c.Item%5 == 0 {
				return errBoom
			}
			return nil
		})
		pool, err := InOrder{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		for r := range pool.Each(t.Context(), numbers(100)) {
			if r.Err != nil {
				continue // errors do not wait
			}
			if r.Index < last {
				t.Errorf("item %d came after %d", r.Index, last)
			}
			last = r.Index
		}
		if last != 99 {
			t.Errorf("the last result is that of item %d", last)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// numbers are 0, 1, … n-1.
func numbers(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func TestEach(t *testing.T) {
	play(func(c probe.Call) error {
		if c.Item%10 == 3 {
			return errBoom
		}
		return nil
	})
	pool := open(t, Convert{})
	seen := make(map[int]bool)
	for r := range pool.Each(t.Context(), numbers(1000)) {
		failed := r.In%10 == 3
		if seen[r.Index] || r.In != r.Index || errors.Is(r.Err, errBoom) != failed || !failed && (r.Out != fmt.Sprint(r.In) || r.Err != nil) {
			t.Fatalf("%+v", r)
		}
		var e *ConvertError
		if failed && (!errors.As(r.Err, &e) || e.Index != r.Index) {
			t.Fatalf("%+v", r.Err)
		}
		seen[r.Index] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d results", len(seen))
	}
	for range pool.Each(t.Context(), numbers(0)) {
		t.Error("a result of nothing")
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
	for r := range pool.Each(t.Context(), numbers(3)) {
		if wantIs(t, "Each of a closed pool", r.Err, ErrConvertClosed); r.Index != 0 {
			t.Errorf("%+v", r)
		}
	}
}

// Each leaves nothing behind in the pool, also where the deadline of its context, which is that of its tasks too, has
// passed.
func TestEachKeepsNoMemory(t *testing.T) {
	play(nil)
	pool := open(t, Convert{})
	late, cancel := context.WithDeadline(t.Context(), time.Now())
	defer cancel()
	heap := func() uint64 {
		for range 10_000 {
			for range pool.Each(t.Context(), numbers(1)) {
			}
			for range pool.Each(late, numbers(1)) {
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	if more := int64(heap() - before); more > 500_000 {
		t.Errorf("10,000 times Each keep %d bytes", more)
	}
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// Results come as the calls end.
func TestEachAsCompleted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		play(func(c probe.Call) error { time.Sleep(time.Duration(c.Item) * time.Second); return nil })
		pool := open(t, Convert{})
		var got []int
		for r := range pool.Each(t.Context(), slices.Values([]int{9, 2, 3, 1})) {
			got = append(got, r.In)
		}
		if !slices.Equal(got, []int{2, 3, 1, 9}) {
			t.Errorf("%v", got)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A consumer that leaves takes everything with it: its input, its tasks in the queue, the context of its calls. The
// tasks of others stay.
func TestPromise01_EachLeftEarly(t *testing.T) {
	leave := map[string]func(){
		"break":  func() {},
		"panic":  func() { panic(errBoom) },
		"Goexit": runtime.Goexit,
	}
	for name, leave := range leave {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var calls atomic.Int64
				play(func(c probe.Call) error {
					calls.Add(1)
					if c.Item == 0 {
						return nil
					}
					select {
					case <-c.Ctx.Done():
					case <-time.After(time.Hour):
					}
					return context.Cause(c.Ctx)
				})
				pool := open(t, Convert{})
				var began, over atomic.Int64
				in := func(yield func(int) bool) {
					defer over.Add(1)
					for i := 0; ; i++ {
						began.Add(1)
						if !yield(i) {
							return
						}
					}
				}
				started := time.Now()
				left := make(chan struct{})
				var other *ConvertFuture
				go func() {
					defer close(left)
					defer func() { _ = recover() }()
					for r := range pool.Each(t.Context(), in) {
						if r.Index != 0 || r.Err != nil {
							t.Errorf("%+v", r)
						}
						synctest.Wait() // the queue is full, the input waits
						if name == "break" {
							break
						}
						leave()
					}
				}()
				<-left
				if over.Load() != 1 {
					t.Error("the input goes on")
				}
				if time.Since(started) != 0 {
					t.Errorf("it took %v", time.Since(started))
				}
				n := calls.Load()
				if n > 3 {
					t.Errorf("%d calls began", n)
				}
				other = submit(t, pool, 0)
				if s, err := other.Get(t.Context()); s != "0" || err != nil {
					t.Errorf("%q, %v", s, err)
				}
				if began.Load() > 10 {
					t.Errorf("%d items were taken", began.Load())
				}
				if err := pool.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// Each takes items only as fast as its results are read.
func TestPromise13_EachSlowConsumer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		play(nil)
		pool := open(t, Convert{})
		taken, read := 0, 0
		in := func(yield func(int) bool) {
			for i := range 100 {
				if taken++; !yield(i) {
					return
				}
			}
		}
		for range pool.Each(t.Context(), in) {
			read++
			synctest.Wait()
			if ahead := taken - read; ahead > 3+2+1 {
				t.Fatalf("%d items taken and not read", ahead)
			}
		}
		if read != 100 {
			t.Errorf("%d results", read)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// When its context ends, Each hands out what becomes of the items it has taken, and takes no more.
func TestEachCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		play(func(c probe.Call) error { <-c.Ctx.Done(); return context.Cause(c.Ctx) })
		pool := open(t, Convert{})
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(errBoom) })
		n, over := 0, false
		for r := range pool.Each(ctx, func(yield func(int) bool) {
			defer func() { over = true }()
			for yield(1) {
			}
		}) {
			wantIs(t, "Each", r.Err, errBoom)
			n++
		}
		if n < 5 || n > 8 || !over {
			t.Errorf("%d results, input over: %v", n, over)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Its tasks that wait for workers which are busy with others end at once.
func TestEachCancelledWhileOthersWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		play(g.hook)
		pool := open(t, Convert{})
		others := []*ConvertFuture{submit(t, pool, 0), submit(t, pool, 1)}
		synctest.Wait()
		others = append(others, submit(t, pool, 2)) // waits too, and is none of its tasks
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began, n := time.Now(), 0
		for r := range pool.Each(ctx, numbers(10)) {
			wantIs(t, "Each", r.Err, context.DeadlineExceeded)
			n++
		}
		if n != 3 || time.Since(began) != time.Second {
			t.Errorf("%d results after %v", n, time.Since(began))
		}
		close(g.open)
		for i, f := range others {
			if s, err := f.Get(t.Context()); s != fmt.Sprint(i) || err != nil {
				t.Errorf("%q, %v", s, err)
			}
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A panic or Goexit in the caller's sequence is an error.
func TestPromise03_EachInputPanics(t *testing.T) {
	play(nil)
	for name, exit := range map[string]func(){"panic": func() { panic(errBoom) }, "Goexit": runtime.Goexit} {
		pool := open(t, Convert{})
		var results []ConvertResult
		for r := range pool.Each(t.Context(), func(yield func(int) bool) {
			yield(1)
			exit()
		}) {
			results = append(results, r)
		}
		slices.SortFunc(results, func(a, b ConvertResult) int { return a.Index - b.Index })
		if len(results) != 2 || results[0].Err != nil || results[1].Index != 1 || results[1].Err == nil {
			t.Errorf("%s: %+v", name, results)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Map waits for all, keeps the places of those that failed, and names each by its index.
func TestMapJoinsErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		play(func(c probe.Call) error {
			time.Sleep(time.Duration(20-c.Item) * time.Second)
			if c.Item%3 == 1 {
				return errBoom
			}
			return nil
		})
		pool := open(t, Convert{})
		out, err := pool.Map(t.Context(), []int{0, 1, 2, 3, 4, 5, 6, 7})
		if !slices.Equal(out, []string{"0", "", "2", "3", "", "5", "6", ""}) {
			t.Errorf("%q", out)
		}
		want := "convert: convert: item 1: boom\nconvert: convert: item 4: boom\nconvert: convert: item 7: boom"
		if err == nil || err.Error() != want {
			t.Errorf("got:\n%v\nwant:\n%s", err, want)
		}
		if out, err := pool.Map(t.Context(), nil); len(out) != 0 || err != nil {
			t.Errorf("Map of nothing: %q, %v", out, err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 25*time.Second)
		defer cancel()
		out, err = pool.Map(ctx, []int{0, 2, 3, 5, 6, 8, 9, 11})
		wantIs(t, "Map with a deadline", err, context.DeadlineExceeded)
		if len(out) != 8 || out[0] != "0" || out[1] != "2" || out[7] != "" {
			t.Errorf("Map with a deadline: %q", out)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		out, err = pool.Map(t.Context(), []int{1, 2})
		if !slices.Equal(out, []string{"", ""}) || err == nil || err.Error() != "item 0: convert: the pool is closed\nitem 1: convert: the pool is closed" {
			t.Errorf("Map of a closed pool: %q, %v", out, err)
		}
	})
}

// collected waits until the garbage collector has found almost all of n things.
func collected(t *testing.T, n int, found *atomic.Int64) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for int(found.Load()) < n*9/10 {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d are gone", found.Load(), n)
		}
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
}

// Futures that nobody keeps are not kept by the pool, and those that somebody keeps don't keep what their tasks
// needed.
func TestPromise13_Garbage(t *testing.T) {
	play(nil)
	pool := open(t, Convert{})
	var dropped, contexts atomic.Int64
	var kept []*ConvertFuture
	const n = 100
	for i := range n {
		f := submit(t, pool, i)
		runtime.AddCleanup(f, func(*atomic.Int64) { dropped.Add(1) }, &dropped)
		value := new(int)
		runtime.AddCleanup(value, func(*atomic.Int64) { contexts.Add(1) }, &contexts)
		f, err := pool.Submit(context.WithValue(t.Context(), key{}, value), i)
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, f)
	}
	if _, err := pool.Map(t.Context(), make([]int, 10)); err != nil {
		t.Fatal(err)
	}
	collected(t, n, &dropped)
	collected(t, n, &contexts)
	runtime.KeepAlive(kept)
	if err := pool.Close(); err != nil {
		t.Error(err)
	}
}

// All workers of the pool are in use under load, and no more.
func TestPromise16_Peak(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var now, peak atomic.Int64
		play(func(c probe.Call) error {
			peak.Store(max(peak.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(time.Second)
			return nil
		})
		close(g.open)
		pool := open(t, Convert{})
		if _, err := pool.Map(t.Context(), make([]int, 50)); err != nil {
			t.Error(err)
		}
		if peak.Load() != 2 {
			t.Errorf("%d calls at a time, want 2", peak.Load())
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}
