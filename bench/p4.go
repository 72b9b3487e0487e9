package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// blocks is P4: a megabyte goes to a process, which answers with its length.
func blocks() shape {
	var (
		python peers.Python
		pool   *stages.MegabytesPool
		raw    *peers.RawWorker
		block  = stages.NewBlock()
	)
	return shape{
		id: "P4", title: "one Do of 1 MiB after the other, the process is kept", items: 100, check: checkBlocks,
		metrics: []metric{{unit: "µs/MiB", of: func(elapsed time.Duration, items int) (float64, error) {
			return float64(elapsed.Nanoseconds()) / 1e3 / float64(items), nil
		}}},
		prepare: func(ctx context.Context) (func(), error) {
			var errs [2]error
			pool, errs[0] = stages.Megabytes{}.Start(ctx)
			raw, errs[1] = peers.StartRaw("measure")
			return func() {
				python.Stop()
				_ = pool.Close()
				_ = raw.Stop()
			}, errors.Join(errs[:]...)
		},
		sides: []side{
			pipegen(func(ctx context.Context, n int) error {
				for range n {
					length, err := pool.Do(ctx, block)
					if err == nil {
						err = stages.Add(ctx, length)
					}
					if err != nil {
						return err
					}
				}
				return nil
			}),
			{name: "limit: frames on a socketpair", target: target{atMost: 1 / 0.8}, variants: []variant{
				{"", func(ctx context.Context, n int) error { return raw.Send(ctx, block, n) }},
			}},
			{name: "Python Pool", target: target{atLeast: 5}, variants: []variant{
				{"apply(len)", func(ctx context.Context, n int) error { return python.Do(ctx, "apply_len", 1, n) }},
			}},
		},
	}
}

func checkBlocks(n int) error {
	if want := (stages.Sum{Items: n, Value: uint64(n) * stages.BlockSize}); stages.Total != want {
		return fmt.Errorf("wrong result: %+v, want %+v", stages.Total, want)
	}
	return nil
}
