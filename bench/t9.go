package main

import (
	"context"
	"time"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// batches is T9: batches of 100, at the latest after 10 ms.
func batches(n int) shape {
	const size, wait = 100, 10 * time.Millisecond
	return shape{
		id: "T9", title: "batches of 100", items: n, metrics: perItem, check: stages.CheckInts, memory: true,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Batches{Items: n}.Run(ctx) }),
			{name: "limit: serial loop", variants: []variant{
				{"no timer", func(ctx context.Context, n int) error { return peers.BatchSerial(ctx, n, size) }},
			}},
			{name: "rill Batch", module: rillModule, target: target{atLeast: 20}, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error { return peers.RillBatch(ctx, n, size, wait, 0) }},
				{"Buffer(64)", func(ctx context.Context, n int) error { return peers.RillBatch(ctx, n, size, wait, 64) }},
			}},
			{name: "errgroup + channels", variants: []variant{
				{"unbuffered", func(ctx context.Context, n int) error { return peers.Batch(ctx, n, size, wait, 0) }},
				{"64 buffered", func(ctx context.Context, n int) error { return peers.Batch(ctx, n, size, wait, 64) }},
			}},
		},
	}
}
