package threads

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
)

// each yields the futures of all items of in as they end, until yield returns false. It returns when in and all of
// the tasks are over. Where ctx ends, or yield returns false, tasks that have not begun never begin, and the context
// of the others is cancelled.
func (p *pool[In, Out]) each(ctx context.Context, in iter.Seq[In], yield func(*future[In, Out]) bool) {
	ctx, leave := context.WithCancel(ctx)
	run, cancel := context.WithCancelCause(p.run.ctx)
	most := min(cap(p.room), maxChunk)
	for _, g := range p.run.groups {
		most += g.slots
	}
	taken, ended := make(chan struct{}, most), make(chan *future[In, Out], most)
	go p.feed(ctx, in, run, taken, ended)
	stop := func() {
		cancel(context.Cause(ctx))
		p.dropAll(run)
	}
	defer func() {
		leave()
		stop()
		for range ended {
			<-taken
		}
	}()
	stopped := ctx.Done()
	for {
		select {
		case f, ok := <-ended:
			if !ok {
				return
			}
			<-taken
			if !yield(f) {
				return
			}
		case <-stopped:
			stop()
			stopped = nil
		}
	}
}

// feed submits the items of in, each with an element in taken, until one is refused. When the last of these elements
// has been taken out again, it closes ended.
func (p *pool[In, Out]) feed(ctx context.Context, in iter.Seq[In], run context.Context, taken chan struct{}, ended chan *future[In, Out]) {
	index, returned := 0, false
	defer func() {
		if failure := recovered(recover(), returned); failure != nil {
			taken <- struct{}{}
			ended <- &future[In, Out]{index: index, err: p.run.newError("input", index, 1, nil, failure, debug.Stack()), placed: true}
		}
		for range cap(taken) {
			taken <- struct{}{}
		}
		close(ended)
	}()
	for item := range in {
		taken <- struct{}{}
		f := &future[In, Out]{item: item, index: index, run: run, report: ended}
		if err := p.enter(ctx, f, item); err != nil {
			f.err = err
			ended <- f
			break
		}
		index++
	}
	returned = true
}

// dropAll ends the tasks within run that have not begun.
func (p *pool[In, Out]) dropAll(run context.Context) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.open {
		if f.run == run && !f.begun {
			p.drop(f, context.Cause(run))
		}
	}
}

// all returns the results of the items of in, in their order, and the errors joined.
func (p *pool[In, Out]) all(ctx context.Context, in []In) ([]Out, error) {
	out, errs, seen := make([]Out, len(in)), make([]error, len(in)), 0
	p.each(ctx, slices.Values(in), func(f *future[In, Out]) bool {
		out[f.index], errs[f.index] = f.value, f.err
		if f.err != nil && !f.placed {
			errs[f.index] = fmt.Errorf("item %d: %w", f.index, f.err)
		}
		seen++
		return true
	})
	for i := seen; i < len(in); i++ { // the item before was refused, and so no more were taken
		errs[i] = fmt.Errorf("item %d: %w", i, errors.Unwrap(errs[seen-1]))
	}
	return out, errors.Join(errs...)
}
