package batches

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// Items whose batch the stop of the run keeps from the next stage are interrupted, whether the batch is full or not.
func TestPromise07_ABatchThatIsStopped(t *testing.T) {
	for name, items := range map[string]int{"full": 5000, "not full": 2} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			probe.Play(probe.Script{Hook: func(c probe.Call) error {
				if c.Stage == "seal" {
					<-ctx.Done()
					time.Sleep(time.Second) // so that the run has stopped
				}
				return nil
			}})
			stats := new(BatchesStats)
			input := func(yield func(int) bool) {
				for n := range items {
					if !yield(n) {
						return
					}
				}
				<-ctx.Done()
				time.Sleep(time.Second) // the input has not ended when the run stops
			}
			for _, err := range (Batches{Wait: time.Hour, Stats: stats}).Stream(ctx, input) {
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Error(err)
				}
			}
			if s := &stats.Batch; s.Done() != 3*s.Out() || (s.Out() == 0) != (items == 2) || s.Interrupted() == 0 {
				t.Errorf("%s: %d items are done in %d batches, %d interrupted", name, s.Done(), s.Out(), s.Interrupted())
			}
		})
	}
}
