package threads

import (
	"context"
	"io"
	"slices"
	"sync"
)

// sharedBuffer holds up to capacity items, first in, first out, between those who put and those who get. mu is held
// at every call, and released while one waits.
type sharedBuffer[T any] struct {
	mu       sync.Mutex
	items    []T
	capacity int // at least 1: so nobody waits to get while others wait to put
	accepted int // items ever put
	closed   bool
	putters  waiters
	getters  waiters
}

// put waits for room. io.ErrClosedPipe: the buffer is closed.
func (b *sharedBuffer[T]) put(ctx context.Context, item T) error {
	ok := false
	err := b.putters.await(ctx, &b.mu, func() bool {
		ok = b.accept(item)
		return ok || b.closed
	})
	b.getters.advance()
	if err == nil && !ok {
		err = io.ErrClosedPipe
	}
	return err
}

func (b *sharedBuffer[T]) tryPut(item T) bool {
	ok := b.accept(item)
	b.getters.advance()
	return ok
}

func (b *sharedBuffer[T]) accept(item T) bool {
	if b.closed || len(b.items) == b.capacity {
		return false
	}
	b.items = append(b.items, item)
	b.accepted++
	return true
}

// get waits for an item. io.EOF: the buffer is closed, and empty.
func (b *sharedBuffer[T]) get(ctx context.Context) (item T, err error) {
	ok := false
	err = b.getters.await(ctx, &b.mu, func() bool {
		item, ok = b.remove()
		return ok || b.closed
	})
	b.putters.advance()
	if err == nil && !ok {
		err = io.EOF
	}
	return item, err
}

func (b *sharedBuffer[T]) tryGet() (item T, ok bool) {
	item, ok = b.remove()
	b.putters.advance()
	return item, ok
}

func (b *sharedBuffer[T]) remove() (item T, ok bool) {
	if len(b.items) == 0 {
		return item, false
	}
	item = b.items[0]
	clear(b.items[:1]) // the buffer must not keep it alive
	b.items = b.items[1:]
	return item, true
}

// restore puts an item back in front of all.
func (b *sharedBuffer[T]) restore(item T) {
	b.items = slices.Insert(b.items, 0, item)
	b.getters.advance()
}

// close refuses what is put from now on. What has been put can still be got.
func (b *sharedBuffer[T]) close() {
	b.closed = true
	b.putters.advance()
	b.getters.advance()
}
