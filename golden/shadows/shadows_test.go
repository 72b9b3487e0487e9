package shadows

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var db sql.DB

var pipelines = []probe.Pipeline{
	{Name: "Shadows", New: func(drain <-chan struct{}) probe.Ends {
		p := Shadows{Len: &db, Drain: drain, Stats: &ShadowsStats{}}
		return probe.Open[*ShadowsError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestShadows(t *testing.T) {
	r := pipelines[0].Do(t, probe.Script{N: 3}, probe.Plan{})
	if want := []any{2, -2, 3, -3, 4, -4}; r.Err != nil || !slices.Equal(r.Out, want) {
		t.Errorf("%v, %v", r.Out, r.Err)
	}
}
