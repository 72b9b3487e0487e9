// Package threads is the run-time support of generated pipelines in threads mode.
//
// It is ordinary Go, tested where it stands; the declarations that a package's pipelines need are copied
// into its pipegen_support.go. It knows nothing of user types: wiring calls user functions, this code
// moves items between goroutines and makes sure that all of them end.
package threads

import (
	"context"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
)

// run is one run of a pipeline: its context, its first error and its goroutines.
type run struct {
	ctx      context.Context // cancelled with the first error as the cause
	sources  context.Context // ends with ctx, or earlier when Drain is closed
	outer    context.Context // the caller's
	cancel   context.CancelCauseFunc
	newError newErrorFunc
	log      *slog.Logger
	stopped  atomic.Bool // no new call may start
	drained  atomic.Bool // sources end after the item in hand
	detach   func()      // stops watching outer and Drain, and waits for a watcher that fired
	alive    sync.WaitGroup
	seed     maphash.Seed // of hashes; set where there are any
	tasks    tasks        // of the pool that feeds the run; nil: it has sources

	mu     sync.Mutex
	err    error    // the first
	onStop []func() // wakes whoever waits in a queue
	onEnd  []func() // run by wait, after the last goroutine: counts what never began
	ended  bool
	skips  []skips
	groups []*group
}

// newErrorFunc makes the pipeline's own error type.
type newErrorFunc func(name string, index, attempt int, item any, err error, stack []byte) error

// errAbandoned is the cause of a run whose reader left early. Nobody is left to see it as a result.
const errAbandoned sentinel = "pipegen: the reader of the stream has left"

// newRun begins a run that ends with ctx. Closing drain, which may be nil, ends only its sources.
func newRun(ctx context.Context, drain <-chan struct{}, log *slog.Logger, newError newErrorFunc) *run {
	r := &run{outer: ctx, newError: newError, log: log}
	r.ctx, r.cancel = context.WithCancelCause(ctx)
	r.sources = r.ctx
	ended, watching := make(chan struct{}), sync.WaitGroup{}
	watching.Add(1)
	forget := context.AfterFunc(ctx, func() {
		defer watching.Done()
		r.fail(context.Cause(ctx))
	})
	if drain != nil {
		var endSources context.CancelFunc // or the end of r.ctx
		r.sources, endSources = context.WithCancel(r.ctx)
		watching.Go(func() {
			select {
			case <-drain:
				r.drained.Store(true)
				endSources()
			case <-ended:
			}
		})
	}
	r.detach = func() {
		close(ended)
		if forget() {
			watching.Done()
		}
		watching.Wait()
	}
	return r
}

// fail records the first error and stops the run: the context is cancelled with it as the cause, and no
// new call starts. Later errors are consequences or come too late.
func (r *run) fail(err error) {
	r.mu.Lock()
	if r.stopped.Load() {
		r.mu.Unlock()
		return
	}
	r.err = err
	r.stopped.Store(true)
	wake := r.onStop
	r.mu.Unlock()
	r.cancel(err)
	for _, f := range wake {
		f()
	}
}

// atStop registers f to be called once when the run stops; at once if it has.
func (r *run) atStop(f func()) {
	r.mu.Lock()
	r.onStop = append(r.onStop, f)
	late := r.stopped.Load()
	r.mu.Unlock()
	if late {
		f()
	}
}

// wait blocks until every goroutine of the run has ended and returns the first error.
func (r *run) wait() error {
	r.alive.Wait()
	if r.outer.Err() != nil {
		// Sources may have ended early because of it, before its watcher ran.
		r.fail(context.Cause(r.outer))
	}
	r.detach()
	r.cancel(nil)
	for _, count := range r.onEnd {
		count()
	}
	for _, g := range r.groups {
		for _, w := range g.workers {
			w.tell()
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock() // a pool may be terminated while it ends
	r.ended = true
	return r.err
}

// abandon stops a run that may still be going and waits for it. After wait it does nothing.
func (r *run) abandon() {
	if !r.ended {
		r.fail(errAbandoned)
		_ = r.wait()
	}
}
