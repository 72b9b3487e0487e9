package main

import (
	"context"
	"iter"
	"time"
)

// Arrivals are n sleepers, by number.
func Arrivals(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// Nap is one sleeper's sleep.
type Nap struct{ From, To time.Time }

// Sleep waits for nap, or until ctx ends.
func Sleep(ctx context.Context, _ int, nap time.Duration) (Nap, error) {
	from := time.Now()
	select {
	case <-time.After(nap):
		return Nap{from, time.Now()}, nil
	case <-ctx.Done():
		return Nap{}, context.Cause(ctx)
	}
}

// Night is what all sleepers have slept.
type Night struct {
	Sleepers   int
	LastAsleep time.Time // the last began
	FirstAwake time.Time // the first ended
	Slept      time.Duration
}

// Add adds one nap.
func (n Night) Add(nap Nap) Night {
	if n.Sleepers == 0 || nap.From.After(n.LastAsleep) {
		n.LastAsleep = nap.From
	}
	if n.Sleepers == 0 || nap.To.Before(n.FirstAwake) {
		n.FirstAwake = nap.To
	}
	n.Sleepers++
	n.Slept += nap.To.Sub(nap.From)
	return n
}

// AllAtOnce says whether there was a moment at which everybody slept.
func (n Night) AllAtOnce() bool { return n.LastAsleep.Before(n.FirstAwake) }
