package probe

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

var (
	errBoom  = errors.New("boom")
	errCause = errors.New("cancelled from outside")
)

// stage is what a successful run tells of one reporting function.
type stage struct {
	name   string
	calls  int
	fails  bool
	source bool
	within bool
}

// recorder counts the calls of each stage.
type recorder struct {
	mu     sync.Mutex
	stages []stage
}

// note returns how many calls of the stage came before this one.
func (r *recorder) note(c Call) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.stages, func(s stage) bool { return s.name == c.Stage })
	if i < 0 {
		i = len(r.stages)
		r.stages = append(r.stages, stage{name: c.Stage, fails: c.Fails, source: c.Source, within: c.Within})
	}
	r.stages[i].calls++
	return r.stages[i].calls - 1
}

// begun is how many calls of functions have begun; sources, and functions that report later in the call, aside.
func (r *recorder) begun() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, s := range r.stages {
		if !s.source && !s.within {
			n += s.calls
		}
	}
	return n
}

func (r *recorder) total() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for _, s := range r.stages {
		n += s.calls
	}
	return n
}

func (p Pipeline) items() int {
	if p.Items == 0 {
		return 12
	}
	return p.Items
}

// LifeCycle runs every pipeline to every end that it can come to.
func LifeCycle(t *testing.T, pipelines ...Pipeline) {
	for _, p := range pipelines {
		t.Run(p.Name, func(t *testing.T) {
			var rec recorder
			ok := p.Do(t, Script{N: p.items(), Hook: func(c Call) error { rec.note(c); return nil }}, Plan{})
			if ok.Err != nil || ok.Panic != nil || ok.Goexit || len(ok.Yielded) > 0 {
				t.Fatalf("a run without trouble ends with error %v, panic %v, Goexit %v, yielded %v", ok.Err, ok.Panic, ok.Goexit, ok.Yielded)
			}
			if len(rec.stages) == 0 {
				t.Fatal("no function of the pipeline reports its calls")
			}
			l := &life{p: p, ok: ok, stages: rec.stages, total: rec.total()}
			t.Run("Promise01_Empty", l.empty)
			t.Run("Promise01_ConsumerLeaves", l.consumerLeaves)
			t.Run("Promise03_CallerPanics", l.callerPanics)
			t.Run("Promise04_Drain", l.drain)
			t.Run("Promise05_FirstError", l.firstError)
			t.Run("Promise05_ErrorBeatsCancellation", l.errorBeatsCancellation)
			t.Run("Promise05_Cancel", l.cancel)
			t.Run("Promise05_CancelWhileFull", l.cancelWhileFull)
			t.Run("Promise06_NoCallAfterError", l.noCallAfterError)
			t.Run("Promise08_PanicAndGoexit", l.panicAndGoexit)
			t.Run("Promise13_SlowConsumer", l.slowConsumer)
		})
	}
}

// life is one pipeline with what a run without trouble told of it.
type life struct {
	p      Pipeline
	ok     Result
	stages []stage
	total  int // calls of all stages
}

// script is a script of the usual length with the given hook.
func (l *life) script(hook func(Call) error) Script { return Script{N: l.p.items(), Hook: hook} }

// trouble is a hook that does something at the k-th call of one stage.
type trouble struct {
	stage string
	k     int64
	do    func() error
	calls atomic.Int64
}

// at does do at the k-th call of the stage, counted from 0.
func at(stage string, k int, do func() error) *trouble {
	return &trouble{stage: stage, k: int64(k), do: do}
}

func (tr *trouble) hook(c Call) error {
	if c.Stage == tr.stage && tr.calls.Add(1) == tr.k+1 {
		return tr.do()
	}
	return nil
}

// happened says whether the k-th call came. How many calls there are is not always the same: several workers of a
// batch share the items out differently each time.
func (tr *trouble) happened() bool { return tr.calls.Load() > tr.k }

// missed says whether the call that was to make trouble did not come, where that may be.
func (l *life) missed(tr *trouble, s stage) bool {
	return !tr.happened() && (tr.k > 0 || slices.Contains(l.p.Competing, s.name))
}

// moments are the calls of s at which trouble is made: the first, the last and one between.
func (s stage) moments() []int {
	return slices.Compact([]int{0, s.calls / 2, s.calls - 1})
}

func (l *life) empty(t *testing.T) {
	r := l.p.Do(t, Script{}, Plan{})
	if r.Err != nil || r.Panic != nil || r.Goexit {
		t.Errorf("an empty input ends with error %v, panic %v, Goexit %v", r.Err, r.Panic, r.Goexit)
	}
}

func (l *life) consumerLeaves(t *testing.T) {
	if !l.ok.ends.OpenOut {
		t.Skip("no open output")
	}
	for k := range l.ok.Out {
		r := l.p.Do(t, l.script(nil), Plan{Consume: func(i int) bool { return i < k }})
		if len(r.Out) != k+1 || r.Err != nil {
			t.Errorf("break at element %d: got %d elements and %v", k, len(r.Out), r.Err)
		}
	}
	for _, k := range (stage{calls: len(l.ok.Out)}).moments() {
		r := l.p.Do(t, l.script(nil), Plan{Consume: func(i int) bool {
			if i == k {
				panic(errBoom)
			}
			return true
		}})
		if r.Panic != errBoom {
			t.Errorf("a panic of the consumer at element %d came out as %v", k, r.Panic)
		}
		r = l.p.Do(t, l.script(nil), Plan{Consume: func(i int) bool {
			if i == k {
				runtime.Goexit()
			}
			return true
		}})
		if !r.Goexit || len(r.Out) != k+1 {
			t.Errorf("Goexit of the consumer at element %d: Goexit %v, %d elements", k, r.Goexit, len(r.Out))
		}
	}
}

func (l *life) callerPanics(t *testing.T) {
	if !l.ok.ends.OpenIn {
		t.Skip("no open input")
	}
	for k := range l.p.items() {
		r := l.p.Do(t, l.script(at(Caller, k, func() error { panic(errBoom) }).hook), Plan{})
		if r.Panic != nil || r.Goexit || r.Err == nil || !strings.Contains(r.Err.Error(), errBoom.Error()) {
			t.Errorf("a panic in the caller's sequence at item %d: error %v, panic %v, Goexit %v", k, r.Err, r.Panic, r.Goexit)
		}
		r = l.p.Do(t, l.script(at(Caller, k, func() error { runtime.Goexit(); return nil }).hook), Plan{})
		if r.Panic != nil || r.Goexit || r.Err == nil {
			t.Errorf("Goexit in the caller's sequence at item %d: error %v, panic %v, Goexit %v", k, r.Err, r.Panic, r.Goexit)
		}
	}
}

// drain closes Drain at each early call of a run whose input has no end. Sources wait for that after some items,
// so that they do not run ahead by all that fits between the stages, and then go on slowly until they are told.
func (l *life) drain(t *testing.T) {
	for k := range 8 {
		drain := make(chan struct{})
		var n atomic.Int64
		r := l.p.Do(t, Script{N: 1 << 40, Hook: func(c Call) error {
			if n.Add(1) == int64(k)+1 {
				close(drain)
			}
			if c.Source && c.Item > 20 {
				<-drain
				time.Sleep(time.Millisecond)
			}
			return nil
		}}, Plan{Drain: drain})
		l.drained(t, fmt.Sprintf("closed at call %d", k), r)
	}
	closed := make(chan struct{})
	close(closed)
	l.drained(t, "closed before the run", l.p.Do(t, Script{N: 1 << 40, Hook: func(c Call) error {
		if c.Source {
			time.Sleep(time.Millisecond)
		}
		return nil
	}}, Plan{Drain: closed}))
}

func (l *life) drained(t *testing.T, when string, r Result) {
	t.Helper()
	if taken := r.Counts.Of(r.Counts.Stages[0], "in"); r.ends.mapped && r.Err != nil && len(r.Out) == 0 && taken < 1000 {
		return // there is no result for items that were not taken, so there is none for any
	}
	if r.Err != nil || r.Panic != nil || r.Goexit || len(r.Yielded) > 0 {
		t.Errorf("Drain %s: error %v, panic %v, Goexit %v, yielded %v", when, r.Err, r.Panic, r.Goexit, r.Yielded)
	}
	if r.ends.mapped && r.Counts.Of(r.Counts.Stages[0], "done") != len(r.Out) {
		t.Errorf("Drain %s: %d results of %d items", when, len(r.Out), r.Counts.Of(r.Counts.Stages[0], "done"))
	}
	if n := r.Counts.Sum("interrupted") + r.Counts.Sum("failed"); n != 0 {
		t.Errorf("Drain %s: %d items did not finish", when, n)
	}
}

// fatal says whether an error of s ends the run.
func (l *life) fatal(s stage) bool { return s.fails && !slices.Contains(l.p.Tolerant, s.name) }

func (l *life) firstError(t *testing.T) {
	for _, s := range l.stages {
		if !l.fatal(s) {
			continue
		}
		for _, k := range s.moments() {
			boom := at(s.name, k, func() error { return errBoom })
			r := l.p.Do(t, l.script(boom.hook), Plan{})
			if l.missed(boom, s) {
				continue
			}
			l.wantStageError(t, fmt.Sprintf("error at call %d of %s", k, s.name), s, r)
			if e := r.AsError(); s.name != Caller && e != nil {
				if e.Err != errBoom {
					t.Errorf("error at call %d of %s: Err is %v, want the function's error itself", k, s.name, e.Err)
				}
				if e.Stack != nil {
					t.Errorf("error at call %d of %s: a plain error has a stack", k, s.name)
				}
			}
		}
	}
}

// wantStageError checks that r ended with the pipeline's own error, of stage s, about errBoom.
func (l *life) wantStageError(t *testing.T, what string, s stage, r Result) {
	t.Helper()
	if r.Panic != nil || r.Goexit {
		t.Errorf("%s: panic %v, Goexit %v", what, r.Panic, r.Goexit)
	}
	if s.name == Caller {
		if !errors.Is(r.Err, errBoom) {
			t.Errorf("%s: run ends with %v", what, r.Err)
		}
		return
	}
	switch e := r.AsError(); {
	case e == nil:
		t.Errorf("%s: run ends with %v, which is not the pipeline's error", what, r.Err)
	case e.Stage != s.name:
		t.Errorf("%s: error of stage %q", what, e.Stage)
	case !strings.Contains(r.Err.Error(), errBoom.Error()):
		t.Errorf("%s: %q does not say what happened", what, r.Err)
	}
}

// errorBeatsCancellation makes every other call return its context's error as soon as it sees one.
func (l *life) errorBeatsCancellation(t *testing.T) {
	i := slices.IndexFunc(l.stages, func(s stage) bool { return l.fatal(s) && !s.source })
	if i < 0 {
		t.Skip("no function can end the run")
	}
	s, tries := l.stages[i], l.p.Tries
	if tries == 0 {
		tries = 100
	}
	known := goleak.IgnoreCurrent()
	for try := range tries {
		boom := at(s.name, try%s.calls, func() error { return errBoom })
		Play(l.script(func(c Call) error {
			if err := boom.hook(c); err != nil {
				return err
			}
			if c.Ctx != nil {
				return c.Ctx.Err()
			}
			return nil
		}))
		// Straight to the pipeline: what is checked at every other end would take longer than the run.
		var last error
		for _, err := range l.p.New(nil).stream(t.Context(), Input2(NoContext, Caller)) {
			last = err
		}
		if !errors.Is(last, errBoom) && boom.happened() {
			t.Fatalf("try %d: %v", try, last)
		}
	}
	if err := goleak.Find(known); err != nil {
		t.Error(err)
	}
}

func (l *life) cancel(t *testing.T) {
	before, cancel := context.WithCancelCause(context.Background())
	cancel(errCause)
	var rec recorder
	r := l.p.Do(t, l.script(func(c Call) error { rec.note(c); return nil }), Plan{Ctx: before})
	if r.Err != errCause || len(r.Out) > 0 || rec.begun() > 0 {
		t.Errorf("cancelled before: %v, %d elements, %d calls", r.Err, len(r.Out), rec.begun())
	}
	for k := range l.total {
		ctx, cancel := context.WithCancelCause(context.Background())
		var n atomic.Int64
		r := l.p.Do(t, l.script(func(c Call) error {
			if n.Add(1) == int64(k)+1 {
				cancel(errCause)
				cancel(errBoom) // a second one changes nothing
			}
			if k%2 == 1 && c.Ctx != nil {
				return c.Ctx.Err() // functions may notice, and their error is not the cause
			}
			return nil
		}), Plan{Ctx: ctx})
		if ctx.Err() != nil {
			l.wantCancelled(t, fmt.Sprintf("cancelled at call %d", k), r, errCause)
		}
		cancel(nil)
	}
	t.Run("Deadline", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			var n atomic.Int64
			r := l.p.Do(t, l.script(func(Call) error {
				if n.Add(1) == int64(l.total/2)+1 {
					time.Sleep(2 * time.Second)
				}
				return nil
			}), Plan{Ctx: ctx})
			l.wantCancelled(t, "deadline", r, context.DeadlineExceeded)
		})
	})
}

// cancelWhileFull cancels when one call has been held for so long that every queue above it is full and every
// writer blocked.
func (l *life) cancelWhileFull(t *testing.T) {
	if len(l.p.Competing) > 0 {
		t.Skip("a queue does not stay full while another reader has time")
	}
	var s stage // the last of those that are called most
	for _, other := range l.stages {
		if !other.source && other.calls >= s.calls {
			s = other
		}
	}
	if s.calls == 0 {
		t.Skip("no function below the source")
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(context.Background())
		defer cancel(nil)
		r := l.p.Do(t, Script{N: 1000, Hook: at(s.name, 0, func() error {
			time.Sleep(time.Second) // of virtual time, which passes when nothing else moves
			cancel(errCause)
			return nil
		}).hook}, Plan{Ctx: ctx})
		if r.Err != errCause || len(r.Yielded) > 0 {
			t.Errorf("run ends with %v, yielded %v", r.Err, r.Yielded)
		}
	})
}

// slowConsumer reads so slowly that everything above it waits.
func (l *life) slowConsumer(t *testing.T) {
	if !l.ok.ends.OpenOut {
		t.Skip("no open output")
	}
	synctest.Test(t, func(t *testing.T) {
		r := l.p.Do(t, l.script(nil), Plan{Consume: func(int) bool { time.Sleep(100 * time.Millisecond); return true }})
		if r.Err != nil || len(r.Out) != len(l.ok.Out) {
			t.Errorf("%d of %d elements, %v", len(r.Out), len(l.ok.Out), r.Err)
		}
	})
}

// wantCancelled wants the cause, or a run that was complete before the cancellation reached it.
func (l *life) wantCancelled(t *testing.T, what string, r Result, cause error) {
	t.Helper()
	if r.Panic != nil || r.Goexit || len(r.Yielded) > 0 {
		t.Errorf("%s: panic %v, Goexit %v, yielded %v", what, r.Panic, r.Goexit, r.Yielded)
	}
	first := r.Counts.Stages[0]
	complete := len(r.Out) == len(l.ok.Out) && r.Counts.Sum("interrupted") == 0 && r.Counts.Of(first, "in") == l.ok.Counts.Of(first, "in")
	if r.Err != cause && (r.Err != nil || !complete) {
		t.Errorf("%s: run ends with %v after %d of %d elements", what, r.Err, len(r.Out), len(l.ok.Out))
	}
}

// noCallAfterError holds all calls of a stage until nothing moves, lets one of them fail, and wants no call of
// any function to begin from then on. The error stays the run's, whatever comes after it.
func (l *life) noCallAfterError(t *testing.T) {
	for _, s := range l.stages {
		if !l.fatal(s) || s.source {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var rec recorder
				gate := make(chan error)
				ctx, cancel := context.WithCancelCause(context.Background())
				defer cancel(nil)
				run := l.p.Start(t, l.script(func(c Call) error {
					rec.note(c)
					if c.Stage == s.name {
						return <-gate
					}
					return nil
				}), Plan{Ctx: ctx})
				synctest.Wait()
				begun := rec.begun()
				if rec.calls(s.name) == 0 && slices.Contains(l.p.Competing, s.name) {
					close(gate)
					run.Wait()
					return
				}
				gate <- errBoom
				synctest.Wait()
				if n := rec.begun(); n != begun {
					t.Errorf("%d calls began after the error, before the other calls returned", n-begun)
				}
				if rec.calls(s.name) > 1 {
					select {
					case <-run.done:
						t.Error("the run ended while calls were under way")
					default:
					}
				}
				cancel(errCause) // too late: the run has its error
				close(gate)
				r := run.Wait()
				if n := rec.begun(); n != begun {
					t.Errorf("%d calls began after the error", n-begun)
				}
				l.wantStageError(t, "error", s, r)
			})
		})
	}
}

func (l *life) panicAndGoexit(t *testing.T) {
	for _, s := range l.stages {
		if s.name == Caller || slices.Contains(l.p.Tolerant, s.name) {
			continue
		}
		for _, k := range s.moments() {
			boom := at(s.name, k, func() error { panic(errBoom) })
			r := l.p.Do(t, l.script(boom.hook), Plan{})
			if l.missed(boom, s) {
				continue
			}
			what := fmt.Sprintf("panic at call %d of %s", k, s.name)
			l.wantStageError(t, what, s, r)
			if e := r.AsError(); e != nil && !strings.Contains(string(e.Stack), "panicAndGoexit") {
				t.Errorf("%s: the stack does not show where:\n%s", what, e.Stack)
			}
			exit := at(s.name, k, func() error { runtime.Goexit(); return nil })
			r = l.p.Do(t, l.script(exit.hook), Plan{})
			if l.missed(exit, s) {
				continue
			}
			if e := r.AsError(); r.Panic != nil || r.Goexit || e == nil || e.Stage != s.name {
				t.Errorf("Goexit at call %d of %s: error %v, panic %v, Goexit %v", k, s.name, r.Err, r.Panic, r.Goexit)
			}
		}
	}
}
