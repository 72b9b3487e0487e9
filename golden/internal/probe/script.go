// Package probe asks every golden pipeline the same questions: does it end, at every end, with nothing left
// running, every item accounted for, and the right error.
//
// The functions of a golden package report each of their calls through [At] and its siblings. A test installs
// a [Script], whose hook sees the calls and may block, fail, panic or exit in any of them. A [Pipeline] is one
// generated type behind its open ends, so that a probe need not know which of them are open.
package probe

import (
	"context"
	"iter"
	"sync/atomic"
)

// Caller is the stage name under which the caller's sequence reports its items.
const Caller = "caller"

// Script is what the functions of a golden package do while a test runs. One script plays at a time.
type Script struct {
	N    int              // how many items each source hands out: 0, 1, … N-1
	Hook func(Call) error // called at the start of each call; nil does nothing
}

// Call is one call of a user function, or one item about to leave a source.
type Call struct {
	Stage  string
	Item   int
	Ctx    context.Context // the function's; nil where it takes none
	Fails  bool            // the hook's error becomes the function's
	Source bool            // an item of a source or of the caller's sequence
	Within bool            // not the start of the call: the function has handed out an item before
}

var current atomic.Pointer[Script]

// Play installs s until the next Play.
func Play(s Script) { current.Store(&s) }

func call(c Call) error {
	if s := current.Load(); s != nil && s.Hook != nil {
		return s.Hook(c)
	}
	return nil
}

func items() int {
	if s := current.Load(); s != nil {
		return s.N
	}
	return 0
}

// At reports a call of a function that may fail but takes no context.
func At(stage string, item int) error {
	return call(Call{Stage: stage, Item: item, Fails: true})
}

// NoContext is the context of a function that takes none.
var NoContext context.Context

// AtContext reports a call of a function that takes a context and may fail.
func AtContext(ctx context.Context, stage string, item int) error {
	return call(Call{Stage: stage, Item: item, Ctx: ctx, Fails: true})
}

// Visit reports a call of a function that cannot fail.
func Visit(stage string, item int) {
	_ = call(Call{Stage: stage, Item: item})
}

// VisitContext reports a call of a function that takes a context and cannot fail.
func VisitContext(ctx context.Context, stage string, item int) {
	_ = call(Call{Stage: stage, Item: item, Ctx: ctx})
}

// Within reports a point in a call of a function that may fail, after it has handed out an item.
func Within(stage string, item int) error {
	return call(Call{Stage: stage, Item: item, Fails: true, Within: true})
}

// Input is the script's items as a sequence that cannot fail.
func Input(stage string) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range items() {
			_ = call(Call{Stage: stage, Item: i, Source: true})
			if !yield(i) {
				return
			}
		}
	}
}

// Input2 is the script's items as a sequence that can fail: the hook's error stands in its item's place. It
// ends with ctx, where there is one.
func Input2(ctx context.Context, stage string) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for i := range items() {
			if ctx != nil && ctx.Err() != nil {
				return
			}
			err := call(Call{Stage: stage, Item: i, Ctx: ctx, Fails: true, Source: true})
			if !yield(i, err) {
				return
			}
		}
	}
}

// InputSlice is the script's items, at most 1,000, in a slice. The hook is asked once, before the first item.
func InputSlice(ctx context.Context, stage string) []int {
	_ = call(Call{Stage: stage, Ctx: ctx, Source: true})
	return numbers()
}

// InputSliceErr is InputSlice with the hook's error.
func InputSliceErr(ctx context.Context, stage string) ([]int, error) {
	return numbers(), call(Call{Stage: stage, Ctx: ctx, Fails: true, Source: true})
}

func numbers() []int {
	all := make([]int, min(items(), 1000))
	for i := range all {
		all[i] = i
	}
	return all
}

// InputChan sends the script's items from a goroutine that ends with ctx. The hook is asked once, before the
// first item.
func InputChan(ctx context.Context, stage string) <-chan int {
	_ = call(Call{Stage: stage, Ctx: ctx, Source: true})
	return send(ctx)
}

// InputChanErr is InputChan with the hook's error; then there is no channel.
func InputChanErr(ctx context.Context, stage string) (<-chan int, error) {
	if err := call(Call{Stage: stage, Ctx: ctx, Fails: true, Source: true}); err != nil {
		return nil, err
	}
	return send(ctx), nil
}

func send(ctx context.Context) <-chan int {
	ch := make(chan int)
	go func() {
		defer close(ch)
		for i := range items() {
			select {
			case ch <- i:
			case <-ctx.Done():
				return
			}
		}
	}()
	return ch
}

// InputEmit hands the script's items to emit until emit fails.
func InputEmit(ctx context.Context, stage string, emit func(int) error) {
	for i := range items() {
		_ = call(Call{Stage: stage, Item: i, Ctx: ctx, Source: true})
		if emit(i) != nil {
			return
		}
	}
}

// InputEmitErr hands the script's items to emit until one of hook and emit fails.
func InputEmitErr(ctx context.Context, stage string, emit func(int) error) error {
	for i := range items() {
		if err := call(Call{Stage: stage, Item: i, Ctx: ctx, Fails: true, Source: true}); err != nil {
			return err
		}
		if err := emit(i); err != nil {
			return err
		}
	}
	return nil
}
