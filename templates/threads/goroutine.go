package threads

import (
	"runtime"
	"sync"
)

// goroutineID is the number of the calling goroutine, which is not 0 and that of no other. It is what a stack trace
// begins with, and takes about as long as making one of a few bytes: a microsecond.
func goroutineID() (id uint64) {
	var trace [32]byte // goroutine 18 [running]:
	for _, c := range trace[len("goroutine "):runtime.Stack(trace[:], false)] {
		if c < '0' || c > '9' {
			break
		}
		id = 10*id + uint64(c-'0')
	}
	return id
}

// updaters are the goroutines of this process that are inside an Update of a shared resource. They must not change
// it in any other way: that would wait for the end of the Update, or of one that waits for it in turn.
type updaters struct {
	mu     sync.Mutex
	inside map[uint64]bool
}

const nestedUpdate = "a shared resource is changed inside an Update of it, which would wait for itself"

// enter begins an Update; leave ends it, and takes what enter returns. It panics inside an Update.
func (u *updaters) enter() (goroutine uint64) {
	goroutine = goroutineID()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.inside[goroutine] {
		panic(nestedUpdate)
	}
	if u.inside == nil {
		u.inside = make(map[uint64]bool)
	}
	u.inside[goroutine] = true
	return goroutine
}

func (u *updaters) leave(goroutine uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.inside, goroutine)
}

// check panics inside an Update.
func (u *updaters) check() {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.inside) > 0 && u.inside[goroutineID()] {
		panic(nestedUpdate)
	}
}
