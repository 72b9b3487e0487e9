package peers

import (
	"context"

	"github.com/samber/ro"

	"github.com/pipegen/pipegen/bench/stages"
)

// RoFused is a synchronous pipe: without ObserveOn, items go through it on one goroutine.
func RoFused(ctx context.Context, j Job) error {
	return roRun(ctx, j, ro.Pipe3(roSource(j), roMap(stages.A), roMap(stages.B), roMap(stages.C)))
}

// Ro has ObserveOn, a goroutine with a buffer, before every stage. The library has no workers of a
// stage, so every stage is one goroutine, and items stay in order.
func Ro(ctx context.Context, j Job, buffer int) error {
	return roRun(ctx, j, ro.Pipe7(roSource(j),
		ro.ObserveOn[int](buffer), roMap(stages.A),
		ro.ObserveOn[int](buffer), roMap(stages.B),
		ro.ObserveOn[int](buffer), roMap(stages.C),
		ro.ObserveOn[int](buffer)))
}

// roSource is unsafe in the library's sense, its fastest: one goroutine sends.
func roSource(j Job) ro.Observable[int] {
	return ro.NewUnsafeObservableWithContext(func(ctx context.Context, to ro.Observer[int]) ro.Teardown {
		for x := range j.Source {
			if to.IsClosed() {
				return nil
			}
			to.NextWithContext(ctx, x)
		}
		to.CompleteWithContext(ctx)
		return nil
	})
}

func roMap(f Func) func(ro.Observable[int]) ro.Observable[int] {
	return ro.MapErrWithContext(func(ctx context.Context, x int) (int, context.Context, error) {
		y, err := f(ctx, x)
		return y, ctx, err
	})
}

func roRun(ctx context.Context, j Job, items ro.Observable[int]) error {
	ctx, first := withFailure(ctx)
	done := make(chan struct{})
	items.SubscribeWithContext(ctx, ro.NewObserverWithContext(
		func(ctx context.Context, x int) {
			if !first.is(nil) {
				first.is(j.Sink(ctx, x))
			}
		},
		func(_ context.Context, err error) { first.is(err); close(done) },
		func(context.Context) { close(done) },
	))
	<-done
	return first.end(ctx)
}
