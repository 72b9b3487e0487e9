package maps

import (
	"errors"
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Maps", New: func(drain <-chan struct{}) probe.Ends {
		p := Maps{Drain: drain, Stats: new(MapsStats)}
		return probe.Open[*MapsError](p.Stats, p.StreamSeq2)
	}},
	{Name: "MapsMap", New: func(drain <-chan struct{}) probe.Ends {
		p := Maps{Drain: drain, Stats: new(MapsStats)}
		return probe.Mapped[*MapsError](p.Stats, p.Map)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestMaps(t *testing.T) {
	probe.Play(probe.Script{})
	want := []label{{"0.5"}, {"1"}, {"1.5"}}
	got, err := Maps{}.Map(t.Context(), []int{1, 2, 3})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	var streamed []label
	for v, err := range (Maps{}).Stream(t.Context(), slices.Values([]int{1, 2, 3})) {
		if err != nil {
			t.Fatal(err)
		}
		streamed = append(streamed, v)
	}
	if !slices.Equal(streamed, want) {
		t.Errorf("streamed %v", streamed)
	}
}

// Item is the failed call's argument, Index its position in the input.
func TestErrorFields(t *testing.T) {
	for stage, item := range map[string]any{"fallible": 2.5, "both": "2.5"} {
		boom := errors.New("boom")
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			if c.Stage == stage && c.Item == 5 {
				return boom
			}
			return nil
		}})
		_, err := Maps{}.Map(t.Context(), []int{1, 2, 3, 5, 8})
		var e *MapsError
		if !errors.As(err, &e) {
			t.Fatal(err)
		}
		if e.Stage != stage || e.Index != 3 || e.Attempt != 1 || e.Item != item || e.Err != boom || e.Stack != nil {
			t.Errorf("%+v", e)
		}
	}
}
