package peers

import (
	"context"

	"github.com/reugn/go-streams"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// SerialKeyed is the limit: one goroutine.
func SerialKeyed(ctx context.Context, n int, skewed bool) error {
	for e := range stages.Events(n, skewed) {
		if err := stages.Chain(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// ChannelsKeyed has a channel for each worker, and sends an event to that of its key.
func ChannelsKeyed(ctx context.Context, n int, skewed bool, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	var in [workers]chan stages.Event
	for i := range in {
		in[i] = make(chan stages.Event, buffer)
		drain(ctx, g, in[i], stages.Chain)
	}
	g.Go(func() error {
		defer func() {
			for i := range in {
				close(in[i])
			}
		}()
		for e := range stages.Events(n, skewed) {
			select {
			case in[stages.KeyOf(e)%workers] <- e:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	return g.Wait()
}

// GoStreamsKeyed has a flow for each key. What a flow has handled comes out of it once more.
func GoStreamsKeyed(ctx context.Context, n int, skewed bool) error {
	ctx, first := withFailure(ctx)
	keyed := flow.NewKeyed(stages.KeyOf, func() streams.Flow {
		return flow.NewMap(func(e stages.Event) struct{} {
			first.is(stages.Chain(ctx, e))
			return struct{}{}
		}, 1)
	})
	source := extension.NewChanSource(boxed(stages.Events(n, skewed), first))
	for range source.Via(keyed).Out() {
	}
	return first.end(ctx)
}
