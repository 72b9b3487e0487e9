package main

import (
	"context"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// large is T11: items of 63 KiB travel by value.
func large(n int) shape {
	return largeShape("T11", "63 KiB by value", n,
		func(ctx context.Context, n int) error { return stages.Large{Items: n}.Run(ctx) },
		func(n int) peers.One[stages.Block, stages.Block] {
			return peers.One[stages.Block, stages.Block]{Source: stages.Blocks(n), N: 2, Stage: stages.Stamp, Sink: stages.AddBlock}
		})
}

// largeByPointer is T11p: they travel as pointers.
func largeByPointer(n int) shape {
	return largeShape("T11p", "63 KiB by pointer", n,
		func(ctx context.Context, n int) error { return stages.LargeByPointer{Items: n}.Run(ctx) },
		func(n int) peers.One[*stages.Block, *stages.Block] {
			return peers.One[*stages.Block, *stages.Block]{Source: stages.NewBlocks(n), N: 2, Stage: stages.StampInPlace, Sink: stages.AddBlockInPlace}
		})
}

func largeShape[T any](id, title string, n int, run func(ctx context.Context, n int) error, job func(n int) peers.One[T, T]) shape {
	return shape{
		id: id, title: title, items: n, metrics: perItem, check: stages.CheckInts, memory: true,
		sides: []side{
			pipegen(run),
			{name: "errgroup + channels", target: target{atMost: 1}, variants: []variant{
				{"unbuffered", func(ctx context.Context, n int) error { return job(n).Channels(ctx, 0) }},
				{"64 buffered", func(ctx context.Context, n int) error { return job(n).Channels(ctx, 64) }},
			}},
			{name: "rill Map", module: rillModule, variants: []variant{
				{"defaults", func(ctx context.Context, n int) error { return job(n).Rill(ctx) }},
			}},
		},
	}
}
