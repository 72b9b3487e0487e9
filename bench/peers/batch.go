package peers

import (
	"context"
	"iter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// Batch collects items by count and time from a channel, as one writes it by hand.
func Batch(ctx context.Context, source iter.Seq[int], size int, wait time.Duration, buffer int, sink func(context.Context, []int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emit(ctx, g, buffer, source)
	out := make(chan []int, 1)
	send := func(batch []int) error {
		select {
		case out <- batch:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	g.Go(func() error {
		defer close(out)
		timer := time.NewTimer(wait)
		defer timer.Stop()
		var batch []int
		for {
			select {
			case x, ok := <-in:
				if !ok {
					if len(batch) > 0 {
						return send(batch)
					}
					return nil
				}
				if len(batch) == 0 {
					timer.Reset(wait)
					batch = make([]int, 0, size)
				}
				batch = append(batch, x)
				if len(batch) < size {
					continue
				}
			case <-timer.C:
				if len(batch) == 0 {
					continue
				}
			}
			if err := send(batch); err != nil {
				return err
			}
			batch = nil
		}
	})
	drain(ctx, g, out, sink)
	return g.Wait()
}

// BatchSerial is the limit: one loop that fills a slice.
func BatchSerial(ctx context.Context, n, size int) error {
	batch := make([]int, 0, size)
	for x := range stages.Ints(n) {
		if batch = append(batch, x); len(batch) == size {
			if err := stages.AddAll(ctx, batch); err != nil {
				return err
			}
			batch = make([]int, 0, size)
		}
	}
	if len(batch) > 0 {
		return stages.AddAll(ctx, batch)
	}
	return nil
}
