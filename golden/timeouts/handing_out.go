package timeouts

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// few is how many items the functions hand out that do so as they run.
const few = 3

func emitted(ctx context.Context, emit func(int) error) error {
	for i := range few {
		if err := probe.AtContext(ctx, "emitted", i); err != nil {
			return err
		}
		if err := emit(i); err != nil {
			return err
		}
	}
	return nil
}

func quietly(ctx context.Context, emit func(int) error) {
	for i := range few {
		if probe.AtContext(ctx, "quietly", i) != nil || emit(i) != nil {
			return
		}
	}
}

func walked(ctx context.Context) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range few {
			if probe.AtContext(ctx, "walked", i) != nil || !yield(i) {
				return
			}
		}
	}
}

func opened(ctx context.Context, n int) (iter.Seq[int], error) {
	return func(yield func(int) bool) {
		for range few {
			if probe.AtContext(ctx, "opened", n) != nil || !yield(n) {
				return
			}
		}
	}, probe.AtContext(ctx, "open", n)
}

func told(ctx context.Context, n int, emit func(int) error) {
	for range few {
		if probe.AtContext(ctx, "told", n) != nil || emit(n) != nil {
			return
		}
	}
}

func paired(ctx context.Context, n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		for range few {
			if !yield(n, probe.AtContext(ctx, "paired", n)) {
				return
			}
		}
	}
}

func listed(ctx context.Context, n int) []int {
	if probe.AtContext(ctx, "listed", n) != nil {
		return nil
	}
	return []int{n}
}
