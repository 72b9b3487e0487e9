package threads

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// wire is one end of the connection between a run and one of its worker processes: a stream of messages, each four
// bytes of length and the content. One goroutine reads it; writes are the caller's to order.
type wire struct {
	conn io.ReadWriter
	most int    // bytes of a message
	buf  []byte // what has been read; [from:] is not consumed
	from int
}

const (
	headSize  = 4       // of a message
	wireBlock = 1 << 16 // bytes that one read asks for
)

// errTorn says that the other end has left in the middle of a message.
const errTorn sentinel = "the connection ended in the middle of a message"

// newWire is an end of conn that takes messages of up to most bytes.
func newWire(conn io.ReadWriter, most int) *wire {
	return &wire{conn: conn, most: most, buf: make([]byte, 0, wireBlock)}
}

// length is the length of the next message's content, or -1 where it is not known yet.
func (w *wire) length() int {
	if len(w.buf)-w.from < headSize {
		return -1
	}
	return int(binary.LittleEndian.Uint32(w.buf[w.from:]))
}

// waiting says whether a whole message has been read and not been received.
func (w *wire) waiting() bool {
	n := w.length()
	return n >= 0 && len(w.buf)-w.from >= headSize+n
}

// receive returns the next message. It stays valid until the next call, or for good where owned says so: large ones
// have memory of their own, so that what is decoded may be a part of it. io.EOF says that the other end has left.
func (w *wire) receive() (message []byte, owned bool, err error) {
	for {
		n := w.length()
		switch {
		case n > w.most:
			return nil, false, fmt.Errorf("%w: a message of %d bytes, and %d are the most", errFrame, n, w.most)
		case n >= 0 && w.waiting():
			message = w.buf[w.from+headSize : w.from+headSize+n : w.from+headSize+n]
			w.from += headSize + n
			return message, false, nil
		case n > wireBlock-headSize:
			message, err = w.large(n)
			return message, true, err
		}
		if err := w.fill(); err != nil {
			return nil, false, err
		}
	}
}

// large reads the rest of a message that the buffer is too small for.
func (w *wire) large(n int) ([]byte, error) {
	// Memory is taken as the message comes: its length alone is no reason to.
	message := append(make([]byte, 0, min(n, 64*wireBlock)), w.buf[w.from+headSize:]...)
	w.buf, w.from = w.buf[:0], 0
	for len(message) < n {
		if len(message) == cap(message) {
			message = append(make([]byte, 0, min(n, 4*cap(message))), message...)
		}
		got, err := w.conn.Read(message[len(message):min(n, cap(message))])
		message = message[:len(message)+got]
		if err != nil && len(message) < n {
			return nil, torn(err)
		}
	}
	return message, nil
}

// fill reads once.
func (w *wire) fill() error {
	if w.from > 0 {
		w.buf = append(w.buf[:0], w.buf[w.from:]...)
		w.from = 0
	}
	got, err := w.conn.Read(w.buf[len(w.buf):cap(w.buf)])
	w.buf = w.buf[:len(w.buf)+got]
	switch {
	case got > 0:
		return nil
	case err == nil:
		return io.ErrNoProgress
	case len(w.buf) > 0:
		return torn(err)
	}
	return err
}

func torn(err error) error {
	if errors.Is(err, io.EOF) {
		return errTorn
	}
	return err
}

// seal writes the length of a message into its head, the first bytes of b.
func seal(b []byte) []byte {
	binary.LittleEndian.PutUint32(b, uint32(len(b)-headSize))
	return b
}
