package main

import (
	"context"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// thirds is T8: a switch to three branches, one goroutine each, and their merge.
func thirds(n int) shape {
	return shape{
		id: "T8", title: "switch to three branches, merge", items: n, metrics: perItem, check: stages.CheckThirds, memory: true,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Thirds{Items: n}.Run(ctx) }),
			{name: "errgroup + channels", target: target{atLeast: 20}, variants: fanOutVariants(peers.ChannelsSwitch)},
			{name: "go-streams Split", module: goStreamsModule, variants: []variant{{"defaults", peers.GoStreamsSwitch}}},
		},
	}
}

// copies is T8b: a broadcast to three branches, and their merge.
func copies(n int) shape {
	return shape{
		id: "T8b", title: "broadcast to three branches, merge", items: n, metrics: perItem, check: stages.CheckCopies, memory: true,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Copies{Items: n}.Run(ctx) }),
			{name: "errgroup + channels", target: target{atLeast: 20}, variants: fanOutVariants(peers.ChannelsBroadcast)},
			{name: "go-streams FanOut", module: goStreamsModule, variants: []variant{{"defaults", peers.GoStreamsBroadcast}}},
		},
	}
}

func fanOutVariants(run func(ctx context.Context, n, buffer int) error) []variant {
	return []variant{
		{"unbuffered", func(ctx context.Context, n int) error { return run(ctx, n, 0) }},
		{"64 buffered", func(ctx context.Context, n int) error { return run(ctx, n, 64) }},
	}
}
