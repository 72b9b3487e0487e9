package main

import (
	"context"
	"runtime"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// skewed is T6: items that were claimed together must not wait for a dear one.
func skewed() shape {
	job := func(n int) peers.One[int, uint64] {
		return peers.One[int, uint64]{Source: stages.Ints(n), N: runtime.GOMAXPROCS(0), Stage: stages.Spin, Sink: stages.AddSpun}
	}
	return shape{
		id: "T6", title: "skew: 10 µs, one item in 100 takes 1 ms", items: 2000, metrics: perRunMs, check: stages.CheckSpun,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Skewed{Items: n}.Run(ctx) }),
			{name: "errgroup + channels", target: target{atMost: 1.05}, variants: []variant{
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
