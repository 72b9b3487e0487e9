package rig

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// Topology is one random pipeline and the run that it is in.
type Topology struct {
	Name string
	Call func(ctx context.Context, r *Run) // runs it as r.Job says and tells r the outcome

	run atomic.Pointer[Run]
}

// Run is one run of a topology, and what was seen of it.
type Run struct {
	Job   Job
	Drain <-chan struct{}
	Log   *slog.Logger

	cancel context.CancelCauseFunc
	drain  func()
	steps  atomic.Int64
	over   atomic.Bool
	remote bool // this is a worker process
	active [MaxStages]atomic.Int64

	mu       sync.Mutex
	report   Report
	attempts map[place]int
}

// MaxStages is more than any topology has.
const MaxStages = 64

// place is an item in a stage.
type place struct {
	stage int
	id    uint64
}

// ErrCancelled is the cause with which the caller's context is cancelled.
var ErrCancelled = errors.New("cancelled by the caller")

// Report is what was seen of a run.
type Report struct {
	Job     Job
	Err     *Failure // of Run or Map; a stream's stands among its elements
	Ends    map[string][]Element
	Stats   map[string]map[string]float64
	Peak    [MaxStages]int64 // calls at a time
	Calls   [MaxStages]int   // functions called
	Opened  int              // states made
	Closed  int
	Begun   [MaxStages]int  // calls that began after an error had ended the run
	Late    int             // calls after the run had ended
	Odd     string          // what must never be, in words
	Results map[int]Element // of a pool, by index
	Leak    string          // stacks of goroutines that were left
	Took    time.Duration
}

// Element is an item or an error where the pipeline ends: in a sink, the caller's loop or the dead letter function.
type Element struct {
	Value Value
	Err   *Failure
	Stage string // of a dead letter
}

// Failure is an error as the caller sees it.
type Failure struct {
	Text      string
	Stage     string // of the pipeline's own error type
	Index     int
	Attempt   int
	Item      *Value
	Stack     bool
	Fault     *Fault // that was injected
	Remote    bool   // only the text tells of it: it has crossed from another process
	Cancelled bool   // it is ErrCancelled
	Canceled  bool   // it is context.Canceled
	Filtered  bool   // it is the pool's error of filtered items
	Ended     bool   // it is one of the pool's errors of items that came too late
	Late      bool   // it is context.DeadlineExceeded
}

// NewFailure describes err.
func NewFailure(err error) *Failure {
	f := &Failure{Text: err.Error(), Index: -1}
	if !errors.As(err, &f.Fault) {
		f.Fault = remoteFault(f.Text)
		f.Remote = f.Fault != nil
	}
	f.Cancelled = errors.Is(err, ErrCancelled)
	f.Canceled = errors.Is(err, context.Canceled)
	f.Late = errors.Is(err, context.DeadlineExceeded)
	return f
}

// Of adds what the pipeline's own error type says.
func (f *Failure) Of(stage string, index, attempt int, item any, stack []byte) *Failure {
	f.Stage, f.Index, f.Attempt, f.Stack = stage, index, attempt, stack != nil
	if item != nil {
		v := From(item)
		f.Item = &v
	}
	return f
}

// Pool adds what the pool's own errors say.
func (f *Failure) Pool(err, filtered, closed, terminated error) *Failure {
	f.Filtered = errors.Is(err, filtered)
	f.Ended = errors.Is(err, closed) || errors.Is(err, terminated)
	return f
}

// do runs the job from a goroutine that has nothing else to do.
func (t *Topology) do(job Job) *Report {
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancelCause(context.Background())
	drain := make(chan struct{})
	r := &Run{Job: job, Drain: drain, cancel: cancel, drain: sync.OnceFunc(func() { close(drain) }),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), attempts: make(map[place]int)}
	r.report = Report{Job: job, Ends: make(map[string][]Element), Stats: make(map[string]map[string]float64), Results: make(map[int]Element)}
	if job.Cancel < 0 {
		cancel(ErrCancelled)
	}
	if job.Drain < 0 {
		r.drain()
	}
	t.run.Store(r)
	badKey.Store(job.BadKey)
	lend(job)
	endKills := func() {}
	if job.Kills {
		endKills = kill(job.Seed)
	}
	began := time.Now()
	var call sync.WaitGroup
	call.Go(func() { // may end by a panic or runtime.Goexit of the caller's loop
		defer func() {
			if v := recover(); v != nil && v != leaving {
				panic(v)
			}
		}()
		t.Call(ctx, r)
	})
	call.Wait()
	r.over.Store(true)
	endKills()
	r.report.Took = time.Since(began)
	cancel(nil)
	if stacks := left(before); stacks != "" {
		r.report.Leak = stacks
	}
	if pids := children(); len(pids) > 0 {
		r.report.Leak += fmt.Sprintf("processes %v", pids)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return &r.report
}

// left returns the stacks of all goroutines if there are more than before, also a while later.
func left(before int) string {
	for wait := 10 * time.Microsecond; runtime.NumGoroutine() > before; wait *= 2 {
		if wait > time.Second {
			buf := make([]byte, 1<<20)
			return string(buf[:runtime.Stack(buf, true)])
		}
		time.Sleep(wait)
	}
	return ""
}

// step counts something that happens and does what the job wants at this point.
func (r *Run) step() {
	n := int(r.steps.Add(1))
	if n == r.Job.Cancel {
		r.cancel(ErrCancelled)
	}
	if n == r.Job.Drain {
		r.drain()
	}
}

// pace takes the time that the item takes in the stage.
func (r *Run) pace(stage int, id uint64) {
	h := mix(mix(r.Job.Seed+1, uint64(stage)), id)
	switch n := h % 100; {
	case n < 25:
		runtime.Gosched()
	case n < 30:
		time.Sleep(time.Duration(h>>32%100) * time.Microsecond)
	case n < 32 && r.Job.Slow:
		time.Sleep(time.Duration(h>>32%3000) * time.Microsecond)
	}
}

// odd reports what must never be.
func (r *Run) odd(what string) {
	if r.remote {
		panic(what) // which the parent gets to see
	}
	r.mu.Lock()
	r.report.Odd = what
	r.mu.Unlock()
}

// keep records an element at an end.
func (r *Run) keep(end string, e Element) {
	r.mu.Lock()
	r.report.Ends[end] = append(r.report.Ends[end], e)
	r.mu.Unlock()
}

// Out is what the caller of a stream does with each element. It says whether to go on.
func (r *Run) Out(v any, err *Failure) bool {
	var e Element
	if err != nil {
		e.Err = err
	} else {
		e.Value = From(v)
	}
	r.keep("out", e)
	r.step()
	r.pace(MaxStages-1, e.Value.Identity())
	r.mu.Lock()
	n := len(r.report.Ends["out"])
	r.mu.Unlock()
	return n != r.Job.Break || r.leave()
}

// leaving is the panic with which the caller leaves its loop.
const leaving = "the caller leaves"

// leave leaves the caller's loop as the job says; false: it breaks.
func (r *Run) leave() bool {
	switch r.Job.Leave {
	case Panic:
		panic(leaving)
	case Goexit:
		runtime.Goexit()
	}
	return false
}

// Watch reads the counters while the run goes on, and records them when the caller ends it.
func (r *Run) Watch(each func(f func(stage, metric string, v float64))) (end func()) {
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		for r.Job.Watch {
			each(func(_, _ string, _ float64) {})
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Microsecond):
			}
		}
	})
	return func() {
		close(stop)
		watching.Wait()
		each(r.stat)
	}
}

// Result records what an item of a pool has come to: v is nil where the pipeline has no output. It says whether to go on.
func (r *Run) Result(index int, v any, err *Failure) bool {
	var e Element
	switch {
	case err != nil:
		e.Err = err
	case v != nil:
		e.Value = From(v)
	}
	r.mu.Lock()
	if _, twice := r.report.Results[index]; twice {
		r.report.Odd = "an item of a pool has two results"
	}
	r.report.Results[index] = e
	n := len(r.report.Results)
	r.mu.Unlock()
	r.step()
	return n != r.Job.Break || r.leave()
}

// Closed records the error with which a pool was closed, unless it has an earlier one.
func (r *Run) Closed(err *Failure) {
	if r.report.Err == nil {
		r.report.Err = err
	}
}

// End records the error with which the run has ended.
func (r *Run) End(err *Failure) { r.report.Err = err }

// stat records one counter.
func (r *Run) stat(stage, metric string, v float64) {
	if r.report.Stats[stage] == nil {
		r.report.Stats[stage] = make(map[string]float64)
	}
	r.report.Stats[stage][metric] = v
}
