package threads

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"
)

// mappedValue is a value that worker processes share. What is loaded is what has been stored, never a part of it, also
// where who stores it dies on the way: then it is what was there before.
//
// Up to 8 bytes are one atomic word. More have two slots and a version, whose lowest bit says which of them counts; who
// stores claims the version, fills the other slot and moves the version on.
type mappedValue[T any] struct {
	claim   uint64 // of this process on the version, its upper half
	version *atomic.Uint64
	slots   [2][]atomic.Uint64 // empty: the word is the value
}

// cell is a value as whole words.
type cell[T any] struct {
	_       [0]uint64
	content T
	_       [7]byte
}

func (c *cell[T]) words() []uint64 {
	return unsafe.Slice((*uint64)(unsafe.Pointer(c)), (unsafe.Sizeof(c.content)+7)/8)
}

// mappedValueSize is what a value takes, in bytes.
func mappedValueSize[T any]() int {
	if size := int(unsafe.Sizeof(*new(T))); size > 8 {
		return 8 + 2*((size+7)/8*8)
	}
	return 8
}

// newMappedValue is the value in the i-th place for who, which is this process.
func newMappedValue[T any](m *mapping, i int, who party) *mappedValue[T] {
	v := &mappedValue[T]{claim: (uint64(who) + 1) << 32}
	m.hold(i, func(place unsafe.Pointer) {
		v.version = (*atomic.Uint64)(place)
		words := unsafe.Slice((*atomic.Uint64)(unsafe.Add(place, 8)), (mappedValueSize[T]()-8)/8)
		v.slots = [2][]atomic.Uint64{words[:len(words)/2], words[len(words)/2:]}
	})
	return v
}

// Load returns the value.
func (v *mappedValue[T]) Load() T {
	if len(v.slots[0]) == 0 {
		word := v.version.Load()
		return *(*T)(unsafe.Pointer(&word))
	}
	for range valueTries {
		if loaded, whole := v.read(); whole {
			return loaded
		}
	}
	was := v.take() // so many store that there is no other way to get in between
	loaded, _ := v.read()
	v.version.Store(was)
	return loaded
}

// Store sets the value.
func (v *mappedValue[T]) Store(next T) {
	if len(v.slots[0]) == 0 {
		var word uint64
		*(*T)(unsafe.Pointer(&word)) = next
		v.version.Store(word)
		return
	}
	was := v.take()
	c := cell[T]{content: next}
	half := v.slots[(was+1)&1]
	for i, word := range c.words() {
		half[i].Store(word)
	}
	v.version.Store(uint64(uint32(was) + 1))
}

// valueTries is how often one tries before it lets others run first.
const valueTries = 100

// read returns the value, and whether it has stayed that while it was read. It reads by atomic steps, which neither the
// compiler nor the processor moves behind the look at the version.
func (v *mappedValue[T]) read() (loaded T, whole bool) {
	was := uint32(v.version.Load())
	var c cell[T]
	half, words := v.slots[was&1], c.words()
	for i := range words {
		words[i] = half[i].Load()
	}
	return c.content, uint32(v.version.Load()) == was
}

// take claims the version, which nobody else moves on until it is stored. It returns what it was. A claim is short,
// unless its owner is not let run, or has died: then it ends by left.
func (v *mappedValue[T]) take() (was uint64) {
	for tries := 1; ; tries++ {
		was = v.version.Load()
		switch {
		case was>>32 == 0 && v.version.CompareAndSwap(was, was|v.claim):
			return was
		case tries%valueTries == 0:
			time.Sleep(100 * time.Microsecond)
		case tries > valueTries/4:
			runtime.Gosched()
		}
	}
}

// reset makes the value what it was in the beginning.
func (v *mappedValue[T]) reset() { v.Store(*new(T)) }

// serve has nothing to do: workers need no calls for a value.
func (v *mappedValue[T]) serve(context.Context, party, byte, *decoder, *encoder) error {
	return errFrame
}

// left ends the claim of a process that has died while it stored a value. That value is as if it had never been.
func (v *mappedValue[T]) left(who party) (had bool) {
	if len(v.slots[0]) > 0 {
		if was := v.version.Load(); was>>32 == uint64(who)+1 { // which nobody else changes
			v.version.Store(uint64(uint32(was)))
		}
	}
	return false
}
