package taps

import (
	"slices"
	"sync"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Taps", New: func(drain <-chan struct{}) probe.Ends {
		p := Taps{Drain: drain, Stats: new(TapsStats)}
		return probe.Open[*TapsError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestTapsPassItemsOn(t *testing.T) {
	var mu sync.Mutex
	seen := map[string][]int{}
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		mu.Lock()
		defer mu.Unlock()
		seen[c.Stage] = append(seen[c.Stage], c.Item)
		return nil
	}})
	in := []int{4, 3, 5}
	got, err := Taps{}.Map(t.Context(), in)
	if err != nil || !slices.Equal(got, in) {
		t.Errorf("%v, %v", got, err)
	}
	for _, stage := range []string{"plain", "with_context", "fallible", "both"} {
		if !slices.Equal(seen[stage], in) {
			t.Errorf("%s saw %v", stage, seen[stage])
		}
	}
}
