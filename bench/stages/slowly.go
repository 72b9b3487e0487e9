package stages

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Slowly yields 0, 1, …, n-1 with a pause before each, and notes when each leaves.
func Slowly(n int) iter.Seq[int] {
	left, latency = make([]time.Duration, n), make([]time.Duration, n)
	return func(yield func(int) bool) {
		for i := range n {
			time.Sleep(Period)
			left[i] = time.Since(epoch)
			if !yield(i) {
				return
			}
		}
	}
}

// ArriveTogether notes when a batch of items of Slowly arrives.
func ArriveTogether(_ context.Context, batch []int) error {
	now := time.Since(epoch)
	for _, i := range batch {
		if i < 0 || i >= len(latency) || latency[i] != 0 {
			return fmt.Errorf("item %d is not expected", i)
		}
		latency[i] = now - left[i]
	}
	firsts = append(firsts, now-left[batch[0]])
	return nil
}

// firsts are the times that the first item of each batch waited.
var firsts []time.Duration

// Waits returns how long the first item of each batch waited in the run that just ended, but for the last
// batch, which the end of the input sends on.
func Waits() ([]time.Duration, error) {
	if _, err := Latencies(); err != nil {
		return nil, err
	}
	return firsts[:max(1, len(firsts)-1)], nil
}
