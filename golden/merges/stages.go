// Package merges has stages that read several others.
package merges

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func evens(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "evens") }

func odds() iter.Seq[int] { return probe.Input("odds") }

func tens(ctx context.Context, emit func(int) error) error {
	return probe.InputEmitErr(ctx, "tens", emit)
}

func shift(n int) (int, error) { return n + 1000, probe.At("shift", n) }

func small(n int) (bool, error) { return n < 5, probe.At("small", n) }

func pass(ctx context.Context, n int) (int, error) { return n, probe.AtContext(ctx, "pass", n) }

func keep(n int) error { return probe.At("keep", n) }
