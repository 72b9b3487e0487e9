package threads

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// link is the worker's end of what ties it to its parent.
type link struct {
	conn     *stream
	group    int             // of the pipeline, whose work this process is to do
	params   []byte          // of processConfig, after greet
	shared   []*os.File      // by which it reaches what it shares with others
	canceled context.Context // by the parent: all that the worker does

	*vitals // mark: items begin; attempt: an attempt at one does

	cancel     context.CancelFunc
	cancelItem atomic.Pointer[func(n uint32)]
}

// errOrphan says that the environment calls this process a worker, but nobody has started it as one.
const errOrphan sentinel = roleVariable + " is set, but this process was not started by a run of a pipeline"

// workerLink returns what ties this process to the run that has started it as a worker of the pipeline, or nil where
// none has. From now on the process ends at once when the parent has.
func workerLink(pipeline string) *link {
	role, inherited, _ := strings.Cut(os.Getenv(roleVariable), " ")
	name, index, _ := cutLast(role, "/")
	if name != pipeline || inherited == "" {
		return nil
	}
	_ = os.Unsetenv(roleVariable)
	l := &link{}
	l.canceled, l.cancel = context.WithCancel(context.Background())
	control, err := l.inherit(strings.Fields(inherited))
	if err == nil {
		l.group, err = strconv.Atoi(index)
	}
	if err != nil {
		l.fatal(errors.Join(errOrphan, err))
	}
	go l.obey(control)
	if l.limit > 0 { // as far as collecting garbage helps
		debug.SetMemoryLimit(min(l.limit, debug.SetMemoryLimit(-1)))
	}
	if l.beat > 0 {
		l.beats.Add(1) // from now on the parent may count on them
		go l.live()
	}
	return l
}

// fatal ends the process, which cannot start because of err: the error of its crash shows that.
func (l *link) fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// inherit opens what the parent has given to this process.
func (l *link) inherit(ids []string) (control *os.File, err error) {
	var files []*os.File
	for _, text := range ids {
		number, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, err
		}
		file, err := inherit(uintptr(number))
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if len(files) < 4 {
		return nil, errOrphan
	}
	l.conn, l.shared = &stream{files[0], files[1]}, files[4:]
	l.vitals, err = mapVitals(files[3])
	_ = files[3].Close()
	return files[2], err
}

// obey does what the parent tells, until that ends: then this process does, whatever it is at.
func (l *link) obey(control io.Reader) {
	var message [orderSize]byte
	for {
		if _, err := io.ReadFull(control, message[:]); err != nil {
			os.Exit(1)
		}
		switch message[0] {
		case orderCancel:
			l.cancel()
		case orderCancelItem:
			if f := l.cancelItem.Load(); f != nil {
				(*f)(binary.LittleEndian.Uint32(message[1:]))
			}
		case orderStacks:
			stacks := make([]byte, stackTail)
			fmt.Fprintf(os.Stderr, "SIGQUIT: quit\n\n%s\n", stacks[:runtime.Stack(stacks, true)])
			os.Exit(2)
		}
	}
}

// live gives signs of life.
func (l *link) live() {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	for {
		if l.limit > 0 {
			metrics.Read(sample)
			l.resident.Store(int64(sample[0].Value.Uint64() - sample[1].Value.Uint64()))
		}
		l.beats.Add(1)
		time.Sleep(l.beat)
	}
}

// onCancel makes f take the numbers of the items that cancelItem names, one at a time; it must not wait.
func (l *link) onCancel(f func(n uint32)) { l.cancelItem.Store(&f) }

// greet exchanges hellos with the parent. Where they differ the process ends; the parent says why.
func (l *link) greet(hello []byte) {
	hello = withBuild(hello)
	theirs, err := receiveFrame(l.conn, math.MaxInt32)
	if err == nil {
		l.params, err = receiveFrame(l.conn, math.MaxInt32)
	}
	if err == nil {
		err = sendFrame(l.conn, hello)
	}
	if err != nil || !bytes.Equal(hello, theirs) {
		os.Exit(1)
	}
}

// ready says that the worker takes items.
func (l *link) ready() { _ = sendFrame(l.conn, nil) } // an error is that of the next read too

// refuse ends the process, which cannot start: encoded, of maxHello bytes at most, is for decodeFault.
func (l *link) refuse(encoded []byte) {
	_ = sendFrame(l.conn, encoded)
	os.Exit(1)
}

// processDepth is how many levels of worker processes are above this process.
func processDepth() int {
	depth, parent, _ := strings.Cut(os.Getenv(depthVariable), " ")
	if parent != strconv.Itoa(os.Getppid()) {
		return 0 // a worker's child, but no worker
	}
	n, _ := strconv.Atoi(depth)
	return n
}

// refuseProcesses is the error of a run of the pipeline that may not start worker processes: the platform has none, or
// this process is one, most levels deep.
func refuseProcesses(pipeline string, most int) error {
	switch {
	case !hasProcesses:
		return fmt.Errorf("%s: processes mode is not available on %s/%s", pipeline, runtime.GOOS, runtime.GOARCH)
	case processDepth() >= most:
		return fmt.Errorf("%s: this is a worker process, and max_depth is %d: it starts no worker processes of its own", pipeline, most)
	}
	return nil
}

// refuseUnhooked is the error of a program that has not made the call hook, by which a process learns that it is a
// worker.
func refuseUnhooked(pipeline string, hooked bool, hook string) error {
	if hooked {
		return nil
	}
	return fmt.Errorf("%s: a worker process is this program, run again: add %s as the first line of main, and of TestMain in tests", pipeline, hook)
}
