package peers

import (
	"context"
	"sync"

	"github.com/panjf2000/ants/v2"

	"github.com/pipegen/pipegen/bench/stages"
)

// AntsFused runs A, B, C and the sink of an item as one task of a pool.
func AntsFused(ctx context.Context, j Job, options ...ants.Option) error {
	ctx, first := withFailure(ctx)
	var done sync.WaitGroup
	var sink sync.Mutex
	p, err := ants.NewPoolWithFuncGeneric(workers, func(x int) {
		defer done.Done()
		y, err := abc(ctx, x)
		if first.is(err) {
			return
		}
		sink.Lock()
		defer sink.Unlock()
		first.is(j.Sink(ctx, y))
	}, options...)
	if err != nil {
		return err
	}
	defer p.Release()
	for x := range j.Source {
		if first.is(nil) {
			break
		}
		done.Add(1)
		if err := p.Invoke(x); err != nil {
			first.is(err)
			done.Done()
		}
	}
	done.Wait()
	return first.end(ctx)
}

// Ants has a pool for each stage; a stage invokes the next one.
func Ants(ctx context.Context, j Job, options ...ants.Option) error {
	ctx, first := withFailure(ctx)
	var done sync.WaitGroup // of items
	pools := make([]*ants.PoolWithFuncGeneric[int], 4)
	for i, f := range []Func{stages.A, stages.B, stages.C, func(ctx context.Context, x int) (int, error) { return 0, j.Sink(ctx, x) }} {
		n := workers
		if i == 3 {
			n = 1
		}
		p, err := ants.NewPoolWithFuncGeneric(n, func(x int) {
			y, err := f(ctx, x)
			if !first.is(err) && i < 3 {
				if err = pools[i+1].Invoke(y); err == nil {
					return // the item is the next pool's
				}
				first.is(err)
			}
			done.Done()
		}, options...)
		if err != nil {
			return err
		}
		defer p.Release()
		pools[i] = p
	}
	for x := range j.Source {
		if first.is(nil) {
			break
		}
		done.Add(1)
		if err := pools[0].Invoke(x); err != nil {
			first.is(err)
			done.Done()
		}
	}
	done.Wait()
	return first.end(ctx)
}
