package filtermaps

import (
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Filtermaps", Items: 64, New: func(drain <-chan struct{}) probe.Ends {
		p := Filtermaps{Drain: drain, Stats: new(FiltermapsStats)}
		return probe.Open[*FiltermapsError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestPromise07_Filtered(t *testing.T) {
	r := pipelines[0].Do(t, probe.Script{N: 64}, probe.Plan{})
	if want := []any{int64(0), int64(1), int64(2), int64(3)}; r.Err != nil || !slices.Equal(r.Out, want) {
		t.Errorf("%v, %v", r.Out, r.Err)
	}
	for stage, n := range map[string]int{"plain": 32, "with_context": 16, "fallible": 8, "both": 4} {
		if got := r.Counts.Of(stage, "filtered"); got != n {
			t.Errorf("%s: Filtered = %d, want %d", stage, got, n)
		}
	}
}
