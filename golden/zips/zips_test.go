package zips

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var errOne = errors.New("one")

var pipelines = []probe.Pipeline{
	{Name: "Positions", From: map[string][]string{"right": {}, "pair": {"pass", "right"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Positions{Drain: drain, Stats: new(PositionsStats)}
		return probe.Closed[*PositionsError](p.Stats, p.Run)
	}},
	{Name: "Shorter", From: map[string][]string{"right": {}, "pair": {"left", "odd"}}, Tolerant: []string{"pair"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Shorter{Drain: drain, Stats: new(ShorterStats)}
		return probe.Sourced[*ShorterError](p.Stats, p.Stream)
	}},
	{Name: "Diamond", From: map[string][]string{"double": {"pass"}, "pair": {"pass", "double"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Diamond{Drain: drain, Stats: new(DiamondStats)}
		return probe.Open[*DiamondError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Yielding", From: map[string][]string{"double": {"left"}, "pair": {"pass", "double"}}, Tolerant: []string{"pass", "double", "pair"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Yielding{Drain: drain, Stats: new(YieldingStats)}
		return probe.Sourced[*YieldingError](p.Stats, p.Stream)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// Items meet by position. What is left of the longer input is counted as filtered.
func TestPromise15_ZipIsByPosition(t *testing.T) {
	for i, want := range []struct {
		out      string
		filtered int
	}{
		{"[0 1001 2002 3003 4004 5005]", 0},
		{"[1 1003 2005]", 3},
		{"[0 1002 2004 3006 4008 5010]", 0},
	} {
		var mu sync.Mutex
		var out []int
		r := pipelines[i].Do(t, probe.Script{N: 6, Hook: func(c probe.Call) error {
			mu.Lock()
			defer mu.Unlock()
			if c.Stage == "keep" {
				out = append(out, c.Item)
			}
			return nil
		}}, probe.Plan{})
		for _, v := range r.Out {
			out = append(out, v.(int))
		}
		if got := fmt.Sprint(out); r.Err != nil || got != want.out {
			t.Errorf("%s: %s, %v, want %s", pipelines[i].Name, got, r.Err, want.out)
		}
		if n := r.Counts.Of("pair", "filtered"); n != want.filtered {
			t.Errorf("%s: %d items without a partner, want %d", pipelines[i].Name, n, want.filtered)
		}
	}
}

// Both items of a pair that fails are counted, whether by an error, a panic or Goexit.
func TestPromise07_FailedPair(t *testing.T) {
	for _, what := range []string{"error", "panic"} {
		r := pipelines[1].Do(t, probe.Script{N: 6, Hook: func(c probe.Call) error {
			if c.Stage == "pair" && c.Item == 1 {
				if what == "panic" {
					panic(errOne)
				}
				return errOne
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || len(r.Out) != 2 || len(r.Yielded) != 1 || !errors.Is(r.Yielded[0], errOne) {
			t.Errorf("%s: results %v, yielded %v, ended with %v", what, r.Out, r.Yielded, r.Err)
		}
		if n := r.Counts.Of("pair", "failed"); n != 2 {
			t.Errorf("%s: %d items failed, want both of the pair", what, n)
		}
		if n := r.Counts.Of("pair", "done"); n != 4 {
			t.Errorf("%s: %d items done, want those of two pairs", what, n)
		}
	}
}

// A yielded error comes out in the place of its pair, so that those after it still meet by position; the other
// half of the pair has no partner. Where both halves fail, both errors come out.
func TestPromise15_ErrorKeepsItsPosition(t *testing.T) {
	for _, c := range []struct {
		pass, double []int // items that fail there
		out          string
		filtered     int
	}{
		{[]int{1}, nil, "[0 2004 3006 4008 5010]", 1},
		{nil, []int{0, 4}, "[1002 2004 3006 5010]", 2},
		{[]int{1, 2, 3}, []int{2, 3, 4}, "[0 5010]", 2},
		{[]int{0, 1, 2, 3, 4}, nil, "[5010]", 5},
	} {
		r := pipelines[3].Do(t, probe.Script{N: 6, Hook: func(call probe.Call) error {
			if call.Stage == "pass" && slices.Contains(c.pass, call.Item) || call.Stage == "double" && slices.Contains(c.double, call.Item) {
				return errOne
			}
			return nil
		}}, probe.Plan{})
		if got := fmt.Sprint(r.Out); r.Err != nil || got != c.out {
			t.Errorf("%v and %v fail: %s, %v, want %s", c.pass, c.double, got, r.Err, c.out)
		}
		if want := len(c.pass) + len(c.double); len(r.Yielded) != want {
			t.Errorf("%v and %v fail: %d errors come out, want %d", c.pass, c.double, len(r.Yielded), want)
		}
		if n := r.Counts.Of("pair", "filtered"); n != c.filtered {
			t.Errorf("%v and %v fail: %d items without a partner, want %d", c.pass, c.double, n, c.filtered)
		}
	}
}

// The longer side is read to its end, so that nobody above waits for ever.
func TestPromise04_LongerSideIsDrained(t *testing.T) {
	r := pipelines[1].Do(t, probe.Script{N: 10_000}, probe.Plan{})
	if r.Err != nil || len(r.Out) != 5000 || r.Counts.Of("pair", "in") != 15_000 {
		t.Errorf("%d pairs of %d items, %v", len(r.Out), r.Counts.Of("pair", "in"), r.Err)
	}
}
