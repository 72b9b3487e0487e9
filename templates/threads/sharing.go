package threads

import (
	"fmt"
	"sync/atomic"
)

// sharing is whether what stages share may be used. The zero value says no.
type sharing struct{ state atomic.Int32 }

const (
	notMade = iota
	isOpen
	isClosed
)

// open says that all of it is made.
func (s *sharing) open() { s.state.Store(isOpen) }

// close ends the use. It returns false where that has ended before, or never began.
func (s *sharing) close() bool { return s.state.CompareAndSwap(isOpen, isClosed) }

// refuse returns the error of a run that cannot use it; maker is the function that makes it.
func (s *sharing) refuse(pipeline, maker string) error {
	switch s.state.Load() {
	case notMade:
		return fmt.Errorf("%s: its field Shared was not made by %s", pipeline, maker)
	case isClosed:
		return fmt.Errorf("%s: its field Shared has been closed", pipeline)
	}
	return nil
}
