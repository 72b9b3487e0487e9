package merges

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Sources", From: map[string][]string{"odds": {}, "tens": {}, "shift": {"odds"}, "pass": {"evens", "shift", "tens"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Sources{Drain: drain, Stats: new(SourcesStats)}
		return probe.Closed[*SourcesError](p.Stats, p.Run)
	}},
	{Name: "Pair", From: map[string][]string{"tens": {}, "pass": {"evens", "tens"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Pair{Drain: drain, Stats: new(PairStats)}
		return probe.Sourced[*PairError](p.Stats, p.Stream)
	}},
	{Name: "Ends", From: map[string][]string{"odds": {}, "evens": {}, "small": {"evens"}, "keep": {"small", "odds"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Ends{Drain: drain, Stats: new(EndsStats)}
		return probe.Closed[*EndsError](p.Stats, p.Run)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// Every item of every input arrives once.
func TestPromise15_Merge(t *testing.T) {
	for i, want := range []string{
		"[0 0 1 1 2 2 3 3 1000 1001 1002 1003]",
		"[0 0 1 1 2 2 3 3]",
		"[0 0 1 1 2 2 3 3]",
	} {
		var mu sync.Mutex
		var kept []int
		r := pipelines[i].Do(t, probe.Script{N: 4, Hook: func(c probe.Call) error {
			if c.Stage == "keep" {
				mu.Lock()
				defer mu.Unlock()
				kept = append(kept, c.Item)
			}
			return nil
		}}, probe.Plan{})
		for _, v := range r.Out {
			kept = append(kept, v.(int))
		}
		slices.Sort(kept)
		if got := fmt.Sprint(kept); r.Err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", pipelines[i].Name, got, r.Err, want)
		}
	}
}

// The input that is ready goes on while another one is silent: a merge has no order across its inputs.
func TestPromise15_SilentInputHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var kept atomic.Int64
		run := pipelines[0].Start(t, probe.Script{N: 20, Hook: func(c probe.Call) error {
			switch c.Stage {
			case "evens":
				<-gate
			case "keep":
				kept.Add(1)
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		if n := kept.Load(); n != 40 {
			t.Errorf("%d items of the other two sources arrived, want 40", n)
		}
		close(gate)
		if r := run.Wait(); r.Err != nil || r.Counts.Of("keep", "done") != 60 {
			t.Errorf("%d items, %v", r.Counts.Of("keep", "done"), r.Err)
		}
	})
}

// The queue is closed once, after the last of its writers: the sources end one after the other.
func TestPromise02_QueueOutlivesItsFirstWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		run := pipelines[1].Start(t, probe.Script{N: 3, Hook: func(c probe.Call) error {
			if c.Stage == "tens" && c.Item == 2 {
				<-gate
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		if n := run.Received(); n != 5 {
			t.Errorf("%d items arrived, want 5", n)
		}
		close(gate)
		if r := run.Wait(); r.Err != nil || len(r.Out) != 6 {
			t.Errorf("%d items, %v", len(r.Out), r.Err)
		}
	})
}
