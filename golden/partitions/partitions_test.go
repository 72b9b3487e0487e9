package partitions

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Accounts", New: func(drain <-chan struct{}) probe.Ends {
		p := Accounts{Drain: drain, Stats: new(AccountsStats)}
		return probe.Closed[*AccountsError](p.Stats, p.Run)
	}},
	{Name: "Exact", New: func(drain <-chan struct{}) probe.Ends {
		p := Exact{Drain: drain, Stats: new(ExactStats)}
		return probe.Sunk[*ExactError](p.Stats, p.RunSeq2)
	}},
}

func TestLifeCycle(t *testing.T) {
	probe.LifeCycle(t, pipelines[0]) // the key function of the other one belongs to a stage of another name
}

// Items of one key are handled in the order they came, and never two at a time.
func TestPromise12_OrderWithinAKey(t *testing.T) {
	var mu sync.Mutex
	byKey := make(map[int][]int)
	busy := make(map[int]bool)
	r := pipelines[0].Do(t, probe.Script{N: 2000, Hook: func(c probe.Call) error {
		if c.Stage != "work" {
			return nil
		}
		key := c.Item % 10
		mu.Lock()
		if busy[key] {
			t.Errorf("two items of key %d at a time", key)
		}
		busy[key] = true
		byKey[key] = append(byKey[key], c.Item)
		mu.Unlock()
		runtime.Gosched()
		mu.Lock()
		busy[key] = false
		mu.Unlock()
		return nil
	}}, probe.Plan{})
	if r.Err != nil || len(byKey) != 10 {
		t.Fatalf("%d keys, %v", len(byKey), r.Err)
	}
	for key, items := range byKey {
		if len(items) != 200 || !slices.IsSorted(items) {
			t.Errorf("key %d: %d items, in order: %v", key, len(items), slices.IsSorted(items))
		}
	}
}

// A key whose worker is busy holds up only itself and the keys that share the worker.
func TestPromise12_BusyPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		var mu sync.Mutex
		began := make(map[int]int)
		run := pipelines[0].Start(t, probe.Script{N: 200, Hook: func(c probe.Call) error {
			if c.Stage == "work" {
				mu.Lock()
				began[c.Item%10]++
				mu.Unlock()
				if c.Item%10 == 0 {
					<-gate
				}
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		mu.Lock()
		through := 0
		for _, n := range began {
			if n == 20 {
				through++
			}
		}
		stuck := began[0]
		mu.Unlock()
		if stuck != 1 || through == 0 {
			t.Errorf("%d items of the stuck key began, and %d other keys are through", stuck, through)
		}
		close(gate)
		if r := run.Wait(); r.Err != nil || r.Counts.Of("work", "done") != 200 {
			t.Errorf("%d items, %v", r.Counts.Of("work", "done"), r.Err)
		}
	})
}

// The capacity is the total over the workers.
func TestPromise13_CapacityOverAllSlots(t *testing.T) {
	probe.Capacity(t, pipelines[1], "work", 1, "keep", 3)
}

// A key function that panics or exits ends the run with an error of the stage whose it is.
func TestPromise08_KeyFunction(t *testing.T) {
	for _, goexit := range []bool{false, true} {
		r := pipelines[1].Do(t, probe.Script{N: 50, Hook: func(c probe.Call) error {
			if c.Stage == "parityOf" && c.Item == 13 {
				if goexit {
					runtime.Goexit()
				}
				panic("thirteen")
			}
			return nil
		}}, probe.Plan{})
		e := r.AsError()
		want := "panic: thirteen"
		if goexit {
			want = "runtime.Goexit was called"
		}
		if e == nil || e.Stage != "keep" || len(e.Stack) == 0 || !strings.Contains(e.Err.Error(), want) {
			t.Errorf("the error is %v, want %s in keep", r.Err, want)
		}
	}
}

// A key function that exits is not taken for the function whose result it was to look at: that item has not failed.
func TestPromise09_NoDeadLetterForAKeyFunction(t *testing.T) {
	p := probe.Pipeline{Name: "Buried", New: func(drain <-chan struct{}) probe.Ends {
		p := Buried{Drain: drain, Stats: new(BuriedStats)}
		return probe.Sunk[*BuriedError](p.Stats, p.RunSeq2)
	}}
	for range 50 {
		r := p.Do(t, probe.Script{N: 20, Hook: func(c probe.Call) error {
			switch {
			case c.Stage == "bury":
				t.Errorf("item %d was buried", c.Item)
			case c.Stage == "parityOf" && c.Item == 13:
				runtime.Goexit()
			}
			return nil
		}}, probe.Plan{})
		if e := r.AsError(); e == nil || e.Stage != "keep" {
			t.Fatalf("the error is %v, want one of keep", r.Err)
		}
		if n := r.Counts.Of("work", "failed") + r.Counts.Of("work", "dead_lettered"); n != 0 {
			t.Fatalf("%d items failed in the stage above", n)
		}
	}
}
