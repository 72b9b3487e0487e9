package batches

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A batch's timer runs no longer than its stage, however that ends.
func TestPromise01_NoBatchTimerIsLeft(t *testing.T) {
	for name, test := range map[string]struct {
		items  int
		open   bool // more would come
		cancel bool
		read   bool // somebody takes the batches
	}{
		"the input ends":                        {items: 2, read: true},
		"the input ends with a full batch":      {items: 3, read: true},
		"the run stops, a batch is waiting":     {items: 2, read: true, open: true, cancel: true},
		"the run stops, a batch cannot go on":   {items: 9, open: true, cancel: true},
		"the run stops, the last cannot go on":  {items: 5, cancel: true},
		"the run stops before there is a batch": {open: true, cancel: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				run := pipegenNewRun(ctx, nil, nil, newBatchesError)
				r := &batchesRun{params: Batches{Wait: time.Hour}, run: run}
				in, out := pipegenNewQueue[int](run, 1, 10, false, 0), pipegenNewQueue[[]int](run, 1, 1, true, 0)

				source := run.addSource(pipegenStageInfo{name: "source"})
				hand := in.writer(source)
				source.loop = func() bool {
					for n := range test.items {
						_ = hand.put(n) && source.produced()
					}
					if test.open {
						<-source.ctx.Done()
					}
					return true
				}
				source.group.finish = in.close

				group := run.addGroup(1, pipegenStageInfo{name: "batch", many: true})
				w := group.workers[0]
				reading := in.reader(w)
				w.loop = r.batch(w, reading, out.writer(w))
				group.finish = out.close

				results := out.reader(nil)
				run.launch()
				synctest.Wait()
				if test.cancel {
					cancel(errors.New("cancelled"))
				}
				for test.read && results.next() {
				}
				_ = run.wait()
				if reading.timer != nil && reading.timer.Stop() {
					t.Error("the timer is still running")
				}
			})
		})
	}
}
