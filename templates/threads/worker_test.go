package threads

import (
	"errors"
	"testing"
)

// Where a stage skips an item, the one above that hands it out goes on, unless a panic has gone through it: then the
// rest of its item is lost, which counts.
func TestPromise07_APanicInterruptsTheStagesAbove(t *testing.T) {
	for name, stack := range map[string][]byte{"error": nil, "panic": []byte("stack")} {
		g := newGraph(t.Context())
		w := g.addGroup(1, stageInfo{name: "first"}, stageInfo{name: "second", many: true}, stageInfo{name: "third", onError: skipItem}).workers[0]
		if !w.reject(2, 0, nil, errors.New("boom"), stack) || g.stopped.Load() {
			t.Errorf("%s: the slot does not go on", name)
		}
		want := int64(0)
		if stack != nil {
			want = 1
		}
		if w.counts[0].interrupted != 0 || w.counts[1].interrupted != want || w.counts[2].failed != 1 {
			t.Errorf("%s: counted as %+v", name, w.counts)
		}
	}
}

// An item that the run's end interrupts takes those with it that were being handed out above.
func TestPromise07_InterruptedWithTheStagesAbove(t *testing.T) {
	g := newGraph(t.Context())
	w := g.addGroup(1, stageInfo{name: "first"}, stageInfo{name: "second", many: true}, stageInfo{name: "third", pairs: true}).workers[0]
	w.interrupted(2)
	if w.counts[0].interrupted != 0 || w.counts[1].interrupted != 1 || w.counts[2].interrupted != 2 {
		t.Errorf("counted as %+v", w.counts)
	}
}

// An item whose call panics when the run has stopped is interrupted, not failed.
func TestPromise07_PanicAfterTheEnd(t *testing.T) {
	boom := errors.New("boom")
	g := newGraph(t.Context())
	w := g.addGroup(1, stageInfo{name: "first", many: true}, stageInfo{name: "second"}).workers[0]
	w.loop = func() (over bool) {
		if w.stopped() {
			return true
		}
		defer w.catch(&over, func() (int, int, any) { return 1, 0, nil })
		g.fail(boom)
		panic("late")
	}
	if err := g.finish(); err != boom {
		t.Errorf("the run ends with %v", err)
	}
	if c := w.counts; c[0].interrupted != 1 || c[1].interrupted != 1 || c[1].failed != 0 {
		t.Errorf("counted as %+v", c)
	}
}

// A worker tells what it has counted with each chunk.
func TestStatsFollowWithinAChunk(t *testing.T) {
	g, stats := newGraph(t.Context()), new(stageStats)
	w := g.addGroup(1, stageInfo{name: "work", stats: stats}).workers[0]
	w.resume()
	w.settle(3)
	if stats.In() != 3 || stats.Done() != 3 || stats.Out() != 3 {
		t.Errorf("in %d, done %d, out %d after a chunk of 3", stats.In(), stats.Done(), stats.Out())
	}
}

// An error of the last call, which has no item, ends the run whatever the stage does about errors: a result is missing.
func TestPromise05_ErrorAtTheEnd(t *testing.T) {
	g := newGraph(t.Context())
	w := g.addGroup(1, stageInfo{name: "sum", onError: skipItem}).workers[0]
	w.ending = true
	goesOn := w.reject(0, -1, nil, errors.New("boom"), nil)
	if goesOn || !g.stopped.Load() || g.err.Error() != "sum: boom" || w.counts[0].failed != 0 {
		t.Errorf("the slot goes on: %v; the run's error: %v; counted as %+v", goesOn, g.err, w.counts[0])
	}
}
