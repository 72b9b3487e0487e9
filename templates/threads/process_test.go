//go:build unix

package threads

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	ossignal "os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// What the workers of these tests are: echoes, that do what the items say.

const testHello = "codec: 1\nspec: 2\n"

func init() {
	workerMain = func() {
		echo()
		partake()
		if verb := os.Getenv("TEST_PARENT"); verb != "" {
			parent(verb)
		}
	}
}

// echo is the main function of a worker. Its parameter says how it starts.
func echo() {
	if os.Getenv("TEST_START") == "asleep" {
		time.Sleep(time.Hour)
	}
	l := workerLink("test/echo")
	if l == nil {
		return
	}
	switch string(l.start()) {
	case "exit":
		fmt.Fprintln(os.Stderr, "no licence")
		os.Exit(4)
	case "refuse":
		l.refuse([]byte("no model"))
	}
	l.ready()
	for {
		message, err := receiveFrame(l.conn, maxHello)
		if err != nil || len(message) == 0 {
			os.Exit(0)
		}
		n := binary.LittleEndian.Uint32(message)
		if l.mark.begin(n) {
			_ = sendFrame(l.conn, []byte(l.do(n, string(message[4:]))))
		}
	}
}

// start is the handshake.
func (l *link) start() []byte {
	switch os.Getenv("TEST_START") {
	case "mute":
		select {}
	case "other":
		l.greet([]byte("codec: 1\nspec: 3\n"))
	}
	l.greet([]byte(testHello))
	return l.params
}

var hoard [][]byte

// do does an item.
func (l *link) do(n uint32, item string) string {
	verb, arg, _ := strings.Cut(item, " ")
	number, _ := strconv.Atoi(arg)
	switch verb {
	case "exit":
		fmt.Fprintln(os.Stderr, "giving up")
		os.Exit(number)
	case "segv":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSEGV)
		select {}
	case "freeze":
		_ = syscall.Kill(os.Getpid(), syscall.SIGSTOP)
		select {} // it need not come at once
	case "die":
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	case "spin":
		l.attempt(time.Now().Add(time.Duration(number) * time.Millisecond))
		forever()
	case "loop":
		forever()
	case "nap": // and comes back in time
		l.attempt(time.Now().Add(time.Duration(number) * time.Millisecond))
		l.attempt(time.Time{})
	case "deaf":
		ossignal.Ignore(syscall.SIGTERM)
		forever()
	case "leave":
		_ = l.conn.Close()
		select {}
	case "garble":
		_, _ = l.conn.Write([]byte("\xff\xff\xff\xff"))
		select {}
	case "flood":
		line := strings.Repeat("x", 1000) + "\n"
		for range number {
			_, _ = os.Stdout.WriteString(line)
			_, _ = os.Stderr.WriteString(line)
		}
	case "hoard":
		block := make([]byte, number<<20)
		for i := range block {
			block[i] = 1
		}
		hoard = append(hoard, block)
	case "say":
		fmt.Println(arg)
	case "cancel":
		<-l.canceled.Done()
		return "canceled"
	case "cancelItem":
		canceled := make(chan uint32, 1)
		l.onCancel(func(n uint32) { canceled <- n })
		return fmt.Sprint(<-canceled == n)
	case "env":
		return os.Getenv(arg)
	case "depth":
		return fmt.Sprint(refuseProcesses("sample", number))
	case "files":
		return strings.Join(openFiles(), " ")
	case "child": // of the worker, which holds all that it can
		cmd := exec.Command("sleep", "60")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			return err.Error()
		}
		return strconv.Itoa(cmd.Process.Pid)
	}
	return item
}

var rounds uint64

func forever() {
	for {
		rounds++
	}
}

// tested is a fleet in a test, the log of its run and its restarts.
type tested struct {
	*fleet
	t        *testing.T
	end      func() // closes it
	logged   lockedBuffer
	restarts atomic.Int64
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.String()
}

// openFleet opens a fleet of slots processes, which the end of the test closes: then nothing is left of it.
func openFleet(t *testing.T, slots int, change func(*processConfig)) *tested {
	t.Helper()
	files := openFiles()
	f := newTested(t, slots, change)
	f.end = sync.OnceFunc(f.close)
	t.Cleanup(func() {
		f.end()
		_ = f.run.wait()
		f.nothingLeft(files)
	})
	return f
}

func newTested(t *testing.T, slots int, change func(*processConfig)) *tested {
	f := &tested{t: t}
	r := newRun(context.Background(), nil, slog.New(slog.NewTextHandler(&f.logged, nil)),
		func(_ string, _, _ int, _ any, err error, _ []byte) error { return err })
	c := processConfig{
		pipeline: "test/echo", group: 7, hello: []byte(testHello), env: []string{"GORACE=atexit_sleep_ms=0"},
		maxRestarts: 3, within: 5 * time.Second, shutdownTimeout: 5 * time.Second,
		decodeFault: func(b []byte) *fault { return &fault{stage: "work", err: errors.New(string(b))} }, restarts: &f.restarts,
	}
	if change != nil {
		change(&c)
	}
	newFleet := r.newFleet
	if c.command != nil {
		newFleet = r.newCommandFleet
	}
	f.fleet = newFleet(r.addGroup(slots, stageInfo{name: "work"}), c)
	return f
}

// nothingLeft fails the test where a process, a descriptor, a mapping or a goroutine of the fleet is left.
func (f *tested) nothingLeft(files []string) {
	if left := children(os.Getpid()); len(left) > 0 {
		f.t.Errorf("processes left: %v", left)
	}
	if now := openFiles(); len(now) != len(files) {
		f.t.Errorf("descriptors left: before %v, now %v", files, now)
	}
	if maps, _ := os.ReadFile("/proc/self/maps"); bytes.Contains(maps, []byte("/dev/shm/")) {
		f.t.Errorf("memory left:\n%s", maps)
	}
	stacks := ""
	for range 1000 { // one that has said that it is done may still be on its last step
		if stacks = stacksOf("threads.(*fleet)") + stacksOf("threads.(*process)") + stacksOf("threads.(*guest)"); stacks == "" {
			break
		}
		runtime.Gosched()
	}
	if stacks != "" {
		f.t.Errorf("goroutines left:\n%s", stacks)
	}
	if len(f.processes)+len(f.idle) > 0 {
		f.t.Errorf("the fleet still knows %d processes", len(f.processes))
	}
}

// openFiles returns what the descriptors of this process stand for, where the system says so.
func openFiles() []string { return filesOf(os.Getpid()) }

func filesOf(pid int) (targets []string) {
	dir := fmt.Sprintf("/proc/%d/fd/", pid)
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if target, err := os.Readlink(dir + e.Name()); err == nil {
			targets = append(targets, target)
		}
	}
	slices.Sort(targets)
	return targets
}

// children returns the processes, zombies included, whose parent is pid.
func children(pid int) (found []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, _ := os.ReadFile("/proc/" + e.Name() + "/stat")
		if _, rest, ok := strings.Cut(string(stat), ") "); ok && strings.Fields(rest)[1] == strconv.Itoa(pid) {
			found = append(found, child)
		}
	}
	return found
}

// need takes a process of the fleet.
func (f *tested) need() *process {
	f.t.Helper()
	p := f.take()
	if p == nil {
		f.t.Fatalf("no process: %v", context.Cause(f.run.ctx))
	}
	return p
}

// request sends p item n and returns the answer.
func request(p *process, n uint32, item string) (string, error) {
	if err := sendFrame(p.conn, append(binary.LittleEndian.AppendUint32(nil, n), item...)); err != nil {
		return "", err
	}
	answer, err := receiveFrame(p.conn, maxHello)
	return string(answer), err
}

// answer is request where there must be an answer.
func (f *tested) answer(p *process, n uint32, item string) string {
	f.t.Helper()
	text, err := request(p, n, item)
	if err != nil {
		f.t.Fatalf("%s: %v; %v", item, err, f.lost(p))
	}
	return text
}

// fatal is how p ends by the item, which must be its end.
func (f *tested) fatal(p *process, n uint32, item string) *crash {
	f.t.Helper()
	if text, err := request(p, n, item); err == nil {
		f.t.Fatalf("%s is answered: %s", item, text)
	}
	return f.lost(p)
}

// eventually waits until what is true.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 5 s: %s", what)
		}
	}
}

func TestProcess_Works(t *testing.T) {
	t.Setenv("TEST_OF_PARENT", "now")
	f := openFleet(t, 2, func(c *processConfig) { c.env = append(c.env, "TEST_OWN=a b", "PATH=/nowhere") })
	f.open()
	p, q := f.need(), f.need()
	if p.pid == q.pid {
		t.Error("one process for two slots")
	}
	for _, p := range []*process{p, q} {
		for n, want := range map[string]string{
			"hello": "hello", "env TEST_OF_PARENT": "now", "env TEST_OWN": "a b", "env PATH": "/nowhere", "env PIPEGEN_WORKER": "",
		} {
			if got := f.answer(p, p.begun()+1, n); got != want {
				t.Errorf("%s: %q, want %q", n, got, want)
			}
		}
		if group, err := syscall.Getpgid(p.pid); err != nil || group != p.pid {
			t.Errorf("process %d is of the group %d, which gets the terminal's signals", p.pid, group)
		}
		if stdin, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/0", p.pid)); err == nil && stdin != os.DevNull {
			t.Errorf("stdin of a worker is %s", stdin)
		}
		if !p.marked() || p.begun() != 5 {
			t.Errorf("5 items, and %d have begun", p.begun())
		}
	}
	f.retire(p, false)
	f.retire(q, false)
	f.end()
	if f.restarts.Load() != 0 || f.logged.String() != "" {
		t.Errorf("%d restarts; logged: %s", f.restarts.Load(), &f.logged)
	}
}

// How a worker ends is in its crash, and another one takes its place, whether or not somebody waits for it.
func TestProcess_Crash(t *testing.T) {
	for item, want := range map[string]string{
		"exit 3": "exit status 3\ngiving up",
		"exit 0": "exit status 0\ngiving up",
		"die":    "signal: killed",
		"leave":  "the worker process has closed its connection: signal: killed",
	} {
		t.Run(item, func(t *testing.T) {
			f := openFleet(t, 1, nil)
			f.open()
			p := f.need()
			f.answer(p, 1, "hello")
			if got := f.fatal(p, 2, item).Error(); got != want {
				t.Errorf("the crash reads %q, want %q", got, want)
			}
			if p.begun() != 2 || p.revoke(5) != 2 {
				t.Errorf("the crash is blamed on item %d", p.begun())
			}
			q := f.need()
			f.answer(q, 1, "hello")
			f.retire(q, false)
			if f.restarts.Load() != 1 || strings.Count(f.logged.String(), "worker process ended") != 1 {
				t.Errorf("%d restarts; logged: %s", f.restarts.Load(), &f.logged)
			}
		})
	}
}

func TestProcess_SegfaultLeavesItsDump(t *testing.T) {
	f := openFleet(t, 1, nil)
	f.open()
	if got := f.fatal(f.need(), 1, "segv").Error(); !strings.HasPrefix(got, "exit status 2\n") || !strings.Contains(got, "SIGSEGV") {
		t.Errorf("the crash reads %q", got)
	}
}

// What a process has sent before it died is read, however much later that is.
func TestProcess_LastWords(t *testing.T) {
	f := openFleet(t, 1, nil)
	f.open()
	p := f.need()
	for n, item := range []string{"hello", "again", "exit 3"} {
		_ = sendFrame(p.conn, append(binary.LittleEndian.AppendUint32(nil, uint32(n+1)), item...))
	}
	<-p.gone
	time.Sleep(2 * lingering)
	for _, want := range []string{"hello", "again"} {
		if got, err := receiveFrame(p.conn, maxHello); string(got) != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	if _, err := receiveFrame(p.conn, maxHello); err == nil {
		t.Error("a dead process answers")
	}
	f.lost(p)
}

// A slot that leaves without a word, its process dead or not, leaves nothing behind.
func TestProcess_SlotLeaves(t *testing.T) {
	f := openFleet(t, 2, nil)
	f.open()
	f.need()
	p := f.need()
	p.stop(errShutdown)
	<-p.gone
	f.run.fail(errors.New("enough"))
}

// A process that sends something else than the protocol's is stopped by who reads it.
func TestProcess_Garbled(t *testing.T) {
	f := openFleet(t, 1, nil)
	f.open()
	p := f.need()
	_, err := request(p, 1, "garble")
	p.stop(err)
	if end := f.lost(p); err == nil || !errors.Is(end, err) || !strings.Contains(end.Error(), "signal: killed") {
		t.Errorf("%v after %v", end, err)
	}
}

// One that nobody has taken is replaced too.
func TestProcess_IdleOneDies(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.spare = 1 })
	f.open()
	p := f.need()
	eventually(t, "a spare", func() bool { return len(f.waiting()) == 1 })
	spare := f.waiting()[0]
	_ = syscall.Kill(spare, syscall.SIGKILL)
	eventually(t, "a new spare", func() bool { now := f.waiting(); return len(now) == 1 && now[0] != spare })
	f.retire(p, false)
}

// waiting returns the processes that wait to be taken.
func (f *tested) waiting() (pids []int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.idle {
		pids = append(pids, p.pid)
	}
	return pids
}

// With a spare process a replacement is there when its predecessor dies.
func TestProcess_SpareTakesThePlace(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.spare = 1 })
	f.open()
	p := f.need()
	eventually(t, "a spare", func() bool { return len(f.waiting()) == 1 })
	spare := f.waiting()[0]
	f.fatal(p, 1, "die")
	if q := f.need(); q.pid != spare {
		t.Errorf("took %d, not the spare %d", q.pid, spare)
	}
	eventually(t, "a new spare", func() bool { return len(f.waiting()) == 1 })
}

// Not only is a stopped process silent: what it was asked for does not come either. It is killed.
func TestProcess_Heartbeat(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.heartbeat = 400 * time.Millisecond })
	f.open()
	if end := f.fatal(f.need(), 1, "freeze"); !errors.Is(end, errSilent) || end.status != "signal: killed" {
		t.Errorf("the crash is %v", end)
	}
	p := f.need() // alive for long, though idle
	time.Sleep(time.Second)
	f.answer(p, 1, "hello")
}

// The error of an endless loop is context.DeadlineExceeded and shows where it is.
func TestProcess_Timeout(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.timeout, c.maxRestarts = 50*time.Millisecond, 0 })
	f.open()
	p := f.need()
	f.answer(p, 1, "nap 50")
	end := f.fatal(p, 2, "spin 50")
	if !errors.Is(end, context.DeadlineExceeded) || end.status != "exit status 2" || !strings.Contains(end.stderr, "threads.forever") {
		t.Errorf("the crash is %v", end)
	}
	if f.restarts.Load() != 1 {
		t.Errorf("%d restarts", f.restarts.Load())
	}
	f.answer(f.need(), 1, "hello") // max_restarts is for others
}

// An attempt that is over in time is never held against the next item: who decides first, parent or worker, has.
func TestProcess_CondemnedOrOver(t *testing.T) {
	for range 1000 {
		var v vitals
		v.attempt(time.Unix(1, 0))
		over := make(chan bool, 1)
		go func() { over <- v.limitTo(time.Time{}) }()
		condemned := v.condemn(time.Unix(2, 0))
		if condemned == <-over {
			t.Fatalf("condemned: %v, and over too", condemned)
		}
	}
}

// Above the limit a process is replaced when its items are done; at twice as much it is killed.
func TestProcess_MemoryLimit(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.memoryLimit = 96 << 20 })
	f.open()
	p, n := f.need(), uint32(0)
	if f.due(p, 1) {
		t.Error("a fresh process is too large")
	}
	for !f.due(p, 1) && n < 20 { // with the race detector it takes more than its blocks
		n++
		f.answer(p, n, "hoard 8")
		time.Sleep(3 * memoryTick / 2)
	}
	if n == 20 {
		t.Error("not to be replaced, with more than the limit")
	}
	f.retire(p, true)
	p = f.need()
	err := sendFrame(p.conn, append(binary.LittleEndian.AppendUint32(nil, 1), "hoard 400"...))
	for err == nil {
		_, err = receiveFrame(p.conn, maxHello)
	}
	if end := f.lost(p); !strings.HasPrefix(end.Error(), "memory limit 96MiB exceeded: ") || !strings.Contains(end.Error(), "signal: killed") {
		t.Errorf("the crash is %v", end)
	}
}

// What is written is bounded, and harms nobody.
func TestProcess_Flood(t *testing.T) {
	stdout, stderr := os.Stdout, os.Stderr
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	f := openFleet(t, 1, nil)
	os.Stdout, os.Stderr = null, null
	f.open()
	p := f.need()
	os.Stdout, os.Stderr = stdout, stderr
	f.answer(p, 1, "flood 20000")
	if end := f.fatal(p, 2, "exit 3"); len(end.stderr) > crashTail || !strings.HasSuffix(end.stderr, "x\ngiving up") || len(p.stderr.tail) > keptTail {
		t.Errorf("%d bytes of stderr in the error: %.100q…", len(end.stderr), end.stderr)
	}
}

func TestProcess_StdoutToLog(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.logStdout = true })
	f.open()
	p := f.need()
	f.answer(p, 1, "say one two")
	want := fmt.Sprintf("level=INFO msg=\"one two\" stage=work pid=%d\n", p.pid)
	eventually(t, "the line in the log", func() bool { return strings.HasSuffix(f.logged.String(), want) })
	f.retire(p, false)
}

// What cannot start does not start for ever: the run ends with the first cause.
func TestProcess_CannotStart(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*processConfig)
		want   string
	}{
		"refused": {func(c *processConfig) { c.params = []byte("refuse") }, "4 worker processes have failed, and max_restarts is 3; the first: no model"},
		"exits": {func(c *processConfig) { c.params, c.maxRestarts = []byte("exit"), 0 },
			"a worker process has not started: exit status 4\nno licence"},
		"other": {func(c *processConfig) { c.env, c.maxRestarts = append(c.env, "TEST_START=other"), 0 },
			`the worker process runs another program: it has "spec: 3", this one "spec: 2"`},
		"mute": {func(c *processConfig) { c.env, c.maxRestarts = append(c.env, "TEST_START=mute"), 0 },
			"a worker process has not started: " + string(errNoHello) + ": signal: killed"},
		"command": {func(c *processConfig) { c.command, c.maxRestarts = []string{"./no-such-program"}, 1 },
			"2 worker processes have failed, and max_restarts is 1; the first: a worker process cannot be started: " +
				"fork/exec ./no-such-program: no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			f := openFleet(t, 2, test.change)
			f.helloTime = 10 * time.Second
			if name == "mute" {
				f.helloTime = 200 * time.Millisecond
			}
			f.open()
			if p := f.take(); p != nil {
				t.Fatalf("process %d is ready", p.pid)
			}
			<-f.run.ctx.Done()
			if got := context.Cause(f.run.ctx).Error(); got != test.want {
				t.Errorf("the run ends with %q\nwant %q", got, test.want)
			}
		})
	}
}

// Failures that come so slowly that within never holds too many of them end the run all the same, while nothing
// becomes ready; those of workers that had become ready are forgotten.
func TestProcess_FailuresInARow(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.maxRestarts, c.within = 2, time.Second })
	at := time.Now()
	fail := func(recovered bool) error {
		at = at.Add(2 * time.Second)
		f.recovered = recovered
		return f.tooMany(failedProcess{at, errors.New(at.String())})
	}
	for range 10 {
		if err := fail(true); err != nil {
			t.Fatal(err)
		}
	}
	first := at.String()
	if err := fail(false); err != nil {
		t.Fatal(err)
	}
	if err := fail(false); err == nil || !strings.HasSuffix(err.Error(), "the first: "+first) {
		t.Errorf("after three failures in a row: %v", err)
	}
}

// Without descriptors a start fails, and the others go on.
func TestProcess_NoDescriptors(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.maxRestarts = 0 })
	f.open()
	p := f.need()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	few := old
	few.Cur = 2
	for range openFiles() {
		few.Cur++
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &few); err != nil {
		t.Fatal(err)
	}
	f.mu.Lock()
	f.want++
	f.changed.Broadcast()
	f.mu.Unlock()
	<-f.run.ctx.Done()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &old); err != nil {
		t.Fatal(err)
	}
	if err := context.Cause(f.run.ctx); !errors.Is(err, syscall.EMFILE) {
		t.Errorf("the run ends with %v", err)
	}
	f.answer(p, 1, "hello")
	f.retire(p, false)
}

// The successor is ready when a process has had its items, to the item.
func TestProcess_Recycle(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) { c.recycleAfter = 4 })
	f.open()
	seen := make(map[int]bool)
	for range 3 {
		p := f.need()
		seen[p.pid] = true
		for n := range uint32(4) {
			if f.due(p, int(n)) {
				t.Fatalf("due after %d items", n)
			}
			f.answer(p, n+1, "hello")
		}
		eventually(t, "the successor", func() bool { return len(f.waiting()) == 1 })
		if !f.due(p, 4) {
			t.Fatal("not due after 4 items")
		}
		f.retire(p, true)
	}
	if len(seen) != 3 || f.restarts.Load() != 0 {
		t.Errorf("%d processes, %d restarts", len(seen), f.restarts.Load())
	}
}

func TestProcess_Cancel(t *testing.T) {
	f := openFleet(t, 2, nil)
	f.open()
	p, q := f.need(), f.need()
	answers := make(chan string, 1)
	go func() { text, _ := request(p, 1, "cancelItem"); answers <- text }()
	eventually(t, "the item begins", func() bool { return p.begun() == 1 })
	for answered := false; !answered; { // its first orders may come before it listens
		p.cancelItem(1)
		select {
		case text := <-answers:
			if answered = true; text != "true" {
				t.Error("another item was canceled")
			}
		case <-time.After(10 * time.Millisecond):
		}
	}
	go func() { text, _ := request(q, 1, "cancel"); answers <- text }()
	q.cancel()
	if got := <-answers; got != "canceled" {
		t.Errorf("got %q", got)
	}
	f.retire(p, false)
	f.retire(q, false)
}

// When the run stops, the workers are told, and killed where they do not end.
func TestProcess_RunStops(t *testing.T) {
	f := openFleet(t, 3, func(c *processConfig) { c.shutdownTimeout = 300 * time.Millisecond })
	f.open()
	p, q := f.need(), f.need()
	answers := make(chan string, 1)
	go func() { text, _ := request(p, 1, "cancel"); answers <- text }()
	go func() { _, err := request(q, 1, "deaf"); answers <- fmt.Sprint(err) }()
	eventually(t, "the items begin", func() bool { return p.begun() == 1 && q.begun() == 1 })
	f.run.fail(errors.New("enough"))
	if got := <-answers; got != "canceled" {
		t.Errorf("got %q", got)
	}
	<-answers
	if end := f.lost(q); !errors.Is(end, errShutdown) || end.status != "signal: killed" {
		t.Errorf("the crash is %v", end)
	}
	if f.take() != nil {
		t.Error("a stopped run still has processes to take")
	}
	f.retire(p, false)
}

// A process that does not end when its stream does is told by SIGTERM, then killed.
func TestProcess_Escalation(t *testing.T) {
	f := openFleet(t, 2, func(c *processConfig) { c.shutdownTimeout = 100 * time.Millisecond })
	f.open()
	p, q := f.need(), f.need()
	for p, item := range map[*process]string{p: "loop", q: "deaf"} {
		_ = sendFrame(p.conn, append(binary.LittleEndian.AppendUint32(nil, 1), item...))
		eventually(t, "the item begins", func() bool { return p.begun() == 1 })
	}
	time.Sleep(50 * time.Millisecond) // until q ignores it
	f.retire(p, false)
	f.retire(q, false)
	<-p.gone
	<-q.gone
	if p.crash.status != "signal: terminated" || q.crash.status != "signal: killed" {
		t.Errorf("the ends are %v and %v", p.crash, q.crash)
	}
}

// A worker that loses its parent's end of the control pipe ends, also in the middle of an item.
func TestProcess_ControlPipe(t *testing.T) {
	f := openFleet(t, 1, nil)
	f.open()
	p := f.need()
	_ = sendFrame(p.conn, append(binary.LittleEndian.AppendUint32(nil, 1), "loop"...))
	eventually(t, "the item begins", func() bool { return p.begun() == 1 })
	_ = p.control.Close()
	if got := f.lost(p).Error(); got != "exit status 1" {
		t.Errorf("the crash reads %q", got)
	}
}

// A worker holds its own descriptors, however many others there are, and neither do its children hold those.
func TestProcess_Descriptors(t *testing.T) {
	f := openFleet(t, 4, nil)
	f.open()
	var counts []int
	for range 4 {
		p := f.need()
		counts = append(counts, len(strings.Fields(f.answer(p, 1, "files"))))
		defer f.retire(p, false)
	}
	if slices.Min(counts) != slices.Max(counts) {
		t.Errorf("descriptors of the workers: %v", counts)
	}
}

// A child of a worker that outlives it does not keep the parent waiting.
func TestProcess_ChildHoldsOutputs(t *testing.T) {
	f := openFleet(t, 1, nil)
	f.open()
	p := f.need()
	child, err := strconv.Atoi(f.answer(p, 1, "child"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range filesOf(child) {
		if strings.HasPrefix(name, "socket:") || strings.HasPrefix(name, "/dev/shm/") {
			t.Errorf("the child holds %s", name)
		}
	}
	began := time.Now()
	end := f.fatal(p, 2, "exit 3")
	if took := time.Since(began); end.status != "exit status 3" || took > time.Second {
		t.Errorf("%v after %v", end, took)
	}
	_ = syscall.Kill(child, syscall.SIGKILL)
}

// Commands speak by their standard streams, and what they leave is killed with them.
func TestProcess_Command(t *testing.T) {
	f := openFleet(t, 1, func(c *processConfig) {
		c.command = []string{"sh", "-c", `sleep 60 & echo $!; read line; echo "$line"; exit 5`}
	})
	f.open()
	p := f.need()
	var child, pid int
	if _, err := fmt.Fscanln(p.conn, &child); err != nil {
		t.Fatal(err)
	}
	if _, err := p.conn.Write([]byte("41\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscanln(p.conn, &pid); err != nil || pid != 41 {
		t.Fatal(pid, err)
	}
	if end := f.lost(p); end.status != "exit status 5" || p.marked() {
		t.Errorf("the crash is %v", end)
	}
	eventually(t, "the command's child is gone", func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", child))
		return err != nil || strings.Contains(string(stat), ") Z ")
	})
}

// What a command has left behind in a session of its own holds its streams, and is not waited for.
func TestProcess_CommandLeavesDaemon(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip(err)
	}
	f := openFleet(t, 1, func(c *processConfig) {
		c.command = []string{"sh", "-c", `setsid sleep 60 & echo $!; exit 5`}
	})
	f.open()
	p := f.need()
	var daemon, other int
	if _, err := fmt.Fscanln(p.conn, &daemon); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fscanln(p.conn, &other); err == nil {
		t.Errorf("the command says %d", other)
	}
	if end := f.lost(p); end.status != "exit status 5" {
		t.Errorf("the crash is %v", end)
	}
	_ = syscall.Kill(daemon, syscall.SIGKILL)
}

// A worker process starts no others below the declared depth; a child of one that is no worker may.
func TestProcess_Depth(t *testing.T) {
	f := openFleet(t, 1, nil)
	f.open()
	p := f.need()
	if got := f.answer(p, 1, "depth 1"); got != "sample: this is a worker process, and max_depth is 1: it starts no worker processes of its own" {
		t.Error(got)
	}
	if got := f.answer(p, 2, "depth 2"); got != "<nil>" {
		t.Error(got)
	}
	f.retire(p, false)
	if err := refuseUnhooked("thumbs", false, "ThumbsWorker()"); err == nil || !strings.HasPrefix(err.Error(), "thumbs: ") || !strings.Contains(err.Error(), "add ThumbsWorker() as the first line of main") {
		t.Error(err)
	}
	t.Setenv(depthVariable, fmt.Sprintf("3 %d", os.Getpid())) // as a worker's own child has it
	if err := errors.Join(refuseProcesses("thumbs", 1), refuseUnhooked("thumbs", true, "")); err != nil {
		t.Error(err)
	}
}

// A fleet is closed at any time of its life.
func TestProcess_CloseAtAnyTime(t *testing.T) {
	for _, after := range []time.Duration{0, time.Millisecond, 3 * time.Millisecond, 10 * time.Millisecond, 40 * time.Millisecond} {
		t.Run(after.String(), func(t *testing.T) {
			f := openFleet(t, 3, nil)
			f.open()
			time.Sleep(after)
			if f.restarts.Load() > 0 {
				t.Errorf("%d restarts", f.restarts.Load())
			}
		})
	}
	openFleet(t, 1, nil) // also unopened
}

// Random kills, of processes in all states, lose no place: as many work in the end as in the beginning.
func TestProcess_Kills(t *testing.T) {
	f := openFleet(t, 3, func(c *processConfig) { c.spare, c.maxRestarts = 2, 1000 })
	f.open()
	kills := 0
	for i := range 30 {
		all := f.present()
		if len(all) == 0 {
			continue
		}
		all[i%len(all)].signal(signalKill)
		kills++
		if i%3 == 0 {
			p := f.need()
			if _, err := request(p, 1, "hello"); err == nil {
				_ = syscall.Kill(p.pid, syscall.SIGKILL)
			}
			f.lost(p)
		}
	}
	eventually(t, "all places are taken", func() bool { return len(f.waiting()) == 5 })
	if n := f.restarts.Load(); n < int64(kills)/2 {
		t.Errorf("%d restarts after %d kills", n, kills)
	}
}

// parent is the main function of another parent. It asks each of its workers something, and then waits to be killed, or
// ends where its parameter says so.
func parent(verb string) {
	if verb != "end" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			os.Exit(1) // the test has ended without killing it
		}()
	}
	if verb == "share" {
		sharingParent()
	}
	f := newTested(nil, 4, func(c *processConfig) {
		c.spare, c.heartbeat = 2, time.Minute
		if verb == "asleep" {
			c.env = append(c.env, "TEST_START=asleep")
		}
	})
	f.open()
	for verb == "asleep" && len(children(os.Getpid())) < 6 {
		time.Sleep(time.Millisecond)
	}
	if verb == "asleep" {
		fmt.Println("busy")
		select {}
	}
	for _, item := range []string{"loop", "freeze", "hello", "deaf"} {
		p := f.take()
		_ = sendFrame(p.conn, append(binary.LittleEndian.AppendUint32(nil, 1), item...))
		for p.begun() == 0 {
			time.Sleep(time.Millisecond)
		}
		if verb == "end" {
			p.stop(errShutdown)
			f.lost(p)
		}
	}
	if verb == "end" {
		f.close()
		os.Exit(len(children(os.Getpid())))
	}
	fmt.Println("busy")
	select {}
}

// alive returns the processes with a variable in their environment.
func alive(variable string) (found []string) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		environ, _ := os.ReadFile("/proc/" + e.Name() + "/environ")
		if slices.Contains(strings.Split(string(environ), "\x00"), variable) {
			found = append(found, e.Name())
		}
	}
	return found
}

// A parent that is killed, at any time, takes its workers with it: those in an item, stopped ones, spare ones, and
// those that are just starting. It leaves no memory.
func TestProcess_ParentIsKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("elsewhere a stopped worker survives its parent")
	}
	for i := range 12 {
		verb := "stay"
		if i == 1 {
			verb = "asleep" // the workers have not come to the call that makes them workers
		}
		variable := fmt.Sprintf("TEST_TREE=%d.%d", os.Getpid(), i)
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), variable, "TEST_PARENT="+verb)
		cmd.Stderr = os.Stderr
		stdin, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		defer stdin.Close()
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if i < 2 {
			if _, err := stdout.Read(make([]byte, 8)); err != nil || len(alive(variable)) != 7 {
				t.Errorf("%v: %v are alive, want a parent with 6 workers", err, alive(variable))
			}
		} else {
			time.Sleep(time.Duration(i) * 2 * time.Millisecond) // into the start
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		killed := time.Now()
		eventually(t, "all are gone", func() bool { return len(alive(variable)) == 0 })
		if took := time.Since(killed); took > time.Second {
			t.Errorf("the workers lived for %v", took)
		}
	}
	if left, _ := os.ReadDir("/dev/shm"); slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "pipegen") }) {
		t.Errorf("memory left: %v", left)
	}
}

// Workers start where stdin, stdout and stderr are closed.
func TestProcess_ClosedStandardStreams(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, closed := range []string{"<&-", "<&- >&- 2>&-"} {
		cmd := exec.Command("sh", "-c", `exec "$0" `+closed, program)
		cmd.Env = append(os.Environ(), "TEST_PARENT=end", "GORACE=atexit_sleep_ms=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("with %s: %v\n%s", closed, err, out)
		}
	}
}
