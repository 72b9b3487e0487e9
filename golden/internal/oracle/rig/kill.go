package rig

import (
	"math/rand/v2"
	"os"
	"sync"
	"time"
)

// meanLife is how long it takes, on the average, until some child of this process is killed. One starts in less.
const meanLife = 60 * time.Millisecond

// kill kills children of this process at random moments, until end has returned.
func kill(seed uint64) (end func()) {
	r := rand.New(rand.NewPCG(seed, 0x9111))
	stop := make(chan struct{})
	var killing sync.WaitGroup
	killing.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(r.Int64N(int64(2 * meanLife)))):
			}
			pids := children()
			if len(pids) == 0 {
				continue
			}
			if p, err := os.FindProcess(pids[r.IntN(len(pids))]); err == nil {
				_ = p.Kill() // it may be gone
			}
		}
	})
	return func() {
		close(stop)
		killing.Wait()
	}
}
