package main

import (
	"context"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// folds is the job of n integers and Fold.
func folds(n int) peers.Job { return peers.Job{Source: stages.Ints(n), Sink: stages.Fold} }

// orderedWay is a variant that runs f on the job of Fold.
func orderedWay(label string, f func(ctx context.Context, j peers.Job) error) variant {
	return variant{label, func(ctx context.Context, n int) error { return f(ctx, folds(n)) }}
}

// inOrder is T3: T2 in which every stage keeps the order. Pools keep none, so they are no peers. Pipegen
// without order is measured beside it: what does order cost?
func inOrder(n int) shape {
	return shape{
		id: "T3", title: "T2 with ordered: true", items: n, metrics: perItem, check: sameOrder, memory: true,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.InOrder{Items: n}.Run(ctx) }),
			{name: "pipegen's T2", check: anyOrder, target: target{atMost: 1.5}, variants: []variant{
				{"unordered", func(ctx context.Context, n int) error { return stages.Staged{Items: n}.Run(ctx) }},
			}},
			{name: "limit: serial loop", variants: []variant{{"", peers.SerialFold}}},
			{name: "rill OrderedMap", module: rillModule, target: target{atLeast: 50}, variants: []variant{
				orderedWay("defaults", func(ctx context.Context, j peers.Job) error { return peers.RillOrdered(ctx, j, 0) }),
				orderedWay("Buffer(64)", func(ctx context.Context, j peers.Job) error { return peers.RillOrdered(ctx, j, 64) }),
			}},
			{name: "rill, chunked", module: rillModule, variants: []variant{
				orderedWay("Batch(256)", func(ctx context.Context, j peers.Job) error { return peers.RillChunkedOrdered(ctx, j, 256, false) }),
				orderedWay("a stream of slices of 256", func(ctx context.Context, j peers.Job) error { return peers.RillChunkedOrdered(ctx, j, 256, true) }),
			}},
			{name: "conc stream a stage", module: concModule, variants: []variant{orderedWay("2 goroutines", peers.ConcStream)}},
			{name: "errgroup + channels", variants: []variant{
				orderedWay("unbuffered", func(ctx context.Context, j peers.Job) error { return peers.ChannelsOrdered(ctx, j, 0) }),
				orderedWay("64 buffered", func(ctx context.Context, j peers.Job) error { return peers.ChannelsOrdered(ctx, j, 64) }),
			}},
			{name: "errgroup + channels, chunked by hand", variants: []variant{
				{"chunks of 256", func(ctx context.Context, n int) error { return peers.ChunkedOrdered(ctx, n, 256, 4) }},
				{"chunks of 2048", func(ctx context.Context, n int) error { return peers.ChunkedOrdered(ctx, n, 2048, 4) }},
			}},
			{name: "go-streams Map", module: goStreamsModule, variants: []variant{
				orderedWay("one worker", func(ctx context.Context, j peers.Job) error { return peers.GoStreams(ctx, j, 1, 0) }),
				orderedWay("one worker, source buffered 64", func(ctx context.Context, j peers.Job) error { return peers.GoStreams(ctx, j, 1, 64) }),
			}},
			{name: "ro ObserveOn", module: roModule, variants: []variant{
				orderedWay("64 buffered", func(ctx context.Context, j peers.Job) error { return peers.Ro(ctx, j, 64) }),
				orderedWay("1024 buffered", func(ctx context.Context, j peers.Job) error { return peers.Ro(ctx, j, 1024) }),
			}},
		},
	}
}
