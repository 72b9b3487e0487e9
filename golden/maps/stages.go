// Package maps has a map of each signature, and a change of type at each.
package maps

import (
	"context"
	"fmt"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func plain(n int) int64 {
	probe.Visit("plain", n)
	return int64(n)
}

func withContext(ctx context.Context, n int64) float64 {
	probe.VisitContext(ctx, "with_context", int(n))
	return float64(n) / 2
}

func fallible(f float64) (string, error) {
	return fmt.Sprint(f), probe.At("fallible", int(2*f))
}

func both(ctx context.Context, s string) (label, error) {
	var f float64
	if _, err := fmt.Sscan(s, &f); err != nil {
		return label{}, err
	}
	return label{text: s}, probe.AtContext(ctx, "both", int(2*f))
}

type label struct{ text string }
