package main

import (
	"context"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// keyed is T12: the events of 1024 keys, each key's in order. Skewed keys follow Zipf's law: the commonest
// has about a fifth of the events.
func keyed(id string, n int, skewed bool) shape {
	title := "partition_by, uniform keys"
	if skewed {
		title = "partition_by, Zipf keys"
	}
	return shape{
		id: id, title: title, items: n, metrics: perItem,
		check: func(n int) error { return stages.CheckChains(n, skewed) }, memory: true,
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Keyed{Items: n, Skewed: skewed}.Run(ctx) }),
			{name: "limit: serial loop", variants: []variant{
				{"", func(ctx context.Context, n int) error { return peers.SerialKeyed(ctx, n, skewed) }},
			}},
			{name: "go-streams Keyed", module: goStreamsModule, target: target{atLeast: 20}, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error { return peers.GoStreamsKeyed(ctx, n, skewed) }},
			}},
			{name: "errgroup + a channel a worker", variants: []variant{
				{"unbuffered", func(ctx context.Context, n int) error { return peers.ChannelsKeyed(ctx, n, skewed, 0) }},
				{"64 buffered", func(ctx context.Context, n int) error { return peers.ChannelsKeyed(ctx, n, skewed, 64) }},
			}},
		},
	}
}
