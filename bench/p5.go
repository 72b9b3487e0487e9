package main

import (
	"context"
	"runtime"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// isolatedPrimes is P5: nothing but computing, on all cores, each in a process; their start is included.
func isolatedPrimes() shape {
	return shape{
		id: "P5", title: "primes in processes, workers: auto", items: 24, metrics: perRunMs, check: stages.CheckPrimes,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.IsolatedPrimes{Items: n}.Run(ctx) }),
			{name: "serial loop", target: target{atLeast: 0.95 * float64(runtime.GOMAXPROCS(0))}, variants: []variant{
				{"", func(ctx context.Context, n int) error { return peers.PrimesByHand(ctx, n, 1) }},
			}},
			{name: "split by hand over goroutines", variants: []variant{
				{"", func(ctx context.Context, n int) error { return peers.PrimesByHand(ctx, n, runtime.GOMAXPROCS(0)) }},
			}},
		},
	}
}
