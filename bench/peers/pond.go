package peers

import (
	"context"
	"sync"

	"github.com/alitto/pond/v2"

	"github.com/pipegen/pipegen/bench/stages"
)

// PondFused runs A, B, C and the sink of an item as one task of a pool. A queue of 0 is the library's
// default, which has no bound.
func PondFused(ctx context.Context, j Job, queue int) error {
	p := pond.NewPool(workers, pond.WithQueueSize(queue))
	defer p.StopAndWait()
	group := p.NewGroupContext(ctx)
	ctx = group.Context()
	var sink sync.Mutex
	for x := range j.Source {
		group.SubmitErr(func() error {
			y, err := abc(ctx, x)
			if err != nil {
				return err
			}
			sink.Lock()
			defer sink.Unlock()
			return j.Sink(ctx, y)
		})
	}
	return group.Wait()
}

// Pond has a pool for each stage; a stage submits to the next one. Go is the library's cheapest way to
// submit.
func Pond(ctx context.Context, j Job, queue int) error {
	ctx, first := withFailure(ctx)
	pool := func(n int) pond.Pool { return pond.NewPool(n, pond.WithQueueSize(queue)) }
	a, b, c, sink := pool(workers), pool(workers), pool(workers), pool(1)
	for x := range j.Source {
		if first.is(nil) {
			break
		}
		first.is(a.Go(func() {
			x, err := stages.A(ctx, x)
			if first.is(err) {
				return
			}
			first.is(b.Go(func() {
				x, err := stages.B(ctx, x)
				if first.is(err) {
					return
				}
				first.is(c.Go(func() {
					x, err := stages.C(ctx, x)
					if first.is(err) {
						return
					}
					first.is(sink.Go(func() { first.is(j.Sink(ctx, x)) }))
				}))
			}))
		}))
	}
	a.StopAndWait()
	b.StopAndWait()
	c.StopAndWait()
	sink.StopAndWait()
	return first.end(ctx)
}
