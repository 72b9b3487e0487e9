package states

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Owned", New: func(drain <-chan struct{}) probe.Ends {
		p := Owned{Drain: drain, Stats: new(OwnedStats)}
		return probe.Open[*OwnedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Shared", New: func(drain <-chan struct{}) probe.Ends {
		p := Shared{Drain: drain, Stats: new(SharedStats)}
		return probe.Open[*SharedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Fused", New: func(drain <-chan struct{}) probe.Ends {
		p := Fused{Drain: drain, Stats: new(FusedStats)}
		return probe.Open[*FusedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Every", New: func(drain <-chan struct{}) probe.Ends {
		p := Every{Drain: drain, Stats: new(EveryStats)}
		return probe.Closed[*EveryError](p.Stats, p.Run)
	}},
}

// At every end that a run can come to, each state that was made has been closed.
func TestLifeCycle(t *testing.T) {
	l := newLedger(nil)
	probe.LifeCycle(t, pipelines...)
	l.closedAll(t)
	if len(l.opened) == 0 {
		t.Error("no state was made")
	}
}

var errBoom = errors.New("boom")

// newLedger begins a new ledger, in which fail is asked before each event.
func newLedger(fail func(event string) error) *ledger {
	current = &ledger{fail: fail}
	return current
}

// at fails with do at one event.
func at(event string, do func() error) func(string) error {
	return func(e string) error {
		if e == event {
			return do()
		}
		return nil
	}
}

// closedAll checks that what was made was closed.
func (l *ledger) closedAll(t *testing.T) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if opened, closed := tally(l.opened), tally(l.closed); !maps.Equal(opened, closed) {
		t.Errorf("made: %v\nclosed: %v", opened, closed)
	}
}

func tally(names []string) map[string]int {
	n := make(map[string]int)
	for _, name := range names {
		n[name]++
	}
	return n
}

func count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

func collect[T any](seq iter.Seq2[T, error]) (got []T, last error) {
	for v, err := range seq {
		if last = err; err == nil {
			got = append(got, v)
		}
	}
	return got, last
}

// Each worker has a state of its own, made once and closed once.
func TestOwned(t *testing.T) {
	l := newLedger(nil)
	probe.Play(probe.Script{})
	got, err := collect(Owned{Factor: 7}.Stream(t.Context(), count(100)))
	slices.Sort(got)
	if err != nil || len(got) != 100 || got[99] != 7*99 {
		t.Errorf("%v, %v", got, err)
	}
	if len(l.opened) != 3 {
		t.Errorf("%d states for 3 workers", len(l.opened))
	}
	l.closedAll(t)
}

// All workers have one state; its context is the run's and lives as long as it does.
func TestShared(t *testing.T) {
	l := newLedger(nil)
	probe.Play(probe.Script{})
	got, err := collect(Shared{}.Stream(t.Context(), count(100)))
	if err != nil || len(got) != 100 || len(l.opened) != 1 {
		t.Errorf("%d results, %v, %d states", len(got), err, len(l.opened))
	}
	l.closedAll(t)
}

// A state is made before the first item, also where there is none, and closed when the last call has returned.
func TestStateOutlivesCalls(t *testing.T) {
	for _, in := range []int{0, 3} {
		synctest.Test(t, func(t *testing.T) {
			calls := 0
			var mu sync.Mutex
			inside := func(n int) { mu.Lock(); calls += n; mu.Unlock() }
			l := newLedger(func(event string) error {
				mu.Lock()
				defer mu.Unlock()
				if strings.HasPrefix(event, "close") && calls > 0 {
					t.Error("closed during a call")
				}
				return nil
			})
			probe.Play(probe.Script{Hook: func(c probe.Call) error {
				inside(1)
				time.Sleep(time.Duration(c.Item) * time.Second)
				inside(-1)
				return nil
			}})
			if _, err := collect(Shared{}.Stream(t.Context(), count(in))); err != nil || len(l.opened) != 1 {
				t.Errorf("%v, made %v", err, l.opened)
			}
			l.closedAll(t)
		})
	}
}

// A state that cannot be made ends the run with the stage's error before any of its items; what else was made is
// closed.
func TestCannotBeMade(t *testing.T) {
	for name, do := range map[string]func() error{
		"error":  func() error { return errBoom },
		"panic":  func() error { panic(errBoom) },
		"Goexit": func() error { runtime.Goexit(); return nil },
	} {
		for state, stage := range map[string]string{
			"reader": "numbers", "filter": "keep_all", "filter_map": "same", "slice": "slice", "sequence": "sequence",
			"emits": "emits", "emits_2": "emits_2", "keep": "keep",
		} {
			t.Run(name+"/"+state, func(t *testing.T) {
				l := newLedger(at("open "+state, do))
				var called atomic.Bool
				probe.Play(probe.Script{N: 20, Hook: func(c probe.Call) error {
					if c.Stage == stage {
						called.Store(true)
					}
					return nil
				}})
				var stats EveryStats
				err := Every{Stats: &stats}.Run(t.Context())
				var e *EveryError
				if !errors.As(err, &e) || e.Stage != stage || e.Index != -1 || e.Item != nil || (e.Stack != nil) != (name != "error") {
					t.Errorf("%#v", err)
				}
				if name != "Goexit" && !errors.Is(err, errBoom) || name == "Goexit" && !strings.Contains(err.Error(), "Goexit") {
					t.Errorf("%v", err)
				}
				if called.Load() {
					t.Error("the stage was called")
				}
				l.closedAll(t)
				probe.Read(&stats).Conserved(t, nil)
			})
		}
	}
}

// An error of Close ends the run as the stage's, once it has done all else; after another error it is not told.
func TestCannotBeClosed(t *testing.T) {
	for name, do := range map[string]func() error{
		"error":  func() error { return errBoom },
		"panic":  func() error { panic(errBoom) },
		"Goexit": func() error { runtime.Goexit(); return nil },
	} {
		for _, state := range []string{"reader", "filter", "filter_map", "handle", "keep"} {
			t.Run(name+"/"+state, func(t *testing.T) {
				l := newLedger(at("close "+state, do))
				probe.Play(probe.Script{N: 20})
				err := Every{}.Run(t.Context())
				var e *EveryError
				if !errors.As(err, &e) || e.Index != -1 {
					t.Errorf("%v", err)
				}
				l.closedAll(t)
				other := errors.New("other")
				newLedger(at("close "+state, do))
				probe.Play(probe.Script{N: 20, Hook: func(c probe.Call) error {
					if c.Stage == "keep" {
						return other
					}
					return nil
				}})
				// The source and what is near it may have ended, and closed their states, before keep is called.
				if err := (Every{}).Run(t.Context()); state == "keep" && !errors.Is(err, other) {
					t.Errorf("%v", err)
				}
			})
		}
	}
}

// A worker keeps its state when a call panics or exits its goroutine.
func TestPromise08_StateLivesOn(t *testing.T) {
	l := newLedger(nil)
	calls := 0
	s := saver(func(n int) (int, error) { calls++; return n, nil })
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		switch {
		case c.Stage == "times" && c.Item%3 == 0:
			panic(errBoom)
		case c.Stage == "times" && c.Item%3 == 1:
			runtime.Goexit()
		}
		return nil
	}})
	got, err := collect(Given{Store: s, Log: probe.Quiet}.Stream(t.Context(), count(9)))
	slices.Sort(got)
	if err != nil || calls != 9 || !slices.Equal(got, []int{4, 10, 16}) {
		t.Errorf("%v, %v", got, err)
	}
	if len(l.opened)+len(l.closed) > 0 {
		t.Errorf("made %v, closed %v", l.opened, l.closed)
	}
}

// saver is a fake store.
type saver func(n int) (int, error)

func (s saver) save(n int) (int, error) {
	mu.Lock()
	defer mu.Unlock()
	return s(n)
}

func (s saver) Close() error { panic("the caller's state is the caller's to close") }

var mu sync.Mutex

// A param as state is the caller's: it is not closed, and a nil one is an error before the first item.
func TestGiven(t *testing.T) {
	probe.Play(probe.Script{})
	s := saver(func(n int) (int, error) { return 100 + n, nil })
	got, err := collect(Given{Store: s, Factor: 3}.Stream(t.Context(), count(3)))
	slices.Sort(got)
	if err != nil || !slices.Equal(got, []int{300, 303, 306}) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = collect(Given{}.Stream(t.Context(), func(func(int) bool) { t.Error("an item was asked for") }))
	if err == nil || err.Error() != "given: param store: nil" {
		t.Errorf("%v", err)
	}
	_, err = collect(Given{Store: saver(func(int) (int, error) { return 0, errBoom })}.Stream(t.Context(), count(1)))
	var e *GivenError
	if !errors.As(err, &e) || e.Stage != "save" || e.Err != errBoom {
		t.Errorf("%v", err)
	}
}

// A state that takes long to make holds up its stage, not those above; the run's end ends the wait where open
// listens to its context.
func TestSlowToMake(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLedger(at("open cache", func() error { time.Sleep(time.Hour); return nil }))
		probe.Play(probe.Script{})
		start := time.Now()
		if got, err := collect(Shared{}.Stream(t.Context(), count(5))); err != nil || len(got) != 5 || time.Since(start) != time.Hour {
			t.Errorf("%v, %v after %v", got, err, time.Since(start))
		}
		l.closedAll(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		start = time.Now()
		_, err := collect(Shared{}.Stream(ctx, count(5)))
		if err != context.DeadlineExceeded || time.Since(start) != time.Hour { // open does not listen
			t.Errorf("%v after %v", err, time.Since(start))
		}
		l.closedAll(t)
	})
}

// States of fused stages are made in order and closed the other way round, in each worker.
func TestFused(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l := newLedger(nil)
	probe.Play(probe.Script{})
	if got, err := collect(Fused{}.Stream(t.Context(), count(5))); err != nil || len(got) != 5 {
		t.Errorf("%v, %v", got, err)
	}
	if fmt.Sprint(l.opened, l.closed) != "[first second] [second first]" {
		t.Errorf("made %v, closed %v", l.opened, l.closed)
	}
}

// Where one state cannot be made the worker makes no further ones.
func TestFusedCannotBeMade(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	l := newLedger(at("open first", func() error { return errBoom }))
	probe.Play(probe.Script{})
	if _, err := collect(Fused{}.Stream(t.Context(), count(5))); !errors.Is(err, errBoom) || len(l.opened) > 0 {
		t.Errorf("%v, made %v", err, l.opened)
	}
}

// A pool makes its states when it starts and closes them when it ends.
func TestPool(t *testing.T) {
	l := newLedger(nil)
	probe.Play(probe.Script{})
	pool, err := Owned{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 20 {
		if got, err := pool.Do(t.Context(), n); got != 10*n || err != nil {
			t.Errorf("%v, %v", got, err)
		}
	}
	if len(l.closed) > 0 {
		t.Errorf("closed while the pool is open: %v", l.closed)
	}
	if err := pool.Close(); err != nil || len(l.opened) != 3 {
		t.Errorf("%v, made %v", err, l.opened)
	}
	l.closedAll(t)
}

// A pool whose state cannot be made ends with that; its tasks do too.
func TestPoolCannotBeMade(t *testing.T) {
	newLedger(at("open cache", func() error { return errBoom }))
	probe.Play(probe.Script{})
	pool, err := Shared{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Do(t.Context(), 1); err == nil {
		t.Error("a task succeeds without its state")
	}
	if err := pool.Close(); !errors.Is(err, errBoom) {
		t.Errorf("%v", err)
	}
}
