// Package ordering has stages of several workers that keep the order.
package ordering

import (
	"context"
	"sync/atomic"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func work(ctx context.Context, n int) (int, error) { return n, probe.AtContext(ctx, "work", n) }

func odd(n int) (bool, error) { return n%2 != 0, probe.At("odd", n) }

// half drops every second odd number.
func half(n int) (int, bool, error) { return n / 2, n/2%2 == 0, probe.At("half", n) }

func twice(ctx context.Context, n int, emit func(int) error) error {
	if err := emit(n); err != nil {
		return err
	}
	if err := probe.AtContext(ctx, "twice", n); err != nil {
		return err
	}
	return emit(n + 1)
}

// counted is how many numbers count has emitted.
var counted atomic.Int64

// count emits n thousands and the hundred numbers above.
func count(n int, emit func(int) error) error {
	if err := probe.At("count", n); err != nil {
		return err
	}
	for i := range 100 {
		if err := emit(1000*n + i); err != nil {
			return err
		}
		counted.Add(1)
	}
	return nil
}
