package siblings

import (
	"maps"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Tally", New: func(drain <-chan struct{}) probe.Ends {
		p := Tally{Drain: drain, Stats: new(TallyStats)}
		return probe.Sourced[*TallyError](p.Stats, p.Stream)
	}},
	{Name: "Shout", New: func(drain <-chan struct{}) probe.Ends {
		p := Shout{Drain: drain, Stats: new(ShoutStats)}
		return probe.Closed[*ShoutError](p.Stats, p.Run)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// Both run at once: nothing that they share is state.
func TestTogether(t *testing.T) {
	probe.Play(probe.Script{N: 300})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := (Shout{}).Run(t.Context()); err != nil {
				t.Error(err)
			}
		})
		wg.Go(func() {
			for got, err := range (Tally{}).Stream(t.Context()) {
				if want := map[string]int{"pipe": 100, "stage": 100, "queue": 100}; err != nil || !maps.Equal(got, want) {
					t.Errorf("%v, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestOneSupportFile(t *testing.T) {
	files, err := filepath.Glob("*pipegen*.go")
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	if want := []string{"pipegen_support.go", "shout_pipegen.go", "tally_pipegen.go"}; !slices.Equal(files, want) {
		t.Errorf("%v", files)
	}
}
