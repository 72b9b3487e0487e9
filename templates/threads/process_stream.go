package threads

import (
	"errors"
	"io"
	"math"
	"os"
	"time"
)

// stream is one end of the connection of a worker process and its parent: a socket, or two pipes. Whatever error
// comes first is its end.
type stream struct{ in, out *os.File }

// streamBuffer is how many bytes a stream takes without blocking, where the operating system can be told: more than
// onTheirWay by what it counts beside them.
const streamBuffer = 4 * onTheirWay

// lingering is how long what a dead process has left in its pipes may take to arrive, where another process still
// holds an end.
const lingering = 100 * time.Millisecond

// Read reads what the other end has written, also after that has gone.
func (s *stream) Read(b []byte) (int, error) {
	n, err := s.in.Read(b)
	if errors.Is(err, os.ErrDeadlineExceeded) { // set by release
		_ = s.in.SetReadDeadline(time.Now().Add(lingering))
		n, err = s.in.Read(b)
	}
	return n, err
}

// Write writes to the other end.
func (s *stream) Write(b []byte) (int, error) { return s.out.Write(b) }

// Close closes this end. What the other end has not read yet may be lost.
func (s *stream) Close() error {
	err := s.in.Close()
	if s.out != s.in {
		err = errors.Join(err, s.out.Close())
	}
	return err
}

// release says that the process at the other end has gone: nobody is to wait for it, even where one of its children
// holds its end.
func (s *stream) release() {
	_ = s.in.SetReadDeadline(time.Now())
	_ = s.out.SetWriteDeadline(time.Now())
}

// maxHello is the largest message that a worker may send before it takes items, in bytes.
const maxHello = 1 << 20

// sendFrame sends a message that the other end receives by receiveFrame.
func sendFrame(to io.Writer, content []byte) error {
	_, err := to.Write(seal(append(make([]byte, headSize, headSize+len(content)), content...)))
	return err
}

// receiveFrame receives a message of up to most bytes, and reads nothing that follows it.
func receiveFrame(from io.Reader, most int) ([]byte, error) {
	head := make([]byte, headSize)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	w := wire{buf: head}
	n := w.length()
	if n < 0 || n > min(most, math.MaxInt32) {
		return nil, errFrame
	}
	content := make([]byte, n)
	_, err := io.ReadFull(from, content)
	return content, err
}

// errFrame says that a worker does not speak the protocol.
const errFrame sentinel = "the worker process has sent something else than an answer"
