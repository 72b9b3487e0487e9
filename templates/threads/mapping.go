package threads

import (
	"fmt"
	"math"
	"os"
	"unsafe"
)

// mapping is memory that a process shares with its worker processes: places of given sizes, all zero in the beginning,
// in a file that has no name and goes with the last process that has it.
//
// Making one does not fail. Where the system has no such memory it is the process's own, and err says why: then no
// worker can be started.
type mapping struct {
	file   *os.File // nil: in a worker; the memory is the process's own
	err    error
	base   unsafe.Pointer
	starts []int // of the places
	size   int
	moves  []func() // see onClose
}

// placeAlignment is that of the places, in bytes: a cache line, so that who writes to one does not slow down others.
const placeAlignment = 64

// newMapping makes memory with places of so many bytes.
func newMapping(sizes ...int) *mapping {
	m := layOut(sizes)
	if m.err == nil {
		m.file, m.err = newMemory(m.size)
	}
	if m.err == nil {
		if m.base, m.err = mapMemory(m.file, m.size); m.err != nil {
			_ = m.file.Close()
		}
	}
	if m.err != nil {
		m.err = fmt.Errorf("%d bytes: %w", m.size, m.err)
		m.own()
	}
	return m
}

// mapping maps the memory that the parent has made with the same sizes. Where that fails the process ends; the parent
// says why.
func (l *link) mapping(sizes ...int) *mapping {
	m := layOut(sizes)
	file := l.shared[len(l.shared)-1]
	m.base, m.err = mapMemory(file, m.size)
	_ = file.Close()
	if m.err != nil {
		l.fatal(m.err)
	}
	return m
}

// layOut gives each of the sizes a place.
func layOut(sizes []int) *mapping {
	m := new(mapping)
	for _, size := range sizes {
		m.starts = append(m.starts, m.size)
		if size > math.MaxInt-placeAlignment-m.size {
			m.err = fmt.Errorf("a place of %d bytes", size)
			size = 0
		}
		m.size += (max(size, 1) + placeAlignment - 1) / placeAlignment * placeAlignment
	}
	return m
}

// own makes the memory the process's own.
func (m *mapping) own() {
	memory := make([]uint64, m.size/8+1)
	m.base, m.file = unsafe.Pointer(unsafe.SliceData(memory)), nil
}

// at is the i-th place. It is valid until what onClose is given is called.
func (m *mapping) at(i int) unsafe.Pointer { return unsafe.Add(m.base, m.starts[i]) }

// onClose has f called when the memory is about to go: who has a pointer to it must let go of that.
func (m *mapping) onClose(f func()) { m.moves = append(m.moves, f) }

// hold has bind take the i-th place, and a copy of it when the memory goes.
func (m *mapping) hold(i int, bind func(place unsafe.Pointer)) {
	bind(m.at(i))
	m.onClose(func() {
		end := append(m.starts, m.size)[i+1]
		words := make([]uint64, (end-m.starts[i])/8)
		copy(words, unsafe.Slice((*uint64)(m.at(i)), len(words)))
		bind(unsafe.Pointer(unsafe.SliceData(words)))
	})
}

// close gives the memory back. No process may be started that maps it, and nobody else may use it meanwhile.
func (m *mapping) close() error {
	for _, move := range m.moves {
		move()
	}
	m.moves = nil
	if m.file == nil {
		return nil
	}
	unmapMemory(m.base, m.size)
	err := m.file.Close()
	m.file, m.base = nil, nil
	return err
}

// join lets p, which is about to start, inherit the memory: all that it needs where the memory holds neither locks nor
// values of more than a word.
func (m *mapping) join(_ *process, files *handles) (inherited []*os.File) {
	if files.err == nil {
		files.err = m.err
	}
	return []*os.File{m.file}
}
