//go:build unix

package threads

import (
	"errors"
	"math"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"unsafe"
)

// wide is a value of more than a word, and not of whole words.
type wide struct {
	count [5]int32
	last  int8
}

func newWide(n int) (w wide) {
	for i := range w.count {
		w.count[i] = int32(n)
	}
	w.last = int8(n)
	return w
}

// closed makes memory that the end of the test closes.
func closed(t *testing.T, sizes ...int) *mapping {
	t.Helper()
	m := newMapping(sizes...)
	if m.err != nil {
		t.Fatal(m.err)
	}
	t.Cleanup(func() { _ = m.close() })
	return m
}

// Places are zero, apart, and each begins a cache line.
func TestMapping_Places(t *testing.T) {
	sizes := []int{1, 64, 0, 65, 8}
	m := closed(t, sizes...)
	for i, size := range sizes {
		place := unsafe.Slice((*byte)(m.at(i)), size)
		for j := range place {
			if place[j] != 0 {
				t.Fatalf("byte %d of place %d is %d", j, i, place[j])
			}
			place[j] = byte(i + 1)
		}
		if uintptr(m.at(i))%placeAlignment != 0 {
			t.Errorf("place %d begins at %p", i, m.at(i))
		}
	}
	for i, size := range sizes {
		for _, b := range unsafe.Slice((*byte)(m.at(i)), size) {
			if b != byte(i+1) {
				t.Fatalf("a byte of place %d is %d", i, b)
			}
		}
	}
}

// Counters, values and locks outlive the memory; arrays do not.
func TestMapping_Close(t *testing.T) {
	m := newMapping(mappedCounterSize, mappedValueSize[float64](), mappedValueSize[wide](), mappedLockSize, mappedArraySize[wide](10))
	counter, small, large := newMappedCounter(m, 0), newMappedValue[float64](m, 1, 0), newMappedValue[wide](m, 2, 0)
	lock, array := newMappedLock(m, 3), newMappedArray[wide](m, 4, 10)
	counter.Add(7)
	small.Store(0.5)
	large.Store(newWide(1))
	large.Store(newWide(2))
	lock.Lock()
	array.Set(9, newWide(3))
	if array.At(9) != newWide(3) || array.Len() != 10 {
		t.Error("the array does not keep what it has been given")
	}
	if err := errors.Join(m.close(), m.close()); err != nil {
		t.Error(err)
	}
	if counter.Load() != 7 || small.Load() != 0.5 || large.Load() != newWide(2) || lock.TryLock() || array.Slice() != nil {
		t.Errorf("after Close: %v, %v, %v, %v", counter.Load(), small.Load(), large.Load(), array.Slice())
	}
	counter.Add(1)
	small.Store(1)
	large.Store(newWide(4))
	lock.Unlock()
	if counter.Load() != 8 || small.Load() != 1 || large.Load() != newWide(4) || !lock.TryLock() {
		t.Error("after Close they cannot be changed")
	}
	if maps, _ := os.ReadFile("/proc/self/maps"); strings.Contains(string(maps), "/dev/shm/") {
		t.Errorf("memory left:\n%s", maps)
	}
}

// Where there is no such memory what is shared works in this process, and the error says why no other can have it.
func TestMapping_None(t *testing.T) {
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	none := old
	none.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &none); err != nil {
		t.Fatal(err)
	}
	m := newMapping(mappedCounterSize, mappedArraySize[int](1000))
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if !errors.Is(m.err, syscall.EMFILE) {
		t.Errorf("the error is %v", m.err)
	}
	counter, array := newMappedCounter(m, 0), newMappedArray[int](m, 1, 1000)
	counter.Add(1)
	array.Set(999, 5)
	if err := m.close(); err != nil || counter.Load() != 1 || array.Len() != 0 {
		t.Errorf("%v, the counter is %d", err, counter.Load())
	}
	if m := newMapping(mappedCounterSize, math.MaxInt); m.err == nil {
		t.Error("more memory than there can be, and no error")
	}
}

// Memory is not only promised: what there is no room for is an error, not a signal when it is touched.
func TestMapping_IsThere(t *testing.T) {
	const size = 64 << 20
	m := closed(t, size)
	var stat syscall.Stat_t
	if err := syscall.Fstat(int(m.file.Fd()), &stat); err != nil {
		t.Fatal(err)
	}
	if stat.Size != size || int64(stat.Blocks)*512 < size {
		t.Errorf("a file of %d bytes has %d blocks", stat.Size, stat.Blocks)
	}
	if stat.Nlink != 0 {
		t.Error("the file has a name")
	}
}

func TestMappedCounter(t *testing.T) {
	m := closed(t, mappedCounterSize)
	c, same := newMappedCounter(m, 0), newMappedCounter(m, 0)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 1000 {
				c.Add(1)
				for old := same.Load(); !same.CompareAndSwap(old, old+1); old = same.Load() {
					continue
				}
			}
		})
	}
	all.Wait()
	if c.Load() != 8000 {
		t.Errorf("counted %d of 8000", c.Load())
	}
	if c.Store(5); same.Load() != 5 || same.Add(-6) != -1 {
		t.Error("Store and Add disagree")
	}
	if c.reset(); same.Load() != 0 {
		t.Errorf("reset to %d", same.Load())
	}
}

// A value is what somebody has stored, never parts of several.
func TestMappedValue_NeverTorn(t *testing.T) {
	type large [200]int64 // takes long to read
	m := closed(t, mappedValueSize[large]())
	const writers, stores = 2, 20_000
	var all, readers sync.WaitGroup
	over := make(chan struct{})
	for who := range party(writers) {
		all.Go(func() {
			v, next := newMappedValueOf[large](m, who), large{}
			for n := range int64(stores) {
				for i := range next {
					next[i] = n
				}
				v.Store(next)
			}
		})
	}
	readers.Go(func() {
		v := newMappedValueOf[large](m, writers)
		for {
			got := v.Load()
			for _, n := range got {
				if n != got[0] {
					t.Errorf("loaded %v", got)
					return
				}
			}
			select {
			case <-over:
				return
			default:
			}
		}
	})
	all.Wait()
	close(over)
	readers.Wait()
	if got := newMappedValueOf[large](m, 0).Load(); got[0] != stores-1 {
		t.Errorf("in the end it is %d", got[0])
	}
}

// newMappedValueOf is the value in the first place, without being told of the end of the memory: by several goroutines.
func newMappedValueOf[T any](m *mapping, who party) *mappedValue[T] {
	return newMappedValue[T](&mapping{base: m.base, starts: m.starts, size: m.size}, 0, who)
}

// Small values of all kinds go through one word.
func TestMappedValue_Small(t *testing.T) {
	type pair struct {
		on bool
		n  int32
	}
	m := closed(t, mappedValueSize[pair](), mappedValueSize[struct{}](), mappedValueSize[[8]byte]())
	p := newMappedValue[pair](m, 0, 0)
	p.Store(pair{true, -5})
	if p.Load() != (pair{true, -5}) {
		t.Errorf("loaded %v", p.Load())
	}
	if p.reset(); p.Load() != (pair{}) {
		t.Errorf("reset to %v", p.Load())
	}
	nothing := newMappedValue[struct{}](m, 1, 0)
	nothing.Store(nothing.Load())
	b := newMappedValue[[8]byte](m, 2, 0)
	b.Store([8]byte([]byte("12345678")))
	if b.Load() != [8]byte([]byte("12345678")) {
		t.Errorf("loaded %q", b.Load())
	}
	if size := mappedValueSize[[9]byte](); size != 8+2*16 {
		t.Errorf("9 bytes take %d", size)
	}
}

// Who has died while it stored a value has stored nothing, at whatever step it was, and is in nobody's way.
func TestMappedValue_DeadWriter(t *testing.T) {
	m := closed(t, mappedValueSize[wide]())
	v, dying := newMappedValue[wide](m, 0, 0), newMappedValue[wide](m, 0, 3)
	v.Store(newWide(1))
	for step := range len(dying.slots[0]) + 1 {
		was := dying.take()
		for i := range step {
			dying.slots[(was+1)&1][i].Store(math.MaxUint64)
		}
		if got := v.Load(); got != newWide(1+step) {
			t.Errorf("step %d: loaded %v", step, got)
		}
		stored := make(chan struct{})
		go func() {
			v.Store(newWide(2 + step))
			close(stored)
		}()
		v.left(2) // another one
		select {
		case <-stored:
			t.Fatalf("step %d: stored while another process has the claim", step)
		default:
		}
		if v.left(3) {
			t.Error("it is said to have held the value")
		}
		<-stored
		if got := dying.Load(); got != newWide(2+step) {
			t.Errorf("step %d: loaded %v", step, got)
		}
	}
	if err := v.serve(t.Context(), 3, 'x', nil, nil); err != errFrame {
		t.Error(err)
	}
}
