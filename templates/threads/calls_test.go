package threads

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// caller is a worker that belongs to a run but to no loop.
func caller(ctx context.Context) *worker {
	r := bare(ctx, nil)
	return r.addGroup(1, stageInfo{name: "call"}).workers[0]
}

// try makes a call as the wiring does, and returns when its attempts began and its last error.
func (p *retry) try(w *worker, call func(attempt int) error) (began []time.Duration, err error) {
	start := time.Now()
	for w.attempt = 1; ; w.attempt++ {
		began = append(began, time.Since(start))
		err = call(w.attempt)
		if !p.again(w, 0, err) {
			return began, err
		}
	}
}

var errCall = errors.New("call failed")

func always(err error) func(int) error { return func(int) error { return err } }

// Without jitter the waits are exact: initial, then each a multiple of the one before, up to the longest.
func TestPromise09_Backoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := caller(t.Context())
		defer w.run.abandon()
		p := &retry{attempts: 5, initial: 100 * time.Millisecond, most: 350 * time.Millisecond, multiplier: 2}
		began, err := p.try(w, always(errCall))
		want := []time.Duration{0, 100e6, 300e6, 650e6, 1000e6}
		if !slices.Equal(began, want) || err != errCall {
			t.Errorf("attempts at %v, want %v; %v", began, want, err)
		}
		if w.counts[0].retries != 4 || w.attempt != 5 {
			t.Errorf("%d retries; the error is of attempt %d", w.counts[0].retries, w.attempt)
		}
		began, err = p.try(w, func(attempt int) error {
			if attempt < 3 {
				return errCall
			}
			return nil
		})
		if len(began) != 3 || err != nil || w.attempt != 0 {
			t.Errorf("after success: %d attempts, %v, attempt %d", len(began), err, w.attempt)
		}
	})
}

// Jitter varies each wait by its share, either way, and never beyond the longest.
func TestPromise09_Jitter(t *testing.T) {
	p := &retry{initial: 100 * time.Millisecond, most: 110 * time.Millisecond, multiplier: 2, jitter: 0.5}
	low, high, at := time.Hour, time.Duration(0), 0
	for range 10_000 {
		d := p.wait(1, errCall)
		low, high = min(low, d), max(high, d)
		if d == p.most {
			at++
		}
	}
	if low < 50e6 || low > 52e6 || high != p.most || at < 3000 || at > 5000 {
		t.Errorf("waits from %v to %v, %d of them the longest", low, high, at)
	}
	low = time.Hour
	for range 1000 {
		low = min(low, p.wait(5000, errCall))
	}
	if low < 55e6 || low > 60e6 {
		t.Errorf("the shortest of the longest waits is %v", low)
	}
}

// later is an error that knows when to try again.
type later time.Duration

func (e later) Error() string             { return "later" }
func (e later) RetryAfter() time.Duration { return time.Duration(e) }

// An error with RetryAfter sets the wait, also one that is wrapped, and beyond the longest.
func TestPromise09_RetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := caller(t.Context())
		defer w.run.abandon()
		p := &retry{attempts: 3, initial: time.Second, most: time.Second, multiplier: 1}
		began, _ := p.try(w, func(attempt int) error {
			if attempt == 1 {
				return fmt.Errorf("wrapped: %w", later(7*time.Second))
			}
			return later(-time.Second)
		})
		if want := []time.Duration{0, 7e9, 7e9}; !slices.Equal(began, want) {
			t.Errorf("attempts at %v, want %v", began, want)
		}
	})
}

// when is asked once a failure, of the last attempt too, and its no ends the attempts.
func TestPromise09_When(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := caller(t.Context())
		defer w.run.abandon()
		asked := 0
		p := &retry{attempts: 3, initial: time.Second, most: time.Second, multiplier: 1}
		p.when = func(err error) bool { asked++; return err == errCall }
		if began, _ := p.try(w, always(errCall)); len(began) != 3 || asked != 3 {
			t.Errorf("%d attempts, asked %d times", len(began), asked)
		}
		asked = 0
		fatal := errors.New("fatal")
		if began, err := p.try(w, func(int) error { return fatal }); len(began) != 1 || asked != 1 || err != fatal {
			t.Errorf("%d attempts, asked %d times, %v", len(began), asked, err)
		}
	})
}

// A wait ends when the run does, at that moment; no attempt begins after it, and nobody asks whether the
// error of a call that the end has cancelled is worth another.
func TestPromise09_WaitsEndAtCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := caller(t.Context())
		defer w.run.abandon()
		stop := errors.New("stop")
		time.AfterFunc(250*time.Millisecond, func() { w.run.fail(stop) })
		p := &retry{attempts: 9, initial: 200 * time.Millisecond, most: time.Hour, multiplier: 10}
		start := time.Now()
		began, err := p.try(w, always(errCall))
		if want := []time.Duration{0, 200e6}; !slices.Equal(began, want) || err != errCall || time.Since(start) != 250*time.Millisecond {
			t.Errorf("attempts at %v, ended at %v with %v", began, time.Since(start), err)
		}
		p.when = func(error) bool { t.Error("asked after the end"); return true }
		if began, _ := p.try(w, func(int) error { return w.ctx.Err() }); len(began) != 1 {
			t.Errorf("%d attempts after the end", len(began))
		}
		if err := newLimit(1, time.Hour, 1).wait(w.ctx); err != stop {
			t.Errorf("the limit lets calls begin after the end: %v", err)
		}
	})
}

// A limit lets burst calls begin at once after a pause, then one at each interval, whoever waits.
func TestLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimit(50, time.Second, 3)
		start := time.Now()
		var at []time.Duration
		call := func(n int) {
			for range n {
				if err := l.wait(t.Context()); err != nil {
					t.Fatal(err)
				}
				at = append(at, time.Since(start))
			}
		}
		call(5)
		time.Sleep(30 * time.Millisecond) // one token and a half
		call(3)
		time.Sleep(time.Minute)
		began := time.Since(start)
		call(4)
		want := []time.Duration{0, 0, 0, 20e6, 40e6, 70e6, 80e6, 100e6, began, began, began, began + 20e6}
		if !slices.Equal(at, want) {
			t.Errorf("calls at %v\nwant %v", at, want)
		}
	})
}

// Any number of workers together keep to the rate.
func TestLimitIsOneForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLimit(10, time.Minute, 1)
		var calls atomic.Int32
		for range 20 {
			go func() {
				for l.wait(t.Context()) == nil {
					calls.Add(1)
				}
			}()
		}
		time.Sleep(time.Minute + time.Second)
		if n := calls.Load(); n != 11 {
			t.Errorf("%d calls in a minute", n)
		}
	})
}

// Each key has its own limit, and keys whose bucket is full are forgotten.
func TestKeyedLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newKeyedLimit[int](10, time.Second, 2)
		start := time.Now()
		for key := range 50_000 {
			for range 2 {
				if err := l.wait(t.Context(), key); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Millisecond)
		}
		if d := time.Since(start); d != 50*time.Second {
			t.Errorf("keys waited for each other: %v", d)
		}
		if n := len(l.full); n > 500 || l.many < n { // 200 keys have been used within the time that fills a bucket
			t.Errorf("it remembers %d keys", n)
		}
		began := time.Now()
		for range 4 {
			l.wait(t.Context(), -1)
		}
		if d := time.Since(began); d != 200*time.Millisecond {
			t.Errorf("two calls beyond the burst took %v", d)
		}
	})
}

// A key that cannot be compared panics, as it does as the key of a map, and locks nobody out.
func TestKeyedLimitPanics(t *testing.T) {
	l := newKeyedLimit[any](1e9, time.Second, 1)
	func() {
		defer func() { _ = recover() }()
		l.wait(t.Context(), []int{})
		t.Error("it did not panic")
	}()
	if err := l.wait(t.Context(), "key"); err != nil {
		t.Error(err)
	}
}

// Rates that no clock can measure neither overflow nor divide by zero.
func TestLimitExtremes(t *testing.T) {
	for _, test := range []struct {
		limit *limit
		calls int
	}{
		{newLimit(1e300, time.Second, 1), 3},
		{newLimit(1, time.Hour, 1<<60), 3},
		{newLimit(1e-300, time.Hour, 1<<60), 1},
	} {
		for range test.calls {
			if err := test.limit.wait(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}

// door is a state that says when it is made and closed.
type door struct {
	log   *[]string
	close func() error
}

func (d door) Close() error {
	*d.log = append(*d.log, "close")
	if d.close == nil {
		return nil
	}
	return d.close()
}

// holds runs workers that have states made by open, and returns what happened in order.
func holds(t *testing.T, workers int, shared bool, open func(log *[]string) (door, error), items func(w *worker)) (log []string, err error) {
	r := newRun(t.Context(), nil, nil, func(name string, index, attempt int, _ any, err error, stack []byte) error {
		return fmt.Errorf("%s %d %d %v: %w", name, index, attempt, stack != nil, err)
	})
	g := r.addGroup(workers, stageInfo{name: "hold"})
	make := func() *state[door] {
		return newState(0, func() (door, error) { log = append(log, "open"); return open(&log) })
	}
	common := make()
	for _, w := range g.workers {
		s := common
		if !shared {
			s = make()
		}
		w.loop = w.holding(func() (over bool) {
			defer w.catch(&over, func() (int, int, any) { return 0, 7, nil })
			if !s.made {
				t.Error("a loop runs without its state")
			}
			log = append(log, "loop")
			if items != nil {
				items(w)
			}
			return true
		}, s)
	}
	g.finish = func() { log = append(log, "finish") }
	r.launch()
	err = r.wait()
	return log, err
}

func TestState(t *testing.T) {
	boom := errors.New("boom")
	opens := func(log *[]string) (door, error) { return door{log: log}, nil }
	closing := func(f func() error) func(log *[]string) (door, error) {
		return func(log *[]string) (door, error) { return door{log, f}, nil }
	}
	times := 0
	for _, test := range []struct {
		name  string
		open  func(log *[]string) (door, error)
		items func(w *worker)
		log   []string
		err   string
	}{
		{"Made", opens, nil, []string{"open", "loop", "close", "finish"}, ""},
		{"OpenFails", func(*[]string) (door, error) { return door{}, boom }, nil, []string{"open", "finish"}, "hold -1 1 false: boom"},
		{"OpenPanics", func(*[]string) (door, error) { panic(boom) }, nil, []string{"open", "finish"}, "hold -1 1 true: panic: boom"},
		{"OpenGoexits", func(*[]string) (door, error) { runtime.Goexit(); return door{}, nil }, nil, []string{"open", "finish"},
			"hold -1 1 true: runtime.Goexit was called"},
		{"CloseFails", closing(func() error { return boom }), nil, []string{"open", "loop", "close", "finish"}, "hold -1 1 false: boom"},
		{"ClosePanics", closing(func() error { panic(boom) }), nil, []string{"open", "loop", "close", "finish"}, "hold -1 1 true: panic: boom"},
		{"CloseGoexits", closing(func() error { runtime.Goexit(); return nil }), nil, []string{"open", "loop", "close", "finish"},
			"hold -1 1 true: runtime.Goexit was called"},
		{"StopsBeforeClose", opens, func(w *worker) { w.run.fail(boom) }, []string{"open", "loop", "close", "finish"}, "boom"},
		{"KeptOverGoexit", opens, func(w *worker) {
			if times++; times == 1 {
				w.group.stages[0].onError = func(*worker, int, failure[any]) error { return nil }
				runtime.Goexit()
			}
		}, []string{"open", "loop", "loop", "close", "finish"}, ""},
		{"StopsByGoexit", opens, func(*worker) { runtime.Goexit() }, []string{"open", "loop", "close", "finish"},
			"hold 7 1 true: runtime.Goexit was called"},
	} {
		for _, shared := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/shared=%v", test.name, shared), func(t *testing.T) {
				times = 0
				log, err := holds(t, 1, shared, test.open, test.items)
				if !slices.Equal(log, test.log) {
					t.Errorf("%v\nwant %v", log, test.log)
				}
				if text := fmt.Sprint(err); text != test.err && (err != nil || test.err != "") {
					t.Errorf("%v, want %v", text, test.err)
				}
			})
		}
	}
}

// A shared state is made once, before the first item of any worker, and closed once, after the last of any.
func TestStateShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bare(t.Context(), nil)
		g := r.addGroup(8, stageInfo{name: "hold"})
		var made, closed, working atomic.Int32
		s := newState(0, func() (closer, error) {
			time.Sleep(time.Minute)
			made.Add(1)
			return func() error {
				if working.Load() > 0 {
					t.Error("closed while it is used")
				}
				closed.Add(1)
				return nil
			}, nil
		})
		for i, w := range g.workers {
			w.loop = w.holding(func() bool {
				if made.Load() != 1 {
					t.Errorf("made %d times before a loop", made.Load())
				}
				working.Add(1)
				time.Sleep(time.Duration(i) * time.Second)
				working.Add(-1)
				return true
			}, s)
		}
		r.launch()
		if err := r.wait(); err != nil || made.Load() != 1 || closed.Load() != 1 {
			t.Errorf("%v: made %d, closed %d times", err, made.Load(), closed.Load())
		}
	})
}

type closer func() error

func (c closer) Close() error { return c() }
