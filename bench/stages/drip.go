package stages

import (
	"context"
	"fmt"
	"iter"
	"time"
)

// Period is the time between two items of Drip.
const Period = 200 * time.Microsecond

var (
	epoch   = time.Now()
	left    []time.Duration // when an item left Drip, since epoch
	latency []time.Duration // of each item, from Drip to Arrive; 0: not arrived
)

// Drip yields 0, 1, …, n-1, one every Period, and notes when each leaves. A busy source computes in
// between; the other one sleeps, which on Linux is about a millisecond at least.
func Drip(n int, busy bool) iter.Seq[int] {
	left, latency = make([]time.Duration, n), make([]time.Duration, n)
	return func(yield func(int) bool) {
		due := time.Since(epoch)
		for i := range n {
			due += Period
			if !busy {
				time.Sleep(Period)
			}
			for busy && time.Since(epoch) < due {
			}
			left[i] = time.Since(epoch)
			if !yield(i) {
				return
			}
		}
	}
}

// Arrive notes when an item of Drip that went through A, B and C arrives.
func Arrive(_ context.Context, y int) error {
	i := Origin(y)
	if i < 0 || i >= len(latency) || latency[i] != 0 {
		return fmt.Errorf("item %d is not expected", i)
	}
	latency[i] = time.Since(epoch) - left[i]
	return nil
}

// Latencies returns the time that each item took from Drip to Arrive in the run that just ended.
func Latencies() ([]time.Duration, error) {
	for i, d := range latency {
		if d <= 0 {
			return nil, fmt.Errorf("item %d did not arrive", i)
		}
	}
	return latency, nil
}
