package workers

import (
	"errors"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Fixed", New: func(drain <-chan struct{}) probe.Ends {
		p := Fixed{Drain: drain, Stats: new(FixedStats)}
		return probe.Open[*FixedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Auto", New: func(drain <-chan struct{}) probe.Ends {
		p := Auto{Drain: drain, Stats: new(AutoStats)}
		return probe.Open[*AutoError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Verbs", New: func(drain <-chan struct{}) probe.Ends {
		p := Verbs{Drain: drain, Stats: new(VerbsStats)}
		return probe.Closed[*VerbsError](p.Stats, p.Run)
	}},
	{Name: "Chunks", New: func(drain <-chan struct{}) probe.Ends {
		p := Chunks{Drain: drain, Stats: new(ChunksStats)}
		return probe.Open[*ChunksError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Single", New: func(drain <-chan struct{}) probe.Ends {
		p := Single{Drain: drain, Stats: new(SingleStats)}
		return probe.Open[*SingleError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestPromise16_Peak(t *testing.T) {
	probe.Peak(t, pipelines[0], "work", 5)
	probe.Peak(t, pipelines[0], "after", 1)
	probe.Peak(t, pipelines[1], "work", runtime.GOMAXPROCS(0))
	for stage, n := range map[string]int{"keep_all": 2, "same": 3, "one": 4, "look": 2, "work": 3, "keep": 4} {
		probe.Peak(t, pipelines[2], stage, n)
	}
	probe.Peak(t, pipelines[3], "work", 2)
}

// GOMAXPROCS counts when the pipeline runs.
func TestPromise16_Auto(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(7))
	probe.Peak(t, pipelines[1], "work", 7)
}

func TestPromise17_Visible(t *testing.T) {
	probe.Visible(t, pipelines[4], "work", "after", 20)
}

func TestPromise17_ChunkMates(t *testing.T) {
	probe.ChunkMates(t, pipelines[3], "work", "after", 40)
	probe.ChunkMates(t, pipelines[0], "work", "after", 40)
}

// The same under the real clock, where the cost of a call is measured: cheap items have taught the stage to
// hand over many at a time when an expensive one comes.
func TestPromise17_ExpensiveItem(t *testing.T) {
	const cheap, held = 20_000, 15_000
	gate := make(chan struct{})
	var begun atomic.Int64
	run := pipelines[0].Start(t, probe.Script{N: cheap, Hook: func(c probe.Call) error {
		if c.Stage == "after" {
			begun.Add(1)
		}
		if c.Stage == "work" && c.Item == held {
			<-gate
		}
		return nil
	}}, probe.Plan{})
	deadline := time.Now().Add(10 * time.Second)
	for begun.Load() < cheap-1 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if n := begun.Load(); n != cheap-1 {
		t.Errorf("one item holds back %d others", cheap-1-n)
	}
	close(gate)
	if r := run.Wait(); r.Err != nil || len(r.Out) != cheap {
		t.Errorf("%d items, %v", len(r.Out), r.Err)
	}
}

// An unordered stage really may reorder.
func TestPromise15_Unordered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := pipelines[0].Do(t, probe.Script{N: 10, Hook: func(c probe.Call) error {
			if c.Stage == "work" && c.Item == 0 {
				time.Sleep(time.Second)
			}
			return nil
		}}, probe.Plan{})
		if r.Err != nil || len(r.Out) != 10 || r.Out[9] != 0 {
			t.Errorf("%v, %v", r.Out, r.Err)
		}
	})
}

// All workers fail at once: one error, and every call that had begun ends.
func TestPromise08_EveryWorkerPanicsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		run := pipelines[0].Start(t, probe.Script{N: 50, Hook: func(c probe.Call) error {
			if c.Stage == "work" {
				<-gate
				panic(c.Item)
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		close(gate)
		r := run.Wait()
		e := r.AsError()
		if e == nil || e.Stage != "work" || len(e.Stack) == 0 {
			t.Errorf("%v", r.Err)
		}
		if n := r.Counts.Of("work", "failed"); n < 1 || n > 5 {
			t.Errorf("Failed = %d of 5 workers", n)
		}
	})
}

// What had begun when the first error came finishes before the run ends; its results go nowhere.
func TestPromise06_RunningCallsFinish(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Int64
		r := pipelines[0].Do(t, probe.Script{N: 50, Hook: func(c probe.Call) error {
			if c.Stage != "work" {
				return nil
			}
			if c.Item == 2 {
				time.Sleep(time.Millisecond) // all five workers are in a call
				return boom
			}
			time.Sleep(time.Second)
			ended.Add(1)
			return nil
		}}, probe.Plan{})
		if !errors.Is(r.Err, boom) || ended.Load() != 4 || r.Took != time.Second || len(r.Out) > 0 {
			t.Errorf("%v after %v, %d other calls, %v", r.Err, r.Took, ended.Load(), r.Out)
		}
		if failed := r.Counts.Of("work", "failed"); failed != 1 {
			t.Errorf("Failed = %d", failed)
		}
	})
}

// Everything arrives exactly once, whatever the workers.
func TestEverythingArrivesOnce(t *testing.T) {
	for _, p := range []probe.Pipeline{pipelines[0], pipelines[1], pipelines[3], pipelines[4]} {
		r := p.Do(t, probe.Script{N: 5000}, probe.Plan{})
		got := make([]int, len(r.Out))
		for i, v := range r.Out {
			got[i] = v.(int)
		}
		slices.Sort(got)
		for i, n := range got {
			if n != i {
				t.Fatalf("%s: item %d is %d", p.Name, i, n)
			}
		}
		if len(got) != 5000 || r.Err != nil {
			t.Errorf("%s: %d items, %v", p.Name, len(got), r.Err)
		}
	}
}

// At full speed a worker may have passed the last check when the error comes, but no worker begins twice after it.
func TestPromise06_AtMostOneLateStartAWorker(t *testing.T) {
	boom := errors.New("boom")
	for try := range 200 {
		var late atomic.Int64
		r := pipelines[0].Do(t, probe.Script{N: 3000, Hook: func(c probe.Call) error {
			if c.Stage != "work" {
				return nil
			}
			if c.Ctx.Err() != nil {
				late.Add(1)
			}
			if c.Item == 10*try {
				return boom
			}
			return nil
		}}, probe.Plan{})
		if !errors.Is(r.Err, boom) {
			t.Fatal(r.Err)
		}
		if n := late.Load(); n > 5 {
			t.Errorf("%d calls of 5 workers began after the error", n)
		}
	}
}
