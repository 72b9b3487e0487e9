//go:build unix

package threads

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
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

// commons is what the workers of these tests share, as one process has it.
type commons struct {
	*mapping
	hub  *hub // in the parent
	odd  *oddities
	lost atomic.Int64

	link    *link // in a worker
	calls   *calls
	lock    *mappedLock
	counter *mappedCounter
	small   *mappedValue[float64]
	large   *mappedValue[wide]
	array   *sharedArray[int64]
	book    *notebook
}

func commonSizes() []int {
	sizes := []int{mappedLockSize, mappedCounterSize, mappedValueSize[float64](), mappedValueSize[wide](), mappedArraySize[int64](10)}
	return append(sizes, notebookSizes()...)
}

// newCommons makes it.
func newCommons() *commons {
	c := &commons{mapping: newMapping(commonSizes()...), odd: newOddities()}
	c.lock = newMappedLock(c.mapping, 0)
	c.find(0)
	c.hub = newHub(knownErrors(), c.mapping)
	c.hub.offer("odd", c.odd)
	c.hub.offer("large", c.large)
	c.hub.offer("out", c.lock.service())
	return c
}

// findCommons is what the parent has made.
func findCommons(l *link) *commons {
	of, err := newCalls(&stream{l.shared[0], l.shared[1]}, 1<<20, knownErrors())
	if err != nil {
		l.fatal(err)
	}
	c := &commons{mapping: l.mapping(commonSizes()...), link: l, calls: of}
	c.lock = newRemoteLock(c.mapping, 0, of, 2)
	c.find(of.party)
	return c
}

func (c *commons) find(who party) {
	c.counter = newMappedCounter(c.mapping, 1)
	c.small, c.large = newMappedValue[float64](c.mapping, 2, who), newMappedValue[wide](c.mapping, 3, who)
	c.array = newMappedArray[int64](c.mapping, 4, 10)
	c.book = newNotebook(c.mapping, 5)
}

// increment is not atomic, in many ways: the lock is for that.
func (c *commons) increment() {
	n := c.array.At(0) + 1
	for i := range c.array.Len() {
		c.array.Set(i, n)
	}
	c.small.Store(float64(n))
	c.large.Store(newWide(int(n)))
}

// consistent returns how often all of it has been incremented; -1: something is half done.
func (c *commons) consistent() int64 {
	n := c.array.At(0)
	for _, other := range c.array.Slice() {
		if other != n {
			return -1
		}
	}
	if c.small.Load() != float64(n) || c.large.Load() != newWide(int(n)) {
		return -1
	}
	return n
}

const wholeArray = 100 << 20

// partake is the main function of a worker that shares.
func partake() {
	l := workerLink("test/commons")
	if l == nil {
		return
	}
	l.greet([]byte(testHello))
	var do func(item string) string
	switch l.group {
	case 7:
		do = findCommons(l).do
	case 8: // without calls
		m := l.mapping(mappedCounterSize, mappedArraySize[byte](wholeArray))
		counter, array := newMappedCounter(m, 0), newMappedArray[byte](m, 1, wholeArray)
		do = func(string) string {
			counter.Add(1)
			for i, b := range array.Slice() {
				array.Set(i, b+1)
			}
			return ""
		}
	}
	l.ready()
	for {
		message, err := receiveFrame(l.conn, maxHello)
		if err != nil || len(message) == 0 {
			os.Exit(0)
		}
		l.mark.begin(binary.LittleEndian.Uint32(message))
		_ = sendFrame(l.conn, []byte(do(string(message[4:]))))
	}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// deadly is the queue of a lock whose process dies when it comes to it.
type deadly struct{}

func (deadly) wait()  { die() }
func (deadly) freed() { die() }

// do does an item.
func (c *commons) do(item string) string {
	verb, arg, _ := strings.Cut(item, ": ")
	n, _ := strconv.Atoi(arg)
	switch verb {
	case "count":
		for range n {
			c.counter.Add(1)
		}
	case "increment":
		for range n {
			c.lock.Lock()
			c.increment()
			c.lock.Unlock()
		}
	case "increment for ever":
		for {
			c.lock.Lock()
			c.increment()
			c.lock.Unlock()
		}
	case "lock":
		c.lock.Lock()
	case "unlock":
		c.lock.Unlock()
	case "try":
		return fmt.Sprint(c.lock.TryLock())
	case "ask":
		askFor(c.lock)
	case "use":
		c.use(n%notingClients, rand.New(rand.NewPCG(2, uint64(n))))
	case "double":
		twice, err := double(c.calls, c.link.canceled, n)
		return fmt.Sprint(twice, err)
	case "wait until canceled":
		return fmt.Sprint(c.calls.call(c.link.canceled, 0, 'w', nil, nil))

	case "garble":
		c.calls.send([]byte("\xff\xff\xff\xff"))
		select {}

	case "die":
		die()
	case "lock and die":
		c.lock.Lock()
		die()
	case "ask and die":
		askFor(c.lock)
		die()
	case "lock, do half and die":
		c.lock.Lock()
		c.array.Set(0, -1)
		die()
	case "free and die": // before anybody is told
		c.lock.queue = deadly{}
		c.lock.Unlock()
	case "unlock and die":
		c.lock.Unlock()
		die()
	case "store and die":
		was := c.large.take()
		for i := range n {
			c.large.slots[(was+1)&1][i].Store(1<<64 - 1)
		}
		die()
	}
	return item
}

// share opens a fleet of slots processes that share, until the end of the test: then nothing is left.
func share(t *testing.T, slots int) (*tested, *commons) {
	var c *commons
	f := openFleet(t, slots, func(p *processConfig) {
		c = newCommons()
		p.pipeline, p.shared, p.maxItem, p.lostLocks, p.maxRestarts = "test/commons", c.hub, 1<<20, &c.lost, 1<<20
	})
	f.end = sync.OnceFunc(func() {
		f.close()
		_ = c.close()
	})
	f.open()
	return f, c
}

// send sends p an item whose answer nobody waits for.
func send(p *process, item string) {
	_ = sendFrame(p.conn, append(binary.LittleEndian.AppendUint32(nil, p.begun()+1), item...))
}

// freeLock waits until the lock can be had, and nobody else has it.
func (c *commons) freeLock(t *testing.T) {
	t.Helper()
	eventually(t, "the lock is free", func() bool { return c.lock.word.Load() == 0 })
}

// Ten processes lose no increment: of a counter, and of what a lock guards.
func TestMapped_TenProcesses(t *testing.T) {
	const n, each, guarded = 10, 100_000, 300
	f, c := share(t, n)
	var all sync.WaitGroup
	for range n {
		p := f.need()
		all.Go(func() {
			f.answer(p, 1, fmt.Sprintf("count: %d", each))
			f.answer(p, 2, fmt.Sprintf("increment: %d", guarded))
			f.retire(p, false)
		})
	}
	for range guarded {
		c.counter.Add(1)
		c.lock.Lock()
		c.increment()
		c.lock.Unlock()
	}
	all.Wait()
	if got := c.counter.Load(); got != n*each+guarded {
		t.Errorf("the counter is %d, want %d", got, n*each+guarded)
	}
	if got := c.consistent(); got != (n+1)*guarded {
		t.Errorf("what the lock guards has been incremented %d times, want %d", got, (n+1)*guarded)
	}
	if c.lost.Load() != 0 || f.logged.String() != "" {
		t.Errorf("%d locks lost; logged: %s", c.lost.Load(), &f.logged)
	}
}

// A lock is had by one process at a time, and by those who have come for it when its owner gives it back.
func TestMapped_LockAcrossProcesses(t *testing.T) {
	f, c := share(t, 2)
	p, q := f.need(), f.need()
	f.answer(p, 1, "lock")
	if c.lock.TryLock() || f.answer(q, 1, "try") != "false" {
		t.Error("a second process has the lock")
	}
	send(q, "lock")
	eventually(t, "the other waits", func() bool { return c.lock.word.Load()&lockWaiting != 0 })
	f.answer(p, 2, "unlock")
	if _, err := receiveFrame(q.conn, maxHello); err != nil {
		t.Fatal(err)
	}
	if c.lock.word.Load()>>32 == 0 || f.answer(p, 3, "try") != "false" {
		t.Error("the lock is not its")
	}
	f.answer(q, 3, "unlock")
	if !c.lock.TryLock() {
		t.Error("a free lock is not to be had")
	}
	f.retire(p, false)
	f.retire(q, false)
}

// Wherever in Lock, Unlock and what they guard a process is killed, the lock is had by the next, and what it guards is
// reset if the process has had it.
func TestMapped_KilledAtEveryStep(t *testing.T) {
	for _, test := range []struct {
		before, item string
		lost         bool
		others       bool // one waits already
		parent       bool // has it, and frees it when the process is dead
	}{
		{"try", "die", true, false, false},
		{"lock", "die", true, true, false},
		{"double: 1", "lock and die", true, false, false},
		{"double: 1", "die", false, true, true},
		{"double: 1", "ask and die", false, true, true},
		{"ask", "die", false, false, true},
		{"double: 1", "lock, do half and die", true, false, false},
		{"lock", "free and die", false, true, false},
		{"lock", "unlock and die", false, true, false},
		{"lock", "unlock and die", false, false, false},
		{"double: 1", "store and die: 0", false, false, false},
		{"lock", "store and die: 2", true, true, false},
		{"lock", "store and die: 3", true, true, false},
	} {
		t.Run(fmt.Sprintf("%s, %s, others %v", test.before, test.item, test.others), func(t *testing.T) {
			f, c := share(t, 2)
			resets := 0
			c.lock.resetOnLoss(func() {
				resets++
				clear(c.array.Slice())
				c.small.reset()
				c.large.reset()
			})
			p, q := f.need(), f.need()
			f.answer(q, 1, "increment: 5")
			if test.parent {
				c.lock.Lock()
			}
			f.answer(p, 1, test.before)
			if test.others {
				send(q, "increment: 1")
				eventually(t, "it waits", func() bool { return c.lock.word.Load()&lockWaiting != 0 })
			}
			f.fatal(p, 2, test.item)
			if test.parent {
				c.lock.Unlock()
			}
			want := int64(5)
			if test.lost {
				want = 0
			}
			if test.others {
				want++
				if _, err := receiveFrame(q.conn, maxHello); err != nil {
					t.Fatal(err)
				}
			}
			c.lock.Lock()
			if got := c.consistent(); got != want {
				t.Errorf("incremented %d times, want %d", got, want)
			}
			c.lock.Unlock()
			r := f.need() // its successor
			f.answer(r, 1, "increment: 1")
			if got := c.consistent(); got != want+1 {
				t.Errorf("incremented %d times, want %d", got, want+1)
			}
			line := fmt.Sprintf("level=WARN msg=\"shared resource freed: its owner has ended\" stage=work pid=%d resource=out\n", p.pid)
			if logged := strings.Contains(f.logged.String(), line); logged != test.lost || c.lost.Load() == 1 != test.lost || resets == 1 != test.lost {
				t.Errorf("%d locks lost, %d resets; logged: %s", c.lost.Load(), resets, &f.logged)
			}
			c.freeLock(t)
			f.retire(q, false)
			f.retire(r, false)
		})
	}
}

// Where what a lock guards must not be used after its owner has died, that is the error of the run.
func TestMapped_FailOnLoss(t *testing.T) {
	f, c := share(t, 1)
	c.hub.failOnLoss(2, "ratio")
	p := f.need()
	f.fatal(p, 1, "lock and die")
	<-f.run.ctx.Done()
	want := fmt.Sprintf("worker process %d has ended while it held the lock out, which guards ratio", p.pid)
	if got := context.Cause(f.run.ctx).Error(); got != want {
		t.Errorf("the run ends with %q, want %q", got, want)
	}
}

// Processes that are killed at any time, over and over, leave the lock to the others, and nothing half done.
func TestMapped_Kills(t *testing.T) {
	const n, kills = 4, 40
	f, c := share(t, n)
	c.lock.resetOnLoss(func() { // what it was before
		c.array.Set(0, c.array.At(9))
		copy(c.array.Slice()[1:9], c.array.Slice())
		for i := range c.array.Len() {
			c.array.Set(i, c.array.At(9))
		}
		c.small.Store(float64(c.array.At(9)))
		c.large.Store(newWide(int(c.array.At(9))))
	})
	at := make([]*process, n)
	for i := range kills {
		p := &at[i%n]
		if *p != nil {
			(*p).stop(errShutdown)
			f.lost(*p)
		}
		*p = f.need()
		send(*p, "increment for ever")
		time.Sleep(rand.N(5 * time.Millisecond))
		c.lock.Lock()
		if c.consistent() < 0 {
			t.Fatalf("after %d kills something is half done: %v, %v, %v", i, c.array.Slice(), c.small.Load(), c.large.Load())
		}
		c.lock.Unlock()
	}
	for _, p := range at {
		p.stop(errShutdown)
		f.lost(p)
	}
	c.freeLock(t)
	t.Logf("%d increments, %d locks lost", c.consistent(), c.lost.Load())
}

// Calls reach the parent, and end with the run.
func TestMapped_Calls(t *testing.T) {
	f, c := share(t, 2)
	p, q := f.need(), f.need()
	if got := f.answer(p, 1, "double: 21"); got != "42 <nil>" {
		t.Error(got)
	}
	send(q, "wait until canceled")
	<-c.odd.waiting
	f.run.fail(fmt.Errorf("enough"))
	if got, err := receiveFrame(q.conn, maxHello); string(got) != context.Canceled.Error() {
		t.Errorf("the call returns %q, %v", got, err)
	}
	f.retire(p, false)
	f.retire(q, false)
}

// A process that sends something else than requests is stopped, and has its successor.
func TestMapped_Garbled(t *testing.T) {
	f, _ := share(t, 1)
	if end := f.fatal(f.need(), 1, "garble"); !errors.Is(end, errFrame) {
		t.Errorf("the crash is %v", end)
	}
	p := f.need()
	f.answer(p, 1, "double: 2")
	f.retire(p, false)
}

// A large array is the same memory in all processes; where there is nothing to call nobody calls.
func TestMapped_LargeArray(t *testing.T) {
	var m *mapping
	f := openFleet(t, 2, func(p *processConfig) {
		m = newMapping(mappedCounterSize, mappedArraySize[byte](wholeArray))
		p.pipeline, p.group, p.shared = "test/commons", 8, m
	})
	f.end = sync.OnceFunc(func() {
		f.close()
		_ = m.close()
	})
	counter, array := newMappedCounter(m, 0), newMappedArray[byte](m, 1, wholeArray)
	array.Set(wholeArray-1, 40)
	f.open()
	for range 2 {
		p := f.need()
		f.answer(p, 1, "")
		f.retire(p, false)
	}
	if counter.Load() != 2 || array.At(0) != 2 || array.At(wholeArray-1) != 42 || slices.Max(array.Slice()) != 42 {
		t.Errorf("the counter is %d, the array goes from %d to %d", counter.Load(), array.At(0), array.At(wholeArray-1))
	}
}

// A process has the connections that it needs, and the file of the memory no longer.
func TestMapped_Descriptors(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system does not show the descriptors of other processes")
	}
	f, _ := share(t, 3)
	for range 3 {
		p := f.need()
		f.answer(p, 1, "double: 1")
		sockets := 0
		for _, name := range filesOf(p.pid) {
			if strings.HasPrefix(name, "/dev/shm/") {
				t.Errorf("it has %s", name)
			}
			if strings.HasPrefix(name, "socket:") {
				sockets++
			}
		}
		if sockets != 4 { // each of the two as what is read, and as what is written
			t.Errorf("it has %d sockets", sockets)
		}
		f.retire(p, false)
	}
}

// sharingParent is a parent whose workers are busy with what they share when it is killed.
func sharingParent() {
	c := newCommons()
	f := newTested(nil, 3, func(p *processConfig) {
		p.pipeline, p.shared, p.maxItem = "test/commons", c.hub, 1<<20
	})
	f.open()
	for _, item := range []string{"increment for ever", "increment for ever", "wait until canceled"} {
		send(f.take(), item)
	}
	<-c.odd.waiting
	eventuallyMain("increments", func() bool { return c.array.At(0) > 10 })
	c.lock.Lock() // and they wait for it
	eventuallyMain("waiting", func() bool { return c.lock.word.Load()&lockWaiting != 0 })
	fmt.Println("busy")
	select {}
}

func eventuallyMain(what string, true func() bool) {
	for end := time.Now().Add(5 * time.Second); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			fmt.Println("not within 5 s:", what)
			os.Exit(1)
		}
	}
}

// A parent that is killed takes workers with it that wait for what it has, and the memory.
func TestMapped_ParentIsKilled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the system does not show the environment of other processes")
	}
	variable := fmt.Sprintf("TEST_TREE=%d.shared", os.Getpid())
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), variable, "TEST_PARENT=share")
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
	said := make([]byte, 100)
	if n, err := stdout.Read(said); err != nil || string(said[:n]) != "busy\n" || len(alive(variable)) != 4 {
		t.Errorf("it says %q, %v; %v are alive, want a parent with 3 workers", said, err, alive(variable))
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	killed := time.Now()
	eventually(t, "all are gone", func() bool { return len(alive(variable)) == 0 })
	if took := time.Since(killed); took > time.Second {
		t.Errorf("the workers lived for %v", took)
	}
	if left, _ := os.ReadDir("/dev/shm"); slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "pipegen") }) {
		t.Errorf("memory left: %v", left)
	}
}

// Without memory to share no worker starts, and the run's error says why.
func TestMapped_NoMemory(t *testing.T) {
	m := &mapping{err: fmt.Errorf("no room")}
	f := openFleet(t, 1, func(p *processConfig) {
		p.pipeline, p.shared, p.maxRestarts = "test/commons", newHub(nil, m), 0
	})
	f.open()
	if p := f.take(); p != nil {
		t.Errorf("process %d is ready", p.pid)
	}
	if got := context.Cause(f.run.ctx); got == nil || got.Error() != "a worker process cannot be started: no room" {
		t.Errorf("the run ends with %v", got)
	}
}

// What is lost is counted where somebody looks.
func TestMapped_Stats(t *testing.T) {
	s := new(sharingStats)
	s.restarts.Add(2)
	s.lostLocks.Add(3)
	all := make(map[string]float64)
	s.each("work", func(stage, metric string, v float64) { all[stage+" "+metric] = v })
	if all["work lost_locks"] != 3 || all["work restarts"] != 2 || s.LostLocks() != 3 || s.Restarts() != 2 {
		t.Errorf("counted %v", all)
	}
}
