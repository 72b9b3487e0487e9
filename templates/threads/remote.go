package threads

import (
	"cmp"
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
)

// remoteConfig says how a slot deals with the worker process that works for it.
type remoteConfig struct {
	chunk   int  // items a message; 0: chosen from what is claimed
	alone   bool // nothing is sent ahead
	maxItem int  // bytes of an item or a result
	known   []error
	stats   *processStats
	inner   []func(*decoder) any // what the group's stages after the first take

	onCrash     errorPolicy // what becomes of an item whose process has died; nil: the stage's on_error
	maxAttempts int         // at such an item, the first included
	retry       *retry      // of the stage, for attempts that the process did not survive
}

// remote is what a slot has of its worker process.
type remote struct {
	remoteConfig
	worker    *worker
	fleet     *fleet
	process   *process // nil: none; guarded by ahead
	wire      *wire
	heard     int64  // bytes of records that have come
	earlier   int64  // those before the message in hand
	records   []byte // of the message in hand, that have not been read
	owned     bool   // nobody else has the message
	inherited bool   // they are the last ones, the process has gone
	enc       *encoder
	dec       *decoder
	sizer     sizer
	number    uint32        // of the item that was sent last
	served    int           // items that the process has been sent
	awaited   atomic.Uint32 // the number of the item in hand, when records of it are waited for
	ahead     sync.Mutex    // guards what others look at who take items back; comes after a queue's mu

	failed, handed bool  // the item in hand has met an error, has a result
	received       int64 // elements in all
}

// encodeHead begins what the worker processes of a group are told: the most bytes of an item or a result. The params
// follow.
func encodeHead(maxItem int) *encoder {
	e := newEncoder(math.MaxInt32, nil)
	e.int(maxItem)
	return e
}

// decodeFaults reads what encodeFault has written.
func decodeFaults(known []error) func([]byte) *fault {
	return func(encoded []byte) *fault {
		d := newDecoder(known)
		d.reset(encoded)
		f := &fault{stage: d.string(), stack: d.bytes(), err: d.error()}
		f.err = cmp.Or(f.err, d.err)
		return f
	}
}

// begin starts the worker processes of g, which end when its last worker has handed on what is left. It comes after
// g has been told how to finish.
func (f *fleet) begin(g *group) {
	finish := g.finish
	g.finish = func() {
		if finish != nil {
			finish()
		}
		f.close()
	}
	f.open()
}

// frameSpace is what a message may take beside one item: the records before it, and the text of errors.
const frameSpace = 4 << 20

func newRemote(w *worker, f *fleet, c remoteConfig) *remote {
	r := &remote{remoteConfig: c, worker: w, fleet: f}
	r.enc, r.dec = newEncoder(c.maxItem, c.known), newDecoder(c.known)
	w.run.atStop(r.halt)
	return r
}

// halt makes what has been sent and has not begun never begin. Neither that nor the tasks of a pool are waited for.
func (r *remote) halt() {
	r.ahead.Lock()
	defer r.ahead.Unlock()
	p := r.process
	if p == nil {
		return
	}
	begun := p.revoke(r.number)
	switch {
	case r.worker.run.tasks != nil:
		p.stop(context.Cause(r.worker.run.ctx))
	case int32(r.awaited.Load()-begun) > 0:
		p.conn.release()
	}
}

// expect says that records of item n will be waited for from now on.
func (r *remote) expect(n uint32) {
	r.awaited.Store(n)
	if r.worker.stopped() {
		r.halt() // which may have come before
	}
}

// connect takes a process. It returns false where the run has stopped.
func (r *remote) connect() bool {
	p := r.fleet.take()
	if p == nil {
		return false
	}
	r.ahead.Lock()
	r.process, r.number, r.served = p, 0, 0
	r.awaited.Store(0)
	r.ahead.Unlock()
	if r.worker.stopped() {
		r.halt()
	}
	r.wire, r.heard, r.records, r.inherited = newWire(p.conn, r.maxItem+frameSpace), 0, nil, false
	return true
}

// release has done with the process, which has nothing in hand. again says that another one will be wanted.
func (r *remote) release(again bool) {
	if p := r.drop(); p != nil {
		r.fleet.retire(p, again)
	}
}

// drop forgets the process.
func (r *remote) drop() *process {
	r.ahead.Lock()
	defer r.ahead.Unlock()
	p := r.process
	r.process = nil
	return p
}

// record returns the next record that the process sends. An error says that it has not survived, and that there is no
// record left.
func (r *remote) record() (kind byte, content []byte, err error) {
	for {
		for len(r.records) == 0 {
			message, owned, err := r.wire.receive()
			if err != nil && !r.inherit(err) {
				return 0, nil, err
			} else if err == nil {
				r.earlier = r.heard
				r.heard += int64(len(message))
				r.stats.bytesIn.Add(int64(headSize + len(message)))
				r.records, r.owned = message, owned
			}
		}
		kind, content, rest, ok := nextRecord(r.records)
		if ok && kind <= brokenRecord {
			r.records = rest
			return kind, content, nil
		}
		r.heard = r.earlier // somebody else has written that message
		if !r.inherit(errFrame) {
			return 0, nil, errFrame
		}
	}
}

// inherit takes, once, the records that the process, which has not survived because of err, has not come to send. It
// returns false where there are none.
func (r *remote) inherit(err error) bool {
	if r.inherited || r.worker.stopped() {
		return false
	}
	if errors.Is(err, errFrame) { // else it has gone, or is about to
		r.process.stop(err)
	}
	_ = r.process.collect()
	r.records, r.owned, r.inherited = r.process.unheard(r.heard), true, true
	r.stats.bytesIn.Add(int64(len(r.records)))
	return len(r.records) > 0
}

// note takes a record in that does not concern one item.
func (r *remote) note(kind byte, content []byte) error {
	r.dec.reset(content)
	switch kind {
	case countsRecord:
		last := len(r.worker.counts) - 1
		for i := range r.worker.counts {
			c := &r.worker.counts[i]
			if out := int64(r.dec.uint32()); i < last {
				c.out += out
			}
			c.filtered += int64(r.dec.uint32())
			c.retries += int64(r.dec.uint32())
		}
	case brokenRecord:
		stage, stack, err := r.dec.string(), r.dec.bytes(), r.dec.error()
		r.worker.run.fail(r.worker.run.newError(stage, -1, 1, nil, err, stack))
	default:
		return errFrame
	}
	if r.dec.err != nil {
		return errFrame
	}
	return nil
}

// cutAt reads the stage that an item was not through when the run stopped.
func (r *remote) cutAt(content []byte) (int, error) {
	r.dec.reset(content)
	at := r.dec.uint64()
	if r.dec.err != nil || at >= uint64(len(r.worker.counts)) {
		return 0, errFrame
	}
	return int(at), nil
}

// fault deals with an error that the item in hand has met. It returns false when the worker must leave its loop.
func (r *remote) fault(content []byte, index int, item any) bool {
	d := r.dec
	d.reset(content)
	at, attempt := int(d.uint64()), int(d.uint64())
	stack, err := d.bytes(), d.error()
	if d.err != nil || at < 0 || at >= len(r.worker.group.stages) {
		err, at = errFrame, 0
	} else if at > 0 {
		item = nil
		if d.bool() {
			item = r.inner[at-1](d)
		}
	}
	if len(stack) == 0 {
		stack = nil
	}
	r.worker.attempt = attempt
	return r.worker.reject(at, index, item, err, stack)
}

// grant tells the process, which waits for the stage's rate limit, that its call may begin, or that err ends its run.
func (r *remote) grant(err error) error {
	var message [headSize + itemsHead]byte
	if err == nil {
		message[headSize] = 1
	}
	_, err = r.process.conn.Write(seal(message[:]))
	return err
}

// deadline is that of the task in hand, for the head of a message.
func (r *remote) deadline() int64 {
	if r.worker.run.tasks == nil {
		return 0
	}
	if d, ok := r.worker.ctx.Deadline(); ok {
		return d.UnixNano()
	}
	return math.MaxInt64
}

// bury ends the process, which has not survived because of err. It returns how it ended.
func (r *remote) bury(err error) error {
	p := r.drop()
	if errors.Is(err, errFrame) { // else it has gone, or is about to
		p.stop(err)
	}
	why := r.fleet.lost(p)
	r.balance()
	return why
}

// balance counts items between fused stages that a process has handed on, and not told of before it died.
func (r *remote) balance() {
	stages, tally := r.worker.group.stages, r.worker.counts
	need := r.received
	for i := len(stages) - 1; i > 0; i-- {
		c := &tally[i]
		if stages[i].many {
			need = 0
		}
		need += c.filtered + c.failed + c.deadLettered + c.interrupted
		for j := i - 1; j >= 0; j-- {
			if stages[j].many {
				tally[j].out = max(tally[j].out, need)
				break
			}
		}
	}
}

// again says whether an item in the hands of a process that has died because of why is to be tried again, after
// that many tries.
func (r *remote) again(tries int, why error) bool {
	w := r.worker
	if w.ctx.Err() != nil {
		return false
	}
	if errors.Is(why, context.DeadlineExceeded) {
		w.attempt = tries
		return r.retry != nil && r.retry.again(w, 0, why)
	}
	if tries >= r.maxAttempts {
		return false
	}
	w.counts[0].retries++
	return true
}

// fallen deals with an item that was in the hands of a process that has died because of why. It returns false
// when the worker must leave its loop.
func (r *remote) fallen(index int, item any, why error) bool {
	if r.onCrash == nil || errors.Is(why, context.DeadlineExceeded) {
		return r.worker.failed(0, index, item, why)
	}
	return r.worker.rejectBy(r.onCrash, 0, index, item, why, nil)
}
