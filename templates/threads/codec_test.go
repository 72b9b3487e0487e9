package threads

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"runtime"
	"strings"
	"testing"
	"time"
)

// A crate has fields for most of a coder's methods; crates stand in each other.
type crate struct {
	n      int
	i8     int8
	i16    int16
	i32    int32
	i64    int64
	u      uint
	u8     uint8
	u16    uint16
	u32    uint32
	u64    uint64
	f32    float32
	f64    float64
	c64    complex64
	c128   complex128
	ok     bool
	text   string
	body   []byte
	sum    [4]byte
	at     time.Time
	err    error
	seal   wax
	inner  []crate
	next   *crate
	labels map[string]int
	holes  []struct{}
}

// wax is encoded by itself.
type wax struct{ text string }

func (s *wax) MarshalBinary() ([]byte, error) {
	switch s.text {
	case "panic":
		panic("broken seal")
	case "error":
		return nil, io.ErrNoProgress
	}
	return []byte(s.text), nil
}

func (s *wax) UnmarshalBinary(b []byte) error {
	if string(b) == "rotten" {
		return io.ErrNoProgress
	}
	s.text = string(b)
	return nil
}

func encodeCrate(e *encoder, v *crate) {
	if e.enter() {
		e.int(v.n)
		e.int8(v.i8)
		e.int16(v.i16)
		e.int32(v.i32)
		e.int64(v.i64)
		e.uint(v.u)
		e.uint8(v.u8)
		e.uint16(v.u16)
		e.uint32(v.u32)
		e.uint64(v.u64)
		e.float32(v.f32)
		e.float64(v.f64)
		e.complex64(v.c64)
		e.complex128(v.c128)
		e.bool(v.ok)
		e.string(v.text)
		e.bytes(v.body)
		e.raw(v.sum[:])
		e.time(v.at)
		e.error(v.err)
		e.marshal(&v.seal)
		if e.length(len(v.inner), v.inner == nil, 110) {
			for i := range v.inner {
				encodeCrate(e, &v.inner[i])
			}
		}
		if e.present(v.next != nil) {
			encodeCrate(e, v.next)
		}
		if e.length(len(v.labels), v.labels == nil, 9) {
			for label, n := range v.labels {
				e.string(label)
				e.int(n)
			}
		}
		e.length(len(v.holes), v.holes == nil, 0)
		e.leave()
	}
}

func decodeCrate(d *decoder, v *crate) {
	if d.enter() {
		v.n = d.int()
		v.i8 = d.int8()
		v.i16 = d.int16()
		v.i32 = d.int32()
		v.i64 = d.int64()
		v.u = d.uint()
		v.u8 = d.uint8()
		v.u16 = d.uint16()
		v.u32 = d.uint32()
		v.u64 = d.uint64()
		v.f32 = d.float32()
		v.f64 = d.float64()
		v.c64 = d.complex64()
		v.c128 = d.complex128()
		v.ok = d.bool()
		v.text = d.string()
		v.body = d.bytes()
		d.raw(v.sum[:])
		v.at = d.time()
		v.err = d.error()
		d.unmarshal(&v.seal)
		v.inner = nil
		if n := d.length(110); n >= 0 {
			v.inner = make([]crate, n)
			for i := range v.inner {
				decodeCrate(d, &v.inner[i])
			}
		}
		v.next = nil
		if d.present(110) {
			v.next = new(crate)
			decodeCrate(d, v.next)
		}
		v.labels = nil
		if n := d.length(9); n >= 0 {
			v.labels = make(map[string]int, n)
			for range n {
				label := d.string()
				v.labels[label] = d.int()
			}
		}
		v.holes = nil
		if n := d.length(0); n >= 0 {
			v.holes = make([]struct{}, n)
		}
		d.leave()
	}
}

// encoded returns the bytes of *v.
func encoded[T any](t testing.TB, v T, encode func(*encoder, *T)) []byte {
	t.Helper()
	e := newEncoder(1<<20, knownErrors())
	if err := encodeItem(e, &v, encode); err != nil {
		t.Fatal(err)
	}
	return e.buf
}

// decoded returns what data is, all of it.
func decoded[T any](data []byte, decode func(*decoder, *T)) (v T, err error) {
	d := newDecoder(knownErrors())
	d.reset(data)
	err = decodeItem(d, &v, decode)
	if err == nil && d.left() > 0 {
		err = fmt.Errorf("%d bytes left", d.left())
	}
	return v, err
}

// A decoded value is what was encoded, nil is not empty, and less than all of the bytes is an error.
func TestCodecRoundTrip(t *testing.T) {
	full := crate{
		n: math.MinInt, i8: -128, i16: -2, i32: math.MinInt32, i64: math.MaxInt64,
		u: math.MaxUint, u8: 255, u16: 65535, u32: math.MaxUint32, u64: math.MaxUint64,
		f32: math.SmallestNonzeroFloat32, f64: math.Inf(-1), c64: 1 + 2i, c128: -3 - 4i, ok: true,
		text: strings.Repeat("é", 100), body: []byte{}, sum: [4]byte{1, 2, 3, 4},
		at:    time.Date(2024, 2, 29, 1, 2, 3, 4, time.UTC),
		seal:  wax{"closed"},
		inner: []crate{{n: 1, labels: map[string]int{"a": 1, "": -1}}, {next: &crate{}}},
		next:  &crate{inner: []crate{}, body: []byte("body")}, labels: map[string]int{}, holes: make([]struct{}, 1<<40),
	}
	for _, v := range []crate{{}, full} {
		data := encoded(t, v, encodeCrate)
		got, err := decoded(data, decodeCrate)
		if err != nil || show(got) != show(v) {
			t.Errorf("%v\nis   %s\nwant %s", err, show(got), show(v))
		}
		for n := range data {
			if _, err := decoded(data[:n], decodeCrate); !errors.Is(err, errCutOff) && !errors.Is(err, errDamaged) {
				t.Errorf("%d of %d bytes: error %v", n, len(data), err)
			}
		}
	}
}

// show writes all of v, with pointers followed and nil told from empty.
func show(v crate) string {
	var b strings.Builder
	if v.next != nil {
		fmt.Fprintf(&b, "(next %s)", show(*v.next))
	}
	for _, p := range v.inner {
		fmt.Fprintf(&b, "(inner %s)", show(p))
	}
	fmt.Fprint(&b, v.inner == nil, v.labels == nil, v.body == nil, v.holes == nil, len(v.holes), v.err, v.at)
	v.next, v.inner, v.holes, v.err, v.at = nil, nil, nil, nil, time.Time{}
	fmt.Fprintf(&b, "%+v", v)
	return b.String()
}

// The format is the same on every machine: these bytes are its definition.
func TestCodecFormat(t *testing.T) {
	for _, c := range []struct {
		what, want string
		encode     func(*encoder, *int)
	}{
		{"int", "feffffffffffffff", func(e *encoder, _ *int) { e.int(-2) }},
		{"uint16", "0201", func(e *encoder, _ *int) { e.uint16(0x0102) }},
		{"float32", "0000c03f", func(e *encoder, _ *int) { e.float32(1.5) }},
		{"bool", "0100", func(e *encoder, _ *int) { e.bool(true); e.bool(false) }},
		{"string", "036869", func(e *encoder, _ *int) { e.string("hi") }},
		{"bytes", "000102ff", func(e *encoder, _ *int) { e.bytes(nil); e.bytes([]byte{}); e.bytes([]byte{255}) }},
		{"long", "c801" + strings.Repeat("78", 199), func(e *encoder, _ *int) { e.string(strings.Repeat("x", 199)) }},
		{"UTC", "0100000000000000" + "02000000" + "00", func(e *encoder, _ *int) { e.time(time.Unix(1, 2).UTC()) }},
		{"zone", "0100000000000000" + "00000000" + "02" + "100e0000", func(e *encoder, _ *int) { e.time(time.Unix(1, 0).In(time.FixedZone("CET", 3600))) }},
		{"error", "01" + "04454f46" + "142a6572726f72732e6572726f72537472696e67" + "02" + "0200", func(e *encoder, _ *int) { e.error(io.EOF) }},
	} {
		if got := hex.EncodeToString(encoded(t, 0, c.encode)); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

// A time keeps its instant, and UTC, local time or its offset.
func TestCodecTimes(t *testing.T) {
	encode := func(e *encoder, v *time.Time) { e.time(*v) }
	decode := func(d *decoder, v *time.Time) { *v = d.time() }
	for _, v := range []time.Time{
		{}, time.Unix(0, 999_999_999), time.Unix(1<<55, 1).UTC(), time.Unix(-1<<55, 1).UTC(), time.Now().Round(0),
	} {
		if got, err := decoded(encoded(t, v, encode), decode); err != nil || got != v {
			t.Errorf("%v is %v: %v", v, got, err)
		}
	}
	now := time.Now() // with a reading of the monotonic clock, which means nothing elsewhere
	for _, zone := range []*time.Location{time.FixedZone("CET", 3600), time.FixedZone("", -12345)} {
		got, err := decoded(encoded(t, now.In(zone), encode), decode)
		_, offset := got.Zone()
		_, want := now.In(zone).Zone()
		if err != nil || !got.Equal(now) || offset != want {
			t.Errorf("%v is %v: %v", now.In(zone), got, err)
		}
	}
}

// What fails leaves the buffer as it was, and says why; the next item is not concerned.
func TestCodecFailures(t *testing.T) {
	e := newEncoder(500, knownErrors())
	first := crate{text: "first"}
	if err := encodeItem(e, &first, encodeCrate); err != nil {
		t.Fatal(err)
	}
	before := bytes.Clone(e.buf)
	loop := crate{}
	loop.next = &loop
	for _, c := range []struct {
		v    crate
		want string
	}{
		{crate{text: strings.Repeat("x", 500)}, "it takes more than max_item: 500 bytes"},
		{crate{body: make([]byte, 500)}, "it takes more than max_item: 500 bytes"},
		{crate{seal: wax{strings.Repeat("x", 500)}}, "it takes more than max_item: 500 bytes"},
		{crate{inner: make([]crate, 5)}, "it takes more than max_item: 500 bytes"},
		{crate{inner: make([]crate, 4)}, "it takes more than max_item: 500 bytes"}, // by a few bytes, at its end
		{crate{seal: wax{"error"}}, io.ErrNoProgress.Error()},
		{crate{seal: wax{"panic"}}, "panic: broken seal"},
		{loop, "it takes more than max_item: 500 bytes"},
	} {
		err := encodeItem(e, &c.v, encodeCrate)
		if err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
		if !bytes.Equal(e.buf, before) {
			t.Errorf("%s: the buffer has changed", c.want)
		}
	}
	if err := encodeItem(e, &first, encodeCrate); err != nil || !bytes.Equal(e.buf, append(before, before...)) {
		t.Errorf("after failures: %v, %x", err, e.buf)
	}
	before = bytes.Clone(e.buf) // what does not belong to an item has no limit
	e.bytes(make([]byte, 1000))
	e.error(io.EOF)
	if got := len(e.buf) - len(before); got != 2+1000+len("\x01\x04EOF\x14*errors.errorString\x02\x02\x00") {
		t.Errorf("%d bytes between items", got)
	}
	e.most = math.MaxInt
	if err := encodeItem(e, &loop, encodeCrate); err != errNesting {
		t.Errorf("error %v of a value without an end", err)
	}
	if err := encodeItem(e, &crate{seal: wax{"rotten"}}, encodeCrate); err != nil {
		t.Fatal(err)
	}
	if _, err := decoded(encoded(t, crate{seal: wax{"rotten"}}, encodeCrate), decodeCrate); err != io.ErrNoProgress {
		t.Errorf("error %v", err)
	}
}

// An item that is too large is refused before memory is taken for it.
func TestCodecRefusesBeforeMemory(t *testing.T) {
	e := newEncoder(1<<16, nil)
	big := crate{body: make([]byte, 1<<26)}
	if err := encodeItem(e, &big, encodeCrate); err == nil || cap(e.buf) > 1<<17 {
		t.Errorf("error %v, %d bytes taken", err, cap(e.buf))
	}
	shared := &crate{}
	for range 100 { // 2^100 crates
		shared = &crate{inner: []crate{*shared}, next: shared}
	}
	if err := encodeItem(e, shared, encodeCrate); err == nil || cap(e.buf) > 1<<18 {
		t.Errorf("error %v, %d bytes taken", err, cap(e.buf))
	}
}

// A few bytes that promise a lot get no memory; damaged ones no panic.
func TestCodecClaims(t *testing.T) {
	start := len(encoded(t, crate{}, encodeCrate)) - 5 // up to inner
	for _, claim := range []string{"ffffffffffffffff7f", "ffffff7f", "ffffffffffffffffff01", "80808080808080808001", "8080808080808080808001", "80"} {
		tail, _ := hex.DecodeString(claim)
		for at := range start + 5 {
			data := append(encoded(t, crate{}, encodeCrate)[:at], tail...)
			data = append(data, make([]byte, 200)...)
			if used := allocated(func() { _, _ = decoded(data, decodeCrate) }); used > 1<<16 {
				t.Errorf("%s at %d: %d bytes", claim, at, used)
			}
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// Values may stand in each other up to the limit, on both sides.
func TestCodecNesting(t *testing.T) {
	nested := func(n int) *crate {
		v := &crate{}
		for range n - 1 {
			v = &crate{next: v}
		}
		return v
	}
	e := newEncoder(math.MaxInt, nil)
	if err := encodeItem(e, nested(maxNesting), encodeCrate); err != nil {
		t.Fatal(err)
	}
	d := newDecoder(nil)
	d.reset(e.buf)
	if err := decodeItem(d, new(crate), decodeCrate); err != nil || d.left() > 0 {
		t.Errorf("%v, %d bytes left", err, d.left())
	}
	if err := encodeItem(newEncoder(math.MaxInt, nil), nested(maxNesting+1), encodeCrate); err != errNesting {
		t.Errorf("error %v", err)
	}
	one := encoded(t, crate{next: &crate{}}, encodeCrate)
	head := len(one)/2 - 2 // of a crate up to the byte that says that there is a next one
	d.reset(bytes.Repeat(one[:head], maxNesting+2))
	if err := decodeItem(d, new(crate), decodeCrate); err != errNesting {
		t.Errorf("error %v", err)
	}
}

// Items stand one after the other, and what has failed gives nothing more.
func TestCodecSequence(t *testing.T) {
	e := newEncoder(1<<10, nil)
	for n := range 3 {
		if err := encodeItem(e, &n, func(e *encoder, v *int) { e.int(*v) }); err != nil {
			t.Fatal(err)
		}
	}
	d := newDecoder(nil)
	d.reset(e.buf)
	decode := func(d *decoder, v *int) { *v = d.int() }
	for want := range 3 {
		var n int
		if err := decodeItem(d, &n, decode); err != nil || n != want {
			t.Errorf("%d: %d, %v", want, n, err)
		}
	}
	n := 7
	if err := decodeItem(d, &n, decode); err != errCutOff || n != 0 {
		t.Errorf("after the end: %d, %v", n, err)
	}
	d.reset(e.buf)
	d.fail(io.ErrNoProgress)
	if err := decodeItem(d, &n, decode); err != io.ErrNoProgress || n != 0 || d.left() != 0 {
		t.Errorf("after an error: %d, %v", n, err)
	}
	d.reset(e.buf)
	broken := func(d *decoder, _ *int) { d.restore(func([]byte) error { panic("never") }) }
	if err := decodeItem(d, &n, broken); err == nil || d.left() != 0 {
		t.Errorf("after a panic: %v", err)
	}
}

// Bytes that are a quarter of what the decoder owns share it, others are copies.
func TestCodecOwnedBytes(t *testing.T) {
	decode := func(d *decoder, v *[]byte) { *v = d.bytes() }
	for _, c := range []struct {
		n, rest int
		owned   bool
		shares  bool
	}{{1000, 0, false, false}, {1000, 0, true, true}, {1000, 2900, true, true}, {1000, 3100, true, false}} {
		data := encoded(t, bytes.Repeat([]byte("x"), c.n), func(e *encoder, v *[]byte) { e.bytes(*v) })
		start := len(data) - c.n
		data = append(data, make([]byte, c.rest)...)
		d := newDecoder(nil)
		if d.reset(data); c.owned {
			d.read(data, true)
		}
		var v []byte
		if err := decodeItem(d, &v, decode); err != nil || len(v) != c.n || cap(v) != c.n {
			t.Fatal(err, len(v), cap(v))
		}
		if shares := &v[0] == &data[start]; shares != c.shares {
			t.Errorf("%+v: shares %v", c, shares)
		}
	}
}

// JSON stands in items like bytes.
func TestCodecJSON(t *testing.T) {
	type point struct{ X, Y int }
	encode := func(e *encoder, v *any) { e.json(v) }
	decode := func(d *decoder, v *point) { d.json(v) }
	if got, err := decoded(encoded(t, any(point{1, 2}), encode), decode); err != nil || got != (point{1, 2}) {
		t.Error(got, err)
	}
	v := any(make(chan int))
	if err := encodeItem(newEncoder(100, nil), &v, encode); err == nil {
		t.Error("a channel has become JSON")
	}
	if _, err := decoded(encoded(t, any("text"), encode), decode); err == nil {
		t.Error("a text has become a point")
	}
	if _, err := decoded(nil, decode); err != errCutOff {
		t.Error(err)
	}
}

type untextual struct{}

func (*untextual) Error() string { panic("no text") }

type unequal struct{}

func (unequal) Error() string { return "unequal" }
func (unequal) Is(error) bool { panic("no answer") }

// An error keeps its text, the name of its type, and which known errors it is, over any number of processes.
func TestCodecErrors(t *testing.T) {
	own := errors.New("own")
	known := knownErrors(own)
	cross := func(err error) error {
		t.Helper()
		e, d := newEncoder(1<<20, known), newDecoder(known)
		if failed := encodeItem(e, &err, func(e *encoder, v *error) { e.error(*v) }); failed != nil {
			t.Fatal(failed)
		}
		d.reset(e.buf)
		var got error
		if failed := decodeItem(d, &got, func(d *decoder, v *error) { *v = d.error() }); failed != nil || d.left() > 0 {
			t.Fatal(failed, d.left())
		}
		return got
	}
	for _, err := range []error{
		errors.New("plain"), own, fmt.Errorf("%w, %w", own, io.EOF), context.DeadlineExceeded,
		&fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}, errGoexit,
	} {
		got := cross(err)
		for _, got := range []error{got, cross(got)} {
			if got.Error() != err.Error() || got.(*remoteError).Type() != fmt.Sprintf("%T", err) {
				t.Errorf("%T %q is %s %q", err, err, got.(*remoteError).Type(), got)
			}
			for _, k := range append(known, errors.New("other")) {
				if errors.Is(got, k) != errors.Is(err, k) {
					t.Errorf("%v is %v: %v", got, k, errors.Is(got, k))
				}
			}
		}
	}
	if got := cross(nil); got != nil {
		t.Error(got)
	}
	for _, err := range []error{&untextual{}, (*untextual)(nil), unequal{}} {
		if got := cross(err); got == nil || got.(*remoteError).Type() != fmt.Sprintf("%T", err) {
			t.Errorf("%T is %v", err, got)
		}
	}
	if long := cross(errors.New(strings.Repeat("x", 1<<17))); len(long.Error()) != maxErrorText {
		t.Errorf("%d bytes of text", len(long.Error()))
	}
	e, d := newEncoder(1<<20, known), newDecoder(nil) // who knows fewer errors
	e.error(own)
	d.reset(e.buf)
	if got := d.error(); got != nil || d.err != errDamaged {
		t.Error(got, d.err)
	}
}

func FuzzCodec(f *testing.F) {
	f.Add(encoded(f, crate{}, encodeCrate))
	f.Add(encoded(f, crate{text: "text", next: &crate{err: io.EOF}, inner: []crate{{}, {labels: map[string]int{"a": 1}}}}, encodeCrate))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := decoded(data, decodeCrate)
		if err != nil {
			return
		}
		again, err := decoded(encoded(t, v, encodeCrate), decodeCrate)
		if err != nil || show(again) != show(v) {
			t.Errorf("%v\nfirst  %s\nsecond %s", err, show(v), show(again))
		}
	})
}

// A number of which a part is missing is an error, and zero.
func TestDecoder_CutOff(t *testing.T) {
	for size, read := range map[int]func(*decoder) uint64{
		1: func(d *decoder) uint64 { return uint64(d.uint8()) },
		2: func(d *decoder) uint64 { return uint64(d.uint16()) },
		4: func(d *decoder) uint64 { return uint64(d.uint32()) },
		8: (*decoder).uint64,
	} {
		for have := range size + 1 {
			d := newDecoder(nil)
			d.reset(bytes.Repeat([]byte{1}, have))
			v := read(d)
			if cut := have < size; cut != (d.err == errCutOff) || cut != (v == 0) {
				t.Errorf("%d of %d bytes: %d, %v", have, size, v, d.err)
			}
		}
	}
	for have, want := range []bool{false, false, true} { // a pointer to two bytes, of which some are there
		d := newDecoder(nil)
		d.reset(bytes.Repeat([]byte{1}, 1+have))
		if got := d.present(2); got != want || want != (d.err == nil) {
			t.Errorf("%d of 2 bytes: %v, %v", have, got, d.err)
		}
	}
	for have := range 3 { // an array of two bytes
		d := newDecoder(nil)
		d.reset([]byte{1, 1}[:have])
		d.raw(make([]byte, 2))
		if (d.err == nil) != (have == 2) {
			t.Errorf("%d of 2 bytes of an array: %v", have, d.err)
		}
	}
	for n, want := range []error{nil, nil, nil, errDamaged} { // a slice of n bytes, of which two are there
		d := newDecoder(nil)
		d.reset([]byte{byte(n) + 1, 7, 7})
		if got := d.length(1); d.err != want || want == nil && got != n {
			t.Errorf("2 of %d elements: %d, %v", n, got, d.err)
		}
	}
}
