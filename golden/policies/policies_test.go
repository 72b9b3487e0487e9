package policies

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Skip", Tolerant: []string{"work"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Skip{Drain: drain, Log: probe.Quiet, Stats: new(SkipStats)}
		return probe.Open[*SkipError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Yield", Tolerant: []string{"work"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Yield{Drain: drain, Stats: new(YieldStats)}
		return probe.Open[*YieldError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Stop", New: func(drain <-chan struct{}) probe.Ends {
		p := Stop{Drain: drain, Stats: new(StopStats)}
		return probe.Open[*StopError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Every", Tolerant: []string{"numbers", "keep_all", "same", "one", "two", "look", "keep"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Every{Drain: drain, Log: probe.Quiet, Stats: new(EveryStats)}
		return probe.Closed[*EveryError](p.Stats, p.Run)
	}},
	{Name: "Yielded", Tolerant: []string{"numbers", "keep_all", "same", "one", "two", "look"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Yielded{Drain: drain, Stats: new(YieldedStats)}
		return probe.Sourced[*YieldedError](p.Stats, p.Stream)
	}},
	{Name: "StopMap", New: func(drain <-chan struct{}) probe.Ends {
		p := Stop{Drain: drain, Stats: new(StopStats)}
		return probe.Mapped[*StopError](p.Stats, p.Map)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

var errBoom = errors.New("boom")

// failing is a hook under which a stage fails for some items.
func failing(stage string, items ...int) func(probe.Call) error {
	return func(c probe.Call) error {
		if c.Stage == stage && slices.Contains(items, c.Item) {
			return errBoom
		}
		return nil
	}
}

func TestMapStops(t *testing.T) {
	probe.Play(probe.Script{Hook: failing("work", 3)})
	got, err := Stop{}.Map(t.Context(), []int{1, 2, 3, 4})
	var e *StopError
	if got != nil || !errors.As(err, &e) || e.Index != 2 || e.Err != errBoom {
		t.Errorf("%v, %v", got, err)
	}
}

func TestMapSkips(t *testing.T) {
	probe.Play(probe.Script{Hook: failing("work", 1, 3)})
	got, err := Skip{Log: probe.Quiet}.Map(t.Context(), []int{1, 2, 3, 4})
	if err != nil || !slices.Equal(got, []int{0, 21, 0, 41}) {
		t.Errorf("%v, %v", got, err)
	}
}

// What is skipped is not silent: Log is told once a run and stage.
func TestSkippedItemsAreLogged(t *testing.T) {
	var text strings.Builder
	probe.Play(probe.Script{Hook: failing("work", 1, 3)})
	p := Skip{Log: slog.New(slog.NewTextHandler(&text, nil))}
	if _, err := p.Map(t.Context(), []int{1, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	got := text.String()
	if strings.Count(got, "\n") != 1 || !strings.Contains(got, "stage=work") || !strings.Contains(got, "items=2") || !strings.Contains(got, "boom") {
		t.Errorf("%s", got)
	}
	text.Reset()
	if _, err := p.Map(t.Context(), []int{2, 4}); err != nil || text.Len() > 0 {
		t.Errorf("%v: %s", err, text.String())
	}
}

func TestMapYields(t *testing.T) {
	probe.Play(probe.Script{Hook: failing("work", 1, 3)})
	got, err := Yield{}.Map(t.Context(), []int{1, 2, 3, 4})
	if !slices.Equal(got, []int{0, 21, 0, 41}) {
		t.Errorf("%v", got)
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("%v is not joined", err)
	}
	var at []int
	for _, err := range joined.Unwrap() {
		var e *YieldError
		if !errors.As(err, &e) || e.Stage != "work" || e.Err != errBoom {
			t.Fatalf("%v", err)
		}
		at = append(at, e.Index)
	}
	if !slices.Equal(at, []int{0, 2}) {
		t.Errorf("errors of items %v", at)
	}
}

// An error that ends the run wins over those that were yielded before.
func TestMapStopsAfterYielding(t *testing.T) {
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		return errors.Join(failing("work", 1)(c), failing("after", 30)(c))
	}})
	got, err := Yield{}.Map(t.Context(), []int{1, 2, 3, 4})
	var e *YieldError
	if got != nil || !errors.As(err, &e) || e.Stage != "after" || e.Index != 2 {
		t.Errorf("%v, %v", got, err)
	}
}

// A yielded error comes in its item's place, and the stages below do not see it.
func TestYieldedInPlace(t *testing.T) {
	probe.Play(probe.Script{Hook: failing("work", 1, 3)})
	p := Yield{Stats: new(YieldStats)}
	var got []any
	for v, err := range p.Stream(t.Context(), slices.Values([]int{1, 2, 3, 4})) {
		var e *YieldError
		if errors.As(err, &e) {
			if v != 0 || e.Stage != "work" {
				t.Errorf("%v, %+v", v, e)
			}
			got = append(got, e.Item)
			continue
		}
		got = append(got, v)
	}
	if !slices.Equal(got, []any{1, 21, 3, 41}) {
		t.Errorf("%v", got)
	}
	c := probe.Read(p.Stats)
	for _, want := range []struct {
		stage, metric string
		n             int
	}{{"work", "failed", 2}, {"work", "done", 2}, {"work", "out", 2}, {"after", "in", 2}, {"after", "done", 2}} {
		if n := c.Of(want.stage, want.metric); n != want.n {
			t.Errorf("%s %s = %d, want %d", want.stage, want.metric, n, want.n)
		}
	}
}

// Each verb under skip loses the failed item and nothing else; under yield its error comes out.
func TestPromise07_EveryVerb(t *testing.T) {
	for _, stage := range pipelines[3].Tolerant {
		r := pipelines[3].Do(t, probe.Script{N: 6, Hook: failing(stage, 2, 4)}, probe.Plan{})
		if r.Err != nil || r.Counts.Of(stage, "failed") != 2 || r.Counts.Of("keep", "done") != 4 {
			t.Errorf("skip in %s: %v, Failed = %d, %d arrived", stage, r.Err, r.Counts.Of(stage, "failed"), r.Counts.Of("keep", "done"))
		}
	}
	for _, stage := range pipelines[4].Tolerant {
		r := pipelines[4].Do(t, probe.Script{N: 6, Hook: failing(stage, 2, 4)}, probe.Plan{})
		if !slices.Equal(r.Out, []any{0, 1, 3, 5}) || len(r.Yielded) != 2 || r.Err != nil || r.Counts.Of(stage, "failed") != 2 {
			t.Errorf("yield in %s: %v, yielded %v, %v", stage, r.Out, r.Yielded, r.Err)
		}
		for _, err := range r.Yielded {
			var e *YieldedError
			if !errors.As(err, &e) || e.Stage != stage || e.Err != errBoom {
				t.Errorf("yield in %s: %v", stage, err)
			}
		}
	}
}

// A panic, and Goexit, are errors of their item, and the worker goes on with the next one.
func TestPromise08_WorkerLivesOn(t *testing.T) {
	for name, die := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		for i, out := range [][]any{{1, 11, 21, 41, 51}, {1, 11, 21, 41, 51}} {
			r := pipelines[i].Do(t, probe.Script{N: 6, Hook: func(c probe.Call) error {
				if c.Stage == "work" && c.Item == 3 {
					die()
				}
				return nil
			}}, probe.Plan{})
			if r.Err != nil || !slices.Equal(r.Out, out) || len(r.Yielded) != i || r.Counts.Of("work", "failed") != 1 {
				t.Errorf("%s under %s: %v, yielded %v, %v", name, pipelines[i].Name, r.Out, r.Yielded, r.Err)
			}
		}
	}
}

// Cancellation is not an item's error: it is neither skipped nor yielded.
func TestPromise05_CancellationIsNotSkipped(t *testing.T) {
	for _, p := range pipelines[:2] {
		cause := errors.New("enough")
		ctx, cancel := context.WithCancelCause(t.Context())
		r := p.Do(t, probe.Script{N: 1 << 30, Hook: func(c probe.Call) error {
			if c.Stage != "work" {
				return nil
			}
			if c.Item == 5 {
				cancel(cause)
			}
			return c.Ctx.Err()
		}}, probe.Plan{Ctx: ctx})
		cancel(nil)
		if r.Err != cause || len(r.Yielded) > 0 {
			t.Errorf("%s: %v, yielded %v", p.Name, r.Err, r.Yielded)
		}
	}
}
