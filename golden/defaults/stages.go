// Package defaults has keys that are set once for all stages.
package defaults

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func first(ctx context.Context, n int) (int, error) { return n, probe.AtContext(ctx, "first", n) }

func second(ctx context.Context, n int) (int, error) { return n, probe.AtContext(ctx, "second", n) }

func keep(ctx context.Context, n int) error { return probe.AtContext(ctx, "keep", n) }
