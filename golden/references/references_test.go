package references

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "References", Items: 4, New: func(drain <-chan struct{}) probe.Ends {
		p := References{Drain: drain, Stats: new(ReferencesStats)}
		return probe.Closed[*ReferencesError](p.Stats, p.Run)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// lengths runs References over one line and returns what its sink saw.
func lengths(t *testing.T) []int {
	var kept []int
	r := pipelines[0].Do(t, probe.Script{N: 1, Hook: func(c probe.Call) error {
		if c.Stage == "keep" {
			kept = append(kept, c.Item)
		}
		return nil
	}}, probe.Plan{})
	if r.Err != nil {
		t.Error(r.Err)
	}
	return kept
}

func TestReferences(t *testing.T) {
	// of TWO, PIPE and HOUSE
	if got := lengths(t); !slices.Equal(got, []int{3, 4, 5}) {
		t.Error(got)
	}
}

// A func variable is read when the pipeline runs, not when it is generated.
func TestFuncVariable(t *testing.T) {
	defer func(f func(string) *word) { lookup = f }(lookup)
	lookup = func(string) *word { return &word{"X"} }
	if got := lengths(t); !slices.Equal(got, []int{1, 1, 1}) {
		t.Error(got)
	}
}

func TestAliases(t *testing.T) {
	probe.Play(probe.Script{})
	var got []string
	for log, err := range (Aliases{}).Stream(t.Context(), slices.Values([]string{"a/b/c.go", "d.txt"})) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, log.Names...)
	}
	if fmt.Sprint(got) != "[c d]" {
		t.Error(got)
	}
}
