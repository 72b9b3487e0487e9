package threads

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"sync"
	"sync/atomic"
)

// hub is what worker processes share with this process, their parent: it serves their calls, and gives back what those
// hold that have ended. Any number of fleets may have the same one.
type hub struct {
	known   []error
	memory  *mapping // which the workers map too; nil: none
	offers  []offer
	parties atomic.Uint32 // numbered so far
}

// offer is a resource by its name in the spec.
type offer struct {
	name string
	service
	failing []string // resources that it guards and that are not to be used after its owner has died
}

// service is what workers may do with a resource.
type service interface {
	// serve does op for who, with what d says, and writes the results to e; where it returns an error they are of no
	// use. errFrame says that there is no such op. It ends soon after ctx, with context.Cause(ctx) where that is why:
	// no other request of the process is read until serve returns, or asks for ctx.Done to wait for that too.
	serve(ctx context.Context, who party, op byte, d *decoder, e *encoder) error
	// left says that the process has ended: what it holds is given back. It returns whether that was anything.
	left(who party) (had bool)
}

// keeper is a service of which one may take what another one gives back.
type keeper interface {
	// passOn says that the process has ended when its work was done: what it has is the parent's from now on.
	passOn(who party)
}

// loss is a resource that was held by a process when that ended.
type loss struct {
	resource string
	failing  []string // what it guards, on_crash: fail
}

// newHub returns a hub without resources.
func newHub(known []error, memory *mapping) *hub { return &hub{known: known, memory: memory} }

// offer lets workers use a resource by the number that it returns. It comes before any worker starts. When a worker
// has ended, resources are given back in this order: a lock is offered after what it guards.
func (h *hub) offer(name string, s service) (resource int) {
	h.offers = append(h.offers, offer{name: name, service: s})
	return len(h.offers) - 1
}

// failOnLoss makes a run fail when a process of its has ended that held the resource, because that guards another one.
func (h *hub) failOnLoss(resource int, guarded string) {
	o := &h.offers[resource]
	o.failing = append(o.failing, guarded)
}

// guest is a worker process at a hub.
type guest struct {
	hub       *hub
	party     party
	conn      *stream
	most      int         // bytes of what a request or a reply says
	malformed func(error) // is called when it sends something else than requests

	ctx     context.Context // of all of its requests
	cancel  context.CancelCauseFunc
	wire    *wire          // of the goroutine that reads
	read    chan struct{}  // closed when all has been read
	waiting sync.WaitGroup // requests in whose course another goroutine has begun to read
	writing sync.Mutex

	mu   sync.Mutex
	open map[uint32]context.CancelCauseFunc // of requests that are served
}

// errGone is the cause of the context of the requests of a process that has ended.
const errGone sentinel = "the worker process has ended"

// enter makes conn the connection of a process that is about to start. Its requests are served until it leaves.
func (h *hub) enter(conn *stream, most int, malformed func(error)) (*guest, error) {
	g := &guest{
		hub: h, party: party(h.parties.Add(1)), conn: conn, most: min(most, math.MaxInt32-frameSpace),
		malformed: malformed, read: make(chan struct{}), open: make(map[uint32]context.CancelCauseFunc),
	}
	g.wire = newWire(conn, g.most+frameSpace)
	g.ctx, g.cancel = context.WithCancelCause(context.Background())
	if err := sendFrame(conn, binary.LittleEndian.AppendUint32(nil, uint32(g.party))); err != nil {
		return nil, err
	}
	go g.attend()
	return g, nil
}

// attend reads requests and serves them. It returns when one of them waits: then another goroutine reads on.
func (g *guest) attend() {
	for {
		message, owned, err := g.wire.receive()
		handedOn := false
		if err == nil {
			handedOn, err = g.request(message, owned)
		}
		if errors.Is(err, errFrame) {
			g.malformed(err)
		}
		switch {
		case handedOn:
			g.waiting.Done()
			return
		case err != nil: // it has gone, or is about to
			close(g.read)
			return
		}
	}
}

// request sees to a request. It returns whether another goroutine reads now. An error says that it is none.
func (g *guest) request(message []byte, owned bool) (handedOn bool, err error) {
	if len(message) < requestHead {
		return false, errFrame
	}
	d := newDecoder(g.hub.known)
	d.read(message, owned)
	kind, number, resource, op := d.uint8(), d.uint32(), int(d.uint16()), d.uint8()
	if kind == requestCancel {
		why := d.error()
		g.mu.Lock()
		cancel := g.open[number]
		g.mu.Unlock()
		if cancel != nil {
			cancel(why)
		}
		if d.err != nil {
			return false, errFrame
		}
		return false, nil
	}
	if resource >= len(g.hub.offers) || kind != requestCall && kind != requestTell {
		return false, errFrame
	}
	s := g.hub.offers[resource].service
	if kind == requestTell {
		if err := g.serve(g.ctx, s, op, d, newEncoder(g.most, g.hub.known)); errors.Is(err, errFrame) {
			return false, err
		}
		return false, nil // nobody asks what has come of it
	}
	ctx, cancel := context.WithCancelCause(g.ctx)
	defer cancel(nil)
	handOn := sync.OnceFunc(func() {
		handedOn = true
		if !owned {
			d.data = append([]byte(nil), d.data...) // who reads on has the message's memory
		}
		g.mu.Lock()
		g.open[number] = cancel
		g.mu.Unlock()
		g.waiting.Add(1)
		go g.attend()
	})
	err = g.reply(&patientContext{ctx, handOn}, number, s, op, d)
	if handedOn {
		g.mu.Lock()
		delete(g.open, number)
		g.mu.Unlock()
	}
	return handedOn, err
}

// patientContext is the context of a request. Who asks for its end is about to wait, which it is told first.
type patientContext struct {
	context.Context
	waits func()
}

// Done is that of the context.
func (c *patientContext) Done() <-chan struct{} {
	c.waits()
	return c.Context.Done()
}

// reply serves a call and says what has come of it. An error says that it was none.
func (g *guest) reply(ctx context.Context, number uint32, s service, op byte, d *decoder) error {
	verdict := byte(replyDone)
	e := g.replyTo(number)
	switch err := g.serve(ctx, s, op, d, e); {
	case err == nil:
	case errors.Is(err, errFrame):
		return err
	case err == context.Cause(ctx):
		verdict, e = replyCanceled, g.replyTo(number)
	default:
		verdict, e = replyError, g.replyTo(number)
		if p, ok := err.(*panicError); ok {
			verdict = replyPanic
			text := fmt.Sprint(p.value)
			e.string(text[:min(len(text), maxErrorText)])
		} else {
			e.error(err)
		}
	}
	e.buf[headSize+replyHead-1] = verdict
	g.writing.Lock()
	defer g.writing.Unlock()
	_, _ = g.conn.Write(seal(e.buf)) // an error says that nobody waits for it any more
	return nil
}

func (g *guest) replyTo(number uint32) *encoder {
	e := newEncoder(g.most, g.hub.known)
	e.buf = make([]byte, headSize+replyHead, headSize+replyHead+64)
	binary.LittleEndian.PutUint32(e.buf[headSize:], number)
	return e
}

// serve has the resource's service do op. Its panic is a *panicError.
func (g *guest) serve(ctx context.Context, s service, op byte, d *decoder, e *encoder) (err error) {
	defer func() {
		if why := recover(); why != nil {
			err = &panicError{why}
		}
	}()
	tooLarge := encodeItem(e, &op, func(e *encoder, op *byte) { err = s.serve(ctx, g.party, *op, d, e) })
	_, damaged := d.err.(sentinel)
	switch {
	case damaged:
		return errFrame
	case d.err != nil: // by the type's own methods
		return d.err
	case err == nil:
		err = tooLarge
	}
	return err
}

// leave follows the end of the process: when its requests are over, all that it holds is given back. It returns what
// that was. Where the process has finished its work, what others may give back for it is kept.
func (g *guest) leave(finished bool) (losses []loss) {
	g.conn.release()
	<-g.read // what it has still told is done
	g.cancel(errGone)
	g.waiting.Wait()
	for _, o := range g.hub.offers {
		if k, ok := o.service.(keeper); ok && finished {
			k.passOn(g.party)
		} else if o.left(g.party) {
			losses = append(losses, loss{o.name, o.failing})
		}
	}
	_ = g.conn.Close()
	return losses
}

// expectant is a service at which others may wait for a process.
type expectant interface {
	// missed says that a process has ended while a slot used it: nobody is to wait for it any more.
	missed()
}

// miss follows leave where the process has ended before its work was done.
func (g *guest) miss() {
	for _, o := range g.hub.offers {
		if s, ok := o.service.(expectant); ok {
			s.missed()
		}
	}
}

// join makes p, which is about to start, a guest and returns what it inherits for that.
func (h *hub) join(p *process, files *handles) (inherited []*os.File) {
	conn, theirs := files.streams()
	if files.err != nil {
		return nil
	}
	g, err := h.enter(conn, p.fleet.maxItem, p.stop)
	if err != nil {
		files.err = err
		return nil
	}
	p.leave = func() {
		p.fleet.report(p, g.leave(p.fleet.finished(p)))
		if p.fleet.uses(p) {
			g.miss()
		}
	}
	inherited = []*os.File{theirs.in, theirs.out}
	if h.memory != nil {
		inherited = append(inherited, h.memory.join(p, files)...)
	}
	return inherited
}

// report says what p has left behind, and fails the run where it must not go on after that.
func (f *fleet) report(p *process, losses []loss) {
	for _, l := range losses {
		f.run.logger().Warn("shared resource freed: its owner has ended", "stage", f.stage, "pid", p.pid, "resource", l.resource)
		if f.lostLocks != nil {
			f.lostLocks.Add(1)
		}
		for _, guarded := range l.failing {
			err := fmt.Errorf("worker process %d has ended while it held the lock %s, which guards %s", p.pid, l.resource, guarded)
			f.run.fail(f.run.newError(f.stage, -1, 1, nil, err, nil))
		}
	}
}
