package joins

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var errOne = errors.New("one")

var pipelines = []probe.Pipeline{
	{Name: "Matches", From: map[string][]string{"payments": {}, "match": {"orders", "payments"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Matches{Drain: drain, Stats: new(MatchesStats)}
		return probe.Closed[*MatchesError](p.Stats, p.Run)
	}},
	{Name: "Window", From: map[string][]string{"payments": {}, "match": {"pass", "payments"}}, Tolerant: []string{"pass", "match"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Window{Drain: drain, Stats: new(WindowStats), Log: probe.Quiet}
		return probe.Sourced[*WindowError](p.Stats, p.Stream)
	}},
	{Name: "Everything", From: map[string][]string{"payments": {}, "match": {"orders", "payments"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Everything{Drain: drain, Stats: new(EverythingStats)}
		return probe.Closed[*EverythingError](p.Stats, p.Run)
	}},
}

// Which pairs a window finds depends on how far one side is ahead of the other, so that Window has no life cycle to
// be compared with.
func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines[0], pipelines[2]) }

// Every order meets every payment of its key, whichever comes first.
func TestInnerJoin(t *testing.T) {
	for range 20 {
		var mu sync.Mutex
		var got []int
		r := pipelines[0].Do(t, probe.Script{N: 100, Hook: func(c probe.Call) error {
			if c.Stage == "keep" {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, c.Item)
			}
			return nil
		}}, probe.Plan{})
		var want []int
		for payment := range 100 {
			want = append(want, 1000*(payment/2)+payment)
		}
		slices.Sort(got)
		if r.Err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v, %v", got, r.Err)
		}
		if n := r.Counts.Of("match", "filtered"); n != 0 {
			t.Errorf("%d items were evicted, want none", n)
		}
	}
}

// Of each side the last two are kept, and the others have been evicted: here all payments come before the first
// order, and only the last two meet theirs.
func TestMaxItemsEvictsTheOldest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		run := pipelines[1].Start(t, probe.Script{N: 10, Hook: func(c probe.Call) error {
			if c.Stage == "pass" {
				<-gate
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait() // all payments are with the join
		close(gate)
		r := run.Wait()
		if want := []any{8008, 9009}; r.Err != nil || !slices.Equal(r.Out, want) {
			t.Errorf("%v, %v, want %v", r.Out, r.Err, want)
		}
		if n := r.Counts.Of("match", "filtered"); n != 16 {
			t.Errorf("%d items were evicted, want 16", n)
		}
	})
}

// A pair that fails is its later item's failure, and the join goes on; errors from above pass.
func TestPromise07_FailuresOfAJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		run := pipelines[1].Start(t, probe.Script{N: 10, Hook: func(c probe.Call) error {
			switch {
			case c.Stage == "pass" && c.Item == 3:
				return errOne
			case c.Stage == "pass":
				<-gate
			case c.Stage == "match" && c.Item == 8:
				return errOne
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		close(gate)
		r := run.Wait()
		if want := []any{9009}; r.Err != nil || !slices.Equal(r.Out, want) || len(r.Yielded) != 1 {
			t.Errorf("%v, yielded %v, ended with %v; want %v and one error", r.Out, r.Yielded, r.Err, want)
		}
		if n := r.Counts.Of("match", "failed"); n != 1 {
			t.Errorf("%d items failed in the join, want 1", n)
		}
	})
}

// An item that meets many partners meets no more of them once the run has stopped.
func TestPromise06_NoFurtherPartners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := make(chan struct{})
		ctx, cancel := context.WithCancelCause(t.Context())
		calls := 0
		run := pipelines[2].Start(t, probe.Script{N: 100, Hook: func(c probe.Call) error {
			switch {
			case c.Stage == "orders":
				<-orders // by then all payments are with the join
			case c.Stage == "match":
				if calls++; calls == 3 {
					cancel(errOne)
					synctest.Wait()
				}
			}
			return nil
		}}, probe.Plan{Ctx: ctx})
		synctest.Wait()
		close(orders)
		r := run.Wait()
		if done := r.Counts.Of("match", "done"); r.Err != errOne || done != 100 {
			t.Errorf("the run ended with %v, %d items are done, want the 100 payments", r.Err, done)
		}
		if calls != 3 {
			t.Errorf("%d calls; the run was stopped in the third", calls)
		}
	})
}

// An item that waits for room for a pair of its when the run stops is interrupted.
func TestPromise07_NoRoomForAPair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		orders := make(chan struct{})
		ctx, cancel := context.WithCancelCause(t.Context())
		run := pipelines[2].Start(t, probe.Script{N: 1000, Hook: func(c probe.Call) error {
			switch c.Stage {
			case "orders":
				<-orders // by then all payments are with the join
			case "keep":
				<-ctx.Done()
			}
			return nil
		}}, probe.Plan{Ctx: ctx})
		synctest.Wait()
		close(orders)
		synctest.Wait() // the join waits for room
		cancel(errOne)
		r := run.Wait()
		done, whole := r.Counts.Of("match", "done")-1000, r.Counts.Of("match", "out")/1000
		if r.Err != errOne || done != whole {
			t.Errorf("the run ended with %v, %d orders are done, %d have met every payment", r.Err, done, whole)
		}
	})
}
