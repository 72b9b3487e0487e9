package peers

import (
	"context"
	"sync"

	"github.com/sourcegraph/conc/pool"
	"github.com/sourcegraph/conc/stream"

	"github.com/pipegen/pipegen/bench/stages"
)

// ConcPoolFused runs A, B, C and the sink of an item as one task of a pool of n goroutines; 0 is the
// library's default, as many as there are tasks at a time.
func ConcPoolFused(ctx context.Context, j Job, n int) error {
	p := pool.New().WithContext(ctx).WithCancelOnError().WithFirstError()
	if n > 0 {
		p = p.WithMaxGoroutines(n)
	}
	var sink sync.Mutex
	for x := range j.Source {
		p.Go(func(ctx context.Context) error {
			y, err := abc(ctx, x)
			if err != nil {
				return err
			}
			sink.Lock()
			defer sink.Unlock()
			return j.Sink(ctx, y)
		})
	}
	return p.Wait()
}

// ConcPool has a pool for each stage; a stage submits to the next one.
func ConcPool(ctx context.Context, j Job) error {
	ctx, first := withFailure(ctx)
	a := pool.New().WithMaxGoroutines(workers)
	b := pool.New().WithMaxGoroutines(workers)
	c := pool.New().WithMaxGoroutines(workers)
	sink := pool.New().WithMaxGoroutines(1)
	for x := range j.Source {
		if first.is(nil) {
			break
		}
		a.Go(func() {
			x, err := stages.A(ctx, x)
			if first.is(err) {
				return
			}
			b.Go(func() {
				x, err := stages.B(ctx, x)
				if first.is(err) {
					return
				}
				c.Go(func() {
					x, err := stages.C(ctx, x)
					if first.is(err) {
						return
					}
					sink.Go(func() { first.is(j.Sink(ctx, x)) })
				})
			})
		})
	}
	a.Wait()
	b.Wait()
	c.Wait()
	sink.Wait()
	return first.end(ctx)
}

// ConcStreamFused runs A, B and C of an item as one task of a stream of n goroutines; the sink is its
// callback, so the items arrive in order.
func ConcStreamFused(ctx context.Context, j Job, n int) error {
	ctx, first := withFailure(ctx)
	s := stream.New()
	if n > 0 {
		s = s.WithMaxGoroutines(n)
	}
	for x := range j.Source {
		if first.is(nil) {
			break
		}
		s.Go(func() stream.Callback {
			y, err := abc(ctx, x)
			return func() {
				if !first.is(err) {
					first.is(j.Sink(ctx, y))
				}
			}
		})
	}
	s.Wait()
	return first.end(ctx)
}

// ConcStream has a stream for each stage; the callback of one submits to the next.
func ConcStream(ctx context.Context, j Job) error {
	ctx, first := withFailure(ctx)
	a := stream.New().WithMaxGoroutines(workers)
	b := stream.New().WithMaxGoroutines(workers)
	c := stream.New().WithMaxGoroutines(workers)
	for x := range j.Source {
		if first.is(nil) {
			break
		}
		a.Go(func() stream.Callback {
			x, err := stages.A(ctx, x)
			return func() {
				if first.is(err) {
					return
				}
				b.Go(func() stream.Callback {
					x, err := stages.B(ctx, x)
					return func() {
						if first.is(err) {
							return
						}
						c.Go(func() stream.Callback {
							x, err := stages.C(ctx, x)
							return func() {
								if !first.is(err) {
									first.is(j.Sink(ctx, x))
								}
							}
						})
					}
				})
			}
		})
	}
	a.Wait()
	b.Wait()
	c.Wait()
	return first.end(ctx)
}
