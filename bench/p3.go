package main

import (
	"context"
	"errors"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// asked is P3: a caller that waits for each result, of a process that runs.
func asked() shape {
	var (
		python    peers.Python
		pool      *stages.AskPool
		raw       *peers.RawWorker
		rpc, grpc *peers.Plugin
	)
	return shape{
		id: "P3", title: "one Do after the other, the process is kept", items: 1000, metrics: perItem, check: stages.CheckSquares,
		prepare: func(ctx context.Context) (func(), error) {
			var errs [4]error
			pool, errs[0] = stages.Ask{}.Start(ctx)
			raw, errs[1] = peers.StartRaw("squares")
			rpc, errs[2] = peers.StartPlugin("netrpc")
			grpc, errs[3] = peers.StartPlugin("grpc")
			return func() {
				python.Stop()
				_ = pool.Close()
				_ = raw.Stop()
				rpc.Stop()
				grpc.Stop()
			}, errors.Join(errs[:]...)
		},
		sides: []side{
			pipegen(func(ctx context.Context, n int) error {
				for x := range stages.Ints(n) {
					y, err := pool.Do(ctx, x)
					if err == nil {
						err = stages.Add(ctx, y)
					}
					if err != nil {
						return err
					}
				}
				return nil
			}),
			{name: "limit: ping-pong on a socketpair", target: target{atMost: 1.3}, variants: []variant{
				{"", func(ctx context.Context, n int) error { return raw.Ask(ctx, n) }},
			}},
			{name: "Python Pool", target: target{atLeast: 12}, variants: []variant{
				{"apply", func(ctx context.Context, n int) error { return python.Do(ctx, "apply", 1, n) }},
			}},
			{name: "Python ProcessPoolExecutor", variants: []variant{
				{"submit", func(ctx context.Context, n int) error { return python.Do(ctx, "executor_submit", 1, n) }},
			}},
			{name: "go-plugin", module: pluginModule, variants: []variant{
				{"net/rpc", func(ctx context.Context, n int) error { return rpc.Ask(ctx, n) }},
				{"gRPC", func(ctx context.Context, n int) error { return grpc.Ask(ctx, n) }},
			}},
		},
	}
}
