package threads

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
)

// The resources are what the interfaces say.
var (
	_ sharedSemaphore            = (*localSemaphore)(nil)
	_ sharedEvent                = (*localEvent)(nil)
	_ sharedCondition            = (*localCondition)(nil)
	_ sharedBarrier              = (*localBarrier)(nil)
	_ sharedMap[string, int]     = (*localMap[string, int])(nil)
	_ sharedList[string]         = (*localList[string])(nil)
	_ sharedQueue[string]        = (*localQueue[string])(nil)
	_ sync.Locker                = (*reentrantLock)(nil)
	_ interface{ Slice() []int } = (*sharedArray[int])(nil)
)

var errPatience = errors.New("out of patience")

// impatient is a context that ends after d, with errPatience as its cause.
func impatient(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeoutCause(t.Context(), d, errPatience)
	t.Cleanup(cancel)
	return ctx
}

// ended is a context that has ended, with errPatience as its cause.
func ended() context.Context {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errPatience)
	return ctx
}

// panics returns the text of f's panic, "" where it returns.
func panics(f func()) (text string) {
	defer func() {
		if why := recover(); why != nil {
			text = fmt.Sprint(why)
		}
	}()
	f()
	return ""
}

func wantPanic(t *testing.T, part string, f func()) {
	t.Helper()
	if got := panics(f); !strings.Contains(got, part) || got == "" {
		t.Errorf("panic %q, want one with %q", got, part)
	}
}

// record is what goroutines write down in order.
type record struct {
	mu    sync.Mutex
	lines []string
}

func (r *record) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// want compares what has been written, since the last time, once nothing moves any more.
func (r *record) want(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Equal(r.lines, lines) {
		t.Errorf("got %q, want %q", r.lines, lines)
	}
	r.lines = nil
}

// wantAll is want of lines that may come in any order; they are given sorted.
func (r *record) wantAll(t *testing.T, lines ...string) {
	t.Helper()
	synctest.Wait()
	slices.Sort(r.lines)
	r.want(t, lines...)
}

// start calls f in a goroutine, and returns when that waits or has ended.
func start(f func()) {
	go f()
	synctest.Wait()
}

func TestSharedSemaphoreIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newLocalSemaphore(2), &record{}
		for i := range 5 {
			start(func() {
				if err := s.Acquire(t.Context()); err != nil {
					t.Error(err)
				}
				r.add("%d", i)
			})
		}
		r.want(t, "0", "1")
		if s.TryAcquire() {
			t.Error("a permit for one who has not waited")
		}
		s.Release()
		r.want(t, "2")
		s.Release()
		s.Release()
		r.wantAll(t, "3", "4")
		s.Release()
		if !s.TryAcquire() || s.TryAcquire() {
			t.Error("one permit is free")
		}
		s.Release()
		s.Release()
		wantPanic(t, "more often", s.Release)
	})
}

// Who gives up takes no permit, and stands in nobody's way.
func TestSharedSemaphoreCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newLocalSemaphore(1), &record{}
		if err := s.Acquire(ended()); err != errPatience {
			t.Errorf("a permit for a context that has ended: %v", err)
		}
		_ = s.Acquire(t.Context())
		for i, patience := range []time.Duration{time.Second, time.Hour, time.Minute} {
			start(func() { r.add("%d %v", i, s.Acquire(impatient(t, patience))) })
		}
		time.Sleep(2 * time.Minute)
		r.want(t, "0 out of patience", "2 out of patience")
		s.Release()
		r.want(t, "1 <nil>")
		s.Release()
		if !s.TryAcquire() {
			t.Error("who gave up has a permit")
		}
	})
}

// A permit that comes as the context ends is either used or stays free.
func TestSharedSemaphoreRace(t *testing.T) {
	s := newLocalSemaphore(1)
	for range 2000 {
		s.TryAcquire()
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error)
		go func() { got <- s.Acquire(ctx) }()
		runtime.Gosched()
		go cancel()
		s.Release()
		if err := <-got; err == nil {
			s.Release()
		}
		if len(s.held) > 0 || s.free != 1 {
			t.Fatalf("%d permits are free, %v have some", s.free, s.held)
		}
	}
}

func TestSharedSemaphoreOwners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, r := newLocalSemaphore(3), &record{}
		for _, who := range []party{1, 1, 2} {
			_ = s.acquire(t.Context(), who)
		}
		for i := range 2 {
			start(func() { r.add("%d %v", i, s.Acquire(t.Context())) })
		}
		if !s.left(1) || s.left(1) {
			t.Error("it had permits, once")
		}
		r.wantAll(t, "0 <nil>", "1 <nil>")
		s.release(5) // one of the caller's
		s.Release()
		if s.free != 2 || s.left(5) || s.left(0) || !s.left(2) || s.free != 3 {
			t.Errorf("%d permits are free, %v have some", s.free, s.held)
		}
	})
}

// What a process has acquired that has done its work another one may give back: it is not free before.
func TestSharedSemaphore_PassedOn(t *testing.T) {
	s := newLocalSemaphore(2)
	s.tryAcquire(1)
	s.tryAcquire(1)
	if s.passOn(1); s.left(1) || s.TryAcquire() {
		t.Error("a permit was given back")
	}
	s.release(3)
	s.Release()
	if s.free != 2 {
		t.Errorf("%d permits are free", s.free)
	}
	wantPanic(t, "more often than it was acquired", s.Release)
}

func TestSharedEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, r := newLocalEvent(), &record{}
		for i := range 3 {
			start(func() { r.add("%d %v", i, e.Wait(t.Context())) })
		}
		start(func() { r.add("late %v", e.Wait(impatient(t, time.Minute))) })
		time.Sleep(time.Hour)
		r.want(t, "late out of patience")
		e.Set()
		e.Clear() // too late for those who wait
		r.wantAll(t, "0 <nil>", "1 <nil>", "2 <nil>")
		start(func() { r.add("again %v", e.Wait(t.Context())) })
		if e.IsSet() {
			t.Error("it is clear")
		}
		r.want(t)
		e.Set()
		r.want(t, "again <nil>")
		if err := e.Wait(t.Context()); err != nil || !e.IsSet() {
			t.Errorf("it is set: %v", err)
		}
		if err := e.Wait(ended()); err != errPatience {
			t.Errorf("after the end of the context: %v", err)
		}
		if e.left(1) {
			t.Error("an event is nobody's")
		}
	})
}

func TestSharedCondition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, r := newLocalCondition(), &record{}
		for i := range 5 {
			start(func() {
				c.Lock()
				defer c.Unlock()
				ctx := t.Context()
				if i == 1 {
					ctx = impatient(t, time.Minute)
				}
				r.add("%d %v", i, c.Wait(ctx))
			})
		}
		c.Signal()
		r.want(t, "0 <nil>")
		time.Sleep(time.Hour)
		r.want(t, "1 out of patience")
		c.Lock() // a signal gives no one the lock
		c.Signal()
		r.want(t)
		c.Unlock()
		r.want(t, "2 <nil>")
		c.Broadcast()
		c.Signal() // for nobody, and it is not kept
		r.wantAll(t, "3 <nil>", "4 <nil>")
		c.Lock()
		if err := c.Wait(impatient(t, time.Second)); err != errPatience {
			t.Errorf("a signal was kept: %v", err)
		}
		start(func() { c.Lock(); r.add("other"); c.Unlock() })
		if err := c.Wait(ended()); err != errPatience {
			t.Errorf("after the end of the context: %v", err)
		}
		r.want(t) // it has kept the lock
		c.Unlock()
		r.want(t, "other")
		wantPanic(t, "not held", c.Unlock)
		wantPanic(t, "not held", func() { _ = c.Wait(t.Context()) })
	})
}

// The lock passes on in the order of asking, and the end of a process frees it and wakes all.
func TestSharedConditionOwners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, r := newLocalCondition(), &record{}
		start(func() {
			c.Lock()
			r.add("woken %v", c.Wait(t.Context()))
			c.Unlock()
		})
		_ = c.acquire(t.Context(), 1)
		wantPanic(t, "not held", c.Unlock)
		for i := range 3 {
			start(func() {
				if c.acquire(impatient(t, time.Duration(3-i)*time.Minute), party(2+i)) == nil {
					r.add("%d", i)
				}
			})
		}
		time.Sleep(90 * time.Second) // the last one gives up
		if !c.left(1) || c.left(1) || c.left(4) {
			t.Error("it had the lock, once")
		}
		r.want(t, "0")
		c.release(2)
		r.want(t, "1")
		c.release(3)
		r.want(t, "woken <nil>")
	})
}

func TestSharedBarrier(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, r := newLocalBarrier(3), &record{}
		for round := range 4 {
			for i := range 2 {
				start(func() {
					index, err := b.Wait(t.Context())
					r.add("%d %d %v", i, index, err)
				})
			}
			r.want(t)
			if index, err := b.Wait(t.Context()); index != 2 || err != nil {
				t.Errorf("round %d: the last one is %d, %v", round, index, err)
			}
			r.wantAll(t, "0 0 <nil>", "1 1 <nil>")
		}
		if _, err := b.Wait(ended()); err != errPatience || b.broken != nil {
			t.Errorf("a context that has ended does nothing: %v", err)
		}
		if b.missed(); b.left(7) || b.broken != nil {
			t.Error("nobody waits for it")
		}
		one := newLocalBarrier(1)
		for range 3 {
			if index, err := one.Wait(t.Context()); index != 0 || err != nil {
				t.Errorf("alone: %d, %v", index, err)
			}
		}
	})
}

func TestSharedBarrierBreaks(t *testing.T) {
	for _, test := range []struct {
		name, want string
		is         error
		fail       func(b *localBarrier, end context.CancelCauseFunc)
	}{
		{"a party gives up", "the barrier is broken: out of patience", errPatience,
			func(_ *localBarrier, end context.CancelCauseFunc) { end(errPatience) }},
		{"Abort", "the barrier is broken: it was aborted", errAborted,
			func(b *localBarrier, _ context.CancelCauseFunc) { b.Abort() }},
		{"a process dies", "the barrier is broken: a worker process has ended while others waited", errMissed,
			func(b *localBarrier, _ context.CancelCauseFunc) { b.missed() }},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, r := newLocalBarrier(3), &record{}
				ctx, cancel := context.WithCancelCause(t.Context())
				wait := func(ctx context.Context) {
					if _, err := b.Wait(ctx); !errors.Is(err, test.is) {
						t.Errorf("%v is not %v", err, test.is)
					} else {
						r.add("%v", err)
					}
				}
				start(func() { wait(ctx) })
				start(func() { wait(t.Context()) })
				test.fail(b, cancel)
				r.want(t, test.want, test.want)
				b.Abort() // the first reason counts
				wait(t.Context())
				r.want(t, test.want)
			})
		})
	}
}

// Each round of a barrier is complete before anybody is in the next one but one.
func TestSharedBarrierRounds(t *testing.T) {
	const parties, rounds = 4, 500
	b := newLocalBarrier(parties)
	var arrived [rounds]atomic.Int64
	var indexes [rounds]atomic.Int64
	var all sync.WaitGroup
	for range parties {
		all.Go(func() {
			for i := range rounds {
				arrived[i].Add(1)
				index, err := b.Wait(t.Context())
				if err != nil || arrived[i].Load() != parties {
					t.Errorf("round %d: %v, with %d here", i, err, arrived[i].Load())
				}
				indexes[i].Add(1 << (8 * index))
			}
		})
	}
	all.Wait()
	for i := range indexes {
		if got := indexes[i].Load(); got != 0x01010101 {
			t.Fatalf("round %d: indexes %x", i, got)
		}
	}
}

func TestSharedReentrantLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newReentrantLock(&sync.Mutex{})
		other := func(f func()) {
			done := make(chan struct{})
			go func() { defer close(done); f() }()
			<-done
		}
		free := func(want bool) {
			t.Helper()
			other(func() {
				got := l.TryLock()
				if got {
					l.Unlock()
				}
				if got != want {
					t.Errorf("free: %t, want %t", got, want)
				}
			})
		}
		free(true)
		l.Lock()
		l.Lock()
		if !l.TryLock() {
			t.Error("its holder cannot take it again")
		}
		other(func() { wantPanic(t, "does not hold", l.Unlock) })
		for range 2 {
			l.Unlock()
			free(false)
		}
		l.Unlock()
		free(true)
		wantPanic(t, "does not hold", l.Unlock)
	})
	l, n := newReentrantLock(&sync.Mutex{}), 0
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				l.Lock()
				l.Lock()
				n++
				l.Unlock()
				l.Unlock()
			}
		})
	}
	if all.Wait(); n != 4000 {
		t.Errorf("%d", n)
	}
}

func TestSharedValueAndArray(t *testing.T) {
	type pair struct{ a, b int }
	v := &sharedValue[pair]{}
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for n := range 1000 {
				v.Store(pair{n * i, n * i})
				if got := v.Load(); got.a != got.b {
					t.Errorf("%v is torn", got)
				}
			}
		})
	}
	all.Wait()
	v.Store(pair{1, 2})
	if got := v.Load(); got != (pair{1, 2}) {
		t.Errorf("%v", got)
	}
	a := newSharedArray[float64](3)
	a.Set(1, 2.5)
	a.Slice()[2] = 4
	if a.Len() != 3 || a.At(0) != 0 || a.At(1) != 2.5 || a.At(2) != 4 {
		t.Errorf("%v", a.Slice())
	}
	if a.reset(); !slices.Equal(a.Slice(), make([]float64, 3)) {
		t.Errorf("after reset: %v", a.Slice())
	}
	wantPanic(t, "out of range [3] with length 3", func() { a.At(3) })
}

func TestGoroutineID(t *testing.T) {
	seen := sync.Map{}
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			id := goroutineID()
			if _, twice := seen.LoadOrStore(id, true); twice || id == 0 || id != goroutineID() {
				t.Errorf("goroutine %d", id)
			}
		})
	}
	all.Wait()
}
