package threads

import "sync"

// sharedValue is a value that is read and written as a whole.
type sharedValue[T any] struct {
	mu   sync.Mutex
	held T
}

// Load returns the value.
func (s *sharedValue[T]) Load() T {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

// Store sets the value.
func (s *sharedValue[T]) Store(v T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = v
}
