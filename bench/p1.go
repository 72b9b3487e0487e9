package main

import (
	"context"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// children of the P shapes where two work side by side.
const workers = 2

// squares is P1: numbers that two processes square, their start included, but for Python, whose pools are kept.
func squares(n int) shape {
	var python peers.Python
	return shape{
		id: "P1", title: "two processes square numbers, from start to end", items: n, metrics: perItem, check: stages.CheckSquares,
		prepare: func(context.Context) (func(), error) { return python.Stop, nil },
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Squares{Items: n}.Run(ctx) }),
			{name: "limit: frames on a socketpair", target: target{atMost: 1 / 0.7}, variants: []variant{
				{"1000 numbers a frame", func(ctx context.Context, n int) error { return peers.RawSquares(ctx, n, workers, 1000) }},
			}},
			{name: "Python Pool", target: target{atLeast: 10}, variants: []variant{
				{"map, kept", func(ctx context.Context, n int) error { return python.Do(ctx, "map", workers, n) }},
			}},
		},
	}
}

// singly is P2: the same, and each number is a message.
func singly(n int) shape {
	var python peers.Python
	return shape{
		id: "P2", title: "P1 with a number a message", items: n, metrics: perItem, check: stages.CheckSquares,
		prepare: func(context.Context) (func(), error) { return python.Stop, nil },
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.SquaresSingly{Items: n}.Run(ctx) }),
			{name: "limit: frames on a socketpair", variants: []variant{
				{"a number a frame", func(ctx context.Context, n int) error { return peers.RawSquares(ctx, n, workers, 1) }},
			}},
			{name: "Python Pool", target: target{atLeast: 12}, variants: []variant{
				{"imap_unordered, kept", func(ctx context.Context, n int) error { return python.Do(ctx, "imap_unordered", workers, n) }},
			}},
			{name: "Python ProcessPoolExecutor", variants: []variant{
				{"map, kept", func(ctx context.Context, n int) error { return python.Do(ctx, "executor_map", workers, n) }},
			}},
		},
	}
}
