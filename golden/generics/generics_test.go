package generics

import (
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/generics/shapes"
	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Inferred", New: func(drain <-chan struct{}) probe.Ends {
		p := Inferred{Drain: drain, Stats: new(InferredStats)}
		return probe.Closed[*InferredError](p.Stats, p.Run)
	}},
	{Name: "Explicit", New: func(drain <-chan struct{}) probe.Ends {
		p := Explicit{From: shapes.Box[int]{Value: 7}, Drain: drain, Stats: new(ExplicitStats)}
		return probe.Open[*ExplicitError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestInferred(t *testing.T) {
	var kept []int
	r := pipelines[0].Do(t, probe.Script{N: 4, Hook: func(c probe.Call) error {
		if c.Stage == "keep" {
			kept = append(kept, c.Item)
		}
		return nil
	}}, probe.Plan{})
	if r.Err != nil || !slices.Equal(kept, []int{8}) {
		t.Errorf("%v, %v", kept, r.Err)
	}
}

func TestExplicit(t *testing.T) {
	probe.Play(probe.Script{})
	var got []string
	for v, err := range (Explicit{From: shapes.Box[int]{Value: 7}}).Stream(t.Context(), slices.Values([]int{1, 2, 3})) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if want := []string{"1+7", "2+7", "3+7"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestSummed(t *testing.T) {
	probe.Play(probe.Script{N: 100})
	for sum, err := range (Summed{}).Stream(t.Context()) {
		if sum != 99*100/2 || err != nil {
			t.Errorf("%d, %v", sum, err)
		}
		return
	}
	t.Error("no sum")
}
