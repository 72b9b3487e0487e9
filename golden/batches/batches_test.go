package batches

import (
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Batches", New: func(drain <-chan struct{}) probe.Ends {
		p := Batches{Drain: drain, Stats: new(BatchesStats)}
		return probe.Open[*BatchesError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Sized", New: func(drain <-chan struct{}) probe.Ends {
		p := Sized{Drain: drain, Stats: new(SizedStats)}
		return probe.Open[*SizedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Parallel", New: func(drain <-chan struct{}) probe.Ends {
		p := Parallel{Drain: drain, Stats: new(ParallelStats)}
		return probe.Open[*ParallelError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Plain", New: func(drain <-chan struct{}) probe.Ends {
		p := Plain{Drain: drain, Stats: new(PlainStats)}
		return probe.Open[*PlainError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// arrival is an item with the time at which it arrives, in milliseconds from the start.
type arrival struct{ ms, item int }

// trickle hands out items at their times and ends at the time end.
func trickle(end int, arrivals ...arrival) iter.Seq[int] {
	return func(yield func(int) bool) {
		start := time.Now()
		for _, a := range arrivals {
			time.Sleep(time.Until(start.Add(time.Duration(a.ms) * time.Millisecond)))
			if !yield(a.item) {
				return
			}
		}
		time.Sleep(time.Until(start.Add(time.Duration(end) * time.Millisecond)))
	}
}

// The timer starts at the first item of a batch; there is no empty batch; what is left at the end comes out.
func TestBatchTimer(t *testing.T) {
	for name, test := range map[string]struct {
		in   iter.Seq[int]
		want []string // batch at milliseconds
	}{
		"a full batch does not wait":             {trickle(50, arrival{0, 1}, arrival{1, 2}, arrival{2, 3}), []string{"[1 2 3] at 2"}},
		"a partial one waits from its first":     {trickle(50, arrival{0, 1}, arrival{6, 2}), []string{"[1 2] at 10"}},
		"not from the last batch":                {trickle(50, arrival{0, 1}, arrival{1, 2}, arrival{2, 3}, arrival{7, 4}), []string{"[1 2 3] at 2", "[4] at 17"}},
		"not from the last tick":                 {trickle(90, arrival{0, 1}, arrival{25, 2}, arrival{33, 3}), []string{"[1] at 10", "[2 3] at 35"}},
		"the end does not wait":                  {trickle(15, arrival{12, 1}), []string{"[1] at 15"}},
		"nothing, however long":                  {trickle(1000), nil},
		"exact at the end: no empty batch":       {trickle(2, arrival{0, 1}, arrival{1, 2}, arrival{2, 3}), []string{"[1 2 3] at 2"}},
		"one by one, slower than the timer":      {trickle(60, arrival{0, 1}, arrival{20, 2}, arrival{40, 3}), []string{"[1] at 10", "[2] at 30", "[3] at 50"}},
		"two batches at once, and one left over": {trickle(30, arrival{0, 1}, arrival{0, 2}, arrival{0, 3}, arrival{0, 4}), []string{"[1 2 3] at 0", "[4] at 10"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				probe.Play(probe.Script{})
				start := time.Now()
				var got []string
				for batch, err := range (Batches{}).Stream(t.Context(), test.in) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, fmt.Sprint(batch, " at ", time.Since(start).Milliseconds()))
				}
				if !slices.Equal(got, test.want) {
					t.Errorf("got %q, want %q", got, test.want)
				}
			})
		})
	}
}

// The param decides, and the batch timer is no timer at all where nothing is to be waited for.
func TestBatchTimerFromParam(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{})
		start := time.Now()
		for batch, err := range (Batches{Wait: 30 * time.Millisecond}).Stream(t.Context(), trickle(100, arrival{5, 1})) {
			if since := time.Since(start); err != nil || since != 35*time.Millisecond {
				t.Errorf("%v, %v after %v", batch, err, since)
			}
		}
	})
}

// A batch is the reader's: later batches do not write into it.
func TestBatchesAreFresh(t *testing.T) {
	probe.Play(probe.Script{N: 10})
	var all [][]int
	for batch, err := range (Plain{}).Stream(t.Context(), probe.Input(probe.Caller)) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, batch)
	}
	if got, want := fmt.Sprint(all), "[[0 1 2] [3 4 5] [6 7 8] [9]]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for i, batch := range all {
		_ = append(batch, -1, -1, -1)
		if i+1 < len(all) && all[i+1][0] == -1 {
			t.Error("appending to a batch writes into the next one")
		}
	}
}

func TestUnbatchRestoresItems(t *testing.T) {
	r := pipelines[1].Do(t, probe.Script{N: 10}, probe.Plan{})
	if want := []any{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}; r.Err != nil || !slices.Equal(r.Out, want) {
		t.Errorf("%v, %v", r.Out, r.Err)
	}
	for _, want := range []struct {
		stage   string
		in, out int
	}{{"batch", 10, 3}, {"seal", 3, 3}, {"unbatch", 3, 10}} {
		if in, out := r.Counts.Of(want.stage, "in"), r.Counts.Of(want.stage, "out"); in != want.in || out != want.out {
			t.Errorf("%s: In = %d, Out = %d, want %d, %d", want.stage, in, out, want.in, want.out)
		}
	}
}

// n workers fill n batches: no item is lost between them, and at most n batches at the end are partial.
func TestWorkersFillBatchesOfTheirOwn(t *testing.T) {
	r := pipelines[2].Do(t, probe.Script{N: 101}, probe.Plan{})
	if r.Err != nil || len(r.Out) != 101 {
		t.Fatalf("%d items, %v", len(r.Out), r.Err)
	}
	// 101 items in full batches of 4 and at most one partial batch of each worker at the end.
	if n := r.Counts.Of("batch", "out"); n < 26 || n > 25+3 {
		t.Errorf("%d batches", n)
	}
}

// Drain flushes what a batch has gathered, without waiting for its timer.
func TestPromise04_DrainFlushesPartialBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain := make(chan struct{})
		p := Batches{Drain: drain, Wait: time.Hour, Stats: new(BatchesStats)}
		start := time.Now()
		probe.Play(probe.Script{})
		var got []string
		for batch, err := range p.Stream(t.Context(), func(yield func(int) bool) {
			_ = yield(1)
			time.Sleep(time.Second)
			close(drain)
			time.Sleep(time.Second)
			if yield(2) {
				t.Error("a drained input goes on")
			}
		}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprint(batch, " after ", time.Since(start)))
		}
		if want := []string{"[1 2] after 2s"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		c := probe.Read(p.Stats)
		c.Conserved(t, nil)
		if n := c.Of("batch", "done"); n != 2 {
			t.Errorf("%d items done, want 2", n)
		}
	})
}
