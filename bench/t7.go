package main

import (
	"context"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// naps is T7: 64 workers that sleep 5 ms an item.
func naps() shape {
	const workers = 64
	return shape{
		id: "T7", title: "sleep 5 ms, 64 workers, 2,000 items", items: 2000, metrics: perRun, check: stages.CheckInts,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Naps{Items: n}.Run(ctx) }),
			{name: "limit: goroutines over a counter", target: target{atMost: 1.03}, variants: []variant{
				{"", func(ctx context.Context, n int) error { return peers.NapBare(ctx, n, workers) }},
			}},
			{name: "errgroup SetLimit", variants: []variant{
				{"", func(ctx context.Context, n int) error { return peers.NapErrgroup(ctx, n, workers) }},
			}},
			{name: "rill Map", module: rillModule, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error { return peers.RillNap(ctx, n, workers) }},
			}},
		},
	}
}
