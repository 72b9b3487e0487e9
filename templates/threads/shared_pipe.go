package threads

import "context"

// sharedPipe is one of the two ends of a pipe. What one end sends the other receives, in order.
type sharedPipe[T any] interface {
	// Send waits until there is room for v among the messages on their way, 64. Where ctx ends first it returns the
	// cause, and io.ErrClosedPipe where the pipe is closed: v is not sent then.
	Send(ctx context.Context, v T) error
	// Recv waits for a message. Where ctx ends first it returns the cause. io.EOF says that the pipe is closed, and
	// that all that the other end has sent before has been received.
	Recv(ctx context.Context) (T, error)
	// Close closes the pipe, which either end may do. It can be called more than once.
	Close()
}

// pipeRoom is how many messages may be on their way in each direction.
const pipeRoom = 64

// localPipe is both ends of a pipe.
type localPipe[T any] struct{ callers, stages *localEnd[T] }

func newLocalPipe[T any]() *localPipe[T] {
	a, b := &sharedBuffer[T]{capacity: pipeRoom}, &sharedBuffer[T]{capacity: pipeRoom}
	return &localPipe[T]{callers: &localEnd[T]{in: a, out: b}, stages: &localEnd[T]{in: b, out: a}}
}

type localEnd[T any] struct{ in, out *sharedBuffer[T] }

func (e *localEnd[T]) Send(ctx context.Context, v T) error {
	e.out.mu.Lock()
	defer e.out.mu.Unlock()
	return e.out.put(ctx, v)
}

func (e *localEnd[T]) Recv(ctx context.Context) (T, error) {
	e.in.mu.Lock()
	defer e.in.mu.Unlock()
	return e.in.get(ctx)
}

// restore puts back what was received and cannot be taken away: it is the next.
func (e *localEnd[T]) restore(v T) {
	e.in.mu.Lock()
	defer e.in.mu.Unlock()
	e.in.restore(v)
}

func (e *localEnd[T]) Close() {
	for _, b := range []*sharedBuffer[T]{e.in, e.out} {
		b.mu.Lock()
		b.close()
		b.mu.Unlock()
	}
}
