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

// A result that waits for its turn when a key function exits has been put out by nobody. Here that is called for the
// second result of a chunk, by its worker, just after another one has passed the turn on and has put the first.
func TestPromise07_KeyFunctionOfAnOrder(t *testing.T) {
	for _, p := range []probe.Pipeline{
		{Name: "Lined", New: func(drain <-chan struct{}) probe.Ends {
			p := Lined{Drain: drain, Stats: new(LinedStats)}
			return probe.Sunk[*LinedError](p.Stats, p.RunSeq2)
		}},
		{Name: "Unrolled", New: func(drain <-chan struct{}) probe.Ends {
			p := Unrolled{Drain: drain, Stats: new(UnrolledStats)}
			return probe.Sunk[*UnrolledError](p.Stats, p.RunSeq2)
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			gates := make([]chan struct{}, 8)
			for i := range gates {
				gates[i] = make(chan struct{})
			}
			run := p.Start(t, probe.Script{N: len(gates), Hook: func(c probe.Call) error {
				switch {
				case c.Stage == "work":
					<-gates[c.Item]
				case c.Stage == "parityOf" && c.Item == 5:
					runtime.Goexit()
				}
				return nil
			}}, probe.Plan{})
			// Chunks are 0, 1, then 2 and 3, 4 and 5, 6 and 7.
			for _, item := range []int{0, 1, 4, 2, 3, 5, 6, 7} {
				synctest.Wait()
				close(gates[item])
			}
			r := run.Wait()
			if e := r.AsError(); e == nil || e.Stage != "keep" {
				t.Errorf("%s: the error is %v, want one of keep", p.Name, r.Err)
			}
			for metric, want := range map[string]int{"in": 8, "out": 5, "done": 5, "interrupted": 3} {
				if got := r.Counts.Of("work", metric); got != want {
					t.Errorf("%s: work %s is %d, want %d", p.Name, metric, got, want)
				}
			}
		})
	}
}

// A key function is not called any more once it has ended the run, also where the source goes on.
func TestPromise06_NoKeyAfterAStop(t *testing.T) {
	p := probe.Pipeline{Name: "Heedless", New: func(drain <-chan struct{}) probe.Ends {
		p := Heedless{Drain: drain, Stats: new(HeedlessStats)}
		return probe.Closed[*HeedlessError](p.Stats, p.Run)
	}}
	keys := 0
	r := p.Do(t, probe.Script{N: 20, Hook: func(c probe.Call) error {
		if c.Stage == "parityOf" {
			if keys++; c.Item == 5 {
				panic("five")
			}
		}
		return nil
	}}, probe.Plan{})
	if e := r.AsError(); e == nil || e.Stage != "keep" {
		t.Errorf("the error is %v, want one of keep", r.Err)
	}
	if keys != 6 {
		t.Errorf("%d calls of the key function, which panicked in the sixth", keys)
	}
}
