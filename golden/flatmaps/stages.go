// Package flatmaps has a flat_map of each shape and signature. Each turns n into 2n and 2n+1, so that a row of k
// of them turns n into the 2ᵏ numbers from n·2ᵏ on.
package flatmaps

import (
	"context"
	"iter"
	"slices"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func slice(n int) []int {
	probe.Visit("slice", n)
	return []int{2 * n, 2*n + 1}
}

func sliceCtx(ctx context.Context, n int) []int {
	probe.VisitContext(ctx, "slice_ctx", n)
	return []int{2 * n, 2*n + 1}
}

func sliceErr(n int) ([]int, error) { return []int{2 * n, 2*n + 1}, probe.At("slice_err", n) }

func sliceBoth(ctx context.Context, n int) ([]int, error) {
	return []int{2 * n, 2*n + 1}, probe.AtContext(ctx, "slice_both", n)
}

// seq asks the probe while it is iterated, as code of a real sequence runs.
func seq(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		probe.Visit("seq", n)
		_ = yield(2*n) && yield(2*n+1)
	}
}

func seqCtx(ctx context.Context, n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		probe.VisitContext(ctx, "seq_ctx", n)
		_ = yield(2*n) && yield(2*n+1)
	}
}

func seqErr(n int) (iter.Seq[int], error) {
	return slices.Values([]int{2 * n, 2*n + 1}), probe.At("seq_err", n)
}

func seq2(n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		_ = yield(2*n, nil) && yield(2*n+1, probe.Within("seq2", n))
	}
}

func seq2Ctx(ctx context.Context, n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		_ = yield(2*n, nil) && yield(2*n+1, probe.AtContext(ctx, "seq2_ctx", n))
	}
}

// emitting goes on where it ought to end: nothing must come of that.
func emitting(n int, emit func(int) error) {
	probe.Visit("emitting", n)
	if emit(2*n) != nil || emit(2*n+1) != nil {
		_ = emit(n)
	}
}

func emittingCtx(ctx context.Context, n int, emit func(int) error) {
	probe.VisitContext(ctx, "emitting_ctx", n)
	if emit(2*n) == nil {
		_ = emit(2*n + 1)
	}
}

func emittingErr(n int, emit func(int) error) error {
	if err := emit(2 * n); err != nil {
		return err
	}
	if err := probe.Within("emitting_err", n); err != nil {
		return err
	}
	return emit(2*n + 1)
}

func emittingBoth(ctx context.Context, n int, emit func(int) error) error {
	if err := emit(2 * n); err != nil {
		return err
	}
	if err := probe.AtContext(ctx, "emitting_both", n); err != nil {
		return err
	}
	return emit(2*n + 1)
}
