package threads

import (
	"context"
	"math"
	"testing"
	"time"
)

// The context of a task ends at the latest when that of the next one begins: nothing piles up in a worker process.
func TestSession_Open(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &session{link: &link{canceled: ctx}, worker: &worker{}, cancel: func() {}}
	deadline := time.Now().Add(time.Hour)
	for i, until := range []int64{math.MaxInt64, deadline.UnixNano(), math.MaxInt64} {
		before := s.worker.ctx
		s.open(uint32(i), until)
		if before != nil && before.Err() == nil {
			t.Errorf("task %d has begun, and the context of the one before has not ended", i)
		}
		if s.worker.ctx.Err() != nil || s.worker.before != i {
			t.Errorf("task %d: %v, attempt %d", i, s.worker.ctx.Err(), s.worker.before)
		}
		if got, ok := s.worker.ctx.Deadline(); ok != (until != math.MaxInt64) || ok && !got.Equal(deadline) {
			t.Errorf("task %d: deadline %v", i, got)
		}
	}
	cancel()
	if s.worker.ctx.Err() == nil {
		t.Error("the context of the last one has outlived the run")
	}
}
