package threads

import (
	"context"
	"maps"
	"slices"
)

// sharedQueue hands items from those who put to those who get: first in, first out, and who waits longest is next.
type sharedQueue[T any] interface {
	// Put waits until there is room for item. Where ctx ends first it returns the cause, and io.ErrClosedPipe where
	// the queue is closed: the item is not in the queue then.
	Put(ctx context.Context, item T) error
	// Get waits for an item. Where ctx ends first it returns the cause, and io.EOF where the queue is closed and
	// empty.
	Get(ctx context.Context) (T, error)
	// TryPut puts the item if there is room, and says so.
	TryPut(item T) bool
	// TryGet gets an item if there is one, and says so.
	TryGet() (T, bool)
	// Len is how many items wait.
	Len() int
	// Done says that the work on an item that was got is done. It panics where that of all is.
	Done()
	// Join waits until Done was called for each item ever put, or the worker process that had got it has died.
	Join(ctx context.Context) error
	// Close ends the queue: nothing more can be put, and what waits can be got. It wakes those who wait in vain.
	Close()
}

type localQueue[T any] struct {
	buffer  sharedBuffer[T] // its mutex guards all
	done    int             // items, of those that the buffer has accepted
	open    map[party]int   // items got and not done
	counted bool            // Done or Join has been called: it is asked whether work is done
	joiners waiters
}

func newLocalQueue[T any](capacity int) *localQueue[T] {
	return &localQueue[T]{buffer: sharedBuffer[T]{capacity: capacity}, open: make(map[party]int)}
}

func (q *localQueue[T]) Put(ctx context.Context, item T) error {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	return q.buffer.put(ctx, item)
}

func (q *localQueue[T]) TryPut(item T) bool {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	return q.buffer.tryPut(item)
}

func (q *localQueue[T]) Get(ctx context.Context) (T, error) { return q.get(ctx, 0) }
func (q *localQueue[T]) TryGet() (T, bool)                  { return q.tryGet(0) }
func (q *localQueue[T]) Done()                              { q.finish(0) }

func (q *localQueue[T]) Len() int {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	return len(q.buffer.items)
}

func (q *localQueue[T]) Join(ctx context.Context) error {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	q.counted = true
	return q.joiners.await(ctx, &q.buffer.mu, func() bool { return q.done == q.buffer.accepted })
}

func (q *localQueue[T]) Close() {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	q.buffer.close()
}

func (q *localQueue[T]) get(ctx context.Context, who party) (T, error) {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	item, err := q.buffer.get(ctx)
	if err == nil {
		q.open[who]++
	}
	return item, err
}

func (q *localQueue[T]) tryGet(who party) (T, bool) {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	item, ok := q.buffer.tryGet()
	if ok {
		q.open[who]++
	}
	return item, ok
}

func (q *localQueue[T]) finish(who party) {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	if q.done == q.buffer.accepted {
		panic("Done of a queue is called for more items than were put")
	}
	q.counted = true
	if q.open[who] == 0 && len(q.open) > 0 { // another one has got it
		who = slices.Min(slices.Collect(maps.Keys(q.open)))
	}
	if q.open[who]--; q.open[who] <= 0 {
		delete(q.open, who)
	}
	q.advance(1)
}

// advance counts n more items as done.
func (q *localQueue[T]) advance(n int) {
	q.done += n
	q.joiners.advance()
}

// restore puts an item back that who has got and cannot take away: it is the next one.
func (q *localQueue[T]) restore(item T, who party) {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	if q.open[who]--; q.open[who] == 0 {
		delete(q.open, who)
	}
	q.buffer.restore(item)
}

// passOn makes what who has got the parent's, for another one to be done with.
func (q *localQueue[T]) passOn(who party) {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	if n := q.open[who]; n > 0 {
		delete(q.open, who)
		q.open[0] += n
	}
}

// left counts what who has got as done.
func (q *localQueue[T]) left(who party) (had bool) {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	n := min(q.open[who], q.buffer.accepted-q.done)
	delete(q.open, who)
	q.advance(n)
	return n > 0 && q.counted
}

// reset empties the queue. What it drops counts as done.
func (q *localQueue[T]) reset() {
	q.buffer.mu.Lock()
	defer q.buffer.mu.Unlock()
	n := len(q.buffer.items)
	q.buffer.items = nil
	q.advance(n)
	q.buffer.putters.advance()
}
