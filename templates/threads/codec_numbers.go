package threads

import (
	"encoding/binary"
	"math"
)

func (e *encoder) uint8(v uint8)   { e.buf = append(e.buf, v) }
func (e *encoder) uint16(v uint16) { e.buf = binary.LittleEndian.AppendUint16(e.buf, v) }
func (e *encoder) uint32(v uint32) { e.buf = binary.LittleEndian.AppendUint32(e.buf, v) }
func (e *encoder) uint64(v uint64) { e.buf = binary.LittleEndian.AppendUint64(e.buf, v) }
func (e *encoder) uint(v uint)     { e.uint64(uint64(v)) }

// An address is one of the other process: what it stands for stays behind.
func (e *encoder) uintptr(v uintptr) { e.uint64(uint64(v)) }

func (e *encoder) int8(v int8)   { e.uint8(uint8(v)) }
func (e *encoder) int16(v int16) { e.uint16(uint16(v)) }
func (e *encoder) int32(v int32) { e.uint32(uint32(v)) }
func (e *encoder) int64(v int64) { e.uint64(uint64(v)) }
func (e *encoder) int(v int)     { e.uint64(uint64(v)) }

func (e *encoder) float32(v float32) { e.uint32(math.Float32bits(v)) }
func (e *encoder) float64(v float64) { e.uint64(math.Float64bits(v)) }

func (e *encoder) complex64(v complex64) {
	e.float32(real(v))
	e.float32(imag(v))
}

func (e *encoder) complex128(v complex128) {
	e.float64(real(v))
	e.float64(imag(v))
}

func (e *encoder) bool(v bool) {
	if v {
		e.uint8(1)
	} else {
		e.uint8(0)
	}
}

func (d *decoder) uint8() uint8 {
	if d.left() < 1 {
		d.fail(errCutOff)
		return 0
	}
	d.pos++
	return d.data[d.pos-1]
}

func (d *decoder) uint16() uint16 {
	if d.left() < 2 {
		d.fail(errCutOff)
		return 0
	}
	d.pos += 2
	return binary.LittleEndian.Uint16(d.data[d.pos-2:])
}

func (d *decoder) uint32() uint32 {
	if d.left() < 4 {
		d.fail(errCutOff)
		return 0
	}
	d.pos += 4
	return binary.LittleEndian.Uint32(d.data[d.pos-4:])
}

func (d *decoder) uint64() uint64 {
	if d.left() < 8 {
		d.fail(errCutOff)
		return 0
	}
	d.pos += 8
	return binary.LittleEndian.Uint64(d.data[d.pos-8:])
}

func (d *decoder) uint() uint       { return uint(d.uint64()) }
func (d *decoder) uintptr() uintptr { return uintptr(d.uint64()) }

func (d *decoder) int8() int8   { return int8(d.uint8()) }
func (d *decoder) int16() int16 { return int16(d.uint16()) }
func (d *decoder) int32() int32 { return int32(d.uint32()) }
func (d *decoder) int64() int64 { return int64(d.uint64()) }
func (d *decoder) int() int     { return int(d.uint64()) }

func (d *decoder) float32() float32 { return math.Float32frombits(d.uint32()) }
func (d *decoder) float64() float64 { return math.Float64frombits(d.uint64()) }

func (d *decoder) complex64() complex64   { return complex(d.float32(), d.float32()) }
func (d *decoder) complex128() complex128 { return complex(d.float64(), d.float64()) }

func (d *decoder) bool() bool { return d.uint8() != 0 }
