package probe

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The probes of this file run in a synctest bubble, in which nothing has to be sampled: settle returns when
// nothing can move any more, and then "at most" and "exactly" can be seen.

// settle lets everything happen that can, what a worker claimed and others must take back from it included: that
// is due after a call of 1 ms.
func settle() {
	time.Sleep(10 * time.Millisecond)
	synctest.Wait()
}

// gate holds calls until it lets them go.
type gate struct {
	mu   sync.Mutex
	held map[int]chan struct{} // by item; nil: nothing is held any more
}

func (g *gate) hold(item int) {
	g.mu.Lock()
	if g.held == nil {
		g.mu.Unlock()
		return
	}
	wait := make(chan struct{})
	g.held[item] = wait
	g.mu.Unlock()
	<-wait
}

// first lets the call go whose item comes first in the input, and everything happen that follows from that.
func (g *gate) first() {
	g.mu.Lock()
	if len(g.held) > 0 {
		item := slices.Min(slices.Collect(maps.Keys(g.held)))
		close(g.held[item])
		delete(g.held, item)
	}
	g.mu.Unlock()
	settle()
}

// open lets all calls go, those to come included.
func (g *gate) open() {
	g.mu.Lock()
	for _, wait := range g.held {
		close(wait)
	}
	g.held = nil
	g.mu.Unlock()
}

// gated starts p with a hook that holds the calls for which hold says true at the gate.
func gated(t testing.TB, p Pipeline, n int, hold func(Call) bool) (*Running, *recorder, *gate) {
	rec, g := new(recorder), &gate{held: make(map[int]chan struct{})}
	run := p.Start(t, Script{N: n, Hook: func(c Call) error {
		rec.note(c)
		if hold(c) {
			g.hold(c.Item)
		}
		return nil
	}}, Plan{})
	settle()
	return run, rec, g
}

// calls is how many calls of one stage have begun.
func (r *recorder) calls(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range r.stages {
		if s.name == name {
			return s.calls
		}
	}
	return 0
}

// Peak checks promise 16: held calls of the stage pile up to workers, and each one let go makes room for one.
func Peak(t *testing.T, p Pipeline, stage string, workers int) {
	synctest.Test(t, func(t *testing.T) {
		n := 5*workers + 3
		run, rec, gate := gated(t, p, n, func(c Call) bool { return c.Stage == stage })
		for released := 0; released+workers <= n; released++ {
			if inside := rec.calls(stage) - released; inside != workers {
				t.Errorf("%d calls of %s at a time after %d, want %d", inside, stage, released, workers)
				break
			}
			gate.first()
		}
		gate.open()
		if r := run.Wait(); r.Err != nil {
			t.Error(r.Err)
		}
	})
}

// Capacity checks promise 13 on the queue between two stages: while the reader's calls are held, the writer's
// calls that have returned run ahead by exactly n and one for each of its workers, which are blocked.
func Capacity(t *testing.T, p Pipeline, writer string, writers int, reader string, n int) {
	synctest.Test(t, func(t *testing.T) {
		total := 4*(n+writers) + 8
		run, rec, gate := gated(t, p, total, func(c Call) bool { return c.Stage == reader })
		for released := range total - n - writers {
			begun := rec.calls(reader)
			ahead := rec.calls(writer) - begun
			if want := min(n+writers, total-begun); ahead != want {
				t.Errorf("after %d calls of %s, %d items wait for it, want %d", released, reader, ahead, want)
				break
			}
			gate.first()
		}
		gate.open()
		if r := run.Wait(); r.Err != nil {
			t.Error(r.Err)
		}
	})
}

// Ahead checks promise 11 on an ordered stage above the open output: while the call for the first item is held, exactly ahead items
// have been taken, and nothing has come out.
func Ahead(t *testing.T, p Pipeline, stage string, ahead int) {
	synctest.Test(t, func(t *testing.T) {
		run, rec, gate := gated(t, p, 10*ahead, func(c Call) bool { return c.Stage == stage && c.Item == 0 })
		if n := rec.calls(stage); n != ahead {
			t.Errorf("%d items taken while the first is not out, want %d", n, ahead)
		}
		if n := run.Received(); n != 0 {
			t.Errorf("%d results overtook the first", n)
		}
		gate.open()
		if r := run.Wait(); r.Err != nil {
			t.Error(r.Err)
		}
	})
}

// ChunkMates checks promise 17 on a stage of several workers: while the call for one item is held, all other
// items, those of the same hand-over included, begin and reach the calls of the next stage.
func ChunkMates(t *testing.T, p Pipeline, stage, next string, n int) {
	for held := range n {
		synctest.Test(t, func(t *testing.T) {
			run, rec, gate := gated(t, p, n, func(c Call) bool { return c.Stage == stage && c.Item == held })
			if begun := rec.calls(stage); begun != n {
				t.Errorf("item %d holds back %d items that have not begun", held, n-begun)
			}
			if seen := rec.calls(next); seen != n-1 {
				t.Errorf("item %d holds back %d finished items", held, n-1-seen)
			}
			gate.open()
			if r := run.Wait(); r.Err != nil {
				t.Error(r.Err)
			}
		})
	}
}

// Visible checks promise 17 on a stage of one worker: while the call for item k is held, all items before it
// have reached the calls of the next stage.
func Visible(t *testing.T, p Pipeline, stage, next string, n int) {
	for held := range n {
		synctest.Test(t, func(t *testing.T) {
			run, rec, gate := gated(t, p, n, func(c Call) bool { return c.Stage == stage && c.Item == held })
			if seen := rec.calls(next); seen != held {
				t.Errorf("while item %d is held, %s has seen %d items, want %d", held, next, seen, held)
			}
			gate.open()
			if r := run.Wait(); r.Err != nil {
				t.Error(r.Err)
			}
		})
	}
}
