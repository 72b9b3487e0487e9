package threads

import (
	"context"
	"encoding/binary"
	"math"
	"time"
)

// relay is a slot whose calls are made by a worker process. It sends the items of its claim ahead, and deals with
// what becomes of each as a loop does with what its own calls return.
type relay[E, F any] struct {
	*remote
	in      *reader[E]
	put     func(F) bool // nil below a sink
	encode  func(*encoder, *E)
	decode  func(*decoder, *F)
	where   func(*E) (index int, item any)
	yielded func(*E) (index int, err error) // the error that stands in an item's place; nil: there are none
	task    func(*E) bool                   // begins the task of a pool; nil: there is none
	turn    func(*E) error                  // waits for the rate limit; nil: there is none
	result  F

	sent    int           // items of the claim that have been sent to the process, or cannot be
	more    int           // the position in the claim at which there may be more to send
	parcels []parcel      // on their way, the first one first
	weight  int           // bytes of all of them
	shift   uint32        // the number of an item that was sent, less its position in the claim
	lost    int           // items before this position have been in the hands of a process that has died
	causes  map[int]error // of its death, by the position of those of which it has not been decided what becomes
	tries   map[int]int   // by position: processes that have died with the item in hand
}

// parcel is a message of items: where it ends in the claim, and what it counts of onTheirWay.
type parcel struct{ end, weight int }

// onTheirWay is how many bytes of items may be on their way to a process, writeCost what each write counts beside its
// own. A socket takes so many without blocking, so that the slot does not wait to write while the process waits to
// write its results.
const (
	onTheirWay = 64 << 10
	writeCost  = 1 << 10
)

// writtenAtOnce is for how many bytes small messages wait for each other, to be written together.
const writtenAtOnce = 4 << 10

// A slot claims so much estimated work, and so many items, for its process: what is sent ahead and has not begun can
// be taken back, so that this may be much more than one hand-over is worth.
const (
	aheadTime = 2 * time.Millisecond
	mostAhead = 4 * maxChunk
)

// messagesAhead is into how many messages a claim is divided: so the process begins before all is sent, and answers
// before all is done.
const messagesAhead = 4

// newRelay makes the slot of w work for in and put by way of a process of fleet.
func newRelay[E, F any](w *worker, f *fleet, c remoteConfig, in *reader[E], put func(F) bool, encode func(*encoder, *E), decode func(*decoder, *F)) *relay[E, F] {
	r := &relay[E, F]{remote: newRemote(w, f, c), in: in, put: put, encode: encode, decode: decode, causes: make(map[int]error), tries: make(map[int]int)}
	in.revoke, in.queue.span, in.queue.most = r.takeBack, aheadTime, mostAhead
	return r
}

// loop works until the input is over or the run stops.
func (r *relay[E, F]) loop() (over bool) {
	defer r.worker.catch(&over, func() (int, int, any) {
		index, item := r.where(r.in.item())
		return 0, index, item
	})
	for r.in.next() {
		if r.in.pos == 0 {
			r.begin()
		}
		e := r.in.item()
		if r.yielded != nil {
			if index, err := r.yielded(e); err != nil {
				r.worker.passed()
				if !r.worker.yield(index, err) {
					break
				}
				continue
			}
		}
		if r.task != nil && !r.task(e) {
			continue
		}
		if !r.work(e) {
			break
		}
	}
	r.release(false)
	return true
}

// begin begins a claim. What was sent of the one before is over, or has been taken back.
func (r *relay[E, F]) begin() {
	r.ahead.Lock()
	defer r.ahead.Unlock()
	r.sent, r.more, r.parcels, r.weight, r.lost = 0, 0, r.parcels[:0], 0, 0
	clear(r.causes)
	clear(r.tries)
}

// work sees to it that e, the item in hand, ends. It returns false where the worker must leave its loop.
func (r *relay[E, F]) work(e *E) bool {
	for {
		pos := r.in.pos
		if why := r.causes[pos]; why != nil {
			delete(r.causes, pos)
			if ok, again := r.survive(e, pos, why); !again {
				return ok
			}
		}
		if r.process == nil && !r.connect() {
			r.worker.interrupted(0)
			return false
		}
		if pos >= r.sent && r.fleet.due(r.process, r.served) {
			r.ahead.Lock()
			r.parcels, r.weight = r.parcels[:0], 0
			r.ahead.Unlock()
			r.release(true)
			continue
		}
		ok, err := true, error(nil)
		if pos >= r.more {
			var unfit bool
			if unfit, err = r.send(); unfit {
				index, item := r.where(e)
				return r.worker.reject(0, index, item, err, stackOf(err, 0))
			}
		}
		if err == nil {
			if ok, err = r.await(e); err == nil {
				return ok
			}
		}
		if r.worker.stopped() && r.worker.run.tasks == nil {
			if ok { // else it has been counted
				r.worker.interrupted(0)
			}
			return false
		}
		r.mourn(pos, err)
	}
}

// send sends the item in hand, if it has not been, and as many of those behind it as may be ahead. Until the first of
// the messages on their way is over there is no more to send. unfit says that the item in hand cannot cross because of
// err; another err, that the process is gone.
func (r *relay[E, F]) send() (unfit bool, err error) {
	e := r.enc
	for {
		e.buf = e.buf[:0]
		for more := true; more && len(e.buf) < writtenAtOnce; {
			more, err = r.pack()
		}
		if len(e.buf) == 0 {
			if err == nil {
				r.more = r.parcels[0].end
			}
			return err != nil, err
		}
		n, err := r.process.conn.Write(e.buf)
		r.stats.bytesOut.Add(int64(n))
		if err != nil { // it has gone: what it has said before is to be read, to the end
			r.process.conn.release()
			r.more = math.MaxInt
			return false, nil
		}
	}
}

// pack appends a message of the next items that may be sent now to the encoder's buffer, if there are any.
func (r *relay[E, F]) pack() (packed bool, err error) {
	r.ahead.Lock() // nobody takes items back meanwhile
	defer r.ahead.Unlock()
	pos := r.in.pos
	for len(r.parcels) > 0 && r.parcels[0].end <= pos {
		r.weight -= r.parcels[0].weight
		r.parcels = r.parcels[1:]
	}
	if r.sent <= pos {
		r.sent = pos
	} else if r.weight > onTheirWay/2 {
		return false, nil
	}
	first, end := r.sent, r.reach(pos)
	e := r.enc
	from, cost := len(e.buf), 0
	if from == 0 {
		cost = writeCost
	}
	e.buf = append(e.buf, make([]byte, headSize+itemsHead)...)
	for ; r.sent < end; r.sent++ {
		start, body := len(e.buf), 0
		e.buf, body = r.sizer.open(e.buf, 0)
		err = encodeItem(e, &r.in.items[r.sent], r.encode)
		if err != nil || r.sent > pos && r.weight+len(e.buf)-from+cost > onTheirWay {
			e.buf = e.buf[:start] // it will be the item in hand
			break
		}
		e.buf = r.sizer.close(e.buf, body)
	}
	if r.sent == first {
		e.buf = e.buf[:from]
		if first > pos {
			err = nil
		}
		return false, err
	}
	if len(r.parcels) == 0 {
		r.shift = r.number + 1 - uint32(first)
	}
	head := seal(e.buf[from:])[headSize:]
	binary.LittleEndian.PutUint32(head, r.number+1)
	binary.LittleEndian.PutUint32(head[4:], uint32(r.tries[first]))
	binary.LittleEndian.PutUint64(head[8:], uint64(r.deadline()))
	r.number += uint32(r.sent - first)
	r.served += r.sent - first
	weight := len(e.buf) - from + cost
	r.parcels = append(r.parcels, parcel{r.sent, weight})
	r.weight += weight
	return true, nil
}

// reach is the position in the claim up to which the next message may go.
func (r *relay[E, F]) reach(pos int) int {
	// The limit is 0 where somebody wants the slot to look up. The item in hand goes nevertheless.
	claimed := max(int(r.in.limit.Load()), pos+1)
	most := r.chunk
	if most == 0 {
		most = (claimed-pos)/messagesAhead + 1
	}
	if r.alone || r.sent < r.lost {
		most = 1
	}
	if r.fleet.recycleAfter > 0 {
		most = min(most, r.fleet.recycleAfter-r.served)
	}
	end := min(claimed, r.sent+most)
	if (r.alone || r.lost > pos) && r.sent > pos {
		return pos
	}
	if r.yielded != nil {
		for i := r.sent; i < end; i++ {
			if _, err := r.yielded(&r.in.items[i]); err != nil {
				return i
			}
		}
	}
	return end
}

// takeBack takes back the items that have been sent and have not begun, the one in hand apart, which the slot waits
// for. It returns how many of the claim are left. The queue's lock is held.
func (r *relay[E, F]) takeBack() int {
	r.ahead.Lock()
	defer r.ahead.Unlock()
	announced := int(r.in.begun.Load() - r.in.base)
	if r.process != nil && len(r.parcels) > 0 && announced <= r.sent {
		r.process.keep(r.shift + uint32(announced-1))
	}
	return max(announced, r.lost, r.revokeSent())
}

// revokeSent revokes what has been sent and has not begun. It returns the position in the claim before which all has
// begun. r.ahead is held.
func (r *relay[E, F]) revokeSent() int {
	if r.process == nil || len(r.parcels) == 0 {
		return 0
	}
	return int(int32(r.process.revoke(r.number) - r.shift + 1))
}

// await reads what becomes of e, the item in hand, until it is over. An err says that the process has not survived;
// ok, whether the worker goes on.
func (r *relay[E, F]) await(e *E) (ok bool, err error) {
	if r.task != nil && r.worker.run.tasks != nil {
		number, p, ctx := r.number, r.process, r.worker.ctx
		forget := context.AfterFunc(ctx, func() {
			if late, ok := ctx.Deadline(); !ok || time.Now().Before(late) { // else it ends there as a deadline does
				p.cancelItem(number)
			}
		})
		defer forget()
	}
	ok, r.failed, r.handed = true, false, false
	r.expect(r.shift + uint32(r.in.pos))
	for {
		kind, content, err := r.record()
		if err != nil {
			return ok, err
		}
		switch kind {
		case resultRecord:
			ok = r.take(e, content, ok)
		case lastRecord:
			ok = r.take(e, content, ok)
			return ok, nil
		case overRecord:
			if ok && !r.failed && !r.handed && r.worker.run.tasks != nil {
				r.worker.run.tasks.endTask(r.worker, r.put != nil)
			}
			return ok, nil
		case failedRecord:
			index, item := r.where(e)
			ok = r.fault(content, index, item) && ok
			r.failed = true
		case cutRecord:
			at, err := r.cutAt(content)
			if ok && err == nil {
				r.worker.interrupted(at)
			}
			return false, err
		case turnRecord:
			if err := r.grant(r.turn(e)); err != nil {
				return ok, err
			}
		default:
			if err := r.note(kind, content); err != nil {
				return ok, err
			}
		}
	}
}

// take hands on an element that the item in hand has become. ok says whether the worker goes on so far.
func (r *relay[E, F]) take(e *E, content []byte, ok bool) bool {
	r.dec.read(content, r.owned)
	last := len(r.worker.group.stages) - 1
	switch err := decodeItem(r.dec, &r.result, r.decode); {
	case !ok:
	case err != nil:
		index, item := r.where(e)
		r.failed = true
		return r.worker.reject(last, index, item, err, stackOf(err, last))
	case !r.put(r.result):
		r.worker.interrupted(last)
		return false
	default:
		r.handed = true
		r.received++
		if r.worker.group.stages[last].many {
			r.worker.counts[last].out++
		}
	}
	return ok
}

// mourn is called where the process has not survived the item at pos.
func (r *relay[E, F]) mourn(pos int, err error) {
	r.ahead.Lock()
	lost := r.revokeSent()
	r.lost = max(r.lost, lost) // which is not taken back from now on
	r.sent, r.more, r.parcels, r.weight = pos, pos, r.parcels[:0], 0
	r.ahead.Unlock()
	why := r.bury(err)
	for i := pos; i < lost; i++ {
		r.causes[i] = why
	}
}

// survive says what becomes of the item in hand, which was in the hands of a process that has died because of why: it
// is tried again, or else has failed, and ok says whether the worker goes on.
func (r *relay[E, F]) survive(e *E, pos int, why error) (ok, again bool) {
	w := r.worker
	r.tries[pos]++
	if r.again(r.tries[pos], why) {
		return true, true
	}
	index, item := r.where(e)
	w.attempt = r.tries[pos]
	return r.fallen(index, item, why), false
}
