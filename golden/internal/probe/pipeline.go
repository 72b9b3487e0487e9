package probe

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// Pipeline is a generated pipeline as the probes see it.
type Pipeline struct {
	Name string
	// New is a fresh value of the generated type, with Stats of its own and drain as its Drain, behind its ends.
	New func(drain <-chan struct{}) Ends
	// From names the writers of a stage that does not just read the one above it.
	From map[string][]string
	// Into names the readers that share what a stage puts out.
	Into map[string][]string
	// Competing names the stages that may come away with nothing: readers of one queue, and those among whom a hash with
	// a seed of its own shares the items out.
	Competing []string
	// Tolerant names the stages whose on_error is not stop.
	Tolerant []string
	// Items is how many items a probe sends from each source; 0 means 12.
	Items int
	// Tries is how often the race of error and cancellation is run; 0 means 100.
	Tries int
}

// Ends is one pipeline value. A pipeline without an open output yields nothing but its final error.
type Ends struct {
	Stats   Stats
	OpenIn  bool
	OpenOut bool
	mapped  bool // all items are given at once, and all results or none come back
	stream  func(context.Context, iter.Seq2[int, error]) iter.Seq2[any, error]
	asError func(error) *Error
}

// Quiet is the Log of pipelines that skip items on purpose.
var Quiet = slog.New(slog.DiscardHandler)

// Error is the generated XError.
type Error struct {
	Stage   string
	Index   int
	Attempt int
	Item    any
	Err     error
	Stack   []byte
}

// Closed is a pipeline with source and sink; E is its *XError.
func Closed[E error](s Stats, run func(context.Context) error) Ends {
	return Ends{Stats: s, asError: asError[E], stream: func(ctx context.Context, _ iter.Seq2[int, error]) iter.Seq2[any, error] {
		return final(func() error { return run(ctx) })
	}}
}

// Sunk is a pipeline with a sink only; run is its RunSeq2.
func Sunk[E error](s Stats, run func(context.Context, iter.Seq2[int, error]) error) Ends {
	return Ends{Stats: s, OpenIn: true, asError: asError[E], stream: func(ctx context.Context, in iter.Seq2[int, error]) iter.Seq2[any, error] {
		return final(func() error { return run(ctx, in) })
	}}
}

// Sourced is a pipeline with a source only.
func Sourced[E error, Out any](s Stats, stream func(context.Context) iter.Seq2[Out, error]) Ends {
	return Ends{Stats: s, OpenOut: true, asError: asError[E], stream: func(ctx context.Context, _ iter.Seq2[int, error]) iter.Seq2[any, error] {
		return untyped(stream(ctx))
	}}
}

// Open is a pipeline with neither; stream is its StreamSeq2.
func Open[E error, Out any](s Stats, stream func(context.Context, iter.Seq2[int, error]) iter.Seq2[Out, error]) Ends {
	return Ends{Stats: s, OpenIn: true, OpenOut: true, asError: asError[E], stream: func(ctx context.Context, in iter.Seq2[int, error]) iter.Seq2[any, error] {
		return untyped(stream(ctx, in))
	}}
}

// Mapped is a pipeline seen through its Map, which is given the script's items, at most 1,000.
func Mapped[E error, Out any](s Stats, m func(context.Context, []int) ([]Out, error)) Ends {
	return Ends{Stats: s, mapped: true, asError: asError[E], stream: func(ctx context.Context, _ iter.Seq2[int, error]) iter.Seq2[any, error] {
		return func(yield func(any, error) bool) {
			out, err := m(ctx, numbers())
			for _, v := range out {
				if !yield(v, nil) {
					return
				}
			}
			if err != nil {
				yield(nil, err)
			}
		}
	}}
}

func final(run func() error) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		if err := run(); err != nil {
			yield(nil, err)
		}
	}
}

func untyped[Out any](seq iter.Seq2[Out, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for v, err := range seq {
			if !yield(v, err) {
				return
			}
		}
	}
}

// asError finds the pipeline's own error in err; nil if there is none.
func asError[E error](err error) *Error {
	var e E
	if !errors.As(err, &e) {
		return nil
	}
	v := reflect.ValueOf(e).Elem()
	stage, index, attempt, item, cause, stack := v.FieldByName("Stage"), v.FieldByName("Index"), v.FieldByName("Attempt"),
		v.FieldByName("Item"), v.FieldByName("Err"), v.FieldByName("Stack")
	got := &Error{Stage: stage.String(), Index: int(index.Int()), Attempt: int(attempt.Int()), Item: item.Interface(), Stack: stack.Bytes()}
	got.Err, _ = cause.Interface().(error)
	return got
}

// Result is how one run ended.
type Result struct {
	Out     []any   // items that came out of the open output
	Yielded []error // errors after which something followed
	Err     error   // the final error
	Panic   any     // what came out of the pipeline as a panic
	Goexit  bool    // the goroutine that ran the pipeline was ended
	Took    time.Duration
	Counts  Counts
	ends    Ends
}

// AsError is the final error as the pipeline's own; nil if it is none.
func (r Result) AsError() *Error { return r.ends.asError(r.Err) }

// Plan is what a run is given besides its script.
type Plan struct {
	Ctx     context.Context // nil means Background
	Drain   <-chan struct{}
	Consume func(i int) bool // sees each element of the open output; false leaves the loop
}

// hang is how long a run may take. In a synctest bubble it is virtual, so that a deadlock shows at once.
const hang = 2 * time.Minute

// Running is a run that has been started.
type Running struct {
	t      testing.TB
	p      Pipeline
	known  goleak.Option
	done   chan struct{}
	got    atomic.Int64
	result Result
	once   sync.Once
}

// Start begins a run in a goroutine of its own, in which the caller's sequence and Consume may panic or exit.
func (p Pipeline) Start(t testing.TB, s Script, plan Plan) *Running {
	t.Helper()
	Play(s)
	ctx := plan.Ctx
	if ctx == nil {
		ctx = context.Background()
	}
	r := &Running{t: t, p: p, known: goleak.IgnoreCurrent(), done: make(chan struct{})}
	r.result.ends = p.New(plan.Drain)
	go func() {
		defer close(r.done)
		returned, began := false, time.Now()
		defer func() {
			r.result.Took = time.Since(began)
			if !returned {
				r.result.Panic = recover()
				r.result.Goexit = r.result.Panic == nil
			}
		}()
		r.consume(ctx, plan)
		returned = true
	}()
	return r
}

func (r *Running) consume(ctx context.Context, plan Plan) {
	i := 0
	for v, err := range r.result.ends.stream(ctx, Input2(NoContext, Caller)) {
		if r.result.Err != nil {
			r.result.Yielded = append(r.result.Yielded, r.result.Err)
			r.result.Err = nil
		}
		if err != nil {
			r.result.Err = err
		} else {
			r.result.Out = append(r.result.Out, v)
		}
		r.got.Add(1)
		if plan.Consume != nil && !plan.Consume(i) {
			return
		}
		i++
	}
}

// Counts reads the run's Stats while it runs. Counters may be behind by the chunks in hand; queue depths are not.
func (r *Running) Counts() Counts { return Read(r.result.ends.Stats) }

// Received is how many elements have come out of the open output.
func (r *Running) Received() int { return int(r.got.Load()) }

// Wait waits for the run to end and checks what holds at every end: nothing is left running (promise 1) and
// every item is accounted for (promise 7).
func (r *Running) Wait() Result {
	r.t.Helper()
	r.once.Do(func() {
		timeout := time.NewTimer(hang)
		select {
		case <-r.done:
			timeout.Stop()
		case <-timeout.C:
			stacks := make([]byte, 1<<20)
			panic(fmt.Sprintf("%s: %s hangs:\n%s", r.t.Name(), r.p.Name, stacks[:runtime.Stack(stacks, true)]))
		}
		if err := goleak.Find(r.known); err != nil {
			r.t.Errorf("%s left something running: %v", r.p.Name, err)
		}
		r.result.Counts = Read(r.result.ends.Stats)
		r.result.Counts.Conserved(r.t, r.p.From)
		r.result.Counts.Split(r.t, r.p.Into)
	})
	return r.result
}

// Do runs p once to its end.
func (p Pipeline) Do(t testing.TB, s Script, plan Plan) Result {
	t.Helper()
	return p.Start(t, s, plan).Wait()
}
