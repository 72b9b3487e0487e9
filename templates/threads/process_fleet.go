package threads

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// processConfig says how the worker processes of one group are started and supervised.
type processConfig struct {
	pipeline string // unique in the program
	group    int    // of the pipeline: with its name what a process is to be
	hello    []byte // lines "what: value" that must be the same in both programs
	params   []byte // what the workers are told beside

	spare     int      // processes started and initialised beside those at work
	env       []string // NAME=value, beside the parent's as it is when a process starts
	logStdout bool     // stdout goes to Log, line by line, instead of being inherited

	maxRestarts     int // more within that time, or more failed starts in a row, fail the stage
	within          time.Duration
	recycleAfter    int           // items; 0: never
	memoryLimit     int64         // bytes: of a process that is replaced between items, and killed at twice as much; 0: none
	heartbeat       time.Duration // a worker silent for so long is stopped; 0: it may be
	timeout         time.Duration // the shortest of the stages; 0: none has one
	shutdownTimeout time.Duration // what still runs so long after the end is killed

	command     []string            // the worker's program and arguments; nil: this program
	decodeFault func([]byte) *fault // of what a worker says that cannot start, or go on: why

	restarts *atomic.Int64 // processes replaced because they ended unasked; nil: nobody looks

	shared    bequest       // what the workers share with this process; nil: nothing
	maxItem   int           // bytes of a request for that, and of its answer
	lostLocks *atomic.Int64 // what had to be given back because a worker had ended; nil: nobody looks
}

// bequest is what worker processes share with their parent and each other.
type bequest interface {
	// join lets p, which is about to start, take part, and returns what it inherits for that. An error is that of files.
	join(p *process, files *handles) (inherited []*os.File)
}

// fleet is the worker processes of a group. Each of them may work for any slot, one at a time.
type fleet struct {
	processConfig
	prepare   func(*process, *handles)     // the start of a process
	greet     func(*fleet, *process) error // waits until it is ready; nil: it is
	part      func(*fleet, *process)       // ends its stream, when it has nothing in hand
	run       *run
	stage     string        // the group's first
	helloTime time.Duration // how long a worker may take to say hello

	alive sync.WaitGroup // all goroutines of the fleet
	over  chan struct{}  // closed by close

	mu        sync.Mutex
	changed   *sync.Cond // what takers and the starter wait for
	processes map[*process]bool
	idle      []*process        // ready and not taken, the first to be so first
	taken     map[*process]bool // whose stream is a slot's
	want      int               // processes that are to have a place
	failures  []failedProcess
	recovered bool      // a process has become ready since the last failure
	halted    bool      // none is started any more, none is taken
	closed    bool      // none is needed any more
	deadline  time.Time // when what still runs is killed; zero: not halted
}

// failedProcess is one that ended unasked, or could not be started.
type failedProcess struct {
	at  time.Time
	err error
}

// newFleet makes the fleet of g, of processes that are this program. Nothing is started yet.
func (r *run) newFleet(g *group, c processConfig) *fleet {
	f := r.newCommandFleet(g, c)
	f.prepare, f.greet, f.part = (*process).prepareWorker, (*fleet).greetWorker, (*fleet).partFromWorker
	return f
}

// newCommandFleet makes the fleet of g, of processes that run the command of c. Nothing is started yet.
func (r *run) newCommandFleet(g *group, c processConfig) *fleet {
	f := &fleet{processConfig: c, prepare: (*process).prepareCommand, part: (*fleet).partFromCommand, run: r, stage: g.stages[0].name, helloTime: 10 * time.Second, want: g.slots + c.spare}
	f.over, f.processes, f.taken = make(chan struct{}), make(map[*process]bool), make(map[*process]bool)
	f.changed = sync.NewCond(&f.mu)
	return f
}

// open starts a process for each slot, and the spare ones. It does not wait for them.
func (f *fleet) open() {
	f.alive.Go(f.start)
	f.alive.Add(1)
	go f.watch()
	f.run.atStop(f.halt)
}

// start starts processes as long as there are too few, on one thread that lives longer than all of them: on Linux
// they are killed when it ends.
func (f *fleet) start() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.closed || len(f.processes) > 0 {
		if f.halted || f.placed() >= f.want {
			f.changed.Wait()
			continue
		}
		f.mu.Unlock()
		p, err := f.spawn()
		if err != nil {
			f.log("worker process not started", 0, err)
			f.failed(fmt.Errorf("a worker process cannot be started: %w", err))
		}
		f.mu.Lock()
		if err != nil {
			continue
		}
		f.processes[p] = true
		f.alive.Add(2)
		p.reading.Add(1)
		go p.await()
		go f.welcome(p)
		if f.halted {
			p.retired = true
			p.stop(errShutdown)
		}
	}
}

// placed is how many processes have a place. f.mu is held.
func (f *fleet) placed() int {
	n := 0
	for p := range f.processes {
		if !p.leaving {
			n++
		}
	}
	return n
}

// welcome makes the process that has been started ready for work, or stops it.
func (f *fleet) welcome(p *process) {
	defer f.alive.Done()
	var err error
	if f.greet != nil {
		err = f.greet(f, p)
	}
	p.reading.Done()
	if err != nil {
		_ = p.collect()
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if p.retired { // and stopped, before it had begun to do anything
		return
	}
	p.ready, f.recovered = true, true
	if f.processes[p] {
		f.idle = append(f.idle, p)
	}
	f.changed.Broadcast()
}

// greetWorker waits until the worker says that it is ready. An error says that it never will.
func (f *fleet) greetWorker(p *process) error {
	late := time.AfterFunc(f.helloTime, func() { p.stop(errNoHello) })
	hello := withBuild(f.hello)
	err := errors.Join(sendFrame(p.conn, hello), sendFrame(p.conn, f.params))
	var theirs []byte
	if err == nil {
		theirs, err = receiveFrame(p.conn, maxHello)
	}
	late.Stop()
	if err != nil {
		return err
	}
	if !bytes.Equal(theirs, hello) {
		return p.refuse(differ(hello, theirs))
	}
	verdict, err := receiveFrame(p.conn, maxHello)
	if err != nil || len(verdict) == 0 {
		return err
	}
	why := f.decodeFault(verdict)
	if why.stage == f.stage { // which the run's error names
		return p.refuse(why.err)
	}
	return p.refuse(why)
}

// withBuild is a hello that also says how the program was built: with the same spec and types it may be another one.
func withBuild(hello []byte) []byte {
	sum := fnv.New64a()
	if info, ok := debug.ReadBuildInfo(); ok {
		_, _ = io.WriteString(sum, info.String())
	}
	return fmt.Appendf(bytes.Clone(hello), "build: %s %x\n", runtime.Version(), sum.Sum64())
}

// differ is the error of a worker that is another program.
func differ(ours, theirs []byte) error {
	theirLines := strings.Split(string(theirs), "\n")
	for i, line := range strings.Split(string(ours), "\n") {
		if i >= len(theirLines) || theirLines[i] != line {
			other := strings.Join(theirLines[min(i, len(theirLines)):min(i+1, len(theirLines))], "")
			return fmt.Errorf("the worker process runs another program: it has %q, this one %q", other, line)
		}
	}
	return errFrame
}

// take returns a process that is ready for work, waiting for one if it must. It returns nil where the run has
// stopped: also because the fleet has failed, which ends the run with the first cause.
func (f *fleet) take() *process {
	f.mu.Lock()
	defer f.mu.Unlock()
	for !f.halted {
		if len(f.idle) > 0 {
			p := f.idle[0]
			f.idle = slices.Delete(f.idle, 0, 1)
			f.taken[p] = true
			return p
		}
		f.changed.Wait()
	}
	return nil
}

// lost says that the stream of p, which was taken, has ended: by an error, or by what p has sent. It waits until p
// has gone and returns how it ended. Its replacement is on its way.
func (f *fleet) lost(p *process) *crash {
	end := p.collect()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closeStream(p)
	return end
}

// due says whether p, which has been sent that many items, is to be replaced when they are done: by retire, with
// again set. Its replacement is being made ready before, from half of the items on.
func (f *fleet) due(p *process, items int) bool {
	if f.recycleAfter == 0 && f.memoryLimit == 0 {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if (p.large || f.recycleAfter > 0 && items >= f.recycleAfter/2) && !p.leaving {
		p.leaving = true
		f.changed.Broadcast()
	}
	return p.large || f.recycleAfter > 0 && items >= f.recycleAfter
}

// uses says whether a slot has taken p, and not retired it.
func (f *fleet) uses(p *process) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.taken[p]
}

// finished says whether p, which has exited, has done so because it was told that there is no more to do.
func (f *fleet) finished(p *process) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return p.retired && p.cmd.ProcessState.ExitCode() == 0
}

// retire ends p, which was taken and has nothing in hand: it is told so, and where it has not ended in
// shutdownTimeout it is killed. It does not wait for that. Where the slot will take another one, again says so.
func (f *fleet) retire(p *process, again bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !again {
		f.want--
	}
	f.dismiss(p)
}

// dismiss ends a process that has nothing in hand. f.mu is held.
func (f *fleet) dismiss(p *process) {
	p.retired, p.leaving = true, true
	f.changed.Broadcast()
	delete(f.taken, p)
	f.part(f, p)
	patience := f.shutdownTimeout
	if f.halted {
		patience = min(patience, time.Until(f.deadline))
	}
	f.alive.Go(func() { p.dismiss(patience) })
}

// closeStream closes the stream of a process that no slot uses any more. f.mu is held.
func (f *fleet) closeStream(p *process) {
	delete(f.taken, p)
	_ = p.conn.Close()
}

// halt follows the end of the run: what the workers do is cancelled, and they are killed if they go on for long.
func (f *fleet) halt() {
	f.mu.Lock()
	f.halted, f.deadline = true, time.Now().Add(f.shutdownTimeout)
	f.changed.Broadcast()
	f.mu.Unlock()
	for _, p := range f.present() {
		p.cancel()
	}
}

// expired says whether what still runs is to be killed.
func (f *fleet) expired(now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return !f.deadline.IsZero() && now.After(f.deadline)
}

// present returns the processes that have not gone.
func (f *fleet) present() []*process {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []*process
	for p := range f.processes {
		all = append(all, p)
	}
	return all
}

// close ends what is left of the fleet, when no slot uses it any more, and waits for it.
func (f *fleet) close() {
	f.mu.Lock()
	f.halted, f.closed = true, true
	if f.deadline.IsZero() {
		f.deadline = time.Now().Add(f.shutdownTimeout)
	}
	for p := range f.processes {
		switch {
		case p.retired:
		case p.ready:
			f.dismiss(p)
		default:
			p.retired = true
			p.stop(errShutdown) // it has not begun to do anything
		}
	}
	for p := range f.taken {
		f.closeStream(p) // it had gone, and its slot has not noticed
	}
	f.changed.Broadcast()
	f.mu.Unlock()
	close(f.over)
	f.alive.Wait()
}

// bury follows the end of a process.
func (f *fleet) bury(p *process) {
	f.mu.Lock()
	delete(f.processes, p)
	f.idle = slices.DeleteFunc(f.idle, func(other *process) bool { return other == p })
	if !f.taken[p] {
		f.closeStream(p)
	}
	unasked, ready := !p.retired && !f.halted, p.ready
	f.changed.Broadcast()
	f.mu.Unlock()
	switch {
	case unasked && ready:
		f.log("worker process ended", p.pid, p.crash)
		f.failed(p.crash)
	case unasked && p.refused:
		f.log("worker process not started", p.pid, p.crash)
		f.failed(p.crash.why)
	case unasked:
		f.log("worker process not started", p.pid, p.crash)
		f.failed(fmt.Errorf("a worker process has not started: %w", p.crash))
	case ready && p.crash.why != nil:
		f.log("worker process killed", p.pid, p.crash)
	}
}

// log writes of a process that has ended.
func (f *fleet) log(text string, pid int, err error) {
	f.run.logger().Warn(text, "stage", f.stage, "pid", pid, "error", err)
}

// failed counts a process that ended unasked, because of err, and fails the stage where there are too many of them.
// One whose item took too long is no sign that the next one will fare no better.
func (f *fleet) failed(err error) {
	if f.restarts != nil {
		f.restarts.Add(1)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return
	}
	if first := f.tooMany(failedProcess{time.Now(), err}); first != nil {
		f.run.fail(f.run.newError(f.stage, -1, 1, nil, first, nil))
	}
}

// tooMany adds a failure. It returns the error of the stage where there have been more than maxRestarts of them: in
// the time that counts, or however long it took, while no process became ready in between.
func (f *fleet) tooMany(last failedProcess) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.recovered {
		f.failures = slices.DeleteFunc(f.failures, func(old failedProcess) bool { return last.at.Sub(old.at) > f.within })
	}
	f.recovered = false
	f.failures = append(f.failures, last)
	switch first := f.failures[0].err; {
	case f.halted || len(f.failures) <= f.maxRestarts:
		return nil
	case f.maxRestarts == 0:
		return first
	default:
		f.halted = true // until the run stops
		return fmt.Errorf("%d worker processes have failed, and max_restarts is %d; the first: %w", len(f.failures), f.maxRestarts, first)
	}
}
