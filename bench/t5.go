package main

import (
	"context"
	"runtime"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// primes is T5: nothing but computing, on all cores.
func primes() shape {
	goroutines := runtime.GOMAXPROCS(0)
	job := func(n int) peers.One[int, bool] {
		return peers.One[int, bool]{Source: stages.Candidates(n), N: goroutines, Stage: stages.Prime, Sink: stages.CountPrime}
	}
	return shape{
		id: "T5", title: "primes, workers: auto", items: 24, metrics: perRunMs, check: stages.CheckPrimes,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Primes{Items: n}.Run(ctx) }),
			{name: "limit: split by hand over goroutines", target: target{atMost: 1 / 0.98}, variants: []variant{
				{"", func(ctx context.Context, n int) error { return peers.PrimesByHand(ctx, n, goroutines) }},
			}},
			{name: "errgroup + channels", variants: []variant{
				{"unbuffered", func(ctx context.Context, n int) error { return job(n).Channels(ctx, 0) }},
				{"64 buffered", func(ctx context.Context, n int) error { return job(n).Channels(ctx, 64) }},
			}},
			{name: "rill Map", module: rillModule, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error { return job(n).Rill(ctx) }},
			}},
			{name: "go-streams Map", module: goStreamsModule, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error { return job(n).GoStreams(ctx) }},
			}},
		},
	}
}
