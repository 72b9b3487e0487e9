//go:build linux

package chaos

import (
	"math/rand/v2"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

// killer sends signals to the children of this process at random moments: those at work, those at rest, and those
// that are just starting.
type killer struct {
	*rand.Rand
	left atomic.Int64 // signals to be sent
	mean time.Duration
	over chan struct{}
}

// killSigns are what errors of items say whose process was killed: one of them.
var killSigns = []string{"signal: killed", "signal: terminated", "signal: segmentation fault", "SIGSEGV", "SIGQUIT", "no sign of life"}

func newKiller(seed uint64, kills int, mean time.Duration) *killer {
	k := &killer{Rand: rand.New(rand.NewPCG(seed, 1)), mean: mean, over: make(chan struct{})}
	k.left.Store(int64(kills))
	return k
}

// run kills until enough have been.
func (k *killer) run() {
	defer close(k.over)
	for k.left.Load() > 0 {
		time.Sleep(time.Duration(k.Int64N(int64(2 * k.mean))))
		all := children(os.Getpid())
		if len(all) == 0 {
			continue
		}
		pid, signal := all[k.IntN(len(all))], k.signal()
		if signal == syscall.SIGSTOP && !isWorker(pid) {
			signal = syscall.SIGKILL // one that is stopped before it is a program stops its parent
		}
		if syscall.Kill(pid, signal) == nil {
			k.left.Add(-1)
		}
	}
}

// stop ends it early.
func (k *killer) stop() {
	k.left.Store(0)
	<-k.over
}

func (k *killer) signal() syscall.Signal {
	switch n := k.IntN(100); {
	case n < 4:
		return syscall.SIGSTOP
	case n < 8:
		return syscall.SIGTERM
	case n < 12:
		return syscall.SIGSEGV
	case n < 16:
		return syscall.SIGQUIT
	}
	return syscall.SIGKILL
}
