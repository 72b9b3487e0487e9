package threads

import (
	"math"
	"unsafe"
)

// mappedArraySize is what an array of n elements takes, in bytes.
func mappedArraySize[T any](n int) int {
	size := int(unsafe.Sizeof(*new(T)))
	if size > 0 && n > math.MaxInt/size {
		return math.MaxInt // which there is no memory for
	}
	return n * size
}

// newMappedArray is the array of n elements in the i-th place. It has none when the memory has been closed.
func newMappedArray[T any](m *mapping, i, n int) *sharedArray[T] {
	a := &sharedArray[T]{items: unsafe.Slice((*T)(m.at(i)), n)}
	m.onClose(func() { a.items = nil })
	return a
}
