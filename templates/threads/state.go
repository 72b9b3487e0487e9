package threads

import (
	"io"
	"sync/atomic"
)

// state is what the function of a stage works with beside its items. It belongs to one worker or is shared:
// the first of its workers makes it before its first item, the last one to end closes an io.Closer.
type state[S any] struct {
	value S
	at    int // the stage
	open  func() (S, error)
	made  bool
	taken atomic.Bool   // some worker makes it
	ready chan struct{} // closed when that has been tried
	users atomic.Int32
}

// newState is a state of the group's stage at, made by open.
func newState[S any](at int, open func() (S, error)) *state[S] {
	return &state[S]{at: at, open: open, ready: make(chan struct{})}
}

// held is a state of any type.
type held interface {
	join()
	use(w *worker)
	leave(w *worker)
}

// holding is loop between the making of states and their closing. Where one of them fails that ends the run.
func (w *worker) holding(loop func() bool, states ...held) func() bool {
	for _, s := range states {
		s.join()
	}
	return func() bool { // called again after runtime.Goexit at any point
		defer func() { w.over = len(states) == 0 }()
		for _, s := range states {
			s.use(w)
		}
		over := w.stopped() || loop()
		for over && len(states) > 0 {
			last := states[len(states)-1]
			states = states[:len(states)-1]
			last.leave(w)
		}
		return over
	}
}

// join counts one more worker that uses s.
func (s *state[S]) join() { s.users.Add(1) }

// use returns when s is made, which w does if no other worker has begun to.
func (s *state[S]) use(w *worker) {
	if s.taken.Swap(true) {
		<-s.ready
		return
	}
	defer close(s.ready)
	if w.stopped() {
		return
	}
	w.guard(s.at, func() (err error) {
		s.value, err = s.open()
		s.made = err == nil
		return err
	})
}

// leave says that w is done with s.
func (s *state[S]) leave(w *worker) {
	if s.users.Add(-1) > 0 || !s.made {
		return
	}
	if closer, ok := any(s.value).(io.Closer); ok {
		w.guard(s.at, closer.Close)
	}
}

// guard calls f, a function of stage at that has no item. An error, a panic and runtime.Goexit end the run.
func (w *worker) guard(at int, f func() error) {
	stage, returned := w.group.stages[at].name, false
	defer w.run.guard(stage, &returned)
	err := f()
	returned = true
	if err != nil {
		w.run.fail(w.run.newError(stage, -1, 1, nil, err, nil))
	}
}
