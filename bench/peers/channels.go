package peers

import (
	"context"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// Channels is what one writes by hand: a channel between two stages, an errgroup around all.
func Channels(ctx context.Context, j Job, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emit(ctx, g, buffer, j.Source)
	a := stage(ctx, g, buffer, in, stages.A)
	b := stage(ctx, g, buffer, a, stages.B)
	c := stage(ctx, g, buffer, b, stages.C)
	drain(ctx, g, c, j.Sink)
	return g.Wait()
}

// ChannelsFused is Channels with the three stages fused by hand.
func ChannelsFused(ctx context.Context, j Job, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emit(ctx, g, buffer, j.Source)
	out := stage(ctx, g, buffer, in, abc)
	drain(ctx, g, out, j.Sink)
	return g.Wait()
}

// ChannelsOrdered is Channels in which every stage keeps the order.
func ChannelsOrdered(ctx context.Context, j Job, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emit(ctx, g, buffer, j.Source)
	a := orderedStage(ctx, g, buffer, in, stages.A)
	b := orderedStage(ctx, g, buffer, a, stages.B)
	c := orderedStage(ctx, g, buffer, b, stages.C)
	drain(ctx, g, c, j.Sink)
	return g.Wait()
}

func emit[T any](ctx context.Context, g *errgroup.Group, buffer int, source iter.Seq[T]) <-chan T {
	out := make(chan T, buffer)
	g.Go(func() error {
		defer close(out)
		for x := range source {
			select {
			case out <- x:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return out
}

func stage[T, U any](ctx context.Context, g *errgroup.Group, buffer int, in <-chan T, f func(context.Context, T) (U, error)) <-chan U {
	return stageOf(ctx, g, workers, buffer, in, f)
}

// stageOf is a stage of n goroutines.
func stageOf[T, U any](ctx context.Context, g *errgroup.Group, n, buffer int, in <-chan T, f func(context.Context, T) (U, error)) <-chan U {
	out := make(chan U, buffer)
	var running sync.WaitGroup
	for range n {
		running.Add(1)
		g.Go(func() error {
			defer running.Done()
			for x := range in {
				y, err := f(ctx, x)
				if err != nil {
					return err
				}
				select {
				case out <- y:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	}
	g.Go(func() error {
		running.Wait()
		close(out)
		return nil
	})
	return out
}

// orderedStage hands every item a slot; the slots are read in the order in which they were handed out.
func orderedStage[T any](ctx context.Context, g *errgroup.Group, buffer int, in <-chan T, f func(context.Context, T) (T, error)) <-chan T {
	type task struct {
		x    T
		slot chan T
	}
	todo := make(chan task, buffer)
	slots := make(chan chan T, max(buffer, workers))
	out := make(chan T, buffer)
	g.Go(func() error {
		defer close(todo)
		defer close(slots)
		for x := range in {
			t := task{x, make(chan T, 1)}
			select {
			case slots <- t.slot:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case todo <- t:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range workers {
		g.Go(func() error {
			for t := range todo {
				y, err := f(ctx, t.x)
				if err != nil {
					return err
				}
				t.slot <- y
			}
			return nil
		})
	}
	g.Go(func() error {
		defer close(out)
		for slot := range slots {
			select {
			case y := <-slot:
				select {
				case out <- y:
				case <-ctx.Done():
					return ctx.Err()
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return out
}

func drain[T any](ctx context.Context, g *errgroup.Group, in <-chan T, sink func(context.Context, T) error) {
	g.Go(func() error {
		for x := range in {
			if err := sink(ctx, x); err != nil {
				return err
			}
		}
		return nil
	})
}
