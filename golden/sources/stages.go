// Package sources has one pipeline for each shape of a source function.
package sources

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func seq() iter.Seq[int] { return probe.Input("seq") }

func seqCtx(context.Context) iter.Seq[int] { return probe.Input("seq_ctx") }

func seqErr(ctx context.Context) (iter.Seq[int], error) {
	all, err := probe.InputSliceErr(ctx, "seq_err")
	return func(yield func(int) bool) {
		for _, n := range all {
			if !yield(n) {
				return
			}
		}
	}, err
}

func seq2() iter.Seq2[int, error] { return probe.Input2(probe.NoContext, "seq2") }

func seq2Ctx(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "seq2_ctx") }

func slice() []int { return probe.InputSlice(probe.NoContext, "slice") }

func sliceCtx(ctx context.Context) []int { return probe.InputSlice(ctx, "slice_ctx") }

func sliceErr() ([]int, error) { return probe.InputSliceErr(probe.NoContext, "slice_err") }

func sliceBoth(ctx context.Context) ([]int, error) { return probe.InputSliceErr(ctx, "slice_both") }

// channel hands out a channel that is filled beforehand: without a context nobody could tell a sender to stop.
func channel() <-chan int {
	all := probe.InputSlice(probe.NoContext, "channel")
	ch := make(chan int, len(all))
	for _, n := range all {
		ch <- n
	}
	close(ch)
	return ch
}

func channelCtx(ctx context.Context) <-chan int { return probe.InputChan(ctx, "channel_ctx") }

func channelErr(ctx context.Context) (<-chan int, error) {
	return probe.InputChanErr(ctx, "channel_err")
}

func emitting(emit func(int) error) { probe.InputEmit(probe.NoContext, "emitting", emit) }

func emittingCtx(ctx context.Context, emit func(int) error) {
	probe.InputEmit(ctx, "emitting_ctx", emit)
}

func emittingErr(emit func(int) error) error {
	return probe.InputEmitErr(probe.NoContext, "emitting_err", emit)
}

func emittingBoth(ctx context.Context, emit func(int) error) error {
	return probe.InputEmitErr(ctx, "emitting_both", emit)
}

func keep(n int) error { return probe.At("keep", n) }

func silence() <-chan int { return make(chan int) }
