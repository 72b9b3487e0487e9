package threads

import "context"

// remoteSemaphore is a worker's way to a semaphore.
type remoteSemaphore struct{ remoteObject }

const (
	semaphoreAcquire = iota
	semaphoreTryAcquire
	semaphoreRelease
)

func newRemoteSemaphore(c *calls, resource int) *remoteSemaphore {
	return &remoteSemaphore{remoteObject{c, resource}}
}

func (s *remoteSemaphore) Acquire(ctx context.Context) error {
	return s.call(ctx, semaphoreAcquire, nil, nil)
}

func (s *remoteSemaphore) TryAcquire() (ok bool) {
	s.do(semaphoreTryAcquire, nil, func(d *decoder) { ok = d.bool() })
	return ok
}

func (s *remoteSemaphore) Release() { s.do(semaphoreRelease, nil, nil) }

type semaphoreService struct{ *localSemaphore }

func newSemaphoreService(s *localSemaphore) semaphoreService { return semaphoreService{s} }

func (s semaphoreService) serve(ctx context.Context, who party, op byte, _ *decoder, e *encoder) error {
	switch op {
	case semaphoreAcquire:
		return s.acquire(ctx, who)
	case semaphoreTryAcquire:
		e.bool(s.tryAcquire(who))
	case semaphoreRelease:
		s.release(who)
	default:
		return errFrame
	}
	return nil
}
