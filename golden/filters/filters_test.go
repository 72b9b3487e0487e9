package filters

import (
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Filters", Items: 40, New: func(drain <-chan struct{}) probe.Ends {
		p := Filters{Drain: drain, Stats: new(FiltersStats)}
		return probe.Open[*FiltersError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestPromise07_Filtered(t *testing.T) {
	r := pipelines[0].Do(t, probe.Script{N: 40}, probe.Plan{})
	if want := []any{1, 11, 13, 17, 19, 23, 29, 31, 37}; r.Err != nil || !slices.Equal(r.Out, want) {
		t.Errorf("%v, %v", r.Out, r.Err)
	}
	// Of 0…39: 20 even; then 3, 9, 15, 21, 27, 33, 39; then 5, 25, 35; then 7.
	for stage, n := range map[string]int{"plain": 20, "with_context": 7, "fallible": 3, "both": 1} {
		if got := r.Counts.Of(stage, "filtered"); got != n {
			t.Errorf("%s: Filtered = %d, want %d", stage, got, n)
		}
		if in, out, done := r.Counts.Of(stage, "in"), r.Counts.Of(stage, "out"), r.Counts.Of(stage, "done"); done != out || out != in-n {
			t.Errorf("%s: In = %d, Out = %d, Done = %d with %d filtered", stage, in, out, done, n)
		}
	}
}
