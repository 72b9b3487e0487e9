package stages

import (
	"context"
	"time"
)

// Nap takes 5 ms, as a call over the network would.
func Nap(ctx context.Context, x int) (int, error) {
	select {
	case <-time.After(5 * time.Millisecond):
		return x, nil
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	}
}
