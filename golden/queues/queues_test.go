package queues

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "One", New: func(drain <-chan struct{}) probe.Ends {
		p := One{Drain: drain, Stats: new(OneStats)}
		return probe.Open[*OneError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Chunked", New: func(drain <-chan struct{}) probe.Ends {
		p := Chunked{Drain: drain, Stats: new(ChunkedStats)}
		return probe.Open[*ChunkedError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Chosen", New: func(drain <-chan struct{}) probe.Ends {
		p := Chosen{Drain: drain, Stats: new(ChosenStats)}
		return probe.Closed[*ChosenError](p.Stats, p.Run)
	}},
	{Name: "Unlimited", New: func(drain <-chan struct{}) probe.Ends {
		p := Unlimited{Drain: drain, Stats: new(UnlimitedStats)}
		return probe.Open[*UnlimitedError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestPromise13_Capacity(t *testing.T) {
	probe.Capacity(t, pipelines[0], "write", 1, "read", 1)
	probe.Capacity(t, pipelines[1], "write", 3, "read", 5)
	probe.Capacity(t, pipelines[2], "write", 1, "drop", 3)
}

func TestPromise13_CapacityFromParam(t *testing.T) {
	for _, room := range []int{1, 2, 17} {
		p := pipelines[2]
		p.New = func(drain <-chan struct{}) probe.Ends {
			p := Chosen{Room: room, Drain: drain, Stats: new(ChosenStats)}
			return probe.Closed[*ChosenError](p.Stats, p.Run)
		}
		probe.Capacity(t, p, "write", 1, "drop", room)
	}
}

// A queue without a limit takes everything at once.
func TestUnlimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var written atomic.Int64
		run := pipelines[3].Start(t, probe.Script{N: 100_000, Hook: func(c probe.Call) error {
			switch c.Stage {
			case "write":
				written.Add(1)
			case "read":
				<-gate
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		// All but what the reader may have claimed, a chunk at most.
		if n, depth := written.Load(), run.Counts().Of("read", "queue_depth"); n != 100_000 || depth < 98_000 {
			t.Errorf("%d items written, %d waiting", n, depth)
		}
		close(gate)
		if r := run.Wait(); r.Err != nil || len(r.Out) != 100_000 {
			t.Errorf("%d items, %v", len(r.Out), r.Err)
		}
	})
}

// Depth and high water say what waits.
func TestQueueDepth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		run := pipelines[1].Start(t, probe.Script{N: 50, Hook: func(c probe.Call) error {
			if c.Stage == "read" {
				<-gate
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		c := run.Counts()
		if depth, high := c.Of("read", "queue_depth"), c.Of("read", "queue_high_water"); depth != 5 || high != 5 {
			t.Errorf("depth %d, high water %d of a full queue of 5", depth, high)
		}
		close(gate)
		r := run.Wait()
		if depth, high := r.Counts.Of("read", "queue_depth"), r.Counts.Of("read", "queue_high_water"); r.Err != nil || depth != 0 || high != 5 {
			t.Errorf("depth %d, high water %d at the end, %v", depth, high, r.Err)
		}
	})
}

// Memory is bounded by capacities, workers and look-aheads: an endless input does not run ahead of a held reader.
func TestPromise13_EndlessInput(t *testing.T) {
	for _, p := range pipelines[:3] {
		synctest.Test(t, func(t *testing.T) {
			gate, drain := make(chan struct{}), make(chan struct{})
			var written atomic.Int64
			run := p.Start(t, probe.Script{N: 1 << 40, Hook: func(c probe.Call) error {
				switch c.Stage {
				case "write":
					written.Add(1)
				case "read", "drop":
					<-gate
				}
				return nil
			}}, probe.Plan{Drain: drain})
			synctest.Wait()
			if n := written.Load(); n > 10 {
				t.Errorf("%s has written %d items", p.Name, n)
			}
			close(drain)
			close(gate)
			if r := run.Wait(); r.Err != nil {
				t.Error(r.Err)
			}
		})
	}
}

// Busy is the time in the stage's functions, over all workers: what they wait for items or for room is not in it.
func TestBusy(t *testing.T) {
	for _, p := range pipelines[:2] {
		synctest.Test(t, func(t *testing.T) {
			r := p.Do(t, probe.Script{N: 10, Hook: func(c probe.Call) error {
				switch c.Stage {
				case "write":
					time.Sleep(time.Second)
				case "read":
					time.Sleep(3 * time.Second)
				}
				return nil
			}}, probe.Plan{Consume: func(int) bool { time.Sleep(5 * time.Second); return true }})
			if write, read := r.Counts.Of("write", "busy"), r.Counts.Of("read", "busy"); write != 10 || read != 30 {
				t.Errorf("%s: write was busy for %d s, read for %d s, want 10 and 30", p.Name, write, read)
			}
		})
	}
}
