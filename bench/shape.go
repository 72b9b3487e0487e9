package main

import (
	"context"
	"time"

	"github.com/pipegen/pipegen/bench/stages"
)

// A shape is one job that every side does in its own way.
type shape struct {
	id, title string
	items     int // of a run
	metrics   []metric
	check     func(items int) error                                 // of what the run that just ended left in package stages
	sides     []side                                                // the first one is pipegen
	memory    bool                                                  // allocations an item and peak memory are measured, too
	prepare   func(ctx context.Context) (cleanup func(), err error) // before the first run, where it is set
}

// A side is pipegen, the limit or a peer.
type side struct {
	name     string
	module   string // import path whose version stands in the table
	variants []variant
	target   target                // of the shape's first metric
	check    func(items int) error // instead of the shape's, where it is set
}

// A variant is one way to use a side's library: its defaults, or tuned.
type variant struct {
	label string
	run   func(ctx context.Context, items int) error
}

// A metric is a number that is better when smaller.
type metric struct {
	name string // stands before the value, if there are several
	unit string
	of   func(elapsed time.Duration, items int) (float64, error)
}

// A target is what pipegen wants to reach; the zero target is none.
type target struct {
	atMost  float64 // times the side's value
	atLeast float64 // times better than the side
}

// shapes returns all shapes; those that stream have n items.
func shapes(n int) []shape {
	return []shape{
		fused(n), staged(n), inOrder(n), trickle("T4", true), trickle("T4s", false), primes(), skewed(), naps(),
		thirds(n), copies(n), batches(n), trickledBatches(), short(), large(n / 250), largeByPointer(n / 50),
		keyed("T12", n, false), keyed("T12z", n, true),
		squares(n), singly(n / 20), asked(), blocks(), isolatedPrimes(), firstItem(), replaced(), codecs(n / 10),
		adding(n), locking(n), counting(n / 100),
		generators(), freshSpecs(), manyStages(),
	}
}

// checkOf returns what checks the results of one of the sides.
func (s shape) checkOf(of side) func(items int) error {
	if of.check != nil {
		return of.check
	}
	return s.check
}

// pipegen is a side of one variant.
func pipegen(run func(ctx context.Context, items int) error) side {
	return side{name: "pipegen", variants: []variant{{"", run}}}
}

var perItem = []metric{{unit: "ns/item", of: func(elapsed time.Duration, items int) (float64, error) {
	return float64(elapsed.Nanoseconds()) / float64(items), nil
}}}

var perRun = []metric{{unit: "µs", of: func(elapsed time.Duration, _ int) (float64, error) {
	return float64(elapsed.Nanoseconds()) / 1e3, nil
}}}

// anyOrder checks items that went through A, B, C and Add.
func anyOrder(items int) error { return stages.Check(items, false) }

// sameOrder checks items that went through A, B, C and Fold.
func sameOrder(items int) error { return stages.Check(items, true) }
