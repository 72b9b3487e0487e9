// Package fusion has one chain with every kind of member of a group, fused, split and left to choose.
package fusion

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func some(n int) (bool, error) { return n%3 != 0, probe.At("some", n) }

func wrap(ctx context.Context, n int) (int64, error) {
	return int64(n), probe.AtContext(ctx, "wrap", n)
}

func slice(n int64) ([]int64, error) {
	return []int64{n, -n}, probe.At("slice", int(n))
}

func seq(n int64) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		probe.Visit("seq", int(n))
		_ = yield(n) && yield(10*n)
	}
}

func seq2(_ context.Context, n int64) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		_ = yield(n, nil) && yield(n+1, probe.Within("seq2", int(n)))
	}
}

func emitting(n int64, emit func(int64) error) error {
	if err := emit(n); err != nil {
		return err
	}
	return probe.Within("emitting", int(n))
}

func odd(n int64) (int64, bool, error) { return n, n%2 != 0, probe.At("odd", int(n)) }

func look(ctx context.Context, n int64) error { return probe.AtContext(ctx, "look", int(n)) }

func pair(n int64) ([]int64, error) { return []int64{n, n}, probe.At("pair", int(n)) }

func plus(sum, n int64) (int64, error) { return sum + n, probe.At("sum", int(n)) }

func total(a, b int64) int64 { return a + b }

func keep(n int64) error { return probe.At("keep", int(n)) }

func first(n int) (int, error) { return n + 1, probe.At("first", n) }

func second(n int) (int, error) { return 2 * n, probe.At("second", n) }

func third(n int) (int, error) { return n, probe.At("third", n) }
