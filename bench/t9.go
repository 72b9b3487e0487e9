package main

import (
	"context"
	"time"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// The batches of T9: of so many items, at the latest after so long.
const (
	batchSize = 100
	batchWait = 10 * time.Millisecond
)

// batches is T9: items as fast as they can.
func batches(n int) shape {
	rill := func(ctx context.Context, n, buffer int) error {
		return peers.RillBatch(ctx, stages.Ints(n), batchSize, batchWait, buffer, stages.AddAll)
	}
	channels := func(ctx context.Context, n, buffer int) error {
		return peers.Batch(ctx, stages.Ints(n), batchSize, batchWait, buffer, stages.AddAll)
	}
	return shape{
		id: "T9", title: "batches of 100", items: n, metrics: perItem, check: stages.CheckInts, memory: true,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Batches{Items: n}.Run(ctx) }),
			{name: "limit: serial loop", variants: []variant{
				{"no timer", func(ctx context.Context, n int) error { return peers.BatchSerial(ctx, n, batchSize) }},
			}},
			{name: "rill Batch", module: rillModule, target: target{atLeast: 20}, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error { return rill(ctx, n, 0) }},
				{"Buffer(64)", func(ctx context.Context, n int) error { return rill(ctx, n, 64) }},
			}},
			{name: "errgroup + channels", variants: []variant{
				{"unbuffered", func(ctx context.Context, n int) error { return channels(ctx, n, 0) }},
				{"64 buffered", func(ctx context.Context, n int) error { return channels(ctx, n, 64) }},
			}},
		},
	}
}

// trickledBatches is T9s: items so slow that the time ends each batch. What is measured is how long its
// first item waits: 10 ms, if the batch is on time.
func trickledBatches() shape {
	return shape{
		id: "T9s", title: "batches of 100, at most 10 ms old, of a trickle: the wait of a batch's first item", items: 100,
		metrics: []metric{{"p50", "ms", waits(0.50)}, {"max", "ms", waits(1)}},
		check:   func(int) error { _, err := stages.Waits(); return err },
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.TrickledBatches{Items: n}.Run(ctx) }),
			{name: "errgroup + channels", target: target{atMost: 1.02}, variants: []variant{
				{"unbuffered", func(ctx context.Context, n int) error {
					return peers.Batch(ctx, stages.Slowly(n), batchSize, batchWait, 0, stages.ArriveTogether)
				}},
			}},
			{name: "rill Batch", module: rillModule, target: target{atMost: 1.02}, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error {
					return peers.RillBatch(ctx, stages.Slowly(n), batchSize, batchWait, 0, stages.ArriveTogether)
				}},
			}},
			{name: "go-streams Batch", module: goStreamsModule, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error {
					return peers.GoStreamsBatch(ctx, stages.Slowly(n), batchSize, batchWait, stages.ArriveTogether)
				}},
			}},
		},
	}
}

// waits is a quantile of the waits of the batches of the run that just ended, in ms.
func waits(p float64) func(time.Duration, int) (float64, error) {
	return func(time.Duration, int) (float64, error) {
		all, err := stages.Waits()
		return quantileOf(all, p, time.Millisecond), err
	}
}
