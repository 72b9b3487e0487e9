// Package policies has every on_error.
package policies

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func work(ctx context.Context, n int) (int, error) { return 10 * n, probe.AtContext(ctx, "work", n) }

func after(n int) (int, error) { return n + 1, probe.At("after", n) }

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func keepAll(n int) (bool, error) { return true, probe.At("keep_all", n) }

func same(n int) (int, bool, error) { return n, true, probe.At("same", n) }

func one(n int) ([]int, error) { return []int{n}, probe.At("one", n) }

func two(n int, emit func(int) error) error {
	if err := probe.At("two", n); err != nil {
		return err
	}
	return emit(n)
}

func look(n int) error { return probe.At("look", n) }

func keep(n int) error { return probe.At("keep", n) }
