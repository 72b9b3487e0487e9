package peers

import (
	"context"
	"sync"

	"github.com/reugn/go-streams"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// branches are the stages of the fan-outs, a goroutine each.
var branches = [...]Func{stages.A, stages.B, stages.C}

// ChannelsSwitch sends each of n items to one branch, over a channel.
func ChannelsSwitch(ctx context.Context, n, buffer int) error {
	return channelsFanOut(ctx, n, buffer, func(x int, send func(branch, x int) error) error {
		return send(stages.Third(x), x)
	})
}

// ChannelsBroadcast sends each of n items to all branches.
func ChannelsBroadcast(ctx context.Context, n, buffer int) error {
	return channelsFanOut(ctx, n, buffer, func(x int, send func(branch, x int) error) error {
		for i := range branches {
			if err := send(i, x); err != nil {
				return err
			}
		}
		return nil
	})
}

func channelsFanOut(ctx context.Context, n, buffer int, route func(x int, send func(branch, x int) error) error) error {
	g, ctx := errgroup.WithContext(ctx)
	var in [len(branches)]chan int
	for i := range in {
		in[i] = make(chan int, buffer)
	}
	source := emit(ctx, g, buffer, stages.Ints(n))
	g.Go(func() error {
		defer func() {
			for i := range in {
				close(in[i])
			}
		}()
		for x := range source {
			err := route(x, func(branch, x int) error {
				select {
				case in[branch] <- x:
					return nil
				case <-ctx.Done():
					return ctx.Err()
				}
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	out := make(chan int, buffer)
	var running sync.WaitGroup
	for i, f := range branches {
		running.Add(1)
		g.Go(func() error {
			defer running.Done()
			for x := range in[i] {
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
	drain(ctx, g, out, stages.Add)
	return g.Wait()
}

// GoStreamsSwitch splits twice and merges.
func GoStreamsSwitch(ctx context.Context, n int) error {
	ctx, first := withFailure(ctx)
	source := extension.NewChanSource(boxed(stages.Ints(n), first))
	zero := flow.Split(source, func(x int) bool { return stages.Third(x) == 0 })
	one := flow.Split(zero[1], func(x int) bool { return stages.Third(x) == 1 })
	return goStreamsMerge(ctx, first, []streams.Flow{zero[0], one[0], one[1]})
}

// GoStreamsBroadcast fans out and merges.
func GoStreamsBroadcast(ctx context.Context, n int) error {
	ctx, first := withFailure(ctx)
	return goStreamsMerge(ctx, first, flow.FanOut(extension.NewChanSource(boxed(stages.Ints(n), first)), len(branches)))
}

func goStreamsMerge(ctx context.Context, first *failure, in []streams.Flow) error {
	var out []streams.Flow
	for i, f := range branches {
		out = append(out, in[i].Via(flow.NewMap(func(x int) int {
			y, err := f(ctx, x)
			first.is(err)
			return y
		}, 1)))
	}
	for x := range flow.Merge(out...).Out() {
		if !first.is(nil) {
			first.is(stages.Add(ctx, x.(int)))
		}
	}
	return first.end(ctx)
}
