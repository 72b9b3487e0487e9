package threads

import "sync/atomic"

// reentrantLock is a lock that a goroutine can take again while it holds it, and gives back as often.
type reentrantLock struct {
	lock interface {
		Lock()
		Unlock()
		TryLock() bool
	}
	owner atomic.Uint64 // a goroutine; 0: none of this process
	depth int           // of the owner's Locks
}

// newReentrantLock makes lock, a sync.Mutex or one of the same methods, reentrant. Nobody else may use it.
func newReentrantLock(lock interface {
	Lock()
	Unlock()
	TryLock() bool
}) *reentrantLock {
	return &reentrantLock{lock: lock}
}

// Lock takes the lock. It waits while another goroutine has it.
func (l *reentrantLock) Lock() {
	me := goroutineID()
	if l.owner.Load() != me {
		l.lock.Lock()
		l.owner.Store(me)
	}
	l.depth++
}

// TryLock takes the lock if no other goroutine has it, and says so.
func (l *reentrantLock) TryLock() bool {
	me := goroutineID()
	if l.owner.Load() != me {
		if !l.lock.TryLock() {
			return false
		}
		l.owner.Store(me)
	}
	l.depth++
	return true
}

// Unlock takes one Lock back. It panics in a goroutine that does not have the lock.
func (l *reentrantLock) Unlock() {
	if l.owner.Load() != goroutineID() {
		panic("Unlock of an rlock by a goroutine that does not hold it")
	}
	if l.depth--; l.depth == 0 {
		l.owner.Store(0)
		l.lock.Unlock()
	}
}
