package switches

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Sizes", From: map[string][]string{"small": {}, "medium": {}, "large": {}, "collect": {"small", "medium", "large"}},
		Into: map[string][]string{"sort": {"small", "medium", "large"}},
		New: func(drain <-chan struct{}) probe.Ends {
			p := Sizes{Drain: drain, Stats: new(SizesStats)}
			return probe.Sourced[*SizesError](p.Stats, p.Stream)
		}},
	{Name: "Parity", From: map[string][]string{"keep": {}, "note": {}}, Into: map[string][]string{"parity": {"keep", "note"}}, Tolerant: []string{"parity"},
		New: func(drain <-chan struct{}) probe.Ends {
			p := Parity{Drain: drain, Stats: new(ParityStats), Log: probe.Quiet}
			return probe.Sunk[*ParityError](p.Stats, p.RunSeq2)
		}},
	{Name: "Signs", From: map[string][]string{"keep": {}, "large": {}}, Into: map[string][]string{"sign": {"keep", "large"}}, Tolerant: []string{"small"},
		New: func(drain <-chan struct{}) probe.Ends {
			p := Signs{Drain: drain, Stats: new(SignsStats)}
			return probe.Open[*SignsError](p.Stats, p.StreamSeq2)
		}},
	{Name: "Digits", From: map[string][]string{"keep": {}, "note": {}}, Into: map[string][]string{"digit": {"keep", "note"}},
		New: func(drain <-chan struct{}) probe.Ends {
			p := Digits{Drain: drain, Stats: new(DigitsStats)}
			return probe.Closed[*DigitsError](p.Stats, p.Run)
		}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// sorted plays n items and returns what each function got, in order of the items.
func sorted(t *testing.T, p probe.Pipeline, n int) (map[string][]int, probe.Result) {
	t.Helper()
	var mu sync.Mutex
	got := make(map[string][]int)
	r := p.Do(t, probe.Script{N: n, Hook: func(c probe.Call) error {
		mu.Lock()
		defer mu.Unlock()
		got[c.Stage] = append(got[c.Stage], c.Item)
		return nil
	}}, probe.Plan{})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	for _, items := range got {
		slices.Sort(items)
	}
	return got, r
}

// Each item takes the port of its key, and only that one.
func TestPorts(t *testing.T) {
	for _, test := range []struct {
		pipeline int
		want     map[string][]int
	}{
		{0, map[string][]int{"small": {0, 3, 6}, "medium": {1, 4, 7}, "large": {2, 5}, "collect": {0, 3, 6, 1001, 1004, 1007, 2002, 2005}}},
		{1, map[string][]int{"keep": {0, 1, 2, 3, 4, 5, 6, 7}, "note": nil}},
		{2, map[string][]int{"keep": {1, 3, 5, 7}, "large": {0, 2, 4, 6}}},
		{3, map[string][]int{"keep": {0, 5}, "note": {1, 2, 3, 4, 6, 7}}},
	} {
		p := pipelines[test.pipeline]
		got, _ := sorted(t, p, 8)
		for stage, want := range test.want {
			if !slices.Equal(got[stage], want) {
				t.Errorf("%s: %s got %v, want %v", p.Name, stage, got[stage], want)
			}
		}
	}
	if got, _ := sorted(t, pipelines[1], 102); !slices.Equal(got["note"], []int{100, 101}) {
		t.Errorf("the default port got %v, want 100 and 101", got["note"])
	}
}

// A key that no case names is that item's error, in a switch that named all constants there were.
func TestUnknownKey(t *testing.T) {
	run := pipelines[0].Do(t, probe.Script{N: 3, Hook: func(c probe.Call) error { return nil }}, probe.Plan{})
	if run.Err != nil {
		t.Fatal(run.Err)
	}
	beyond = true
	defer func() { beyond = false }()
	run = pipelines[0].Do(t, probe.Script{N: 3}, probe.Plan{})
	if e := run.AsError(); e == nil || e.Stage != "sort" || !strings.Contains(e.Err.Error(), "no case for 7") {
		t.Errorf("the error is %v, want that there is no case for 7", run.Err)
	}
}

// A switch has one worker, so that the items of a port keep their order.
func TestOrderWithinAPort(t *testing.T) {
	var kept []int // by one worker
	pipelines[3].Do(t, probe.Script{N: 200, Hook: func(c probe.Call) error {
		if c.Stage == "note" {
			kept = append(kept, c.Item)
		}
		return nil
	}}, probe.Plan{})
	if len(kept) != 160 || !slices.IsSorted(kept) {
		t.Errorf("%d items came through one port, in order: %v; want 160 in order", len(kept), slices.IsSorted(kept))
	}
}
