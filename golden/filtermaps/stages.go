// Package filtermaps has a filter_map of each signature. Each halves even numbers and drops odd ones.
package filtermaps

import (
	"context"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func plain(n int) (int8, bool) {
	probe.Visit("plain", n)
	return int8(n / 2), n%2 == 0
}

func withContext(ctx context.Context, n int8) (int16, bool) {
	probe.VisitContext(ctx, "with_context", int(n))
	return int16(n / 2), n%2 == 0
}

func fallible(n int16) (int32, bool, error) {
	return int32(n / 2), n%2 == 0, probe.At("fallible", int(n))
}

func both(ctx context.Context, n int32) (int64, bool, error) {
	return int64(n / 2), n%2 == 0, probe.AtContext(ctx, "both", int(n))
}
