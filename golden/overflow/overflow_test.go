package overflow

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "DropNewest", New: func(drain <-chan struct{}) probe.Ends {
		p := DropNewest{Drain: drain, Stats: new(DropNewestStats), Log: probe.Quiet}
		return probe.Closed[*DropNewestError](p.Stats, p.Run)
	}},
	{Name: "DropOldest", New: func(drain <-chan struct{}) probe.Ends {
		p := DropOldest{Drain: drain, Stats: new(DropOldestStats), Log: probe.Quiet}
		return probe.Closed[*DropOldestError](p.Stats, p.Run)
	}},
	{Name: "Fail", New: func(drain <-chan struct{}) probe.Ends {
		p := Fail{Drain: drain, Stats: new(FailStats)}
		return probe.Closed[*FailError](p.Stats, p.Run)
	}},
	{Name: "LatestFirst", New: func(drain <-chan struct{}) probe.Ends {
		p := LatestFirst{Drain: drain, Stats: new(LatestFirstStats)}
		return probe.Closed[*LatestFirstError](p.Stats, p.Run)
	}},
	{Name: "UrgentFirst", New: func(drain <-chan struct{}) probe.Ends {
		p := UrgentFirst{Drain: drain, Stats: new(UrgentFirstStats)}
		return probe.Closed[*UrgentFirstError](p.Stats, p.Run)
	}},
	{Name: "Classes", New: func(drain <-chan struct{}) probe.Ends {
		p := Classes{Drain: drain, Stats: new(ClassesStats), Log: probe.Quiet}
		return probe.Closed[*ClassesError](p.Stats, p.Run)
	}},
}

// Dropping pipelines do not call each function for each item, so only those that never drop live through all.
func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines[3], pipelines[4]) }

// held plays ten items against a sink that is stuck in its first, and returns in which order it got them.
func held(t *testing.T, p probe.Pipeline) (got string, r probe.Result) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var kept []int // by one worker
		run := p.Start(t, probe.Script{N: 10, Hook: func(c probe.Call) error {
			switch {
			case c.Stage == "keep":
				kept = append(kept, c.Item)
				if len(kept) == 1 {
					<-gate
				}
			case c.Stage == "numbers" && c.Item == 1:
				time.Sleep(time.Second) // by then the sink has the first
			}
			return nil
		}}, probe.Plan{})
		time.Sleep(2 * time.Second) // by then the source has handed out all
		close(gate)
		r = run.Wait()
		got = fmt.Sprint(kept)
	})
	return got, r
}

// Each policy drops what it says, and counts it; each kind of queue gives its items in its own order.
func TestPromise14_PoliciesAndKinds(t *testing.T) {
	for i, want := range []struct {
		got     string
		dropped int
	}{
		{"[0 1 2 3]", 6},
		{"[0 7 8 9]", 6},
		{"[0]", 1},
		{"[0 9 8 7 6 5 4 3 2 1]", 0},
		{"[0 9 7 5 3 1 8 6 4 2]", 0},
		{"[0 1 2 3 4]", 5},
	} {
		p := pipelines[i]
		got, r := held(t, p)
		if got != want.got {
			t.Errorf("%s: %s, want %s", p.Name, got, want.got)
		}
		if n := r.Counts.Of("keep", "dropped"); n != want.dropped {
			t.Errorf("%s: %d dropped, want %d", p.Name, n, want.dropped)
		}
		if p.Name != "Fail" {
			if r.Err != nil {
				t.Errorf("%s: %v", p.Name, r.Err)
			}
		} else if e := r.AsError(); e == nil || e.Stage != "keep" || !strings.Contains(e.Err.Error(), "queue is full") {
			t.Errorf("%s: %v, want an error that the queue of keep is full", p.Name, r.Err)
		}
	}
}
