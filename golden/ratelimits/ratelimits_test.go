package ratelimits

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Bursts", New: func(drain <-chan struct{}) probe.Ends {
		p := Bursts{Drain: drain, Stats: new(BurstsStats)}
		return probe.Open[*BurstsError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Hosts", New: func(drain <-chan struct{}) probe.Ends {
		p := Hosts{Drain: drain, Stats: new(HostsStats)}
		return probe.Open[*HostsError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Every", New: func(drain <-chan struct{}) probe.Ends {
		p := Every{Drain: drain, Stats: new(EveryStats)}
		return probe.Closed[*EveryError](p.Stats, p.Run)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// times are when the calls of each stage began.
type times struct {
	mu    sync.Mutex
	start time.Time
	at    map[string][]time.Duration
}

func newTimes() *times { return &times{start: time.Now(), at: make(map[string][]time.Duration)} }

func (ts *times) hook(c probe.Call) error {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.at[c.Stage] = append(ts.at[c.Stage], time.Since(ts.start))
	return nil
}

// spaced are n times from first on, every apart.
func spaced(first time.Duration, n int, every time.Duration) []time.Duration {
	var at []time.Duration
	for i := range n {
		at = append(at, first+time.Duration(i)*every)
	}
	return at
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

func drain[T any](seq iter.Seq2[T, error]) (n int, last error) {
	for _, err := range seq {
		if last = err; err == nil {
			n++
		}
	}
	return n, last
}

// Four workers together begin a call every 20 ms, not four.
func TestSteady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTimes()
		probe.Play(probe.Script{Hook: ts.hook})
		if n, err := drain(Steady{}.Stream(t.Context(), count(20))); n != 20 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if want := spaced(0, 20, 20*time.Millisecond); !slices.Equal(ts.at["work"], want) {
			t.Errorf("calls at %v", ts.at["work"])
		}
	})
}

// After a burst the rate holds; an attempt that fails has had its token.
func TestAttemptsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTimes()
		failed := make(map[int]bool)
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			_ = ts.hook(c)
			ts.mu.Lock()
			defer ts.mu.Unlock()
			if again := failed[c.Item]; !again {
				failed[c.Item] = true
				return errTemporary
			}
			return nil
		}})
		var stats BurstsStats
		if n, err := drain(Bursts{Rate: 10, Stats: &stats}.Stream(t.Context(), count(5))); n != 5 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		want := append(spaced(0, 3, 0), spaced(100*time.Millisecond, 7, 100*time.Millisecond)...)
		if !slices.Equal(ts.at["work"], want) || stats.Work.Retries() != 5 {
			t.Errorf("calls at %v; %s", ts.at["work"], &stats)
		}
	})
}

// Each key has a limit of its own.
func TestPer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts := newTimes()
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			c.Stage = fmt.Sprint(host(c.Item))
			return ts.hook(c)
		}})
		if n, err := drain(Hosts{Rate: 1}.Stream(t.Context(), count(12))); n != 12 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		for _, key := range []string{"0", "1", "2"} {
			if want := spaced(0, 4, time.Second); !slices.Equal(ts.at[key], want) {
				t.Errorf("calls with key %s at %v", key, ts.at[key])
			}
		}
	})
}

// Every verb keeps to its rate, by key, whatever those of the others are; a source hands out items at its rate.
func TestEveryVerb(t *testing.T) {
	// Of each of three keys 20 items: ten at once, the others a second apart.
	var want []time.Duration
	for _, at := range append(spaced(0, 10, 0), spaced(time.Second, 10, time.Second)...) {
		want = append(want, at, at, at)
	}
	for stage, p := range map[string]Every{
		"numbers":  {NumbersRate: 1},
		"keep_all": {KeepAllRate: 1},
		"same":     {SameRate: 1},
		"slice":    {SliceRate: 1},
		"sequence": {SequenceRate: 1},
		"emits":    {EmitsRate: 1},
		"look":     {LookRate: 1},
		"keep":     {KeepRate: 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			ts := newTimes()
			var stats EveryStats
			p.Stats = &stats
			probe.Play(probe.Script{N: 60, Hook: ts.hook})
			if err := p.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			calls := stage
			if stage == "numbers" {
				calls = "keep_all" // its items, where they come to
			}
			for i, at := range ts.at[calls] {
				if at.Truncate(time.Millisecond) != want[i] {
					t.Errorf("call %d of %s at %v, want %v", i, stage, at, want[i])
				}
			}
			if len(ts.at[calls]) != len(want) {
				t.Errorf("%d calls of %s", len(ts.at[calls]), stage)
			}
			probe.Read(&stats).Conserved(t, nil)
		})
	}
}

// A wait ends when the run does, and its item counts as interrupted.
func TestPromise09_WaitsEndAtCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cause := errors.New("cause")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(90*time.Second, func() { cancel(cause) })
		start := time.Now()
		ts := newTimes()
		probe.Play(probe.Script{N: 100, Hook: ts.hook})
		var stats HostsStats
		n, err := drain(Hosts{Rate: 1.0 / 60, Stats: &stats}.Stream(ctx, count(9)))
		if err != cause || n != 6 || len(ts.at["work"]) != 6 || time.Since(start) != 90*time.Second {
			t.Errorf("%d, %v after %v", n, err, time.Since(start))
		}
		if stats.Work.Interrupted() != 3 {
			t.Errorf("%s", &stats)
		}
		probe.Read(&stats).Conserved(t, nil)
	})
}

// The time of a source that waits for its rate stands still, and Drain ends its wait: the item in hand still goes
// on its way.
func TestSourceWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{N: 5})
		start := time.Now()
		if n, err := drain(Emitting{}.Stream(t.Context())); n != 5 || err != nil || time.Since(start) != 4*time.Second {
			t.Errorf("%d, %v after %v", n, err, time.Since(start))
		}
		end := make(chan struct{})
		time.AfterFunc(1500*time.Millisecond, func() { close(end) })
		start = time.Now()
		var stats EmittingStats
		n, err := drain(Emitting{Drain: end, Stats: &stats}.Stream(t.Context()))
		if n != 3 || err != nil || time.Since(start) != 1500*time.Millisecond || stats.Produce.Out() != 3 {
			t.Errorf("%d, %v after %v: %s", n, err, time.Since(start), &stats)
		}
	})
}

func TestParams(t *testing.T) {
	_, err := drain(Bursts{Rate: -1, Burst: -1}.Stream(t.Context(), count(1)))
	if err == nil || err.Error() != "bursts: param rate: -1: must be more than zero\nparam burst: -1: must be more than zero" {
		t.Error(err)
	}
}
