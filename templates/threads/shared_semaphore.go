package threads

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// sharedSemaphore lets a number of calls at a time do something. Who waits longest is next. The permits of a worker
// process that dies are given back.
type sharedSemaphore interface {
	// Acquire takes a permit. It waits until one is free, or ctx ends: then it returns the cause, without a permit.
	Acquire(ctx context.Context) error
	// TryAcquire takes a permit if one is free, and says so.
	TryAcquire() bool
	// Release gives a permit back, which another goroutine or process may have acquired. It panics where all are back.
	Release()
}

type localSemaphore struct {
	mu   sync.Mutex
	free int
	held map[party]int // permits, of those who have any
	line waiters
}

func newLocalSemaphore(n int) *localSemaphore {
	return &localSemaphore{free: n, held: make(map[party]int)}
}

func (s *localSemaphore) Acquire(ctx context.Context) error { return s.acquire(ctx, 0) }
func (s *localSemaphore) TryAcquire() bool                  { return s.tryAcquire(0) }
func (s *localSemaphore) Release()                          { s.release(0) }

func (s *localSemaphore) acquire(ctx context.Context, who party) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.line.await(ctx, &s.mu, func() bool { return s.take(who) })
}

func (s *localSemaphore) tryAcquire(who party) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.take(who)
}

// take needs s.mu.
func (s *localSemaphore) take(who party) bool {
	if s.free == 0 {
		return false
	}
	s.free--
	s.held[who]++
	return true
}

func (s *localSemaphore) release(who party) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.held) == 0 {
		panic("a semaphore is released more often than it was acquired")
	}
	if s.held[who] == 0 { // it gives back what another one has acquired
		who = slices.Min(slices.Collect(maps.Keys(s.held)))
	}
	if s.held[who]--; s.held[who] == 0 {
		delete(s.held, who)
	}
	s.free++
	s.line.advance()
}

// passOn makes what who has the parent's, for another one to give back.
func (s *localSemaphore) passOn(who party) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.held[who]; n > 0 {
		delete(s.held, who)
		s.held[0] += n
	}
}

// left gives back what who has.
func (s *localSemaphore) left(who party) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.held[who]
	delete(s.held, who)
	s.free += n
	s.line.advance()
	return n > 0
}
