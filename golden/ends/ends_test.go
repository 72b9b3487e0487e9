package ends

import (
	"context"
	"errors"
	"iter"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// tries of the four pipelines make the 10,000 of promise 5.
const tries = 2500

var pipelines = []probe.Pipeline{
	{Name: "Closed", Tries: tries, New: func(drain <-chan struct{}) probe.Ends {
		p := Closed{Drain: drain, Stats: new(ClosedStats)}
		return probe.Closed[*ClosedError](p.Stats, p.Run)
	}},
	{Name: "Sunk", Tries: tries, New: func(drain <-chan struct{}) probe.Ends {
		p := Sunk{Drain: drain, Stats: new(SunkStats)}
		return probe.Sunk[*SunkError](p.Stats, p.RunSeq2)
	}},
	{Name: "Sourced", Tries: tries, New: func(drain <-chan struct{}) probe.Ends {
		p := Sourced{Drain: drain, Stats: new(SourcedStats)}
		return probe.Sourced[*SourcedError](p.Stats, p.Stream)
	}},
	{Name: "Open", Tries: tries, New: func(drain <-chan struct{}) probe.Ends {
		p := Open{Drain: drain, Stats: new(OpenStats)}
		return probe.Open[*OpenError](p.Stats, p.StreamSeq2)
	}},
	{Name: "OpenMap", New: func(drain <-chan struct{}) probe.Ends {
		p := Open{Drain: drain, Stats: new(OpenStats)}
		return probe.Mapped[*OpenError](p.Stats, p.Map)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// The zero value works, and a value may be used again.
func TestPromise01_ZeroValue(t *testing.T) {
	probe.Play(probe.Script{N: 5})
	var closed Closed
	var sunk Sunk
	var sourced Sourced
	var open Open
	for range 3 {
		if err := closed.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if err := sunk.Run(t.Context(), slices.Values([]int{1, 2, 3})); err != nil {
			t.Error(err)
		}
		if got := collect(t, sourced.Stream(t.Context())); !slices.Equal(got, []int{0, 2, 4, 6, 8}) {
			t.Error(got)
		}
		if got := collect(t, open.Stream(t.Context(), slices.Values([]int{1, 2, 3}))); !slices.Equal(got, []int{2, 4, 6}) {
			t.Error(got)
		}
	}
}

// Pipelines compose: what one streams, another takes.
func TestStreamsCompose(t *testing.T) {
	probe.Play(probe.Script{N: 4})
	stream := Open{}.StreamSeq2(t.Context(), Open{}.StreamSeq2(t.Context(), Sourced{}.Stream(t.Context())))
	if got := collect(t, stream); !slices.Equal(got, []int{0, 8, 16, 24}) {
		t.Error(got)
	}
	if err := (Sunk{}).RunSeq2(t.Context(), Sourced{}.Stream(t.Context())); err != nil {
		t.Error(err)
	}
}

// An error of the upstream pipeline ends the downstream one, and keeps its stage.
func TestPromise05_ErrorCrossesStreams(t *testing.T) {
	boom := errors.New("boom")
	probe.Play(probe.Script{N: 9, Hook: func(c probe.Call) error {
		if c.Stage == "numbers" && c.Item == 5 {
			return boom
		}
		return nil
	}})
	err := Sunk{}.RunSeq2(t.Context(), Sourced{}.Stream(t.Context()))
	var upstream *SourcedError
	if !errors.Is(err, boom) || !errors.As(err, &upstream) || upstream.Stage != "numbers" {
		t.Errorf("%v", err)
	}
}

func TestMap(t *testing.T) {
	boom := errors.New("boom")
	fail := map[int]bool{}
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		if fail[c.Item] {
			return boom
		}
		return nil
	}})
	if got, err := (Open{}).Map(t.Context(), []int{3, 1, 2}); err != nil || !slices.Equal(got, []int{6, 2, 4}) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := (Open{}).Map(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %v, %v", got, err)
	}
	fail[1] = true
	got, err := Open{}.Map(t.Context(), []int{3, 1, 2})
	var e *OpenError
	if got != nil || !errors.As(err, &e) {
		t.Fatalf("%v, %v", got, err)
	}
	if e.Stage != "double" || e.Index != 1 || e.Item != 1 || e.Attempt != 1 || e.Err != boom {
		t.Errorf("%+v", e)
	}
}

// Error reads "pipeline: stage: item i: cause"; the item itself, which may be secret, is not printed.
func TestErrorText(t *testing.T) {
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		if c.Item == 424242 {
			return errors.New("unexpected EOF")
		}
		return nil
	}})
	_, err := Open{}.Map(t.Context(), []int{7, 8, 424242})
	if err == nil || err.Error() != "open: double: item 2: unexpected EOF" {
		t.Errorf("%v", err)
	}
	if strings.Contains(err.Error(), "424242") {
		t.Error("the item is printed")
	}
}

// Index is the position in the source or in the caller's sequence.
func TestIndex(t *testing.T) {
	for _, at := range []string{"double", "keep"} {
		probe.Play(probe.Script{N: 9, Hook: func(c probe.Call) error {
			if c.Stage == at && (c.Item == 4 && at == "double" || c.Item == 8 && at == "keep") {
				return errors.New("boom")
			}
			return nil
		}})
		var e *ClosedError
		if err := (Closed{}).Run(t.Context()); !errors.As(err, &e) || e.Index != 4 || e.Stage != at {
			t.Errorf("%s: %+v", at, err)
		}
	}
}

// Stats may be read while the pipeline runs, and String is JSON.
func TestPromise07_LiveStats(t *testing.T) {
	probe.Play(probe.Script{N: 100})
	p := Sourced{Stats: new(SourcedStats)}
	last := 0
	for _, err := range p.Stream(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		// Counters may be behind by a chunk, never ahead or going back.
		out := probe.Read(p.Stats).Of("double", "out")
		if out < last || out > 100 {
			t.Fatalf("Out = %d after %d", out, last)
		}
		last = out
	}
	c := probe.Read(p.Stats)
	for _, want := range []struct {
		stage, metric string
		n             int
	}{
		{"numbers", "in", 100}, {"numbers", "out", 100}, {"numbers", "done", 100},
		{"double", "in", 100}, {"double", "out", 100}, {"double", "done", 100}, {"double", "failed", 0},
	} {
		if got := c.Of(want.stage, want.metric); got != want.n {
			t.Errorf("%s %s = %d, want %d", want.stage, want.metric, got, want.n)
		}
	}
	if c.Of("double", "queue_high_water") < 1 || c.Of("double", "queue_depth") != 0 {
		t.Errorf("queue high water %d, depth %d after the end", c.Of("double", "queue_high_water"), c.Of("double", "queue_depth"))
	}
	probe.ValidJSON(t, p.Stats)
}

func collect[T any](t *testing.T, seq iter.Seq2[T, error]) []T {
	t.Helper()
	var all []T
	for v, err := range seq {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// The cause of a cancellation is what Run returns, also through a parent.
func TestPromise05_CauseOfParent(t *testing.T) {
	parent, cancel := context.WithCancelCause(context.Background())
	cause := errors.New("shutting down")
	ctx, stop := context.WithCancel(parent)
	defer stop()
	probe.Play(probe.Script{N: 1 << 30, Hook: func(c probe.Call) error {
		if c.Item == 20 {
			cancel(cause)
		}
		return nil
	}})
	if err := (Closed{}).Run(ctx); err != cause {
		t.Errorf("%v", err)
	}
}

// Map's result is whole, or there is an error: an item that was never begun must not look like a zero result.
func TestPromise04_MapIsWholeOrAnError(t *testing.T) {
	probe.Play(probe.Script{})
	drain := make(chan struct{})
	close(drain)
	in := make([]int, 3000)
	for i := range in {
		in[i] = i + 1
	}
	got, err := Open{Drain: drain}.Map(t.Context(), in)
	if err != nil {
		return
	}
	for i, v := range got {
		if v != 2*in[i] {
			t.Fatalf("result %d of %d is %d, and there is no error", i, len(got), v)
		}
	}
}

// The machinery allocates nothing per item, whatever it allocates to begin with.
func TestPromise18_NoAllocationPerItem(t *testing.T) {
	allocations := func(n int) uint64 {
		probe.Play(probe.Script{N: n})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, err := range (Sourced{}).Stream(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := (Closed{Stats: new(ClosedStats)}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.Mallocs - before.Mallocs
	}
	allocations(100) // what the first run initialises
	few, many := allocations(20_000), allocations(120_000)
	if more := int64(many - few); more > 100 {
		t.Errorf("100,000 more items take %d more allocations", more)
	}
}

// Where there is no room for its results Map panics, as make does, and leaves nothing running, also where
// its context goes on.
func TestPromise01_NoRoomForTheResults(t *testing.T) {
	probe.NothingLeft(t)
	defer func() {
		if recover() == nil {
			t.Error("there is room")
		}
	}()
	_, _ = Tokens{}.Map(context.Background(), make([]struct{}, math.MaxInt))
}
