// Package timeouts has time limits.
package timeouts

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func work(ctx context.Context, n int) (int, error) { return n, probe.AtContext(ctx, "work", n) }

func keepAll(ctx context.Context, n int) (bool, error) {
	return true, probe.AtContext(ctx, "keep_all", n)
}

func same(ctx context.Context, n int) (int, bool, error) {
	return n, true, probe.AtContext(ctx, "same", n)
}

func one(ctx context.Context, n int) ([]int, error) { return []int{n}, probe.AtContext(ctx, "one", n) }

func look(ctx context.Context, n int) error { return probe.AtContext(ctx, "look", n) }

func keep(ctx context.Context, n int) error { return probe.AtContext(ctx, "keep", n) }

func three(ctx context.Context, n int, emit func(int) error) error {
	for i := range 3 {
		if err := probe.AtContext(ctx, "three", n); err != nil {
			return err
		}
		if err := emit(3*n + i); err != nil {
			return err
		}
	}
	return nil
}

func sequence(ctx context.Context, n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		yield(n, probe.AtContext(ctx, "sequence", n))
	}
}

func after(ctx context.Context, n int) (int, error) { return n, probe.AtContext(ctx, "after", n) }
