package fusion

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var all = []string{"numbers", "some", "wrap", "slice", "seq", "seq2", "emitting", "odd", "look", "pair", "keep"}

var pipelines = []probe.Pipeline{
	{Name: "Whole", Items: 4, New: func(drain <-chan struct{}) probe.Ends {
		p := Whole{Drain: drain, Stats: new(WholeStats)}
		return probe.Closed[*WholeError](p.Stats, p.Run)
	}},
	{Name: "Split", Items: 4, New: func(drain <-chan struct{}) probe.Ends {
		p := Split{Drain: drain, Stats: new(SplitStats)}
		return probe.Closed[*SplitError](p.Stats, p.Run)
	}},
	{Name: "Auto", Items: 4, New: func(drain <-chan struct{}) probe.Ends {
		p := Auto{Drain: drain, Stats: new(AutoStats)}
		return probe.Closed[*AutoError](p.Stats, p.Run)
	}},
	{Name: "Flow", Items: 4, New: func(drain <-chan struct{}) probe.Ends {
		p := Flow{Drain: drain, Stats: new(FlowStats)}
		return probe.Closed[*FlowError](p.Stats, p.Run)
	}},
	{Name: "Lenient", Items: 4, Tolerant: all, New: func(drain <-chan struct{}) probe.Ends {
		p := Lenient{Drain: drain, Log: probe.Quiet, Stats: new(LenientStats)}
		return probe.Closed[*LenientError](p.Stats, p.Run)
	}},
	{Name: "LenientSplit", Items: 4, Tolerant: all, New: func(drain <-chan struct{}) probe.Ends {
		p := LenientSplit{Drain: drain, Log: probe.Quiet, Stats: new(LenientSplitStats)}
		return probe.Closed[*LenientSplitError](p.Stats, p.Run)
	}},
	{Name: "Pool", Tolerant: []string{"first", "second"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Pool{Drain: drain, Log: probe.Quiet, Stats: new(PoolStats)}
		return probe.Open[*PoolError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// counted is every counter of a run but those of queues, which a fused group has not.
func counted(c probe.Counts) []string {
	var all []string
	for _, stage := range c.Stages {
		for _, metric := range []string{"in", "out", "done", "filtered", "failed", "interrupted"} {
			all = append(all, fmt.Sprint(stage, " ", metric, " ", c.Of(stage, metric)))
		}
	}
	return all
}

// run returns what arrived in the sink.
func run(t *testing.T, p probe.Pipeline, n int, fail func(probe.Call) error) ([]int, probe.Result) {
	var mu sync.Mutex
	var kept []int
	r := p.Do(t, probe.Script{N: n, Hook: func(c probe.Call) error {
		if err := fail(c); err != nil {
			return err
		}
		if c.Stage == "keep" {
			mu.Lock()
			defer mu.Unlock()
			kept = append(kept, c.Item)
		}
		return nil
	}}, probe.Plan{})
	return kept, r
}

func TestPromise18_FusionChangesNoResult(t *testing.T) {
	never := func(probe.Call) error { return nil }
	want := 0
	for n := range 50 {
		if n%3 != 0 {
			for _, v := range []int{n, 10 * n, -n, -10 * n} {
				for _, v := range []int{v, v + 1} {
					if v%2 != 0 {
						want += 2 * v
					}
				}
			}
		}
	}
	whole, rw := run(t, pipelines[0], 50, never)
	split, rs := run(t, pipelines[1], 50, never)
	auto, ra := run(t, pipelines[2], 50, never)
	flow, _ := run(t, pipelines[3], 50, never)
	sum := 0
	for _, n := range flow {
		sum += n
	}
	for name, got := range map[string][]int{"whole": whole, "split": split, "auto": auto, "flow": {sum}} {
		if !slices.Equal(got, []int{want}) {
			t.Errorf("%s makes %v, want %d", name, got, want)
		}
	}
	if w, s := counted(rw.Counts), counted(rs.Counts); !slices.Equal(w, s) {
		t.Errorf("counts differ\nfused %v\nsplit %v", w, s)
	}
	if w, a := counted(rw.Counts), counted(ra.Counts); !slices.Equal(w, a) {
		t.Errorf("counts differ\nfused %v\nauto  %v", w, a)
	}
}

// errBoom is an error of a function, in each of the ways in which one can end.
var (
	errBoom = errors.New("boom")
	endings = map[string]func() error{
		"error":  func() error { return errBoom },
		"panic":  func() error { panic(errBoom) },
		"Goexit": func() error { runtime.Goexit(); return nil },
	}
)

func TestPromise18_FusionChangesNoError(t *testing.T) {
	for ending, end := range endings {
		for _, stage := range []string{"some", "wrap", "slice", "seq", "seq2", "emitting", "odd", "look", "pair", "sum", "keep"} {
			if stage == "seq" && ending == "error" {
				continue // it cannot fail
			}
			var failed [2]*probe.Error
			for i := range failed {
				calls := 0 // of one stage of one worker
				_, r := run(t, pipelines[i], 8, func(c probe.Call) error {
					if c.Stage != stage {
						return nil
					}
					if calls++; calls == 3 || stage == "keep" {
						return end()
					}
					return nil
				})
				if failed[i] = r.AsError(); failed[i] == nil {
					t.Fatalf("%s in %s: %v", ending, stage, r.Err)
				}
			}
			w, s := failed[0], failed[1]
			if w.Stage != s.Stage || w.Index != s.Index || w.Attempt != s.Attempt || w.Item != s.Item || w.Err.Error() != s.Err.Error() ||
				errors.Is(w.Err, errBoom) != errors.Is(s.Err, errBoom) || (w.Stack == nil) != (s.Stack == nil) {
				t.Errorf("%s in %s: fused %+v, split %+v", ending, stage, w, s)
			}
		}
	}
}

// What is left out because of an error is the same, and so are the order and the counts of the rest.
func TestPromise18_FusionChangesNoSkip(t *testing.T) {
	for ending, end := range endings {
		for _, stage := range all[1:] {
			if stage == "seq" && ending == "error" {
				continue // it cannot fail
			}
			var kept [2][]int
			var counts [2][]string
			for i, p := range pipelines[4:6] {
				calls := 0
				var r probe.Result
				kept[i], r = run(t, p, 8, func(c probe.Call) error {
					if c.Stage != stage {
						return nil
					}
					if calls++; calls%3 == 0 {
						return end()
					}
					return nil
				})
				if r.Err != nil {
					t.Errorf("%s in %s: %v", ending, stage, r.Err)
				}
				counts[i] = counted(r.Counts)
			}
			if !slices.Equal(kept[0], kept[1]) {
				t.Errorf("%s in %s: results differ\nfused %v\nsplit %v", ending, stage, kept[0], kept[1])
			}
			if !slices.Equal(counts[0], counts[1]) {
				t.Errorf("%s in %s: counts differ (-fused +split)\n%s", ending, stage, cmp.Diff(counts[0], counts[1]))
			}
		}
	}
}

// The items of which a stage was still handing out results when the run stopped are interrupted, not done: of each
// member above the one that ends the run.
func TestPromise07_InterruptedAboveInTheGroup(t *testing.T) {
	many := []string{"slice", "seq", "seq2", "emitting"}
	for ending, end := range endings {
		for _, stage := range []string{"seq2", "emitting", "odd", "look", "pair", "keep"} {
			calls := 0
			_, r := run(t, pipelines[3], 8, func(c probe.Call) error {
				if c.Stage != stage {
					return nil
				}
				if calls++; calls == 3 {
					return end()
				}
				return nil
			})
			if r.Counts.Of(stage, "failed") != 1 || r.Counts.Sum("failed") != 1 {
				t.Errorf("%s in %s: %v", ending, stage, counted(r.Counts))
			}
			for _, above := range many {
				if above == stage {
					break
				}
				if n := r.Counts.Of(above, "interrupted"); n != 1 {
					t.Errorf("%s in %s: %d items of %s are interrupted, want the one in hand", ending, stage, n, above)
				}
			}
		}
	}
}

// So they are where the run is cancelled from outside.
func TestPromise07_CancelledAboveInTheGroup(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	calls := 0
	r := pipelines[3].Do(t, probe.Script{N: 8, Hook: func(c probe.Call) error {
		if c.Stage != "look" {
			return nil
		}
		if calls++; calls == 3 {
			cancel(errBoom)
			<-c.Ctx.Done()
			return c.Ctx.Err()
		}
		return nil
	}}, probe.Plan{Ctx: ctx})
	if r.Err != errBoom || r.Counts.Sum("failed") != 0 {
		t.Errorf("%v: %v", r.Err, counted(r.Counts))
	}
	for _, stage := range []string{"slice", "seq", "seq2", "emitting", "look"} {
		if n := r.Counts.Of(stage, "interrupted"); n != 1 {
			t.Errorf("%d items of %s are interrupted, want the one in hand", n, stage)
		}
	}
}

// In a fused group each item goes through all members before the next one begins.
func TestFusedItemGoesAllTheWay(t *testing.T) {
	var calls []string
	r := pipelines[3].Do(t, probe.Script{N: 3, Hook: func(c probe.Call) error {
		if c.Stage != "numbers" {
			calls = append(calls, fmt.Sprint(c.Stage, c.Item))
		}
		return nil
	}}, probe.Plan{})
	// Not locked: the group's one worker is the only caller. Of item 1 the numbers 1, 11, -1 and -9 arrive twice.
	through, kept := slices.Index(calls, "some2"), 0
	for _, c := range calls[:max(through, 0)] {
		if strings.HasPrefix(c, "keep") {
			kept++
		}
	}
	if r.Err != nil || kept != 8 {
		t.Errorf("%d of 8 items of item 1 have arrived when item 2 begins: %v, %v", kept, calls, r.Err)
	}
}

// Skipped and yielded inside a group: the members below are not called, Map has a zero in the slot.
func TestErrorsInsideAGroup(t *testing.T) {
	p := Pool{Log: probe.Quiet, Stats: new(PoolStats)}
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		if c.Stage == "first" && c.Item == 20 || c.Stage == "second" && c.Item == 31 {
			return errBoom
		}
		return nil
	}})
	got, err := p.Map(t.Context(), []int{10, 20, 30, 40})
	if !slices.Equal(got, []int{22, 0, 0, 82}) {
		t.Errorf("%v", got)
	}
	var e *PoolError
	if !errors.As(err, &e) || e.Stage != "second" || e.Index != 2 || e.Item != 31 || e.Err != errBoom {
		t.Errorf("%v", err)
	}
	c := probe.Read(p.Stats)
	c.Conserved(t, nil)
	if c.Of("first", "failed") != 1 || c.Of("second", "failed") != 1 || c.Of("third", "done") != 2 {
		t.Error(counted(c))
	}
}
