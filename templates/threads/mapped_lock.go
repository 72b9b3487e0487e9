package threads

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// mappedLock is a mutual exclusion lock that worker processes share; it is unlocked in the beginning. The process that
// has it is its owner, as in sync.Mutex any goroutine of that may unlock it. When the owner ends the lock is freed.
//
// Its state is one word in memory that all of them map, and as long as no two want it at once that is all. Who finds it
// taken waits in the parent. A mutex beside it keeps the goroutines of one process apart, and in order.
type mappedLock struct {
	local sync.Mutex
	word  *atomic.Uint64
	mine  uint64 // the word where this process has it and nobody waits
	queue lockQueue
}

// lockQueue is where processes wait for a lock: in the parent.
type lockQueue interface {
	wait()  // returns when this process has the lock
	freed() // says that it is free, and that there are some who wait
}

// The word of a lock: its owner in the upper half, and these.
const (
	lockHeld     = 1 << iota // it has an owner
	lockWaiting              // some wait; only the parent sets it
	lockStarving             // who comes does not get it before those who wait; only the parent sets it
)

// mappedLockSize is what a lock takes, in bytes.
const mappedLockSize = 8

// newMappedLock is the lock in the i-th place, in the parent.
func newMappedLock(m *mapping, i int) *mappedLock {
	q := new(lockKeeper)
	l := &mappedLock{queue: q, mine: lockOwner(0)}
	m.hold(i, func(place unsafe.Pointer) {
		l.word = (*atomic.Uint64)(place)
		q.word = l.word
	})
	return l
}

// newRemoteLock is the lock in the i-th place, in a worker, where it is that resource of the parent's.
func newRemoteLock(m *mapping, i int, c *calls, resource int) *mappedLock {
	l := &mappedLock{queue: &lockCalls{c, resource}, mine: lockOwner(c.party)}
	m.hold(i, func(place unsafe.Pointer) { l.word = (*atomic.Uint64)(place) })
	return l
}

// lockSpins is how often Lock looks whether the lock is free: for less time than it takes to wait.
const lockSpins = 1000

// lockOwner is the word where who has the lock.
func lockOwner(who party) uint64 { return uint64(who)<<32 | lockHeld }

// Lock locks the lock. Where it is taken it waits.
func (l *mappedLock) Lock() {
	l.local.Lock()
	if l.word.CompareAndSwap(0, l.mine) {
		return
	}
	for range lockSpins {
		if l.seize() {
			return
		}
	}
	l.queue.wait()
}

// TryLock locks the lock if that is free, and returns whether it was.
func (l *mappedLock) TryLock() bool {
	if !l.local.TryLock() {
		return false
	}
	if l.seize() {
		return true
	}
	l.local.Unlock()
	return false
}

// seize takes the lock if that is free, also before some who wait.
func (l *mappedLock) seize() bool {
	for {
		was := l.word.Load()
		if was&(lockHeld|lockStarving) != 0 {
			return false
		}
		if l.word.CompareAndSwap(was, was|l.mine) {
			return true
		}
	}
}

// Unlock unlocks the lock. It panics where this process does not have it.
func (l *mappedLock) Unlock() {
	if !l.word.CompareAndSwap(l.mine, 0) {
		l.release()
	}
	l.local.Unlock()
}

// release frees the lock where some wait.
func (l *mappedLock) release() {
	for {
		was := l.word.Load()
		if was&^(lockWaiting|lockStarving) != l.mine {
			panic("unlock of a lock that this process has not locked")
		}
		rest := was & (lockWaiting | lockStarving)
		if l.word.CompareAndSwap(was, rest) {
			if rest != 0 {
				l.queue.freed()
			}
			return
		}
	}
}

// What workers ask of a lock in the parent.
const (
	opLockWait  = 'w'
	opLockFreed = 'f'
)

// lockCalls is the queue of a lock, in a worker.
type lockCalls struct {
	calls    *calls
	resource int
}

func (q *lockCalls) wait() {
	if err := q.calls.call(context.Background(), q.resource, opLockWait, nil, nil); err != nil {
		panic(err)
	}
}

func (q *lockCalls) freed() { q.calls.tell(q.resource, opLockFreed, nil) }

// lockKeeper is the queue of a lock, in the parent: first come first served, but for those who come when the lock has
// just been freed and get it before the first in the queue has heard of that. They do no harm, it would take longer if
// they had to wait, and it ends when the first has waited for long.
type lockKeeper struct {
	word   *atomic.Uint64
	resets []func()

	mu      sync.Mutex
	waiters []*lockWaiter
}

type lockWaiter struct {
	who   party
	since time.Time
	ready chan struct{} // closed when it has the lock
}

// overtaken is how long the first in the queue lets others have the lock before it.
const overtaken = time.Millisecond

func (q *lockKeeper) wait() { _ = q.admit(context.Background(), 0) }

func (q *lockKeeper) freed() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.grant()
}

// admit waits until who has the lock. Where ctx ends first it returns the cause; who may have the lock all the same.
func (q *lockKeeper) admit(ctx context.Context, who party) error {
	w := &lockWaiter{who, time.Now(), make(chan struct{})}
	q.mu.Lock()
	q.waiters = append(q.waiters, w)
	q.grant()
	given := len(q.waiters) == 0 || q.waiters[len(q.waiters)-1] != w
	q.mu.Unlock()
	if given {
		return nil
	}
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiters = slices.DeleteFunc(q.waiters, func(other *lockWaiter) bool { return other == w })
	q.grant()
	return context.Cause(ctx)
}

// grant gives the lock to the first in the queue if it is free, and sees to it that its owner says when it frees it.
// q.mu is held.
func (q *lockKeeper) grant() {
	for {
		was := q.word.Load()
		next := was & lockOwnerBits
		given := next == 0 && len(q.waiters) > 0
		rest := q.waiters
		if given {
			next, rest = lockOwner(q.waiters[0].who), q.waiters[1:]
		}
		if len(rest) > 0 {
			next |= lockWaiting
			if time.Since(rest[0].since) > overtaken {
				next |= lockStarving
			}
		}
		if !q.word.CompareAndSwap(was, next) {
			continue
		}
		if given {
			close(q.waiters[0].ready)
			q.waiters = rest
		}
		return
	}
}

const lockOwnerBits = ^uint64(lockWaiting | lockStarving)

// resetOnLoss has reset called before the lock is freed whose owner has ended: it makes what the lock guards what it
// was in the beginning.
func (l *mappedLock) resetOnLoss(reset func()) {
	q := l.queue.(*lockKeeper)
	q.resets = append(q.resets, reset)
}

// service is what workers may do with the lock.
func (l *mappedLock) service() service { return l.queue.(*lockKeeper) }

func (q *lockKeeper) serve(ctx context.Context, who party, op byte, _ *decoder, _ *encoder) error {
	switch op {
	case opLockWait:
		return q.admit(ctx, who)
	case opLockFreed:
		q.freed()
		return nil
	}
	return errFrame
}

// left frees the lock if who has it. It also gives the lock to the next where who has freed it and not lived to say so.
func (q *lockKeeper) left(who party) (had bool) {
	had = q.word.Load()&lockOwnerBits == lockOwner(who)
	if had {
		for _, reset := range q.resets {
			reset()
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	for was := q.word.Load(); had && !q.word.CompareAndSwap(was, was&^lockOwnerBits); was = q.word.Load() {
		continue
	}
	q.grant()
	return had
}
