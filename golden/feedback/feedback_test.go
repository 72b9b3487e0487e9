package feedback

import (
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Tree", From: map[string][]string{"visit": {"seeds", "worth"}, "keep": {"visit"}, "halves": {"visit"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Tree{Drain: drain, Stats: new(TreeStats)}
		return probe.Closed[*TreeError](p.Stats, p.Run)
	}},
	{Name: "Rounds", From: map[string][]string{"down": {"visit", "keep"}, "keep": {}, "result": {}}, Into: map[string][]string{"end": {"keep", "result"}}, Tolerant: []string{"down"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Rounds{Drain: drain, Stats: new(RoundsStats), Log: probe.Quiet}
		return probe.Open[*RoundsError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// tree counts how often each number stands in the binary tree below n.
func tree(n int, into map[int]int) {
	into[n]++
	if n < 2 {
		return
	}
	for _, half := range []int{n / 2, (n - 1) / 2} {
		if half > 0 {
			tree(half, into)
		}
	}
}

// Everything that follows from the seeds is visited, then the run ends by itself.
func TestCycleEndsWhenNothingIsLeft(t *testing.T) {
	want := make(map[int]int)
	for seed := range 60 {
		tree(seed, want)
	}
	for range 20 {
		got := make(map[int]int)
		var mu sync.Mutex
		r := pipelines[0].Do(t, probe.Script{N: 60, Hook: func(c probe.Call) error {
			if c.Stage == "visit" {
				mu.Lock()
				defer mu.Unlock()
				got[c.Item]++
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || !maps.Equal(got, want) {
			t.Fatalf("visited %v, %v, want %v", got, r.Err, want)
		}
	}
}

// The run does not end while an item is on its way round, however long that takes.
func TestCycleWaitsForItemsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		r := pipelines[1].Do(t, probe.Script{N: 5, Hook: func(c probe.Call) error {
			if c.Stage == "down" && c.Item == 3 {
				time.Sleep(time.Second) // nothing else is under way by then
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || len(r.Out) != 5 {
			t.Errorf("%d results, %v, want 5", len(r.Out), r.Err)
		}
		if took := time.Since(start); took < time.Second {
			t.Errorf("ended after %v, before the last item was round", took)
		}
	})
}

// Items that fail inside the cycle are no longer under way.
func TestCycleEndsAfterFailures(t *testing.T) {
	r := pipelines[1].Do(t, probe.Script{N: 6, Hook: func(c probe.Call) error {
		if c.Stage == "down" && c.Item == 2 {
			panic("two")
		}
		return nil
	}}, probe.Plan{})
	// 0 and 1 never come to 2; 2, 3, 4 and 5 do.
	if r.Err != nil || len(r.Out) != 2 || r.Counts.Of("down", "failed") != 4 {
		t.Errorf("%d results, %d failed, %v; want 2 and 4", len(r.Out), r.Counts.Of("down", "failed"), r.Err)
	}
}
