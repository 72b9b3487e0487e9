package peers

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// NapBare is the limit of waiting: n items taken from one counter by bare goroutines, which write to one
// channel.
func NapBare(ctx context.Context, n, workers int) error {
	g, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	out := make(chan int, n)
	for range workers {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				y, err := stages.Nap(ctx, i)
				if err != nil {
					return err
				}
				out <- y
			}
		})
	}
	err := g.Wait()
	close(out)
	for y := range out {
		if err == nil {
			err = stages.Add(ctx, y)
		}
	}
	return err
}

// NapErrgroup starts a goroutine for each item, at most workers at a time.
func NapErrgroup(ctx context.Context, n, workers int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(workers)
	out := make(chan int, n)
	for x := range stages.Ints(n) {
		g.Go(func() error {
			y, err := stages.Nap(ctx, x)
			if err == nil {
				out <- y
			}
			return err
		})
	}
	err := g.Wait()
	close(out)
	for y := range out {
		if err == nil {
			err = stages.Add(ctx, y)
		}
	}
	return err
}
