package threads

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// What the environment of a worker process says of it: its role with the numbers of what it inherits, and how many
// levels it is below the first process, with the id of the one that has started it: its own children are no workers.
const (
	roleVariable  = "PIPEGEN_WORKER"
	depthVariable = "PIPEGEN_DEPTH"
)

// spawn starts a process.
func (f *fleet) spawn() (*process, error) {
	p := &process{fleet: f, gone: make(chan struct{}), stderr: tailWriter{to: os.Stderr}}
	var h handles
	f.prepare(p, &h)
	stderr, theirs := h.pipe(true)
	if h.err == nil {
		p.cmd.Stderr = theirs
		h.err = p.cmd.Start()
	}
	h.close()
	if h.err != nil {
		p.release()
		if p.leave != nil {
			p.leave()
		}
		return nil, h.err
	}
	p.pid = p.cmd.Process.Pid
	p.reading.Add(1)
	go p.passStderr(stderr)
	for _, stdout := range p.outputs {
		p.reading.Add(1)
		go p.logStdout(stdout)
	}
	p.outputs = append(p.outputs, stderr)
	return p, nil
}

// prepareCommand makes the command of a worker that speaks by its stdin and stdout.
func (p *process) prepareCommand(h *handles) {
	f := p.fleet
	out, stdin := h.pipe(false)
	in, stdout := h.pipe(true)
	p.conn = &stream{in, out}
	p.cmd = exec.Command(f.command[0], f.command[1:]...)
	p.cmd.Stdin, p.cmd.Stdout = stdin, stdout
	p.cmd.Env = append(os.Environ(), f.env...)
	bequeath(p.cmd)
}

// prepareWorker makes the command of a worker that is this program.
func (p *process) prepareWorker(h *handles) {
	f := p.fleet
	path, err := programFile()
	if err != nil {
		h.err = err
		return
	}
	conn, theirs := h.streams()
	p.conn = conn
	control, orders := h.pipe(false)
	p.control = control
	vitalsFile := p.share(h)
	if h.err != nil {
		return
	}
	inherited := []*os.File{theirs.in, theirs.out, orders, vitalsFile}
	if f.shared != nil {
		inherited = append(inherited, f.shared.join(p, h)...)
	}
	if h.err != nil {
		return
	}
	p.cmd = exec.Command(path)
	p.cmd.Args = os.Args // what the program does before it finds that it is a worker it does in both
	p.cmd.Stdout = os.Stdout
	if f.logStdout {
		stdout, theirStdout := h.pipe(true)
		p.outputs, p.cmd.Stdout = append(p.outputs, stdout), theirStdout
	}
	ids := bequeath(p.cmd, inherited...)
	p.cmd.Env = append(os.Environ(), f.env...)
	p.cmd.Env = append(p.cmd.Env,
		fmt.Sprintf("%s=%s/%d %s", roleVariable, f.pipeline, f.group, strings.Trim(fmt.Sprint(ids), "[]")),
		fmt.Sprintf("%s=%d %d", depthVariable, processDepth()+1, os.Getpid()))
}

// share maps the vitals of the process. The file is for the worker.
func (p *process) share(h *handles) (file *os.File) {
	if h.err != nil {
		return nil
	}
	if p.vitals, file, h.err = newVitals(); h.err != nil {
		return nil
	}
	h.theirs = append(h.theirs, file)
	p.mapped = true
	p.vitals.limit, p.vitals.beat = p.fleet.memoryLimit, p.fleet.heartbeat/4
	if p.vitals.limit > 0 && (p.vitals.beat == 0 || p.vitals.beat > memoryTick) {
		p.vitals.beat = memoryTick
	}
	return file
}

// programFile is what to execute to run this program again.
func programFile() (string, error) {
	if runtime.GOOS == "linux" {
		const self = "/proc/self/exe" // also where the file has been replaced or removed
		if _, err := os.Stat(self); err == nil {
			return self, nil
		}
	}
	return os.Executable()
}

// handles are the files that the start of a process opens. The first error stays.
type handles struct {
	ours   []*os.File // of the parent, if the process starts
	theirs []*os.File // of the process alone
	err    error
}

// pipe makes a pipe. The parent reads it, or writes it.
func (h *handles) pipe(reads bool) (ours, theirs *os.File) {
	if h.err != nil {
		return nil, nil
	}
	if ours, theirs, h.err = os.Pipe(); h.err != nil {
		return nil, nil
	}
	if !reads {
		ours, theirs = theirs, ours
	}
	h.ours, h.theirs = append(h.ours, ours), append(h.theirs, theirs)
	return ours, theirs
}

// streams makes a connection.
func (h *handles) streams() (ours, theirs *stream) {
	if h.err == nil {
		ours, theirs, h.err = newStreams()
	}
	if h.err != nil {
		return nil, nil
	}
	h.ours, h.theirs = append(h.ours, ours.in, ours.out), append(h.theirs, theirs.in, theirs.out)
	return ours, theirs
}

// close closes what is not needed any more.
func (h *handles) close() {
	if h.err != nil {
		h.theirs = append(h.theirs, h.ours...)
	}
	for _, file := range h.theirs {
		_ = file.Close()
	}
}
