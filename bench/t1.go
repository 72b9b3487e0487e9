package main

import (
	"context"

	"github.com/panjf2000/ants/v2"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// Import paths of the peers' modules.
const (
	concModule      = "github.com/sourcegraph/conc"
	rillModule      = "github.com/destel/rill"
	pondModule      = "github.com/alitto/pond/v2"
	antsModule      = "github.com/panjf2000/ants/v2"
	roModule        = "github.com/samber/ro"
	loModule        = "github.com/samber/lo"
	goStreamsModule = "github.com/reugn/go-streams"
	pluginModule    = "github.com/hashicorp/go-plugin"
)

// adds is the job of n integers and Add.
func adds(n int) peers.Job { return peers.Job{Source: stages.Ints(n), Sink: stages.Add} }

// way is a variant that runs f on the job of Add.
func way(label string, f func(ctx context.Context, j peers.Job) error) variant {
	return variant{label, func(ctx context.Context, n int) error { return f(ctx, adds(n)) }}
}

// fused is T1: pipegen runs neighbours with `workers: auto` as one stage, the sink too, which keeps a tally
// for each worker, as the limit's does. Every peer may have three stages, or fuse them by hand; its sink has
// one goroutine.
func fused(n int) shape {
	return shape{
		id: "T1", title: "three cheap stages, workers: auto", items: n, metrics: perItem, check: anyOrder, memory: true,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Fused{Items: n}.Run(ctx) }),
			{name: "limit: serial loop", variants: []variant{{"", peers.SerialTally}}, target: target{atMost: 1}},
			{name: "errgroup + channels", target: target{atLeast: 50}, variants: channelVariants()},
			{name: "errgroup + channels, fused by hand", variants: []variant{
				way("unbuffered", func(ctx context.Context, j peers.Job) error { return peers.ChannelsFused(ctx, j, 0) }),
				way("64 buffered", func(ctx context.Context, j peers.Job) error { return peers.ChannelsFused(ctx, j, 64) }),
			}},
			{name: "errgroup + channels, fused and chunked by hand", variants: []variant{
				{"chunks of 256", func(ctx context.Context, n int) error { return peers.ChunkedFused(ctx, n, 256, 4) }},
				{"chunks of 2048", func(ctx context.Context, n int) error { return peers.ChunkedFused(ctx, n, 2048, 4) }},
			}},
			{name: "conc pool", module: concModule, variants: []variant{
				way("defaults", func(ctx context.Context, j peers.Job) error { return peers.ConcPoolFused(ctx, j, 0) }),
				way("2 goroutines", func(ctx context.Context, j peers.Job) error { return peers.ConcPoolFused(ctx, j, 2) }),
			}},
			{name: "conc stream", module: concModule, variants: []variant{
				way("defaults", func(ctx context.Context, j peers.Job) error { return peers.ConcStreamFused(ctx, j, 0) }),
				way("2 goroutines", func(ctx context.Context, j peers.Job) error { return peers.ConcStreamFused(ctx, j, 2) }),
			}},
			{name: "rill Map", module: rillModule, variants: append(rillVariants(),
				way("one Map, defaults", func(ctx context.Context, j peers.Job) error { return peers.RillFused(ctx, j, 0) }),
				way("one Map, Buffer(64)", func(ctx context.Context, j peers.Job) error { return peers.RillFused(ctx, j, 64) }),
			)},
			{name: "pond", module: pondModule, variants: []variant{
				way("defaults", func(ctx context.Context, j peers.Job) error { return peers.PondFused(ctx, j, 0) }),
				way("queue of 1024", func(ctx context.Context, j peers.Job) error { return peers.PondFused(ctx, j, 1024) }),
			}},
			{name: "ants", module: antsModule, variants: []variant{
				way("defaults", func(ctx context.Context, j peers.Job) error { return peers.AntsFused(ctx, j) }),
				way("PreAlloc, DisablePurge", func(ctx context.Context, j peers.Job) error {
					return peers.AntsFused(ctx, j, ants.WithPreAlloc(true), ants.WithDisablePurge(true))
				}),
			}},
			{name: "go-streams Map", module: goStreamsModule, variants: goStreamsVariants(2)},
			{name: "ro", module: roModule, variants: []variant{way("one goroutine", peers.RoFused)}},
			{name: "lo it.Map", module: loModule, variants: []variant{way("one goroutine", peers.Lo)}},
		},
	}
}
