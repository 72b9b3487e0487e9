package threads

import (
	"fmt"
	"math"
	"math/bits"
)

// An encoder appends items to a buffer, for the decoder of the same program in another process. The wiring has a
// function for each type that crosses; it is made of the methods here.
//
// Numbers take as many bytes as their type has, least significant first, and lengths are varints. A slice or map
// begins with its length + 1, 0 being nil, and a pointer with a byte that is 0 for nil.
//
// The first error of an item is kept. What is appended to an item after its error is of no use, and bounded.
type encoder struct {
	buf   []byte  // the items so far, to be taken, cut and given back by who has the encoder
	most  int     // bytes that an item may take
	known []error // what an error is compared with, see knownErrors
	start int     // where the item in hand begins
	limit int     // how long buf may become: unlimited between items
	depth int     // how many values of recursive types stand in each other here
	err   error   // of the item in hand; nil between items
}

// newEncoder returns an encoder of items that take at most most bytes each.
func newEncoder(most int, known []error) *encoder {
	return &encoder{most: most, known: known, limit: math.MaxInt}
}

// encodeItem appends *v to e.buf. On an error it appends nothing.
func encodeItem[T any](e *encoder, v *T, encode func(*encoder, *T)) error {
	e.start = len(e.buf)
	e.limit = e.start + min(e.most, math.MaxInt-e.start)
	encode(e, v)
	if e.room() < 0 {
		e.failSize()
	}
	return e.end()
}

// end ends the item in hand and returns its error.
func (e *encoder) end() error {
	err := e.err
	if err != nil {
		e.buf = e.buf[:e.start]
	}
	e.limit, e.depth, e.err = math.MaxInt, 0, nil
	return err
}

// fail records the first error of the item in hand.
func (e *encoder) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// room is how many bytes the item in hand may still take.
func (e *encoder) room() int { return e.limit - len(e.buf) }

func (e *encoder) failSize() { e.fail(fmt.Errorf("it takes more than max_item: %d bytes", e.most)) }

// reserve says whether the item in hand may take n × size more bytes. It is asked before they are made, and
// once an item has failed it says no.
func (e *encoder) reserve(n, size int) bool {
	if e.err == nil && !fits(n, size, e.room()) {
		e.failSize()
	}
	return e.err == nil
}

// fits says whether n × size is at most room.
func fits(n, size, room int) bool {
	high, low := bits.Mul64(uint64(n), uint64(size))
	return room >= 0 && high == 0 && low <= uint64(room)
}

// maxNesting is how deep values of recursive types may stand in each other. A value that contains itself has no
// end.
const maxNesting = 10_000

// enter is called where a value of a recursive type begins. Where it returns true, leave is called at its end.
func (e *encoder) enter() bool {
	if e.depth == maxNesting {
		e.fail(errNesting)
	}
	if e.err != nil {
		return false
	}
	e.depth++
	return true
}

func (e *encoder) leave() { e.depth-- }

// A decoder reads what an encoder has appended. It is safe with any input: it does not panic, and the memory that
// it takes is bounded by a multiple of the input that depends on the types alone. After its first error
// everything else is zero.
type decoder struct {
	data  []byte
	pos   int
	owned bool    // what is decoded may share data
	known []error // the encoder's
	depth int
	err   error
}

// newDecoder returns a decoder of what an encoder with the same known errors has written.
func newDecoder(known []error) *decoder { return &decoder{known: known} }

// reset makes d read data, of which it keeps nothing: decoded values are copies.
func (d *decoder) reset(data []byte) { d.data, d.pos, d.owned, d.err = data, 0, false, nil }

// read is reset. Where data is owned, nobody else has it: decoded bytes that are a large part of it share its memory.
func (d *decoder) read(data []byte, owned bool) {
	d.reset(data)
	d.owned = owned
}

// decodeItem reads the next item into *v, all of which it overwrites. After an error nothing can be read.
func decodeItem[T any](d *decoder, v *T, decode func(*decoder, *T)) error {
	d.depth = 0
	decode(d, v)
	return d.err
}

// fail records the first error, and leaves nothing to be read.
func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
	d.pos = len(d.data)
}

// left is how many bytes have not been read.
func (d *decoder) left() int { return len(d.data) - d.pos }

// take returns the next n bytes, which stand in data; nil where there are fewer.
func (d *decoder) take(n int) []byte {
	if n > d.left() {
		d.fail(errCutOff)
		return nil
	}
	from := d.pos
	d.pos += n
	return d.data[from:d.pos:d.pos]
}

// enter is like that of an encoder.
func (d *decoder) enter() bool {
	if d.depth == maxNesting {
		d.fail(errNesting)
	}
	if d.err != nil {
		return false
	}
	d.depth++
	return true
}

func (d *decoder) leave() { d.depth-- }

const (
	errNesting sentinel = "its values stand in each other more than 10,000 deep"
	errCutOff  sentinel = "an encoded item is cut off"
	errDamaged sentinel = "an encoded item is damaged"
)
