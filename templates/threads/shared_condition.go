package threads

import (
	"context"
	"sync"
)

// sharedCondition is a lock, and a place where its holder waits until another one has changed something. Who waits
// longest is next, for the lock as for a signal. A worker process that ends gives the lock back, and all are woken,
// for it may have taken a signal along.
type sharedCondition interface {
	// Lock takes the lock.
	Lock()
	// Unlock gives the lock back. It panics where the caller's process does not hold it.
	Unlock()
	// Wait gives the lock back, waits to be woken, and takes the lock again. Where ctx ends first it returns the
	// cause, with the lock as well; where it has ended before, the lock is not given back. Not each time that
	// somebody is woken there is something for them, so it is called in a loop:
	//
	//	for !ready() {
	//		if err := c.Wait(ctx); err != nil {
	//			…
	//
	// It panics where the caller's process does not hold the lock.
	Wait(ctx context.Context) error
	// Signal wakes one that waits, if there is any. The caller need not hold the lock.
	Signal()
	// Broadcast wakes all that wait.
	Broadcast()
}

type localCondition struct {
	mu      sync.Mutex
	lock    lease
	line    waiters
	signals int // to be handed out at once to those in line
}

func newLocalCondition() *localCondition { return &localCondition{} }

func (c *localCondition) Lock()      { _ = c.acquire(context.Background(), 0) }
func (c *localCondition) Unlock()    { c.release(0) }
func (c *localCondition) Signal()    { c.wake(1) }
func (c *localCondition) Broadcast() { c.wake(-1) }

func (c *localCondition) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err := c.wait(ctx, 0)
	c.Lock()
	return err
}

func (c *localCondition) acquire(ctx context.Context, who party) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lock.take(ctx, &c.mu, who)
}

func (c *localCondition) release(who party) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.give(who)
}

// give needs c.mu.
func (c *localCondition) give(who party) {
	if !c.lock.heldBy(who) {
		panic("Unlock or Wait of a condition whose lock is not held")
	}
	c.lock.give()
}

// wait is Wait up to where it takes the lock again.
func (c *localCondition) wait(ctx context.Context, who party) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.give(who)
	return c.line.await(ctx, &c.mu, func() bool {
		if c.signals == 0 {
			return false
		}
		c.signals--
		return true
	})
}

// wake wakes up to n that wait; -1: all.
func (c *localCondition) wake(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.signals = len(c.line.calls)
	if n >= 0 {
		c.signals = min(c.signals, n)
	}
	c.line.advance()
}

func (c *localCondition) left(who party) bool {
	c.mu.Lock()
	had := c.lock.left(who)
	c.mu.Unlock()
	c.Broadcast()
	return had
}
