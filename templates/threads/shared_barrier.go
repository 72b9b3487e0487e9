package threads

import (
	"context"
	"fmt"
	"sync"
)

// sharedBarrier makes a number of parties wait for each other, again and again. Once one of them has failed to come
// it is broken: from then on, and for those who wait, Wait returns an error that says why.
type sharedBarrier interface {
	// Wait waits until as many have come as the barrier has parties. It returns which of them the caller was: 0 is
	// the first to come. Where ctx ends first, or a worker process dies while others wait, the barrier is broken;
	// the error wraps the cause of that.
	Wait(ctx context.Context) (index int, err error)
	// Abort breaks the barrier.
	Abort()
}

type localBarrier struct {
	mu      sync.Mutex
	parties int64
	arrived int64 // ever
	line    waiters
	broken  error
}

const (
	errAborted sentinel = "it was aborted"
	errMissed  sentinel = "a worker process has ended while others waited"
)

func newLocalBarrier(parties int) *localBarrier { return &localBarrier{parties: int64(parties)} }

func (b *localBarrier) Wait(ctx context.Context) (index int, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.broken != nil {
		return 0, b.broken
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	place := b.arrived % b.parties
	full := b.arrived - place + b.parties // arrivals, when all are here
	b.arrived++
	b.line.advance()
	err = b.line.await(ctx, &b.mu, func() bool { return b.arrived >= full || b.broken != nil })
	if b.arrived >= full {
		return int(place), nil
	}
	if err != nil {
		b.fail(err)
	}
	return 0, b.broken
}

func (b *localBarrier) Abort() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail(errAborted)
}

// fail breaks the barrier because of why, which counts if it is the first. b.mu is held.
func (b *localBarrier) fail(why error) {
	if b.broken == nil {
		b.broken = fmt.Errorf("the barrier is broken: %w", why)
		b.line.advance()
	}
}

// missed breaks the barrier where anybody waits, maybe for a process that will not come.
func (b *localBarrier) missed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.line.calls) > 0 {
		b.fail(errMissed)
	}
}

// left has nothing to give back. The Wait of a process that ends meanwhile has broken the barrier.
func (b *localBarrier) left(party) bool { return false }
