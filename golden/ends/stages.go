// Package ends has one pipeline for each combination of open ends.
package ends

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func double(ctx context.Context, n int) (int, error) {
	return 2 * n, probe.AtContext(ctx, "double", n)
}

func keep(ctx context.Context, n int) error { return probe.AtContext(ctx, "keep", n) }

func number(struct{}) int { return 1 }
