package threads

import (
	"context"
	"errors"
	"testing"
)

// A result that is there can be had anywhere: in the pool's own functions, and when it is too late to wait.
func TestFutureHasItsResult(t *testing.T) {
	p := new(pool[int, int])
	f := &future[int, int]{pool: p, done: make(chan struct{}), value: 7}
	close(f.done)
	over, cancel := context.WithCancel(t.Context())
	cancel()
	for name, ctx := range map[string]context.Context{
		"inside": &taskContext{t.Context(), t.Context(), p},
		"over":   over,
	} {
		for range 100 {
			if value, err := f.get(ctx); value != 7 || err != nil {
				t.Fatalf("%s: %d, %v", name, value, err)
			}
		}
	}
}

// Who ends the pool's context knows why; what has ended a pool by itself stands in the error.
func TestPoolSaysWhatHasEndedIt(t *testing.T) {
	terminated, boom := errors.New("terminated"), errors.New("boom")
	for _, test := range []struct {
		name string
		end  func(r *run, cancel context.CancelCauseFunc)
		want string
	}{
		{"context", func(r *run, cancel context.CancelCauseFunc) { cancel(boom); r.fail(boom) }, "terminated"},
		{"terminate", func(r *run, _ context.CancelCauseFunc) { r.fail(terminated) }, "terminated"},
		{"error", func(r *run, _ context.CancelCauseFunc) { r.fail(boom) }, "terminated: boom"},
		{"nothing yet", func(*run, context.CancelCauseFunc) {}, "terminated"},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		p := &pool[int, int]{run: bare(ctx, nil), errs: poolErrors{terminated: terminated}}
		test.end(p.run, cancel)
		if err := p.termination(); err.Error() != test.want {
			t.Errorf("%s: %v, want %s", test.name, err, test.want)
		}
		cancel(nil)
		_ = p.run.wait()
	}
}
