package main

import (
	"context"

	"github.com/panjf2000/ants/v2"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// staged is T2: two workers a stage and a queue between two stages, on every side.
func staged(n int) shape {
	return shape{
		id: "T2", title: "T1 with fuse: false, 2 workers a stage", items: n, metrics: perItem, check: anyOrder, memory: true,
		sides: append([]side{
			pipegen(func(ctx context.Context, n int) error { return stages.Staged{Items: n}.Run(ctx) }),
			{name: "limit: serial loop", variants: []variant{{"", peers.Serial}}, target: target{atMost: 3}},
			{name: "errgroup + channels", target: target{atLeast: 20}, variants: channelVariants()},
			chunkedByHand(),
			{name: "rill, chunked", module: rillModule, variants: []variant{
				way("Batch(256)", func(ctx context.Context, j peers.Job) error { return peers.RillChunked(ctx, j, 256, false) }),
				way("a stream of slices of 256", func(ctx context.Context, j peers.Job) error { return peers.RillChunked(ctx, j, 256, true) }),
			}},
		}, stagedPeers()...),
	}
}

// stagedPeers are the libraries with a stage each for A, B and C, item by item.
func stagedPeers() []side {
	return []side{
		{name: "conc pool a stage", module: concModule, variants: []variant{way("2 goroutines", peers.ConcPool)}},
		{name: "conc stream a stage", module: concModule, variants: []variant{way("2 goroutines", peers.ConcStream)}},
		{name: "rill Map", module: rillModule, variants: rillVariants()},
		{name: "pond pool a stage", module: pondModule, variants: []variant{
			way("defaults", func(ctx context.Context, j peers.Job) error { return peers.Pond(ctx, j, 0) }),
			way("queue of 1024", func(ctx context.Context, j peers.Job) error { return peers.Pond(ctx, j, 1024) }),
		}},
		{name: "ants pool a stage", module: antsModule, variants: []variant{
			way("defaults", func(ctx context.Context, j peers.Job) error { return peers.Ants(ctx, j) }),
			way("PreAlloc, DisablePurge", func(ctx context.Context, j peers.Job) error {
				return peers.Ants(ctx, j, ants.WithPreAlloc(true), ants.WithDisablePurge(true))
			}),
		}},
		{name: "go-streams Map", module: goStreamsModule, variants: goStreamsVariants(2)},
		{name: "ro ObserveOn", module: roModule, variants: []variant{
			way("64 buffered", func(ctx context.Context, j peers.Job) error { return peers.Ro(ctx, j, 64) }),
			way("1024 buffered", func(ctx context.Context, j peers.Job) error { return peers.Ro(ctx, j, 1024) }),
		}},
	}
}

func chunkedByHand() side {
	return side{name: "errgroup + channels, chunked by hand", variants: []variant{
		{"chunks of 256", func(ctx context.Context, n int) error { return peers.Chunked(ctx, n, 256, 4) }},
		{"chunks of 2048", func(ctx context.Context, n int) error { return peers.Chunked(ctx, n, 2048, 4) }},
	}}
}

func channelVariants() []variant {
	return []variant{
		way("unbuffered", func(ctx context.Context, j peers.Job) error { return peers.Channels(ctx, j, 0) }),
		way("64 buffered", func(ctx context.Context, j peers.Job) error { return peers.Channels(ctx, j, 64) }),
	}
}

func rillVariants() []variant {
	return []variant{
		way("defaults", func(ctx context.Context, j peers.Job) error { return peers.Rill(ctx, j, 0) }),
		way("Buffer(64)", func(ctx context.Context, j peers.Job) error { return peers.Rill(ctx, j, 64) }),
	}
}

func goStreamsVariants(workers int) []variant {
	return []variant{
		way("defaults", func(ctx context.Context, j peers.Job) error { return peers.GoStreams(ctx, j, workers, 0) }),
		way("source buffered 64", func(ctx context.Context, j peers.Job) error { return peers.GoStreams(ctx, j, workers, 64) }),
	}
}
