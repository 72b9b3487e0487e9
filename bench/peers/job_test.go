package peers

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pipegen/pipegen/bench/stages"
)

// A fair peer stops at the first error and returns it, as pipegen does; what it would save by ignoring
// errors is not its to save.
func TestPeersReturnTheFirstError(t *testing.T) {
	items := make([]int, 10_000)
	items[5000] = -1
	for name, run := range map[string]func(ctx context.Context, j Job) error{
		"Channels":           func(ctx context.Context, j Job) error { return Channels(ctx, j, 64) },
		"ChannelsFused":      func(ctx context.Context, j Job) error { return ChannelsFused(ctx, j, 64) },
		"ChannelsOrdered":    func(ctx context.Context, j Job) error { return ChannelsOrdered(ctx, j, 64) },
		"ConcPool":           ConcPool,
		"ConcPoolFused":      func(ctx context.Context, j Job) error { return ConcPoolFused(ctx, j, 2) },
		"ConcStream":         ConcStream,
		"ConcStreamFused":    func(ctx context.Context, j Job) error { return ConcStreamFused(ctx, j, 2) },
		"Rill":               func(ctx context.Context, j Job) error { return Rill(ctx, j, 0) },
		"RillFused":          func(ctx context.Context, j Job) error { return RillFused(ctx, j, 0) },
		"RillOrdered":        func(ctx context.Context, j Job) error { return RillOrdered(ctx, j, 0) },
		"RillChunked":        func(ctx context.Context, j Job) error { return RillChunked(ctx, j, 256, true) },
		"RillChunkedOrdered": func(ctx context.Context, j Job) error { return RillChunkedOrdered(ctx, j, 256, true) },
		"Pond":               func(ctx context.Context, j Job) error { return Pond(ctx, j, 1024) },
		"PondFused":          func(ctx context.Context, j Job) error { return PondFused(ctx, j, 1024) },
		"Ants":               func(ctx context.Context, j Job) error { return Ants(ctx, j) },
		"AntsFused":          func(ctx context.Context, j Job) error { return AntsFused(ctx, j) },
		"Ro":                 func(ctx context.Context, j Job) error { return Ro(ctx, j, 64) },
		"RoFused":            RoFused,
		"Lo":                 Lo,
		"GoStreams":          func(ctx context.Context, j Job) error { return GoStreams(ctx, j, 2, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			stages.Reset()
			done := make(chan error, 1)
			go func() { done <- run(t.Context(), Job{slices.Values(items), stages.Add}) }()
			select {
			case err := <-done:
				if err == nil || err.Error() != "negative" {
					t.Errorf("error is %v, want negative", err)
				}
			case <-time.After(10 * time.Second):
				t.Fatal("still running")
			}
		})
	}
}
