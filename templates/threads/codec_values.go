package threads

import (
	"encoding"
	"encoding/binary"
	"encoding/json"
	"runtime/debug"
	"time"
)

// length begins a slice or map with n elements of at least size bytes each. They follow where it returns true.
func (e *encoder) length(n int, isNil bool, size int) bool {
	if isNil {
		e.uint8(0)
		return false
	}
	e.buf = binary.AppendUvarint(e.buf, uint64(n)+1)
	return e.reserve(n, size)
}

// length returns how many elements follow, or -1 where the slice or map is nil. There is room for so many of at
// least size bytes each in what is left; those of a type of one value take none.
func (d *decoder) length(size int) int {
	n := int(d.uvarint()) - 1
	if n < -1 || n > 0 && !fits(n, size, d.left()) {
		d.fail(errDamaged)
		return -1
	}
	return n
}

// uvarint reads a number that binary.AppendUvarint has written.
func (d *decoder) uvarint() uint64 {
	if d.pos < len(d.data) && d.data[d.pos] < 0x80 {
		d.pos++
		return uint64(d.data[d.pos-1])
	}
	u, n := binary.Uvarint(d.data[d.pos:])
	if n <= 0 {
		d.fail(errCutOff)
		return 0
	}
	d.pos += n
	return u
}

// present begins a pointer. What it points to, of at least size bytes, follows where it returns true.
func (e *encoder) present(ok bool) bool {
	e.bool(ok)
	return ok && e.reserve(1, 1)
}

// present says whether a pointer is not nil: then what it points to follows, and there are at least size bytes.
func (d *decoder) present(size int) bool {
	ok := d.bool()
	if ok && d.left() < size {
		d.fail(errCutOff)
		return false
	}
	return ok
}

// raw appends b without its length.
func (e *encoder) raw(b []byte) {
	if e.reserve(len(b), 1) {
		e.buf = append(e.buf, b...)
	}
}

// raw fills b.
func (d *decoder) raw(b []byte) { copy(b, d.take(len(b))) }

func (e *encoder) bytes(v []byte) {
	if e.length(len(v), v == nil, 1) {
		e.buf = append(e.buf, v...)
	}
}

func (d *decoder) bytes() []byte {
	n := d.length(1)
	if n < 0 {
		return nil
	}
	b := d.take(n)
	if d.owned && n >= len(d.data)/4 {
		return b
	}
	return append(make([]byte, 0, n), b...)
}

func (e *encoder) string(v string) {
	if e.length(len(v), false, 1) {
		e.buf = append(e.buf, v...)
	}
}

func (d *decoder) string() string { return string(d.take(max(0, d.length(1)))) }

// The zones of a time. Others are kept as an offset in seconds.
const (
	zoneUTC = iota
	zoneLocal
	zoneOffset
)

// time appends the instant, and of its location what Zone tells.
func (e *encoder) time(v time.Time) {
	e.int64(v.Unix())
	e.int32(int32(v.Nanosecond()))
	switch v.Location() {
	case time.UTC:
		e.uint8(zoneUTC)
	case time.Local:
		e.uint8(zoneLocal)
	default:
		_, offset := v.Zone()
		e.uint8(zoneOffset)
		e.int32(int32(offset))
	}
}

func (d *decoder) time() time.Time {
	t := time.Unix(d.int64(), int64(d.int32()))
	switch d.uint8() {
	case zoneUTC:
		return t.UTC()
	case zoneLocal:
		return t
	}
	return t.In(time.FixedZone("", int(d.int32())))
}

// marshal appends what v makes of itself.
func (e *encoder) marshal(v encoding.BinaryMarshaler) {
	if b := e.made(v.MarshalBinary); e.err == nil && e.length(len(b), false, 1) {
		e.buf = append(e.buf, b...)
	}
}

// json appends *v, or what v points to, as JSON.
func (e *encoder) json(v any) {
	if b := e.made(func() ([]byte, error) { return json.Marshal(v) }); e.err == nil {
		e.bytes(b)
	}
}

// made is what f makes of a value by methods of its own. Their panic is an error of the item.
func (e *encoder) made(f func() ([]byte, error)) (b []byte) {
	if e.err != nil {
		return nil
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		why := recover()
		e.fail(&methodPanic{recovered(why, false), debug.Stack()})
		if why == nil {
			_ = e.end() // the goroutine ends, and the item with it
		}
	}()
	b, err := f()
	returned = true
	if err != nil {
		e.fail(err)
	}
	return b
}

// methodPanic is how a method by which a value is encoded or decoded has ended, and where.
type methodPanic struct {
	error
	stack []byte
}

func (p *methodPanic) Unwrap() error { return p.error }

// stackOf returns the stack of a panic that err is, which an item has met in the group's stage at. An error with a
// stack ends all that the stages above are at, which this one does not: there is none where there are such stages.
func stackOf(err error, at int) []byte {
	if p, ok := err.(*methodPanic); ok && at == 0 {
		return p.stack
	}
	return nil
}

func (d *decoder) unmarshal(v encoding.BinaryUnmarshaler) { d.restore(v.UnmarshalBinary) }

// json reads JSON into what v points to.
func (d *decoder) json(v any) { d.restore(func(b []byte) error { return json.Unmarshal(b, v) }) }

// restore has f make a value of the bytes that follow, by methods of its own. Their panic is an error.
func (d *decoder) restore(f func([]byte) error) {
	b := d.take(max(0, d.length(1)))
	if d.err != nil {
		return
	}
	returned := false
	defer func() {
		if !returned {
			d.fail(&methodPanic{recovered(recover(), false), debug.Stack()})
		}
	}()
	err := f(b)
	returned = true
	if err != nil {
		d.fail(err)
	}
}
