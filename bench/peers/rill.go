package peers

import (
	"context"
	"iter"
	"time"

	"github.com/destel/rill"

	"github.com/pipegen/pipegen/bench/stages"
)

// Rill maps three times. A buffer of 0 is the library's default.
func Rill(ctx context.Context, j Job, buffer int) error {
	in := buffered(rill.FromSeq(j.Source, nil), buffer)
	a := buffered(rill.Map(in, workers, with(ctx, stages.A)), buffer)
	b := buffered(rill.Map(a, workers, with(ctx, stages.B)), buffer)
	c := buffered(rill.Map(b, workers, with(ctx, stages.C)), buffer)
	return rill.ForEach(c, 1, func(x int) error { return j.Sink(ctx, x) })
}

// RillFused maps once, with the three stages fused by hand.
func RillFused(ctx context.Context, j Job, buffer int) error {
	in := buffered(rill.FromSeq(j.Source, nil), buffer)
	out := buffered(rill.Map(in, workers, with(ctx, abc)), buffer)
	return rill.ForEach(out, 1, func(x int) error { return j.Sink(ctx, x) })
}

// RillOrdered is Rill in which every stage keeps the order.
func RillOrdered(ctx context.Context, j Job, buffer int) error {
	in := buffered(rill.FromSeq(j.Source, nil), buffer)
	a := buffered(rill.OrderedMap(in, workers, with(ctx, stages.A)), buffer)
	b := buffered(rill.OrderedMap(a, workers, with(ctx, stages.B)), buffer)
	c := buffered(rill.OrderedMap(b, workers, with(ctx, stages.C)), buffer)
	return rill.ForEach(c, 1, func(x int) error { return j.Sink(ctx, x) })
}

// RillChunked is Rill over slices of size items, which the library's Batch makes, or one's own loop.
func RillChunked(ctx context.Context, j Job, size int, byHand bool) error {
	in := rillChunks(j, size, byHand)
	a := rill.Map(in, workers, with(ctx, chunkA))
	b := rill.Map(a, workers, with(ctx, chunkB))
	c := rill.Map(b, workers, with(ctx, chunkC))
	return rill.ForEach(c, 1, func(chunk []int) error { return stages.AddAll(ctx, chunk) })
}

// RillChunkedOrdered is RillOrdered over slices of size items.
func RillChunkedOrdered(ctx context.Context, j Job, size int, byHand bool) error {
	in := rillChunks(j, size, byHand)
	a := rill.OrderedMap(in, workers, with(ctx, chunkA))
	b := rill.OrderedMap(a, workers, with(ctx, chunkB))
	c := rill.OrderedMap(b, workers, with(ctx, chunkC))
	return rill.ForEach(c, 1, func(chunk []int) error { return foldAll(ctx, chunk) })
}

func rillChunks(j Job, size int, byHand bool) <-chan rill.Try[[]int] {
	if !byHand {
		return rill.Batch(rill.FromSeq(j.Source, nil), size, -1)
	}
	return rill.FromSeq(func(yield func([]int) bool) {
		chunk := make([]int, 0, size)
		for x := range j.Source {
			if chunk = append(chunk, x); len(chunk) == size {
				if !yield(chunk) {
					return
				}
				chunk = make([]int, 0, size)
			}
		}
		if len(chunk) > 0 {
			yield(chunk)
		}
	}, nil)
}

// RillBatch batches items by count and time.
func RillBatch(ctx context.Context, source iter.Seq[int], size int, wait time.Duration, buffer int, sink func(context.Context, []int) error) error {
	in := buffered(rill.FromSeq(source, nil), buffer)
	batches := rill.Batch(in, size, wait)
	return rill.ForEach(batches, 1, func(batch []int) error { return sink(ctx, batch) })
}

// RillNap maps n items with many workers that wait.
func RillNap(ctx context.Context, n, workers int) error {
	out := rill.Map(rill.FromSeq(stages.Ints(n), nil), workers, with(ctx, stages.Nap))
	return rill.ForEach(out, 1, func(x int) error { return stages.Add(ctx, x) })
}

// with binds the context: the library passes none.
func with[T any](ctx context.Context, f func(context.Context, T) (T, error)) func(T) (T, error) {
	return func(x T) (T, error) { return f(ctx, x) }
}

func buffered[T any](in <-chan rill.Try[T], n int) <-chan rill.Try[T] {
	if n == 0 {
		return in
	}
	return rill.Buffer(in, n)
}
