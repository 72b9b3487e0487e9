package threads

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"sync"
)

// calls is how a worker process reaches what its parent keeps for all of them: requests over a socket of their own,
// each answered when it has been served. Any number of goroutines may call. Where the parent has gone a call does not
// return: the process is about to end.
type calls struct {
	party party // who this process is
	known []error
	most  int // bytes of what a request says

	writing sync.Mutex // is held while a request is written; whoever reads does not wait for it
	conn    *stream

	mu   sync.Mutex             // guards what follows
	last uint32                 // number of a call
	open map[uint32]chan []byte // where the replies go to that have not come, by the numbers of their calls

	turn chan struct{} // takes one element, from the goroutine that reads the replies, for all who wait for one
	wire *wire         // is that goroutine's
}

// A request is a message: what it is, the number of the call, the resource, what to do with that, and what it says
// beside. The answer is one too: the number of the call, a verdict, and what follows from that.
const (
	requestCall   = 'c' // to be answered
	requestTell   = 't' // not to be answered; done before what follows is read
	requestCancel = 'x' // the context of an earlier call has ended; its cause

	requestHead = 1 + 4 + 2 + 1
	replyHead   = 4 + 1

	replyDone     = 0 // then the results
	replyError    = 1 // then the error
	replyCanceled = 2 // the cause of the request's context
	replyPanic    = 3 // then its text
)

// newCalls begins the calls of a worker process over conn: requests and replies of up to most bytes.
func newCalls(conn *stream, most int, known []error) (*calls, error) {
	c := &calls{conn: conn, most: most, known: known, open: make(map[uint32]chan []byte), turn: make(chan struct{}, 1)}
	who, err := receiveFrame(conn, 4)
	if err == nil && len(who) != 4 {
		err = errFrame
	}
	if err != nil {
		return nil, err
	}
	c.party = party(binary.LittleEndian.Uint32(who))
	c.wire = newWire(conn, min(most, math.MaxInt32-frameSpace)+frameSpace)
	return c, nil
}

// call has the parent do op with the resource, to which write adds what it needs; read takes the results. Each may be
// nil. The error is the one of the operation, a known one itself, or says why the request cannot be sent; a panic of
// the operation is one here, with its text.
//
// Where ctx has ended nothing is done, and its cause returned. Where it ends later the parent is told,
// and what the operation has come to counts: what it has taken is not lost.
func (c *calls) call(ctx context.Context, resource int, op byte, write func(*encoder), read func(*decoder)) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	message, err := c.request(requestCall, resource, op, write)
	if err != nil {
		return err
	}
	place := make(chan []byte, 1)
	number := c.submit(message, place)
	defer context.AfterFunc(ctx, func() { c.cancel(number, context.Cause(ctx)) })()
	answered := c.await(place)
	d := newDecoder(c.known)
	d.read(answered[replyHead:], true)
	switch answered[replyHead-1] {
	case replyError:
		return cmp.Or(knownSelf(d.error()), d.err)
	case replyCanceled:
		return context.Cause(ctx)
	case replyPanic:
		panic(d.string())
	}
	if read != nil {
		read(d)
	}
	return d.err
}

// tell has the parent do op with the resource, before it reads what this goroutine says next. Nothing comes back.
func (c *calls) tell(resource int, op byte, write func(*encoder)) {
	if message, err := c.request(requestTell, resource, op, write); err == nil {
		c.send(message)
	}
}

// cancel tells the parent that the context of a call has ended because of why.
func (c *calls) cancel(number uint32, why error) {
	message, err := c.request(requestCancel, 0, 0, func(e *encoder) { e.error(why) })
	if err == nil {
		binary.LittleEndian.PutUint32(message[headSize+1:], number)
		c.send(message)
	}
}

// request is a message without the number of a call.
func (c *calls) request(kind byte, resource int, op byte, write func(*encoder)) ([]byte, error) {
	e := newEncoder(c.most, c.known)
	e.buf = make([]byte, headSize, headSize+64)
	e.uint8(kind)
	e.uint32(0)
	e.uint16(uint16(resource))
	e.uint8(op)
	if write != nil {
		if err := encodeItem(e, &write, func(e *encoder, write *func(*encoder)) { (*write)(e) }); err != nil {
			return nil, err
		}
	}
	return seal(e.buf), nil
}

// submit sends a call whose reply is to come to place, and returns the call's number.
func (c *calls) submit(message []byte, place chan []byte) (number uint32) {
	c.mu.Lock()
	c.last++
	number = c.last
	c.open[number] = place
	c.mu.Unlock()
	binary.LittleEndian.PutUint32(message[headSize+1:], number)
	c.send(message)
	return number
}

// send writes a message.
func (c *calls) send(message []byte) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if _, err := c.conn.Write(message); err != nil {
		select {}
	}
}

// await returns what comes to place. Of those who wait, one reads for all: it need not be woken for its own.
func (c *calls) await(place chan []byte) []byte {
	select {
	case message := <-place:
		return message
	case c.turn <- struct{}{}:
	}
	for {
		select {
		case message := <-place:
			<-c.turn
			return message
		default:
			c.receive()
		}
	}
}

// receive takes a reply to where it is awaited.
func (c *calls) receive() {
	message, owned, err := c.wire.receive()
	if err != nil || len(message) < replyHead {
		select {}
	}
	if !owned {
		message = append([]byte(nil), message...)
	}
	number := binary.LittleEndian.Uint32(message)
	c.mu.Lock()
	place := c.open[number]
	delete(c.open, number)
	c.mu.Unlock()
	place <- message
}

// knownSelf returns the known error that err has been in the other process, which has the same text; else err. Who
// compares with io.EOF finds it.
func knownSelf(err error) error {
	if r, ok := err.(*remoteError); ok {
		for _, k := range r.is {
			if k.Error() == r.text {
				return k
			}
		}
	}
	return err
}
