// Package processfaults holds stages that do to their process what their items say: the rows of the table of what
// can go wrong with a worker process.
package processfaults

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Job is an item. Do is a word that says what becomes of it, and what that word takes.
type Job struct {
	N    int
	Do   string
	Body []byte
	bad  *Job // in a circle it cannot be encoded
	mine mine
}

// mine goes off in the worker process that decodes it.
type mine struct{ when string }

func (m mine) MarshalBinary() ([]byte, error) { return []byte(m.when), nil }

func (m *mine) UnmarshalBinary(b []byte) error {
	m.when = string(b)
	switch m.when {
	case "fail":
		return errRefused
	case "panic":
		panic("decode panics")
	case "exit":
		time.Sleep(20 * time.Millisecond) // what was done before has been answered by now
		os.Exit(6)
	}
	return nil
}

// Done is a result.
type Done struct {
	N, Pid int
	Text   string
	Body   []byte
	bad    *Done
	trap   trap

	pipegenNote string // a name that begins like those of generated code
}

// trap has code of its own for the way to another process.
type trap struct{ when string }

func (t trap) MarshalBinary() ([]byte, error) {
	switch t.when {
	case "exit in encode":
		os.Exit(5)
	case "fail in encode":
		return nil, errRefused
	case "panic in encode":
		panic("encode panics")
	}
	return []byte(t.when), nil
}

func (t *trap) UnmarshalBinary(b []byte) error {
	t.when = string(b)
	switch t.when {
	case "fail in decode":
		return errRefused
	case "panic in decode":
		panic("decode panics")
	}
	return nil
}

var errRefused = errors.New("refused")

// worker is the state of a process.
type worker struct{ hoard [][]byte }

func newWorker(setup string) (*worker, error) {
	verb, arg, _ := strings.Cut(setup, " ")
	switch verb {
	case "fail":
		return nil, fmt.Errorf("no licence: %w", errRefused)
	case "exit":
		fmt.Fprintln(os.Stderr, "no model")
		os.Exit(7)
	case "panic":
		panic("no idea")
	case "unless": // what keeps it from starting has not come yet
		if _, err := os.Stat(arg); err == nil {
			return nil, errRefused
		}
	case "slow":
		time.Sleep(50 * time.Millisecond)
	}
	return &worker{}, nil
}

func (w *worker) do(ctx context.Context, j Job) (Done, error) {
	verb, arg, _ := strings.Cut(j.Do, " ")
	if verb == "hoard" {
		megabytes, next, _ := strings.Cut(arg, " ")
		n, _ := strconv.Atoi(megabytes)
		block, err := take(n << 20)
		if err != nil {
			return Done{}, err
		}
		w.hoard = append(w.hoard, block)
		j.Do = next
	}
	return do(ctx, j)
}

func do(ctx context.Context, j Job) (Done, error) {
	d := Done{N: j.N, Pid: os.Getpid(), Text: j.Do}
	verb, arg, _ := strings.Cut(j.Do, " ")
	number, _ := strconv.Atoi(arg)
	if slices.Contains([]string{"exit", "fatal", "overflow", "segv", "kill", "term", "once"}, verb) {
		time.Sleep(20 * time.Millisecond) // what was done before has been answered by now
	}
	switch verb {
	case "fail":
		return d, fmt.Errorf("job %d: %w", j.N, errRefused)
	case "panic":
		panic("job panics")
	case "goexit":
		runtime.Goexit()
	case "exit":
		fmt.Fprintln(os.Stderr, "last words")
		os.Exit(number)
	case "fatal":
		var mu sync.Mutex
		mu.Unlock()
	case "overflow":
		debug.SetMaxStack(1 << 20)
		return d, overflow(1)
	case "segv":
		raise(syscall.SIGSEGV)
	case "kill":
		raise(syscall.SIGKILL)
	case "term":
		raise(syscall.SIGTERM)
	case "stop":
		_ = exec.Command("kill", "-STOP", strconv.Itoa(os.Getpid())).Run()
		select {} // it need not come at once
	case "once": // the first process that does it dies
		if _, err := os.Stat(arg); err != nil {
			_ = os.WriteFile(arg, nil, 0o600)
			raise(syscall.SIGKILL)
		}
	case "begin": // says so, and waits for ever
		_ = os.WriteFile(arg, []byte(strconv.Itoa(os.Getpid())), 0o600)
		select {}
	case "wait": // says so, and waits for its context
		_ = os.WriteFile(arg, []byte(strconv.Itoa(os.Getpid())), 0o600)
		<-ctx.Done()
		return d, context.Cause(ctx)
	case "pause": // says so, and takes a while
		_ = os.WriteFile(arg, []byte(strconv.Itoa(os.Getpid())), 0o600)
		time.Sleep(100 * time.Millisecond)
	case "touch": // says so, and takes a millisecond
		_ = os.WriteFile(arg, nil, 0o600)
		time.Sleep(time.Millisecond)
	case "late": // the first time
		if _, err := os.Stat(arg); err != nil {
			_ = os.WriteFile(arg, nil, 0o600)
			select {}
		}
	case "stdin":
		n, err := os.Stdin.Read(make([]byte, 10))
		d.Text = fmt.Sprint(n, " ", err)
	case "spin":
		for {
			runtime.Gosched()
		}
	case "sleep":
		time.Sleep(time.Duration(number) * time.Millisecond)
	case "large":
		d.Body = make([]byte, number)
	case "size":
		d.Text = strconv.Itoa(len(j.Body))
	case "circle":
		d.bad = &Done{}
		d.bad.bad = d.bad
	case "trap":
		d.trap.when = arg
	case "close": // all that the process holds beside the standard streams
		for fd := 3; fd < 20; fd++ {
			_ = os.NewFile(uintptr(fd), "").Close()
		}
		select {}
	case "garble":
		for _, fd := range sockets() {
			_, _ = fd.Write(slices.Repeat([]byte{0xff}, 100))
		}
		select {}
	case "tear":
		for _, fd := range sockets() {
			_, _ = fd.Write([]byte{200, 0, 0, 0, 1, 2, 3})
		}
		os.Exit(0)
	case "flood":
		line := strings.Repeat("x", 999) + "\n"
		for range number {
			_, _ = os.Stdout.WriteString(line)
			_, _ = os.Stderr.WriteString(line)
		}
	case "print":
		fmt.Println(arg)
	case "files":
		entries, _ := os.ReadDir("/proc/self/fd")
		d.Text = strconv.Itoa(len(entries))
	case "env":
		d.Text = os.Getenv(arg)
	case "context":
		deadline, ok := ctx.Deadline()
		d.Text = fmt.Sprint(ok, time.Until(deadline).Round(time.Second))
	}
	return d, nil
}

// raise sends this process a signal and waits for it.
func raise(s syscall.Signal) {
	self, _ := os.FindProcess(os.Getpid())
	_ = self.Signal(s)
	select {}
}

func overflow(n int) error {
	if n > 0 {
		return errors.Join(overflow(n+1), nil)
	}
	return nil
}

// sockets returns the sockets that this process holds.
func sockets() (all []*os.File) {
	for fd := range uintptr(20) {
		if target, _ := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", fd)); strings.HasPrefix(target, "socket:") {
			all = append(all, os.NewFile(fd, ""))
		}
	}
	return all
}

func twice(d Done) []Job { return []Job{{N: d.N}, {N: d.N, Do: strings.TrimPrefix(d.Text, "later ")}} }

// flood makes many results of one item. A file says how many, by its size.
func flood(d Done) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		f, err := os.OpenFile(d.Text, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		defer f.Close()
		for range 1000 {
			_, _ = f.Write([]byte{'.'})
			if !yield(make([]byte, 10_000)) {
				return
			}
		}
	}
}

func jobs(script []string) iter.Seq2[Job, error] {
	return func(yield func(Job, error) bool) {
		for i, text := range script {
			verb, arg, _ := strings.Cut(text, " ")
			if verb == "source" {
				_, err := do(context.Background(), Job{N: i, Do: arg})
				if err != nil && !yield(Job{}, err) {
					return
				}
				continue
			}
			if !yield(Job{N: i, Do: text}, nil) {
				return
			}
		}
	}
}

func swallow(ctx context.Context, j Job) error {
	_, err := do(ctx, j)
	return err
}

// buried is what the dead letter function of the parent has taken.
var buried []string

func inter(_ context.Context, stage string, j Job, err error) error {
	buried = append(buried, fmt.Sprint(stage, " ", j.N, " ", err))
	return nil
}

func wanted(j Job) bool { return j.Do != "unwanted" }

func inspect(d Done) error {
	if d.Text == "inspect" {
		return fmt.Errorf("inspect %d: %w", d.N, errRefused)
	}
	return nil
}

func swallowDone(d Done) error {
	if d.Text == "swallow" {
		return errRefused
	}
	return nil
}

func redo(d Done) Done { return d }

func see(Done) {}

func number(d Done) int { return d.N }

func wantedDone(d Done) bool { return d.Text != "unwanted" }

// pour hands out a result, does what the item says, and hands out two more.
func pour(ctx context.Context, j Job, emit func(Done) error) error {
	if err := emit(Done{N: j.N}); err != nil {
		return err
	}
	d, err := do(ctx, j)
	if err != nil {
		return err
	}
	return errors.Join(emit(d), emit(d))
}

func note(j Job, err error, path string) error {
	f, failed := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if failed != nil {
		return failed
	}
	_, failed = fmt.Fprintf(f, "%d %.40q %t\n", j.N, err, errors.Is(err, errRefused))
	return errors.Join(failed, f.Close())
}

// instantly dies with one item in a hundred.
func instantly(n int) int {
	if n%100 == 99 {
		os.Exit(3)
	}
	return n
}
