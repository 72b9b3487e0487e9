package main

import (
	"context"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// short is T10: what it costs to start a pipeline and to end it.
func short() shape {
	return shape{
		id: "T10", title: "T2 of 100 items, start to end", items: 100, metrics: perRun, check: anyOrder,
		sides: append([]side{
			pipegen(func(ctx context.Context, n int) error { return stages.Staged{Items: n}.Run(ctx) }),
			{name: "errgroup + channels", target: target{atMost: 1}, variants: channelVariants()},
			{name: "serial loop", variants: []variant{{"", peers.Serial}}},
		}, stagedPeers()...),
	}
}
