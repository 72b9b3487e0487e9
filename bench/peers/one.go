package peers

import (
	"context"
	"iter"
	"sync/atomic"

	"github.com/destel/rill"
	"github.com/reugn/go-streams/extension"
	"github.com/reugn/go-streams/flow"
	"golang.org/x/sync/errgroup"

	"github.com/pipegen/pipegen/bench/stages"
)

// One is a job of a single stage of N goroutines between a source and a sink for one goroutine.
type One[T, U any] struct {
	Source iter.Seq[T]
	N      int
	Stage  func(ctx context.Context, x T) (U, error)
	Sink   func(ctx context.Context, y U) error
}

// Channels is the job with a channel on either side of the stage.
func (j One[T, U]) Channels(ctx context.Context, buffer int) error {
	g, ctx := errgroup.WithContext(ctx)
	in := emit(ctx, g, buffer, j.Source)
	out := stageOf(ctx, g, j.N, buffer, in, j.Stage)
	drain(ctx, g, out, j.Sink)
	return g.Wait()
}

// Rill is the job as a Map.
func (j One[T, U]) Rill(ctx context.Context) error {
	out := rill.Map(rill.FromSeq(j.Source, nil), j.N, func(x T) (U, error) { return j.Stage(ctx, x) })
	return rill.ForEach(out, 1, func(y U) error { return j.Sink(ctx, y) })
}

// GoStreams is the job as a flow.Map.
func (j One[T, U]) GoStreams(ctx context.Context) error {
	ctx, first := withFailure(ctx)
	out := extension.NewChanSource(boxed(j.Source, first)).Via(flow.NewMap(func(x T) U {
		y, err := j.Stage(ctx, x)
		first.is(err)
		return y
	}, j.N))
	for y := range out.Out() {
		if !first.is(nil) {
			first.is(j.Sink(ctx, y.(U)))
		}
	}
	return first.end(ctx)
}

// boxed sends what source yields, until the job has failed.
func boxed[T any](source iter.Seq[T], first *failure) chan any {
	in := make(chan any)
	go func() {
		defer close(in)
		for x := range source {
			if first.is(nil) {
				return
			}
			in <- x
		}
	}()
	return in
}

// PrimesByHand splits the candidates over goroutines, which take the next one from a counter.
func PrimesByHand(ctx context.Context, n, goroutines int) error {
	var candidates []int
	for x := range stages.Candidates(n) {
		candidates = append(candidates, x)
	}
	var next atomic.Int64
	primes := make([]bool, n)
	g, ctx := errgroup.WithContext(ctx)
	for range goroutines {
		g.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return nil
				}
				prime, err := stages.Prime(ctx, candidates[i])
				if err != nil {
					return err
				}
				primes[i] = prime
			}
		})
	}
	err := g.Wait()
	for _, prime := range primes {
		if err == nil {
			err = stages.CountPrime(ctx, prime)
		}
	}
	return err
}
