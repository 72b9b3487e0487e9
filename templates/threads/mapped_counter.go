package threads

import (
	"sync/atomic"
	"unsafe"
)

// mappedCounter is a counter that worker processes share. Its methods are atomic, those of atomic.Int64.
type mappedCounter struct{ word *atomic.Int64 }

// mappedCounterSize is what a counter takes, in bytes.
const mappedCounterSize = 8

// newMappedCounter is the counter in the i-th place.
func newMappedCounter(m *mapping, i int) *mappedCounter {
	c := new(mappedCounter)
	m.hold(i, func(place unsafe.Pointer) { c.word = (*atomic.Int64)(place) })
	return c
}

// Add adds delta and returns the new value.
func (c *mappedCounter) Add(delta int64) int64 { return c.word.Add(delta) }

// Load returns the value.
func (c *mappedCounter) Load() int64 { return c.word.Load() }

// Store sets the value.
func (c *mappedCounter) Store(n int64) { c.word.Store(n) }

// CompareAndSwap sets the value to next if it is old, and returns whether it was.
func (c *mappedCounter) CompareAndSwap(old, next int64) bool { return c.word.CompareAndSwap(old, next) }

// reset makes the counter what it was in the beginning.
func (c *mappedCounter) reset() { c.Store(0) }
