package sinks

import (
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Plain", New: func(drain <-chan struct{}) probe.Ends {
		p := Plain{Drain: drain, Stats: new(PlainStats)}
		return probe.Sunk[*PlainError](p.Stats, p.RunSeq2)
	}},
	{Name: "WithContext", New: func(drain <-chan struct{}) probe.Ends {
		p := WithContext{Drain: drain, Stats: new(WithContextStats)}
		return probe.Sunk[*WithContextError](p.Stats, p.RunSeq2)
	}},
	{Name: "Fallible", New: func(drain <-chan struct{}) probe.Ends {
		p := Fallible{Drain: drain, Stats: new(FallibleStats)}
		return probe.Sunk[*FallibleError](p.Stats, p.RunSeq2)
	}},
	{Name: "Both", New: func(drain <-chan struct{}) probe.Ends {
		p := Both{Drain: drain, Stats: new(BothStats)}
		return probe.Sunk[*BothError](p.Stats, p.RunSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestSinksSeeEveryItem(t *testing.T) {
	for _, p := range pipelines {
		var seen []int
		r := p.Do(t, probe.Script{N: 5, Hook: func(c probe.Call) error {
			if !c.Source {
				seen = append(seen, c.Item)
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || !slices.Equal(seen, []int{0, 1, 2, 3, 4}) {
			t.Errorf("%s: %v, %v", p.Name, seen, r.Err)
		}
		stage := r.Counts.Stages[len(r.Counts.Stages)-1]
		if in, out, done := r.Counts.Of(stage, "in"), r.Counts.Of(stage, "out"), r.Counts.Of(stage, "done"); in != 5 || out != 0 || done != 5 {
			t.Errorf("%s: In = %d, Out = %d, Done = %d", p.Name, in, out, done)
		}
	}
}

// Run takes a plain sequence.
func TestRun(t *testing.T) {
	var seen []int
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		seen = append(seen, c.Item)
		return nil
	}})
	if err := (Plain{}).Run(t.Context(), slices.Values([]int{3, 1})); err != nil || !slices.Equal(seen, []int{3, 1}) {
		t.Errorf("%v, %v", seen, err)
	}
}
