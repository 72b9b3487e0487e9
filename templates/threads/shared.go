package threads

import (
	"context"
	"slices"
	"sync"
)

// party is who uses a shared resource: 0 is this process, the caller and its goroutines, and each worker process is
// another one.
type party uint32

// waiters are the calls that wait until the state of a shared object lets them go on: all for the same reason, and
// first come first served. The object's mutex guards them.
type waiters struct{ calls []*waiter }

type waiter struct {
	try  func() bool
	done chan struct{} // closed when try has returned true
}

// await returns nil after a call of try has returned true: at once where nobody waits yet, else in an advance. Where
// ctx ends first, or has ended, it returns the cause, and try has changed nothing. mu, the object's mutex, is held
// at the call, at the return, and whenever try is called; it is not held in between.
func (w *waiters) await(ctx context.Context, mu *sync.Mutex, try func() bool) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if len(w.calls) == 0 && try() {
		return nil
	}
	call := &waiter{try, make(chan struct{})}
	w.calls = append(w.calls, call)
	mu.Unlock()
	select {
	case <-call.done:
	case <-ctx.Done():
	}
	mu.Lock()
	if i := slices.Index(w.calls, call); i >= 0 {
		w.calls = slices.Delete(w.calls, i, i+1)
		return context.Cause(ctx)
	}
	return nil // also where ctx has ended since: what try has done is done
}

// advance lets those go on who can: it is called after each change of the state that they may have waited for.
func (w *waiters) advance() {
	for len(w.calls) > 0 && w.calls[0].try() {
		close(w.calls[0].done)
		w.calls[0] = nil
		w.calls = w.calls[1:]
	}
}

// lease is the right of one call, or of one party, to change what others must leave alone meanwhile. It passes from
// hand to hand, first come first served. A mutex guards it, which is not held as long as the lease is.
type lease struct {
	held  bool
	owner party
	queue waiters
}

// take waits for the lease, like [waiters.await].
func (l *lease) take(ctx context.Context, mu *sync.Mutex, who party) error {
	return l.queue.await(ctx, mu, func() bool { return l.tryTake(who) })
}

func (l *lease) tryTake(who party) bool {
	if l.held {
		return false
	}
	l.held, l.owner = true, who
	return true
}

// give ends the lease, and begins that of the next in line.
func (l *lease) give() {
	l.held = false
	l.queue.advance()
}

// heldBy says whether who has the lease.
func (l *lease) heldBy(who party) bool { return l.held && l.owner == who }

// left gives the lease back that who has, and says whether it had.
func (l *lease) left(who party) bool {
	had := l.heldBy(who)
	if had {
		l.give()
	}
	return had
}
