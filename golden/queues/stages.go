// Package queues has queues of a given capacity.
package queues

import (
	"context"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func write(n int) (int, error) { return n, probe.At("write", n) }

func read(n int) (int, error) { return n, probe.At("read", n) }

func drop(n int) error { return probe.At("drop", n) }
