package threads

import (
	"encoding/binary"
	"io"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// answer is what a worker process has to say and has not said yet. Records are gathered while it works on the items
// of one message. What belongs to items that are over does not wait for a slow one behind them, and is not lost with
// the process: it lies in the outbox, where the parent finds it.
type answer struct {
	*outbox
	conn io.Writer
	sizer
	enc  *encoder // its buf is the message: room for the head, then the records
	last int      // where the last result of the item in hand begins; -1: there is none that can be changed

	ticking atomic.Bool // timer runs
	timer   *time.Timer

	mu   sync.Mutex // is held while something is sent
	view []byte     // the message, for the goroutine of the timer
	sent int        // how much has been sent, the head's room included
}

const (
	enoughSaid = 32 << 10         // bytes of an answer that are sent without waiting for more
	longSilent = time.Millisecond // after which what is done is sent
)

// newAnswer returns an answer, on conn, made with enc.
func newAnswer(conn io.Writer, enc *encoder, box *outbox) *answer {
	a := &answer{outbox: box, conn: conn, enc: enc}
	enc.buf = box.message[:headSize]
	a.reset()
	a.ticking.Store(true)
	a.timer = time.AfterFunc(longSilent, a.tick)
	return a
}

func (a *answer) reset() {
	a.empty(len(a.enc.buf))
	// The next one will be like this one, but one large item is no reason to keep so much.
	if large := len(a.enc.buf) > len(a.message) && cap(a.enc.buf) <= 64*enoughSaid; large {
		a.enc.buf = a.enc.buf[:headSize]
	} else {
		a.enc.buf = a.message[:headSize]
	}
	a.last, a.sent = -1, headSize
	a.view = a.enc.buf
}

// show makes all records so far ready to be sent. Those that are more than the outbox holds are to be sent at once.
func (a *answer) show() {
	a.last = -1
	if unsafe.SliceData(a.enc.buf) != &a.message[0] {
		if len(a.enc.buf) > len(a.message) {
			return
		}
		a.mu.Lock()
		a.enc.buf = append(a.message[:0], a.enc.buf...)
		a.view = a.enc.buf
		a.mu.Unlock()
	}
	a.done.Store(int64(len(a.enc.buf)))
	if !a.ticking.Load() {
		a.tickOn()
	}
}

// tickOn starts the timer unless it runs.
func (a *answer) tickOn() {
	if a.ticking.CompareAndSwap(false, true) {
		a.timer.Reset(longSilent)
	}
}

// full says whether it is time to flush.
func (a *answer) full() bool { return len(a.enc.buf) > enoughSaid }

// flush sends all records so far. An error says that the parent has gone.
func (a *answer) flush() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.view = a.enc.buf
	var err error
	if n := len(a.view); a.sent == headSize && n > headSize {
		_, err = a.conn.Write(seal(a.view)) // in one piece: the head is in it, which only this goroutine may write
	} else {
		err = a.send(n)
	}
	if err == nil { // else the parent may still find it
		a.reset()
	}
	return err
}

// tick sends what is done while the next item takes its time. It stops when nothing has come since the last time.
func (a *answer) tick() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if n := int(a.done.Load()); n > a.sent {
		_ = a.send(n) // an error comes again at flush
		a.timer.Reset(longSilent)
		return
	}
	a.ticking.Store(false)
	if int(a.done.Load()) > a.sent {
		a.tickOn() // show has looked too early
	}
}

// send sends the records up to n that have not been sent, as one message. It only reads what goes on being written
// behind n. a.mu is held.
func (a *answer) send(n int) error {
	records := a.view[a.sent:n]
	if len(records) == 0 {
		return nil
	}
	a.sent = n
	var head [headSize]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(records)))
	if _, err := a.conn.Write(head[:]); err != nil {
		return err
	}
	_, err := a.conn.Write(records)
	return err
}
