package namedqueues

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Compete", From: map[string][]string{"odds": {}, "shift": {"odds"}, "keep": {}, "note": {}}, Competing: []string{"keep", "note"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Compete{Drain: drain, Stats: new(CompeteStats)}
		return probe.Closed[*CompeteError](p.Stats, p.Run)
	}},
	{Name: "Ordered", From: map[string][]string{"merge": {}, "shift": {}, "keep": {"merge", "shift"}}, Into: map[string][]string{"pass": {"merge", "shift"}}, Competing: []string{"merge", "shift"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Ordered{Drain: drain, Stats: new(OrderedStats)}
		return probe.Sunk[*OrderedError](p.Stats, p.RunSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// What two stages put into one queue is what its two readers take out, each item once.
func TestPromise07_Compete(t *testing.T) {
	for range 20 {
		var mu sync.Mutex
		var got []int
		r := pipelines[0].Do(t, probe.Script{N: 100, Hook: func(c probe.Call) error {
			if c.Stage == "keep" || c.Stage == "note" {
				mu.Lock()
				defer mu.Unlock()
				got = append(got, c.Item)
			}
			return nil
		}}, probe.Plan{})
		slices.Sort(got)
		var want []int
		for i := range 100 {
			want = append(want, i)
		}
		for i := range 100 {
			want = append(want, 1000+i)
		}
		if r.Err != nil || !slices.Equal(got, want) {
			t.Fatalf("%v, %v", got, r.Err)
		}
		if in, out := r.Counts.Of("keep", "in")+r.Counts.Of("note", "in"), r.Counts.Of("evens", "out")+r.Counts.Of("shift", "out"); in != out {
			t.Errorf("the readers took in %d, the writers put out %d", in, out)
		}
	}
}

// A reader that is stuck leaves all the rest to the other one.
func TestPromise17_TheOtherReaderGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var mu sync.Mutex
		kept := 0
		run := pipelines[0].Start(t, probe.Script{N: 50, Hook: func(c probe.Call) error {
			switch c.Stage {
			case "note":
				<-gate
			case "keep":
				mu.Lock()
				defer mu.Unlock()
				kept++
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		mu.Lock()
		n := kept
		mu.Unlock()
		if n < 99 { // the reader that is stuck may have begun one
			t.Errorf("%d items got past the reader that is stuck, want 99 or 100", n)
		}
		close(gate)
		if r := run.Wait(); r.Err != nil {
			t.Error(r.Err)
		}
	})
}

// Each of two ordered readers hands on what it took in the order in which it took it.
func TestPromise11_CompetingReadersKeepTheirOrders(t *testing.T) {
	var small, large []int
	r := pipelines[1].Do(t, probe.Script{N: 1000, Hook: func(c probe.Call) error {
		if c.Stage == "keep" { // one worker
			if c.Item < 1000 {
				small = append(small, c.Item)
			} else {
				large = append(large, c.Item)
			}
		}
		return nil
	}}, probe.Plan{})
	if r.Err != nil || len(small)+len(large) != 1000 || !slices.IsSorted(small) || !slices.IsSorted(large) {
		t.Errorf("%d and %d items, in order: %v and %v; %v", len(small), len(large), slices.IsSorted(small), slices.IsSorted(large), r.Err)
	}
}
