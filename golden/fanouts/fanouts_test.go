package fanouts

import (
	"errors"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var errOne = errors.New("one")

var pipelines = []probe.Pipeline{
	{Name: "Copies", From: map[string][]string{"lower": {"numbers"}, "upper": {"numbers"}, "merge": {"lower", "upper"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Copies{Drain: drain, Stats: new(CopiesStats)}
		return probe.Sourced[*CopiesError](p.Stats, p.Stream)
	}},
	{Name: "Turns", From: map[string][]string{"keep": {}, "note": {}}, Into: map[string][]string{"pass": {"keep", "note"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Turns{Drain: drain, Stats: new(TurnsStats)}
		return probe.Sunk[*TurnsError](p.Stats, p.RunSeq2)
	}},
	{Name: "Hashed", From: map[string][]string{"keep": {}, "note": {}}, Into: map[string][]string{"pass": {"keep", "note"}}, Competing: []string{"keep", "note"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Hashed{Drain: drain, Stats: new(HashedStats)}
		return probe.Sunk[*HashedError](p.Stats, p.RunSeq2)
	}},
	{Name: "Shared", From: map[string][]string{"keep": {"pass"}, "upper": {"pass"}}, Tolerant: []string{"pass"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Shared{Drain: drain, Stats: new(SharedStats)}
		return probe.Open[*SharedError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// seen plays n items and returns what each function got, in the order of its calls.
func seen(t *testing.T, p probe.Pipeline, n int) map[string][]int {
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
	return got
}

func upTo(n, step int) (items []int) {
	for i := 0; i < n; i += step {
		items = append(items, i)
	}
	return items
}

// Every reader gets every item, in order where it has one worker.
func TestPromise15_BroadcastGivesEachReaderAll(t *testing.T) {
	for _, p := range []probe.Pipeline{pipelines[0], pipelines[3]} {
		got := seen(t, p, 100)
		one, other := "lower", "upper"
		if p.Name == "Shared" {
			one = "keep"
		}
		slices.Sort(got["upper"])
		if !slices.Equal(got[one], upTo(100, 1)) || !slices.Equal(got[other], upTo(100, 1)) {
			t.Errorf("%s: %s got %v, %s got %v", p.Name, one, got[one], other, got[other])
		}
	}
}

// A key function that panics or exits does so before the item has gone to any of the readers.
func TestPromise07_KeyFunctionOfACopy(t *testing.T) {
	p := probe.Pipeline{Name: "Keyed", From: map[string][]string{"note": {"pass"}, "mark": {"pass"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Keyed{Drain: drain, Stats: new(KeyedStats)}
		return probe.Sunk[*KeyedError](p.Stats, p.RunSeq2)
	}}
	for key, stage := range map[string]string{"parityOf": "note", "rankOf": "mark"} {
		for how, end := range map[string]func(){"panics": func() { panic("thirteen") }, "exits": runtime.Goexit} {
			r := p.Do(t, probe.Script{N: 20, Hook: func(c probe.Call) error {
				if c.Stage == key && c.Item == 13 {
					end()
				}
				return nil
			}}, probe.Plan{})
			if e := r.AsError(); e == nil || e.Stage != stage {
				t.Errorf("%s %s: the error is %v, want one of %s", key, how, r.Err, stage)
			}
			if out := r.Counts.Of("pass", "out"); out != 13 {
				t.Errorf("%s %s: %d items were put out, want 13", key, how, out)
			}
		}
	}
}

// The readers take turns, and what comes in order is dealt out in order.
func TestRoundRobin(t *testing.T) {
	got := seen(t, pipelines[1], 100)
	var odd []int
	for _, i := range upTo(100, 2) {
		odd = append(odd, i+1)
	}
	if !slices.Equal(got["keep"], upTo(100, 2)) || !slices.Equal(got["note"], odd) {
		t.Errorf("keep got %v, note got %v", got["keep"], got["note"])
	}
}

// All items of one key go to the same reader, whichever worker hands them on.
func TestHash(t *testing.T) {
	got := seen(t, pipelines[2], 1000)
	reader := make(map[int]string)
	for _, stage := range []string{"keep", "note"} {
		for _, item := range got[stage] {
			if other := reader[item%10]; other != "" && other != stage {
				t.Fatalf("key %d went to %s and to %s", item%10, other, stage)
			}
			reader[item%10] = stage
		}
	}
	if n := len(got["keep"]) + len(got["note"]); n != 1000 {
		t.Errorf("%d items arrived, want 1000", n)
	}
}

// A reader that stands still holds up the writer, and so the other readers: nothing is lost or kept without
// bound. Here the queues hold two items each.
func TestPromise13_SlowCopyHoldsUpTheWriter(t *testing.T) {
	probe.Capacity(t, pipelines[3], "pass", 1, "keep", 2)
}

// An error that is yielded above a fan-out comes out once.
func TestYieldedErrorComesOutOnce(t *testing.T) {
	r := pipelines[3].Do(t, probe.Script{N: 5, Hook: func(c probe.Call) error {
		if c.Stage == "pass" && c.Item == 2 {
			return errOne
		}
		return nil
	}}, probe.Plan{})
	if r.Err != nil || len(r.Yielded) != 1 || len(r.Out) != 4 {
		t.Errorf("%d results, %d errors, ended with %v; want 4, 1 and nil", len(r.Out), len(r.Yielded), r.Err)
	}
	if n := r.Counts.Of("keep", "in"); n != 4 {
		t.Errorf("the closed branch took in %d items, want 4", n)
	}
}

// Where copies come together again an error takes the place of its own copy alone.
func TestPromise15_ErrorOfACopy(t *testing.T) {
	p := probe.Pipeline{Name: "Rejoined", From: map[string][]string{"lower": {"numbers"}, "merge": {"numbers", "lower"}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Rejoined{Drain: drain, Stats: new(RejoinedStats)}
		return probe.Sourced[*RejoinedError](p.Stats, p.Stream)
	}}
	r := p.Do(t, probe.Script{N: 3, Hook: func(c probe.Call) error {
		if c.Stage == "lower" && c.Item == 1 {
			return errOne
		}
		return nil
	}}, probe.Plan{})
	if got := slices.SortedFunc(slices.Values(r.Out), func(a, b any) int { return a.(int) - b.(int) }); !slices.Equal(got, []any{0, 0, 1, 2, 2}) || len(r.Yielded) != 1 || r.Err != nil {
		t.Errorf("%v, yielded %v, %v", got, r.Yielded, r.Err)
	}
}
