package peers

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// The chunked peers are what a patient engineer writes when channels are too slow: slices travel, and
// the stages change them in place. An item waits until its slice is full, so this is no answer for
// slow sources and slow stages.

// Chunked is Channels with slices of size items.
func Chunked(ctx context.Context, n, size, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emitChunks(ctx, g, n, size, buffer)
	a := stage(ctx, g, buffer, in, chunkA)
	b := stage(ctx, g, buffer, a, chunkB)
	c := stage(ctx, g, buffer, b, chunkC)
	drain(ctx, g, c, stages.AddAll)
	return g.Wait()
}

// ChunkedFused is Chunked with the three stages fused by hand.
func ChunkedFused(ctx context.Context, n, size, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emitChunks(ctx, g, n, size, buffer)
	out := stage(ctx, g, buffer, in, chunkABC)
	drain(ctx, g, out, stages.AddAll)
	return g.Wait()
}

// ChunkedOrdered is Chunked in which every stage keeps the order.
func ChunkedOrdered(ctx context.Context, n, size, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emitChunks(ctx, g, n, size, buffer)
	a := orderedStage(ctx, g, buffer, in, chunkA)
	b := orderedStage(ctx, g, buffer, a, chunkB)
	c := orderedStage(ctx, g, buffer, b, chunkC)
	drain(ctx, g, c, foldAll)
	return g.Wait()
}

func emitChunks(ctx context.Context, g *errgroup.Group, n, size, buffer int) <-chan []int {
	out := make(chan []int, buffer)
	send := func(chunk []int) error {
		select {
		case out <- chunk:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	g.Go(func() error {
		defer close(out)
		chunk := make([]int, 0, size)
		for x := range stages.Ints(n) {
			chunk = append(chunk, x)
			if len(chunk) == size {
				if err := send(chunk); err != nil {
					return err
				}
				chunk = make([]int, 0, size)
			}
		}
		if len(chunk) > 0 {
			return send(chunk)
		}
		return nil
	})
	return out
}

func chunkA(ctx context.Context, chunk []int) ([]int, error) {
	for i, x := range chunk {
		y, err := stages.A(ctx, x)
		if err != nil {
			return nil, err
		}
		chunk[i] = y
	}
	return chunk, nil
}

func chunkB(ctx context.Context, chunk []int) ([]int, error) {
	for i, x := range chunk {
		y, err := stages.B(ctx, x)
		if err != nil {
			return nil, err
		}
		chunk[i] = y
	}
	return chunk, nil
}

func chunkC(ctx context.Context, chunk []int) ([]int, error) {
	for i, x := range chunk {
		y, err := stages.C(ctx, x)
		if err != nil {
			return nil, err
		}
		chunk[i] = y
	}
	return chunk, nil
}

func chunkABC(ctx context.Context, chunk []int) ([]int, error) {
	for i, x := range chunk {
		y, err := abc(ctx, x)
		if err != nil {
			return nil, err
		}
		chunk[i] = y
	}
	return chunk, nil
}

func foldAll(ctx context.Context, chunk []int) error {
	for _, x := range chunk {
		if err := stages.Fold(ctx, x); err != nil {
			return err
		}
	}
	return nil
}
