package reduces

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Sum", New: func(drain <-chan struct{}) probe.Ends {
		p := Sum{Drain: drain, Stats: new(SumStats)}
		return probe.Open[*SumError](p.Stats, p.StreamSeq2)
	}},
	{Name: "FromHundred", New: func(drain <-chan struct{}) probe.Ends {
		p := FromHundred{Drain: drain, Stats: new(FromHundredStats)}
		return probe.Open[*FromHundredError](p.Stats, p.StreamSeq2)
	}},
	{Name: "ByKey", New: func(drain <-chan struct{}) probe.Ends {
		p := ByKey{Drain: drain, Stats: new(ByKeyStats)}
		return probe.Open[*ByKeyError](p.Stats, p.StreamSeq2)
	}},
	{Name: "ByKeyInit", New: func(drain <-chan struct{}) probe.Ends {
		p := ByKeyInit{Drain: drain, Stats: new(ByKeyInitStats)}
		return probe.Open[*ByKeyInitError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Merged", New: func(drain <-chan struct{}) probe.Ends {
		p := Merged{Drain: drain, Stats: new(MergedStats)}
		return probe.Open[*MergedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "MergedByKey", New: func(drain <-chan struct{}) probe.Ends {
		p := MergedByKey{Drain: drain, Stats: new(MergedByKeyStats)}
		return probe.Open[*MergedByKeyError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Sourced", New: func(drain <-chan struct{}) probe.Ends {
		p := Sourced{Drain: drain, Stats: new(SourcedStats)}
		return probe.Closed[*SourcedError](p.Stats, p.Run)
	}},
	{Name: "Fallible", New: func(drain <-chan struct{}) probe.Ends {
		p := Fallible{Drain: drain, Stats: new(FallibleStats)}
		return probe.Open[*FallibleError](p.Stats, p.StreamSeq2)
	}},
	{Name: "FallibleWhole", New: func(drain <-chan struct{}) probe.Ends {
		p := FallibleWhole{Drain: drain, Stats: new(FallibleWholeStats)}
		return probe.Open[*FallibleWholeError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// One result at the end of the input, also of an empty one.
func TestResults(t *testing.T) {
	for i, want := range [][2]string{
		{"[45]", "[0]"},
		{"[145]", "[100]"},
		{"[map[even:20 odd:25]]", "[map[]]"},
		{"[map[even:120 odd:125]]", "[map[]]"},
		{"[map[0:1 1:1 2:1 3:1 4:1 5:1 6:1 7:1 8:1 9:1]]", "[map[]]"},
		{"[map[even:20 odd:25]]", "[map[]]"},
	} {
		p := pipelines[i]
		for n, want := range map[int]string{10: want[0], 0: want[1]} {
			r := p.Do(t, probe.Script{N: n}, probe.Plan{})
			if got := fmt.Sprint(r.Out); r.Err != nil || got != want {
				t.Errorf("%s of %d items: %s, %v, want %s", p.Name, n, got, r.Err, want)
			}
			if in, out, done := r.Counts.Of("sum", "in"), r.Counts.Of("sum", "out"), r.Counts.Of("sum", "done"); in != n || done != n || out != 1 {
				t.Errorf("%s of %d items: In = %d, Done = %d, Out = %d", p.Name, n, in, done, out)
			}
		}
	}
}

// An empty map is a map, not nil.
func TestKeyedResultIsNeverNil(t *testing.T) {
	for v, err := range (ByKey{}).Stream(t.Context(), func(func(int) bool) {}) {
		if v == nil || err != nil {
			t.Errorf("%v, %v", v, err)
		}
	}
}

// A failed run has no result: a sum over half of the input would be a wrong one.
func TestPromise05_NoResultAfterError(t *testing.T) {
	boom := errors.New("boom")
	for _, p := range pipelines[:6] {
		r := p.Do(t, probe.Script{N: 10, Hook: func(c probe.Call) error {
			if c.Stage == "sum" && c.Item == 9 {
				return boom
			}
			return nil
		}}, probe.Plan{})
		if len(r.Out) != 0 || !errors.Is(r.Err, boom) {
			t.Errorf("%s: %v, %v", p.Name, r.Out, r.Err)
		}
		if e := r.AsError(); e == nil || e.Index != 9 || e.Item != 9 {
			t.Errorf("%s: %+v", p.Name, e)
		}
	}
}

// Drained, what has been taken in is reduced.
func TestPromise04_DrainReduces(t *testing.T) {
	drain := make(chan struct{})
	r := pipelines[0].Do(t, probe.Script{N: 1 << 40, Hook: func(c probe.Call) error {
		if c.Source && c.Item == 100 {
			close(drain)
		}
		return nil
	}}, probe.Plan{Drain: drain})
	n := r.Counts.Of("sum", "done")
	if r.Err != nil || n < 100 || fmt.Sprint(r.Out) != fmt.Sprint([]int{n * (n - 1) / 2}) {
		t.Errorf("%d items make %v, %v", n, r.Out, r.Err)
	}
}

// What init, key and merge do wrong is the stage's error too.
func TestPromise08_InitKeyMerge(t *testing.T) {
	defer func(f func(string) error) { mischief = f }(mischief)
	boom := errors.New("boom")
	for _, p := range pipelines[7:9] {
		for _, function := range []string{"init", "key", "merge"} {
			for name, do := range map[string]func() error{
				"error":  func() error { return boom },
				"panic":  func() error { panic(boom) },
				"Goexit": func() error { runtime.Goexit(); return nil },
			} {
				var met atomic.Bool
				mischief = func(f string) error {
					if f != function {
						return nil
					}
					met.Store(true)
					return do()
				}
				// Every worker has an item in hand before the first may go on, so that there is something to merge.
				var hands sync.WaitGroup
				hands.Add(3)
				r := p.Do(t, probe.Script{N: 3, Hook: func(c probe.Call) error {
					if c.Stage == "sum" {
						hands.Done()
						hands.Wait()
					}
					return nil
				}}, probe.Plan{})
				if !met.Load() {
					if function != "key" || p.Name != "FallibleWhole" {
						t.Errorf("%s: %s is never called", p.Name, function)
					}
					continue
				}
				e := r.AsError()
				if e == nil || e.Stage != "sum" || len(r.Out) > 0 || r.Panic != nil || r.Goexit {
					t.Errorf("%s: %s in %s: %v, %v, panic %v, Goexit %v", p.Name, name, function, r.Out, r.Err, r.Panic, r.Goexit)
				} else if name != "Goexit" && !errors.Is(e.Err, boom) {
					t.Errorf("%s: %s in %s: %v", p.Name, name, function, e.Err)
				}
			}
		}
	}
}

// Without an item the result would be what init returns: where it fails there is none.
func TestPromise08_InitOfAnEmptyInput(t *testing.T) {
	defer func(f func(string) error) { mischief = f }(mischief)
	boom := errors.New("boom")
	mischief = func(string) error { return boom }
	r := pipelines[8].Do(t, probe.Script{}, probe.Plan{})
	if e := r.AsError(); e == nil || e.Stage != "sum" || e.Err != boom || len(r.Out) > 0 {
		t.Errorf("%v, %v", r.Out, r.Err)
	}
}
