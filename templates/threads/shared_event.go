package threads

import (
	"context"
	"sync"
)

// sharedEvent is a flag that can be waited for. It begins clear.
type sharedEvent interface {
	// Set raises the flag and lets all go on that wait.
	Set()
	// Clear lowers the flag: who waits from now on waits for the next Set.
	Clear()
	IsSet() bool
	// Wait returns nil when the flag is up, or has been since the call. Where ctx ends first it returns the cause.
	Wait(ctx context.Context) error
}

type localEvent struct {
	mu   sync.Mutex
	set  bool
	line waiters
}

func newLocalEvent() *localEvent { return &localEvent{} }

func (e *localEvent) Set() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set = true
	e.line.advance()
}

func (e *localEvent) Clear() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.set = false
}

func (e *localEvent) IsSet() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.set
}

func (e *localEvent) Wait(ctx context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.line.await(ctx, &e.mu, func() bool { return e.set })
}

// left has nothing to give back: a flag stays as it is.
func (e *localEvent) left(party) bool { return false }
