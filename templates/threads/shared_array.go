package threads

// sharedArray is memory that many read and write. Nothing orders what they do: a lock is there for that.
type sharedArray[T any] struct{ items []T }

func newSharedArray[T any](n int) *sharedArray[T] { return &sharedArray[T]{make([]T, n)} }

// Len returns how many elements there are.
func (a *sharedArray[T]) Len() int { return len(a.items) }

// At returns element i.
func (a *sharedArray[T]) At(i int) T { return a.items[i] }

// Set sets element i.
func (a *sharedArray[T]) Set(i int, v T) { a.items[i] = v }

// Slice returns the memory itself. It is not to be used after Close of the resources.
func (a *sharedArray[T]) Slice() []T { return a.items }

// reset makes all elements zero.
func (a *sharedArray[T]) reset() { clear(a.items) }
