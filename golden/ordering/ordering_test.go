package ordering

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Ordered", New: func(drain <-chan struct{}) probe.Ends {
		p := Ordered{Drain: drain, Stats: new(OrderedStats)}
		return probe.Open[*OrderedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Usual", New: func(drain <-chan struct{}) probe.Ends {
		p := Usual{Drain: drain, Stats: new(UsualStats)}
		return probe.Open[*UsualError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Mixed", Tolerant: []string{"odd", "work"}, Items: 24, New: func(drain <-chan struct{}) probe.Ends {
		p := Mixed{Drain: drain, Log: probe.Quiet, Stats: new(MixedStats)}
		return probe.Open[*MixedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Streamed", Items: 2, New: func(drain <-chan struct{}) probe.Ends {
		p := Streamed{Drain: drain, Stats: new(StreamedStats)}
		return probe.Open[*StreamedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "OrderedMap", New: func(drain <-chan struct{}) probe.Ends {
		p := Ordered{Drain: drain, Stats: new(OrderedStats)}
		return probe.Mapped[*OrderedError](p.Stats, p.Map)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestPromise11_MaxAhead(t *testing.T) {
	probe.Ahead(t, pipelines[0], "work", 10)
	probe.Ahead(t, pipelines[1], "work", 4*3*2)
}

func TestPromise16_PeakOfOrdered(t *testing.T) {
	probe.Peak(t, pipelines[0], "work", 4)
	probe.Peak(t, pipelines[1], "work", 3)
}

// dawdle is a hook under which every call takes a random time, so that calls end in any order.
func dawdle(probe.Call) error {
	time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
	return nil
}

func TestPromise11_OrderKept(t *testing.T) {
	for _, p := range []probe.Pipeline{pipelines[0], pipelines[1], pipelines[3]} {
		t.Run(p.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := p.Do(t, probe.Script{N: 200, Hook: dawdle}, probe.Plan{})
				if r.Err != nil || len(r.Out) < 200 {
					t.Fatalf("%d items, %v", len(r.Out), r.Err)
				}
				for i := 1; i < len(r.Out); i++ {
					if r.Out[i].(int) <= r.Out[i-1].(int) {
						t.Fatalf("%v came before %v", r.Out[i-1], r.Out[i])
					}
				}
			})
		})
	}
}

// Filtered, skipped and yielded items keep their slots: what is left comes in the order of the input.
func TestPromise11_SlotsOfMissingItems(t *testing.T) {
	boom := errors.New("boom")
	// Of 0…47 odd keeps 1, 3, …, 47; half turns every second of them into 0, 2, …, 22; twice adds 1, 3, …, 23.
	// odd fails for 9, which would have become 4 and 5; work fails for 7 and 16, which are yielded in place.
	want := []any{0, 1, 2, 3, 6, boom, 8, 9, 10, 11, 12, 13, 14, 15, boom, 17, 18, 19, 20, 21, 22, 23}
	for range 20 {
		synctest.Test(t, func(t *testing.T) {
			probe.Play(probe.Script{N: 48, Hook: func(c probe.Call) error {
				_ = dawdle(c)
				if c.Stage == "odd" && c.Item == 9 || c.Stage == "work" && (c.Item == 7 || c.Item == 16) {
					return boom
				}
				return nil
			}})
			var got []any
			for v, err := range (Mixed{Log: probe.Quiet}).Stream(t.Context(), probe.Input(probe.Caller)) {
				var e *MixedError
				switch {
				case err == nil:
					got = append(got, v)
				case errors.As(err, &e) && e.Stage == "work" && e.Item == want[len(got)-1].(int)+1:
					got = append(got, e.Err)
				default:
					t.Errorf("yielded %v", err)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("got  %v\nwant %v", got, want)
			}
		})
	}
}

// While the first item of an ordered flat_map is held, the others stop after what one chunk holds.
func TestPromise11_OnlyTheHeadStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted.Store(0)
		gate := make(chan struct{})
		run := pipelines[3].Start(t, probe.Script{N: 6, Hook: func(c probe.Call) error {
			if c.Stage == "count" && c.Item == 0 {
				<-gate
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		// Two other workers hold at most what a small ring holds each.
		if n := counted.Load(); n > 2*16 || run.Received() > 0 {
			t.Errorf("%d results wait for the first item, %d have come out", n, run.Received())
		}
		close(gate)
		if r := run.Wait(); r.Err != nil || len(r.Out) != 600 {
			t.Errorf("%d items, %v", len(r.Out), r.Err)
		}
	})
}

// Map is in input order with any number of workers.
func TestMapInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{Hook: dawdle})
		in := []int{5, 3, 9, 1, 1, 7, 2, 8}
		if got, err := (Ordered{}).Map(t.Context(), in); err != nil || !slices.Equal(got, in) {
			t.Errorf("%v, %v", got, err)
		}
	})
}

// An error that waits for its turn when the run stops has been counted as failed: it is no interrupted item too.
func TestPromise07_YieldedErrorThatWasHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		ctx, cancel := context.WithCancelCause(t.Context())
		var calls atomic.Int64
		run := pipelines[2].Start(t, probe.Script{N: 24, Hook: func(c probe.Call) error {
			if c.Stage != "work" {
				return nil
			}
			switch calls.Add(1) {
			case 1:
				time.Sleep(time.Millisecond) // it comes first in the order, too: the others come later
				<-gate
			case 2:
				return errors.New("held")
			}
			return nil
		}}, probe.Plan{Ctx: ctx})
		time.Sleep(time.Second)
		cancel(errors.New("enough"))
		synctest.Wait()
		close(gate)
		r := run.Wait()
		if n := r.Counts.Of("work", "failed"); n != 1 {
			t.Fatalf("%d items failed, want 1", n)
		}
		if done, out := r.Counts.Of("work", "done"), len(r.Out); done != out {
			t.Errorf("%d items done, %d came out", done, out)
		}
	})
}
