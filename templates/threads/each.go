package threads

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
)

// each yields the futures of the items of in as they end, until yield returns false. It returns when in and all of
// the tasks are over. Where ctx ends, or yield returns false, tasks that have not begun never begin, and the others
// are cancelled.
func (p *pool[In, Out]) each(ctx context.Context, in iter.Seq[In], yield func(*future[In, Out]) bool) {
	ctx, leave := context.WithCancel(ctx)
	within, cancel := context.WithCancelCause(p.run.ctx)
	most := min(cap(p.room), maxChunk) // tasks that have not been yielded
	for _, g := range p.run.groups {
		most += g.slots
	}
	taken, ended := make(chan struct{}, most), make(chan *future[In, Out], most)
	go p.feed(ctx, in, within, taken, ended)
	stop := func() {
		why := context.Cause(ctx)
		if ctx.Err() != context.DeadlineExceeded { // which is that of the tasks, too
			cancel(why)
		}
		p.dropAll(within, why)
	}
	defer func() {
		leave()
		stop()
		for range ended {
			<-taken
		}
		cancel(nil)
	}()
	stopping := ctx.Done()
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
		case <-stopping:
			stop()
			stopping = nil
		}
	}
}

// feed submits the items of in until one is refused. Each has an element in taken, which goes when it has been
// yielded; then ended is closed.
func (p *pool[In, Out]) feed(ctx context.Context, in iter.Seq[In], within context.Context, taken chan struct{}, ended chan *future[In, Out]) {
	index, returned := 0, false
	defer func() {
		if why := recovered(recover(), returned); why != nil {
			taken <- struct{}{}
			ended <- &future[In, Out]{index: index, err: p.run.newError("input", index, 1, nil, why, debug.Stack()), placed: true}
		}
		for range cap(taken) {
			taken <- struct{}{}
		}
		close(ended)
	}()
	for item := range in {
		taken <- struct{}{}
		f := &future[In, Out]{index: index, item: item, within: within, report: ended}
		if _, err := p.enter(ctx, f, item); err != nil {
			f.err = err
			ended <- f
			break
		}
		index++
	}
	returned = true
}

// dropAll ends the tasks within a context that have not begun, because of why.
func (p *pool[In, Out]) dropAll(within context.Context, why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.open {
		if f.within == within && !f.begun {
			p.drop(f, why)
		}
	}
}

// all returns the results of the items of in, in their order, and the errors joined.
func (p *pool[In, Out]) all(ctx context.Context, in []In) ([]Out, error) {
	out, errs := make([]Out, len(in)), make([]error, len(in))
	p.each(ctx, slices.Values(in), func(f *future[In, Out]) bool {
		out[f.index], errs[f.index] = f.value, f.err
		if f.err != nil && !f.placed {
			errs[f.index] = fmt.Errorf("item %d: %w", f.index, f.err)
		}
		if f.done == nil { // refused, and so no more are taken
			for i := f.index + 1; i < len(in); i++ {
				errs[i] = fmt.Errorf("item %d: %w", i, f.err)
			}
		}
		return true
	})
	return out, errors.Join(errs...)
}
