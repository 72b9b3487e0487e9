package threads

import "encoding/binary"

// What a worker process answers is a stream of records, in as few messages as may be. Each is a byte that says what it
// is, the length of the rest, and the rest.
const (
	resultRecord = iota // an element; the item in hand goes on
	lastRecord          // an element, with which the item in hand is over
	overRecord          // the item in hand is over
	failedRecord        // the item in hand has met an error in one of the stages; or a source has yielded one
	countsRecord        // what has happened in the stages since the last of these
	turnRecord          // a call waits for the stage's rate limit
	cutRecord           // the run has stopped before the item in hand was through one of the stages, and it is over
	brokenRecord        // the worker has ended with an error that belongs to no item
)

// sizer writes records of which the length is known only at their end. It leaves as much room for the length as that
// of the record before has taken: neighbours are alike.
type sizer struct{ width int }

// open begins a record of the given kind at the end of b. body is where its content begins.
func (s *sizer) open(b []byte, kind byte) (grown []byte, body int) {
	s.width = max(1, s.width)
	if s.width == 1 {
		b = append(b, kind, 0)
		return b, len(b)
	}
	b = append(b, kind)
	for range s.width {
		b = append(b, 0)
	}
	return b, len(b)
}

// close completes the record whose content begins at body and reaches to the end of b.
func (s *sizer) close(b []byte, body int) []byte {
	n := len(b) - body
	if n < 0x80 && s.width == 1 {
		b[body-1] = byte(n)
		return b
	}
	width := 1
	for v := uint(n) >> 7; v > 0; v >>= 7 {
		width++
	}
	if width > s.width {
		gap := width - s.width
		for range gap {
			b = append(b, 0)
		}
		copy(b[body+gap:], b[body:body+n])
		body += gap
	}
	used := max(width, s.width)
	for i, v := body-used, uint(n); i < body; i, v = i+1, v>>7 {
		b[i] = byte(v) | 0x80 // a varint may have zeros at its end
	}
	b[body-1] &= 0x7f
	s.width = width
	return b
}

// nextRecord takes the first record off message. ok is false where message is damaged.
func nextRecord(message []byte) (kind byte, content, rest []byte, ok bool) {
	if len(message) < 2 {
		return 0, nil, nil, false
	}
	n, size := uint64(message[1]), 1
	if n >= 0x80 {
		n, size = binary.Uvarint(message[1:])
	}
	if size <= 0 || n > uint64(len(message)-1-size) {
		return 0, nil, nil, false
	}
	end := 1 + size + int(n)
	return message[0], message[1+size : end : end], message[end:], true
}
