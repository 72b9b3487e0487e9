// Package filters has a filter of each signature. Each removes the multiples of one small prime.
package filters

import (
	"context"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func plain(n int) bool {
	probe.Visit("plain", n)
	return n%2 != 0
}

func withContext(ctx context.Context, n int) bool {
	probe.VisitContext(ctx, "with_context", n)
	return n%3 != 0
}

func fallible(n int) (bool, error) { return n%5 != 0, probe.At("fallible", n) }

func both(ctx context.Context, n int) (bool, error) {
	return n%7 != 0, probe.AtContext(ctx, "both", n)
}
