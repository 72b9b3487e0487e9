package threads

import (
	"encoding/binary"
	"os"
	"os/exec"
	"sync"
	"time"
)

// process is one worker process. The slot that has taken it owns its stream; the other methods may be called by
// anybody at any time, and have no effect when it has gone.
type process struct {
	conn *stream
	pid  int

	fleet   *fleet
	cmd     *exec.Cmd
	control *os.File       // the writing end of a pipe whose end is the end of the worker; nil: a command
	outputs []*os.File     // what it writes beside, as far as it comes through here
	reading sync.WaitGroup // who reads what it writes, its hello included
	stderr  tailWriter
	gone    chan struct{} // closed when the process has ended and all that it wrote has been read
	crash   *crash        // how it ended; set before gone is closed
	leave   func()        // gives back what it has of shared resources; nil: it shares none

	// What it is to the fleet; guarded by fleet.mu.
	ready   bool
	leaving bool // another process has its place
	retired bool // it has been asked to end
	large   bool // it is over the memory limit

	// What the watch has seen.
	beats   uint32
	silence time.Duration

	mu      sync.Mutex // comes after fleet.mu
	exited  bool
	why     error   // for which it was stopped; the first
	refused bool    // why says all: the process has not started
	asked   bool    // for its stacks, before it was killed
	vitals  *vitals // nil: a command
	mapped  bool    // the vitals may be used
	last    uint32  // begun when it had gone
	before  int64   // bytes of records that it had sent then, as far as it had come
	unsent  []byte  // the records after these
}

// Signals, by their numbers on all systems that have them.
const (
	signalQuit      = 3
	signalKill      = 9
	signalTerminate = 15
)

// farewell is how long a process may take to end that is about to: its stream has ended, or it was told to.
const farewell = time.Second

// Why processes are stopped.
const (
	errLeft     sentinel = "the worker process has closed its connection"
	errSilent   sentinel = "the worker process has given no sign of life within the heartbeat"
	errShutdown sentinel = "the worker process has not ended within the shutdown timeout"
	errNoHello  sentinel = "the worker process has not said hello: does main call the pipeline's Worker function first?"
)

// stop kills the process because of why: its stream ends soon, and its crash says why. It does not wait. Only the
// first why counts.
func (p *process) stop(why error) {
	p.blame(why)
	p.signal(signalKill)
}

// blame records why the process is stopped. It returns false where it already is, or has ended.
func (p *process) blame(why error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.exited || p.why != nil {
		return false
	}
	p.why = why
	return true
}

// refuse stops the process, which cannot start, because of why and returns that.
func (p *process) refuse(why error) error {
	p.mu.Lock()
	if p.why == nil { // it may have exited since it said so
		p.why, p.refused = why, true
	}
	p.mu.Unlock()
	p.signal(signalKill)
	return why
}

// signal sends a signal to the process and what it has started.
func (p *process) signal(number int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.exited {
		signalProcess(p.cmd.Process, number)
	}
}

// interrogate makes the process write the stacks of its goroutines, as well as it still can, and kills it.
func (p *process) interrogate() {
	p.mu.Lock()
	p.asked = true
	p.mu.Unlock()
	p.tell(orderStacks, 0)
	if p.goneWithin(farewell / 2) {
		return
	}
	p.signal(signalQuit)
	if !p.goneWithin(farewell / 2) {
		p.signal(signalKill)
	}
}

// dismiss sees to it that the process ends, which has been told to, within patience or little more.
func (p *process) dismiss(patience time.Duration) {
	if p.goneWithin(patience) || !p.blame(errShutdown) {
		return
	}
	p.signal(signalTerminate)
	if !p.goneWithin(farewell) {
		p.signal(signalKill)
	}
}

// goneWithin waits until the process has gone, for d at most.
func (p *process) goneWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.gone:
		return true
	case <-timer.C:
		return false
	}
}

// hear calls f, which reads what the process says at last, on a goroutine of its own. It returns false, and does not,
// where the process has exited.
func (p *process) hear(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.exited {
		p.reading.Go(f)
	}
	return !p.exited
}

// collect waits until the process has gone, whose stream has ended: it is dead, dying or out of order.
func (p *process) collect() *crash {
	if !p.goneWithin(farewell) {
		p.stop(errLeft)
		<-p.gone
	}
	return p.crash
}

// Orders to a worker process: one byte, then the number of an item.
const (
	orderCancel     = 'c' // the context of all that it does
	orderCancelItem = 'i' // the context of that item, if it is under way
	orderStacks     = 's' // write the stacks of all goroutines to stderr and exit
	orderSize       = 5   // bytes
)

// tell gives the worker an order.
func (p *process) tell(what byte, item uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.control != nil && !p.exited {
		_, _ = p.control.Write(binary.LittleEndian.AppendUint32([]byte{what}, item))
	}
}

// cancel tells the worker to cancel the context of all that it does now and later.
func (p *process) cancel() { p.tell(orderCancel, 0) }

// cancelItem tells the worker to cancel the context of item n if that is under way.
func (p *process) cancelItem(n uint32) { p.tell(orderCancelItem, n) }

// marked says whether the process marks the items that it begins: commands do not.
func (p *process) marked() bool { return p.vitals != nil }

// revoke makes the items up to number upTo that have not begun never begin. It returns the number of the last one
// that has, also when the process has gone.
func (p *process) revoke(upTo uint32) uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.mapped {
		return p.last
	}
	return p.vitals.mark.revoke(upTo)
}

// keep makes item n one that is never revoked, unless it has been.
func (p *process) keep(n uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mapped {
		p.vitals.mark.begin(n)
	}
}

// begun is the number of the item that began last, 0 before the first, also when the process has gone.
func (p *process) begun() uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.mapped {
		return p.last
	}
	return p.vitals.mark.last()
}

// unheard returns the records that the process, which has gone, had ready when heard bytes of records had come.
func (p *process) unheard(heard int64) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	if from := heard - p.before; from >= 0 && from < int64(len(p.unsent)) {
		return p.unsent[from:]
	}
	return nil
}

// await reaps the process when it ends.
func (p *process) await() {
	defer p.fleet.alive.Done()
	_ = p.cmd.Wait() // the state says all
	p.mu.Lock()
	p.exited = true
	p.release()
	p.mu.Unlock()
	if p.control == nil {
		signalProcess(p.cmd.Process, signalKill) // what a command has left
	}
	p.conn.release()
	if p.leave != nil {
		p.leave()
	}
	for _, file := range p.outputs {
		_ = file.SetReadDeadline(time.Now().Add(lingering))
	}
	p.reading.Wait()
	p.crash = newCrash(p)
	p.fleet.bury(p)
	close(p.gone)
}

// release lets go what ties the process to its parent beside the stream. p.mu is held, or nobody else has p.
func (p *process) release() {
	if p.control != nil {
		_ = p.control.Close()
	}
	if p.mapped {
		p.last = p.vitals.mark.last()
		p.before, p.unsent = p.vitals.outbox.unsent()
		p.vitals.unmap()
		p.mapped = false
	}
}
