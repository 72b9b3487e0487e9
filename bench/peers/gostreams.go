package peers

import (
	"context"
	"iter"
	"time"

	"github.com/reugn/go-streams"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"

	"github.com/pipegen/pipegen/bench/stages"
)

// GoStreams maps three times with n goroutines each; with one it keeps the order. A buffer is that of
// the source's channel; the library's own channels have none. Its mappers return no error, so the first
// one is kept beside.
func GoStreams(ctx context.Context, j Job, n, buffer int) error {
	ctx, first := withFailure(ctx)
	in := make(chan any, buffer)
	go func() {
		defer close(in)
		for x := range j.Source {
			if first.is(nil) {
				return
			}
			in <- x
		}
	}()
	mapper := func(f Func) streams.Flow {
		return flow.NewMap(func(x int) int {
			y, err := f(ctx, x)
			first.is(err)
			return y
		}, n)
	}
	out := extension.NewChanSource(in).Via(mapper(stages.A)).Via(mapper(stages.B)).Via(mapper(stages.C))
	for x := range out.Out() {
		if !first.is(nil) {
			first.is(j.Sink(ctx, x.(int)))
		}
	}
	return first.end(ctx)
}

// GoStreamsBatch batches items by count and time.
func GoStreamsBatch(ctx context.Context, source iter.Seq[int], size int, wait time.Duration, sink func(context.Context, []int) error) error {
	ctx, first := withFailure(ctx)
	out := extension.NewChanSource(boxed(source, first)).Via(flow.NewBatch[int](size, wait))
	for batch := range out.Out() {
		if !first.is(nil) {
			first.is(sink(ctx, batch.([]int)))
		}
	}
	return first.end(ctx)
}
