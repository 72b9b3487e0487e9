package threads

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// bare is a run without stages.
func bare(ctx context.Context, drain <-chan struct{}) *run {
	return newRun(ctx, drain, nil, func(_ string, _, _ int, _ any, err error, _ []byte) error { return err })
}

// Who stops the run from outside does so on a goroutine of the run, which is waited for: by wait, and by the
// reader that leaves early.
func TestPromise01_CancellationIsWaitedFor(t *testing.T) {
	for name, end := range map[string]func(*run){
		"wait":    func(r *run) { _ = r.wait() },
		"abandon": (*run).abandon,
	} {
		synctest.Test(t, func(t *testing.T) {
			cause := errors.New("cause")
			ctx, cancel := context.WithCancelCause(t.Context())
			r := bare(ctx, nil)
			var stopped atomic.Bool
			r.atStop(func() {
				time.Sleep(time.Second)
				stopped.Store(true)
			})
			cancel(cause)
			synctest.Wait() // the watcher is stopping the run
			end(r)
			if !stopped.Load() {
				t.Errorf("%s returns while the run is still being stopped", name)
			}
			if r.err != cause {
				t.Errorf("the run's error is %v", r.err)
			}
		})
	}
}

// The goroutine that watches Drain has ended when the run has, whether Drain was closed or not.
func TestPromise01_DrainWatcherIsWaitedFor(t *testing.T) {
	for _, closed := range []bool{false, true} {
		for range 200 {
			drain := make(chan struct{})
			r := bare(t.Context(), drain)
			if closed {
				close(drain)
			}
			if err := r.wait(); err != nil {
				t.Fatal(err)
			}
			if stacks := stacksOf("threads.newRun."); stacks != "" {
				t.Fatalf("Drain closed: %v: after wait there is still\n%s", closed, stacks)
			}
		}
	}
}

// stacksOf returns the stacks of the goroutines that are in the named function. One that has left it and is about
// to end is not.
func stacksOf(function string) string {
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	var found []string
	for stack := range strings.SplitSeq(string(all), "\n\n") {
		frames, _, _ := strings.Cut(stack, "\ncreated by ")
		if strings.Contains(frames, function) {
			found = append(found, stack)
		}
	}
	return strings.Join(found, "\n\n")
}

// What hangs on the run's contexts is let go when it ends: both are cancelled.
func TestPromise01_ContextsEnd(t *testing.T) {
	for _, drain := range []chan struct{}{nil, make(chan struct{})} {
		r := bare(t.Context(), drain)
		if err := r.wait(); err != nil {
			t.Fatal(err)
		}
		if r.ctx.Err() == nil || r.sources.Err() == nil {
			t.Errorf("after wait the contexts say %v and %v", r.ctx.Err(), r.sources.Err())
		}
	}
}

// The first error is recorded before the context ends because of it, is its cause, and stays.
func TestPromise05_RecordedBeforeCancelled(t *testing.T) {
	first, second := errors.New("first"), errors.New("second")
	r := bare(t.Context(), nil)
	seen := make(chan error, 1)
	context.AfterFunc(r.ctx, func() {
		r.fail(second)
		seen <- context.Cause(r.ctx)
	})
	r.fail(first)
	if cause := <-seen; cause != first {
		t.Errorf("the cause is %v", cause)
	}
	if err := r.wait(); err != first {
		t.Errorf("the run ends with %v", err)
	}
}

// What wants to know of the stop is told once, also when it comes too late for the stop itself.
func TestPromise05_EveryoneIsTold(t *testing.T) {
	r := bare(t.Context(), nil)
	var early, late int
	r.atStop(func() { early++ })
	r.fail(errors.New("boom"))
	r.atStop(func() { late++ })
	r.fail(errors.New("again"))
	_ = r.wait()
	if early != 1 || late != 1 {
		t.Errorf("told %d times who came before, %d times who came after, want 1 each", early, late)
	}
}

// The queue below closes when the last slot of the group has ended, not before: what a slow one puts last
// arrives.
func TestPromise02_LastSlotCloses(t *testing.T) {
	for slow := range 3 {
		synctest.Test(t, func(t *testing.T) {
			p := pipeline{
				items: 3, workers: 3, capacity: 10,
				work: func(_ context.Context, n int) (bool, error) {
					if n == slow {
						time.Sleep(time.Second)
					}
					return true, nil
				},
			}
			if got, err := p.run(t.Context()); err != nil || len(got) != 3 {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
}

// A queue with several writing groups closes with the last of them.
func TestPromise02_LastWriterCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bare(t.Context(), nil)
		q := newQueue[int](r, 3, 10, false, 0)
		for i := range 3 {
			source := r.addSource(stageInfo{name: "source"})
			hand := q.writer(source)
			source.loop = func() bool {
				time.Sleep(time.Duration(i) * time.Second)
				return !hand.put(i) || !source.produced() || true
			}
			source.group.finish = q.close
		}
		in := q.reader(nil)
		r.launch()
		var got []int
		for in.next() {
			got = append(got, *in.item())
		}
		if err := r.wait(); err != nil || len(got) != 3 {
			t.Errorf("%v, %v, want what all three writers put", got, err)
		}
	})
}

// late is a context that has ended and has not told anybody yet.
type late struct{ context.Context }

func (late) Err() error                   { return context.Canceled }
func (late) Done() <-chan struct{}        { return make(chan struct{}) }
func (late) AfterFunc(func()) func() bool { return func() bool { return true } }

// A run whose context has ended is cancelled, though it may end before it is told so: its sources may have asked.
func TestPromise05_ContextAsked(t *testing.T) {
	r := bare(late{t.Context()}, nil)
	if err := r.wait(); err != context.Canceled {
		t.Errorf("the run ends with %v", err)
	}
}

// Who comes too late to stop a run does not wait for ever: a pool may be terminated when it has ended.
func TestPromise01_NothingIsHeldAfterTheEnd(t *testing.T) {
	r := bare(t.Context(), nil)
	_ = r.wait()
	if !r.mu.TryLock() {
		t.Error("the lock of the run is held after its end")
	}
}

// Where the caller's context ends a group, those below see a run that has stopped, never the end of the input: a
// reduction of half of it would look whole (promise 5).
func TestRun_CancelledBeforeTheEnd(t *testing.T) {
	boom := errors.New("boom")
	for range 1000 {
		ctx, cancel := context.WithCancelCause(t.Context())
		r := newRun(ctx, nil, nil, nil)
		g := r.addGroup(1, stageInfo{name: "source"})
		g.workers[0].loop = func() bool {
			cancel(boom)
			return true
		}
		stopped := false
		g.finish = func() { stopped = r.stopped.Load() }
		r.launch()
		if err := r.wait(); err != boom || !stopped {
			t.Fatalf("error %v, stopped %v", err, stopped)
		}
	}
}
