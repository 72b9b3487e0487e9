package threads

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"sync"
	"time"
)

// session is a worker process at work for a run in its parent: it feeds the loop of one group with the items that
// come, and answers what becomes of them.
type session struct {
	*link
	wire   *wire
	answer *answer
	dec    *decoder
	known  []error
	run    *run
	worker *worker
	inner  []func(*encoder, any) // of the group's stages after the first: what they take
	hold   bool                  // the results of an item go when it is over

	source bool // there are no items: the group is a source

	items   []byte // those of the message in hand that have not begun
	owned   bool   // nobody else has the message
	number  uint32 // of the last item that came
	inHand  bool
	told    []counts
	greeted bool
	pool    bool // items are tasks of a pool

	dismissed bool // by the parent, or its end

	current sync.Mutex // guards what follows
	atWork  uint32     // the item in hand, a task
	revoked uint32     // the last one that was to be cancelled
	cancel  context.CancelFunc
}

// A message to a worker process begins with the number of its first item, the attempt at that, and the deadline of
// its items, in nanoseconds since 1970 or 0; then come their records. One without items says that it is a call's turn.
const itemsHead = 4 + 4 + 8

// newSession greets the parent and begins a run of which the loop of one group is to be served. Its decoder is at the
// params then.
func newSession(l *link, hello string, known []error) *session {
	l.greet([]byte(hello))
	s := &session{link: l, known: known, dec: newDecoder(known)}
	s.dec.reset(l.params)
	most := s.dec.int() // bytes of an item or a result
	s.wire = newWire(l.conn, most+frameSpace)
	s.answer = newAnswer(l.conn, newEncoder(most, known), &l.outbox)
	s.run = newRun(l.canceled, nil, nil, newFault)
	s.run.tasks = s
	return s
}

// errHeld is the error of an item whose results are held until it is over.
const errHeld sentinel = "its results, which are held until it is over, take more than max_item"

// fault is the error of an item in a worker process, of which the parent makes the pipeline's.
type fault struct {
	stage string
	err   error
	stack []byte
}

func (f *fault) Error() string { return f.stage + ": " + f.err.Error() }
func (f *fault) Unwrap() error { return f.err }

func newFault(stage string, _, _ int, _ any, err error, stack []byte) error {
	return &fault{stage, err, stack}
}

// serve runs the one group that the session's run has, until the parent wants no more. It does not return.
func (s *session) serve(g *group) {
	s.worker = g.workers[0]
	s.told = make([]counts, len(g.stages))
	s.cancel = func() {}
	s.onCancel(func(n uint32) {
		s.current.Lock()
		defer s.current.Unlock()
		s.revoked = n // which may be on its way
		if s.atWork == n {
			s.cancel()
		}
	})
	s.run.launch()
	if err := s.run.wait(); err != nil && s.canceled.Err() == nil {
		enc := newEncoder(math.MaxInt32, s.known)
		if !s.greeted {
			encodeFault(enc, err)
			s.refuse(enc.buf)
		}
		s.record(brokenRecord, func(e *encoder) { encodeFault(e, err) })
	}
	s.inHand = s.inHand || s.source
	s.over()
	if s.canceled.Err() != nil {
		s.sayCut(0) // also of an item that is on its way, for which the parent waits
	}
	s.flush()
	for !s.dismissed { // the parent would think that it has died
		_, _ = s.receive()
	}
	os.Exit(0)
}

// produce is serve for a source.
func (s *session) produce(w *worker) {
	s.source = true
	s.welcome()
	s.serve(w.group)
}

// inParent is the policy of a stage that goes on after an error. The parent has the real one.
func inParent(*worker, int, failure[any]) error { return nil }

// turn waits until the rate limit of the stage lets a call begin.
func (w *worker) turn() error { return w.run.tasks.(*session).turn() }

func encodeFault(e *encoder, err error) {
	f, ok := err.(*fault)
	if !ok {
		f = &fault{err: err}
	}
	e.string(f.stage)
	e.bytes(f.stack)
	e.error(f.err)
}

// welcome says, once, that the worker's states are made.
func (s *session) welcome() {
	if !s.greeted {
		s.greeted = true
		s.ready()
	}
}

// feedFrom is the reader of w that the parent feeds.
func feedFrom[E any](s *session, w *worker, decode func(*decoder, *E)) *reader[E] {
	r := newQueue[E](s.run, 1, 1, false, 0).reader(w)
	r.items = make([]E, 1)
	r.feed = func() bool {
		for {
			content, ok := s.next()
			if !ok {
				return false
			}
			r.pos = 0
			clear(r.items)
			s.dec.read(content, s.owned)
			err := decodeItem(s.dec, &r.items[0], decode)
			if err == nil {
				return true
			}
			s.failTask(w, nil, 0, 1, nil, err, stackOf(err, 0))
		}
	}
	return r
}

// answerTo is the writer of w whose elements go to the parent.
func answerTo[E any](s *session, w *worker, encode func(*encoder, *E)) *writer[E] {
	q := newQueue[E](s.run, 1, 1, false, 0)
	q.reader(nil)
	var element E
	q.deliver(func(e E) bool {
		if s.source && s.canceled.Err() != nil {
			return false
		}
		element = e
		a := s.answer
		at := len(a.enc.buf)
		var body int
		a.enc.buf, body = a.open(a.enc.buf, resultRecord)
		err := encodeItem(a.enc, &element, encode)
		if s.hold && err == nil && len(a.enc.buf)-int(a.done.Load()) > a.enc.most {
			err = errHeld
		}
		if err != nil {
			a.enc.buf = a.enc.buf[:at]
			last := len(w.group.stages) - 1
			return s.failTask(w, nil, last, 1, nil, err, stackOf(err, last))
		}
		a.enc.buf = a.close(a.enc.buf, body)
		a.last = at
		if s.source || !s.hold && w.group.stages[len(w.group.stages)-1].many {
			a.show()
			if a.full() {
				s.flush()
			}
		}
		return true
	})
	return q.writer(w)
}

// next is over with the item in hand and returns the next one. It returns false where the parent wants no more.
func (s *session) next() (content []byte, ok bool) {
	s.over()
	s.welcome()
	for {
		for len(s.items) > 0 {
			_, content, rest, ok := nextRecord(s.items)
			if !ok {
				os.Exit(2) // the parent is of the same program: this cannot be
			}
			s.items = rest
			s.number++
			if s.mark.begin(s.number) {
				s.begin()
				return content, true
			}
		}
		if !s.wire.waiting() {
			s.flush()
		}
		if s.canceled.Err() != nil && !s.pool {
			return nil, false
		}
		message, err := s.receive()
		if err != nil {
			return nil, false
		}
		s.number = binary.LittleEndian.Uint32(message) - 1
		s.items = message[itemsHead:]
		s.open(binary.LittleEndian.Uint32(message[4:]), int64(binary.LittleEndian.Uint64(message[8:])))
	}
}

// receive returns the next message. After an error there is none: an empty one says that there is no more to do.
func (s *session) receive() ([]byte, error) {
	message, owned, err := s.wire.receive()
	s.owned = owned
	if err == nil && len(message) < itemsHead {
		err = errTorn
	}
	s.dismissed = err != nil
	return message, err
}

// open begins a message: that many attempts have been made at its first item, and its items, tasks of a pool where
// deadline is not 0, have until then.
func (s *session) open(tried uint32, deadline int64) {
	w := s.worker
	w.before = int(tried)
	if deadline == 0 {
		return
	}
	s.current.Lock()
	defer s.current.Unlock()
	s.cancel()
	if deadline == math.MaxInt64 {
		w.ctx, s.cancel = context.WithCancel(s.canceled)
	} else {
		w.ctx, s.cancel = context.WithDeadline(s.canceled, time.Unix(0, deadline))
	}
	s.pool, s.atWork = true, s.number+1
	if s.atWork == s.revoked {
		s.cancel()
	}
}

// begin begins the item in hand.
func (s *session) begin() {
	s.inHand = true
}

// over says what has become of the item in hand.
func (s *session) over() {
	if !s.inHand {
		return
	}
	s.inHand = false
	s.count()
	a := s.answer
	switch at := s.cut(); {
	case at >= 0:
		s.sayCut(at)
	case a.last >= 0:
		a.enc.buf[a.last] = lastRecord
	default:
		a.enc.buf = append(a.enc.buf, overRecord, 0)
	}
	a.show()
	if a.full() {
		s.flush()
	}
}

// sayCut says that an item was not through a stage when the run stopped.
func (s *session) sayCut(at int) {
	s.record(cutRecord, func(e *encoder) { e.uint64(uint64(at)) })
}

// cut is the stage that the item in hand was not through when the run stopped, or -1.
func (s *session) cut() int {
	if s.source {
		return -1 // it has none in hand
	}
	at := len(s.worker.counts) - 1
	for at >= 0 && s.worker.counts[at].interrupted == 0 {
		at--
	}
	return at
}

// flush sends the answer so far. Without a parent to take it the process ends.
func (s *session) flush() {
	if s.answer.flush() != nil {
		os.Exit(1)
	}
}

// record adds a record of which write makes the content.
func (s *session) record(kind byte, write func(*encoder)) {
	a := s.answer
	e := a.enc
	var body int
	e.buf, body = a.open(e.buf, kind)
	write(e)
	e.buf = a.close(e.buf, body)
	a.last = -1
}

// failTask makes the parent deal with an error of the item in hand. It returns false where that ends the run.
func (s *session) failTask(w *worker, _ errorPolicy, at, attempt int, item any, err error, stack []byte) bool {
	s.attempt(time.Time{})
	s.record(failedRecord, func(e *encoder) {
		e.uint64(uint64(at))
		e.uint64(uint64(max(attempt, 1+w.before)))
		e.bytes(stack)
		e.error(err)
		if at > 0 && item != nil {
			start := len(e.buf)
			e.bool(true)
			if encodeItem(e, &item, func(e *encoder, item *any) { s.inner[at-1](e, *item) }) == nil {
				return
			}
			e.buf = e.buf[:start]
		}
		e.bool(false)
	})
	return s.pool || w.group.stages[at].onError != nil
}

func (s *session) beginTask(*worker, int) bool { return true }
func (s *session) endTask(*worker, bool)       {}

// count tells the parent what has happened in the stages since the last time: before it hears that the item is over.
func (s *session) count() {
	same := true
	for i, was := range s.told {
		c := &s.worker.counts[i]
		same = same && c.filtered == was.filtered && c.retries == was.retries && (c.out == was.out || i == len(s.told)-1)
	}
	if same {
		return
	}
	s.record(countsRecord, func(e *encoder) {
		for i := range s.told {
			c, was := s.worker.counts[i], s.told[i]
			e.uint32(uint32(c.out - was.out))
			e.uint32(uint32(c.filtered - was.filtered))
			e.uint32(uint32(c.retries - was.retries))
			s.told[i] = c
		}
	})
}

// turn waits until the stage's rate limit, which the parent keeps, lets a call begin.
func (s *session) turn() error {
	s.record(turnRecord, func(*encoder) {})
	s.flush()
	message, err := s.receive()
	if err != nil {
		os.Exit(1)
	}
	if binary.LittleEndian.Uint32(message) == 0 {
		return context.Canceled
	}
	return nil
}

// limited is the context of an attempt that may take d. The parent kills the process where it takes longer.
func (w *worker) limited(d time.Duration) (context.Context, context.CancelFunc) {
	s := w.run.tasks.(*session)
	ctx, cancel := context.WithTimeout(w.ctx, d)
	until, _ := ctx.Deadline()
	s.attempt(until)
	return ctx, func() {
		s.attempt(time.Time{})
		cancel()
	}
}

// watched is c, of which the parent is told too.
func (w *worker) watched(c *timedCall) *timedCall {
	c.told = w.run.tasks.(*session).attempt
	c.told(time.Now().Add(c.left))
	return c
}

// calls begins the calls of this process. Where that fails the process ends.
func (s *session) calls() *calls {
	c, err := newCalls(&stream{s.shared[0], s.shared[1]}, s.answer.enc.most, s.known)
	if err != nil {
		s.fatal(err)
	}
	return c
}
