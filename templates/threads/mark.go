package threads

import (
	"os"
	"sync/atomic"
	"time"
	"unsafe"
)

// mark is where a worker process and its parent agree which items have begun: a word in memory that both map. Its
// upper half is the number of the item that began last, its lower half that of the last one which may not begin any
// more. Items are numbered from 1 in the order in which they were sent; numbers wrap.
type mark struct{ word atomic.Uint64 }

// begin is the worker's: item n begins, unless it has been revoked: false. It is the parent's too, for an item that is
// never to be revoked from now on.
func (m *mark) begin(n uint32) bool {
	for {
		old := m.word.Load()
		if int32(n-uint32(old)) <= 0 {
			return int32(n-uint32(old>>32)) <= 0 // the parent has been first
		}
		if m.word.CompareAndSwap(old, uint64(n)<<32|uint64(n)) {
			return true
		}
	}
}

// revoke is the parent's: of the items up to upTo those that have not begun never will. It returns the number of the
// last one that has.
func (m *mark) revoke(upTo uint32) uint32 {
	for {
		old := m.word.Load()
		if int32(upTo-uint32(old)) <= 0 {
			return uint32(old >> 32)
		}
		if m.word.CompareAndSwap(old, old&^(1<<32-1)|uint64(upTo)) {
			return uint32(old >> 32)
		}
	}
}

// last is the number of the item that began last, 0 before the first.
func (m *mark) last() uint32 { return uint32(m.word.Load() >> 32) }

// vitals is what a worker process and its parent both map: the worker writes it, but for what the parent has set
// before it starts.
type vitals struct {
	mark     mark
	beats    atomic.Uint32 // changes as long as the worker lives
	deadline atomic.Int64  // of the attempt under way, in nanoseconds of Unix time; 0: none; condemned
	resident atomic.Int64  // bytes of memory, where the operating system does not tell the parent
	beat     time.Duration // between two changes of beats; 0: they do not matter
	limit    int64         // of memory, in bytes; 0: none
	outbox   outbox
}

const (
	vitalsSize = int(unsafe.Sizeof(vitals{})) // bytes that are mapped for them
	condemned  = -1                           // the deadline of an attempt that has exceeded it: the process is about to be killed
)

// attempt is the worker's: an attempt at an item begins, which may last until the deadline; the zero Time: it is over.
// It does not return where the parent has found that it lasts too long: the process and its item end together.
func (v *vitals) attempt(deadline time.Time) {
	if !v.limitTo(deadline) {
		select {}
	}
}

// newVitals makes memory for the vitals of a process that is about to start.
func newVitals() (v *vitals, file *os.File, err error) {
	if file, err = newMemory(vitalsSize); err != nil {
		return nil, nil, err
	}
	if v, err = mapVitals(file); err != nil {
		_ = file.Close()
		return nil, nil, err
	}
	return v, file, nil
}

// mapVitals maps the vitals in such memory.
func mapVitals(file *os.File) (*vitals, error) {
	memory, err := mapMemory(file, vitalsSize)
	return (*vitals)(memory), err
}

// unmap undoes mapVitals.
func (v *vitals) unmap() { unmapMemory(unsafe.Pointer(v), vitalsSize) }

// limitTo sets the deadline. It returns false where the parent has condemned the attempt under way.
func (v *vitals) limitTo(deadline time.Time) bool {
	next := int64(0)
	if !deadline.IsZero() {
		next = deadline.UnixNano()
	}
	old := v.deadline.Load()
	return old != condemned && v.deadline.CompareAndSwap(old, next)
}

// condemn is the parent's. It returns true once for an attempt that lasts too long.
func (v *vitals) condemn(now time.Time) bool {
	deadline := v.deadline.Load()
	return deadline > 0 && now.UnixNano() > deadline && v.deadline.CompareAndSwap(deadline, condemned)
}
