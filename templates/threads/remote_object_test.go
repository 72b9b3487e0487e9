package threads

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

func encodeText(e *encoder, v *string) { e.string(*v) }
func decodeText(d *decoder, v *string) { *v = d.string() }
func encodeNumber(e *encoder, v *int)  { e.int(*v) }
func decodeNumber(d *decoder, v *int)  { *v = d.int() }

// gathered says whether n calls wait in a line of an object.
func gathered(mu *sync.Mutex, line *waiters, n int) func() bool {
	return func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(line.calls) == n
	}
}

// comes waits until f is true.
func comes(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it never comes to this: %s", what)
		}
	}
}

// promised is the error with which f will return.
func promised(f func() error) <-chan error {
	err := make(chan error, 1)
	go func() { err <- f() }()
	return err
}

// serving is a hub with one service.
func serving(s service) *hub {
	h := newHub(knownErrors(), nil)
	h.offer("it", s)
	return h
}

// enlist makes a worker, whose process this one plays. When end is called it ends, in the middle of what it does: its
// calls do not return then.
func enlist(t *testing.T, h *hub, most int) (c *calls, g *guest, end func() []loss) {
	ours, theirs := &stream{}, &stream{}
	var errs [4]error
	ours.in, theirs.out, errs[0] = os.Pipe()
	theirs.in, ours.out, errs[1] = os.Pipe()
	g, errs[2] = h.enter(ours, most, func(err error) { t.Errorf("malformed: %v", err) })
	c, errs[3] = newCalls(theirs, most, h.known)
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	c.wire = &wire{conn: lastBreath{theirs, c}, most: 1 << 20, buf: make([]byte, 0, 1<<10)}
	end = sync.OnceValue(func() []loss {
		_ = theirs.Close()
		return g.leave(false)
	})
	t.Cleanup(func() { end() })
	return c, g, end
}

// mortal is a worker that may end, and immortal one that does at the end of the test.
func mortal(t *testing.T, h *hub) (c *calls, end func() []loss) {
	c, _, end = enlist(t, h, 1<<20)
	return c, end
}

func immortal(t *testing.T, h *hub) *calls {
	c, _ := mortal(t, h)
	return c
}

// lastBreath ends the goroutine that reads when there is nobody to read from: the end of its process would.
type lastBreath struct {
	*stream
	calls *calls
}

func (l lastBreath) Read(b []byte) (int, error) {
	n, err := l.stream.Read(b)
	if err != nil {
		<-l.calls.turn // the next one ends, too
		runtime.Goexit()
	}
	return n, nil
}

func TestRemoteSemaphore(t *testing.T) {
	local := newLocalSemaphore(2)
	h := serving(newSemaphoreService(local))
	c, end := mortal(t, h)
	a, b := newRemoteSemaphore(c, 0), newRemoteSemaphore(immortal(t, h), 0)
	if !a.TryAcquire() || a.Acquire(t.Context()) != nil || b.TryAcquire() || local.TryAcquire() {
		t.Error("there are two permits")
	}
	if err := b.Acquire(impatient(t, time.Millisecond)); err != errPatience {
		t.Errorf("out of permits: %v", err)
	}
	if err := b.Acquire(ended()); err != errPatience {
		t.Errorf("after the end of the context: %v", err)
	}
	got := promised(func() error { return b.Acquire(t.Context()) })
	comes(t, "b waits", gathered(&local.mu, &local.line, 1))
	lost := promised(func() error { return a.Acquire(t.Context()) }) // has no reply: its process ends
	comes(t, "a waits", gathered(&local.mu, &local.line, 2))
	if losses := end(); len(losses) != 1 || losses[0].resource != "it" {
		t.Errorf("a had permits: %v", losses)
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
	b.Release()
	wantPanic(t, "more often than it was acquired", b.Release)
	if local.free != 2 || len(local.held) > 0 {
		t.Errorf("%d are free, %v have some", local.free, local.held)
	}
	select {
	case err := <-lost:
		t.Errorf("its process has gone, and it returns %v", err)
	default:
	}
}

func TestRemoteEvent(t *testing.T) {
	local := newLocalEvent()
	h := serving(newEventService(local))
	a, b := newRemoteEvent(immortal(t, h), 0), newRemoteEvent(immortal(t, h), 0)
	got := promised(func() error { return a.Wait(t.Context()) })
	comes(t, "a waits", gathered(&local.mu, &local.line, 1))
	b.Set()
	if err := <-got; err != nil || !a.IsSet() || !local.IsSet() {
		t.Errorf("it is set: %v", err)
	}
	if err := b.Wait(t.Context()); err != nil {
		t.Error(err)
	}
	a.Clear()
	if b.IsSet() {
		t.Error("it is clear")
	}
	if err := b.Wait(impatient(t, time.Millisecond)); err != errPatience {
		t.Errorf("it stays clear: %v", err)
	}
}

func TestRemoteCondition(t *testing.T) {
	local := newLocalCondition()
	h := serving(newConditionService(local))
	dying, end := mortal(t, h)
	a, b, doomed := newRemoteCondition(immortal(t, h), 0), newRemoteCondition(immortal(t, h), 0), newRemoteCondition(dying, 0)
	wantPanic(t, "not held", a.Unlock)
	wantPanic(t, "not held", func() { _ = a.Wait(t.Context()) })
	held := func(who sharedCondition) bool {
		local.mu.Lock()
		defer local.mu.Unlock()
		return local.lock.held && (who != local) == (local.lock.owner != 0)
	}
	a.Lock()
	wantPanic(t, "not held", b.Unlock)
	if err := a.Wait(ended()); err != errPatience || !held(a) {
		t.Errorf("after the end of the context: %v, held %t", err, held(a))
	}
	if err := a.Wait(impatient(t, time.Millisecond)); err != errPatience || !held(a) {
		t.Errorf("when the context ends: %v, held %t", err, held(a))
	}
	a.Unlock()

	const each = 100
	filled, turn := 0, 0 // what the condition is about
	var all sync.WaitGroup
	for _, c := range []sharedCondition{a, b, local} {
		all.Go(func() {
			for range each {
				c.Lock()
				for filled == 0 {
					if err := c.Wait(t.Context()); err != nil {
						t.Error(err)
					}
				}
				filled--
				turn++
				c.Unlock()
			}
		})
	}
	for range 3 * each {
		b.Lock()
		filled++
		b.Unlock()
		a.Signal()
	}
	if all.Wait(); filled != 0 || turn != 3*each {
		t.Errorf("%d are left, %d were taken", filled, turn)
	}

	wait := func() error {
		a.Lock()
		defer a.Unlock()
		return a.Wait(t.Context())
	}
	first, second := promised(wait), promised(wait)
	comes(t, "two wait", gathered(&local.mu, &local.line, 2))
	b.Broadcast()
	for _, got := range []<-chan error{first, second} {
		if err := <-got; err != nil {
			t.Error(err)
		}
	}
	got := promised(wait)
	comes(t, "a waits", gathered(&local.mu, &local.line, 1))
	doomed.Lock()
	if losses := end(); len(losses) != 1 {
		t.Error("it had the lock")
	}
	if err := <-got; err != nil { // it may have been what has taken a signal along
		t.Error(err)
	}
	local.Lock()
	local.Broadcast()
	local.Unlock()
}

func TestRemoteBarrier(t *testing.T) {
	local := newLocalBarrier(3)
	h := serving(newBarrierService(local))
	dying, end := mortal(t, h)
	parties := []sharedBarrier{newRemoteBarrier(immortal(t, h), 0), newRemoteBarrier(dying, 0), local}
	for range 50 {
		var all sync.WaitGroup
		var mu sync.Mutex
		sum := 0
		for _, p := range parties {
			all.Go(func() {
				index, err := p.Wait(t.Context())
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				sum += 1 << index
			})
		}
		if all.Wait(); sum != 7 {
			t.Fatalf("the indexes were not 0, 1, 2")
		}
	}
	got := []<-chan error{}
	for _, p := range []sharedBarrier{parties[0], local} {
		got = append(got, promised(func() error { _, err := p.Wait(t.Context()); return err }))
	}
	comes(t, "two wait", gathered(&local.mu, &local.line, 2))
	end() // as one that has done its work
	if !gathered(&local.mu, &local.line, 2)() {
		t.Error("nobody waited for that one")
	}
	_, other, end := enlist(t, h, 1<<20)
	end()
	other.miss()
	for _, err := range got {
		if err := <-err; err == nil || !strings.Contains(err.Error(), "the barrier is broken: a worker process has ended") {
			t.Errorf("%v", err)
		}
	}
	late := newLocalBarrier(2)
	h = serving(newBarrierService(late))
	first := newRemoteBarrier(immortal(t, h), 0)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := first.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "broken") {
		t.Errorf("%v", err)
	}
	if _, err := late.Wait(t.Context()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	aborted := newLocalBarrier(2)
	newRemoteBarrier(immortal(t, serving(newBarrierService(aborted))), 0).Abort()
	if _, err := aborted.Wait(t.Context()); !errors.Is(err, errAborted) {
		t.Errorf("%v", err)
	}
}

// Goroutines of this process and of two others update the same keys, while others die in an Update.
func TestRemoteUpdateIsAtomic(t *testing.T) {
	m, l := newLocalMap[string, int](), newLocalList[string]()
	h := newHub(knownErrors(), nil)
	h.offer("map", newMapService(m, encodeText, decodeText, encodeNumber, decodeNumber))
	h.offer("list", newListService(l, encodeText, decodeText))
	l.Append("", "")
	mapOf := func(c *calls) sharedMap[string, int] {
		return newRemoteMap(c, 0, encodeText, decodeText, encodeNumber, decodeNumber)
	}
	listOf := func(c *calls) sharedList[string] { return newRemoteList(c, 1, encodeText, decodeText) }
	a, b := immortal(t, h), immortal(t, h)
	var all sync.WaitGroup
	for i := range 6 {
		maps, lists := []sharedMap[string, int]{m, mapOf(a), mapOf(b)}[i%3], []sharedList[string]{l, listOf(a), listOf(b)}[i%3]
		all.Go(func() {
			for n := range 100 {
				maps.Update([]string{"x", "y"}[n%2], func(v int, _ bool) int { return v + 1 })
				lists.Update(n%2, func(v string) string { return v + "." })
			}
		})
	}
	for range 10 {
		c, end := mortal(t, h)
		inside, died := make(chan bool), make(chan bool)
		t.Cleanup(func() { close(died) })
		for _, update := range []func(){
			func() { mapOf(c).Update("x", func(int, bool) int { inside <- true; <-died; return 0 }) },
			func() { listOf(c).Update(0, func(string) string { inside <- true; <-died; return "" }) },
		} {
			go update()
			<-inside
		}
		if losses := end(); len(losses) == 0 {
			t.Error("it had the list")
		}
	}
	all.Wait()
	x, _ := m.Get("x")
	y, _ := m.Get("y")
	if x != 300 || y != 300 || len(l.At(0)) != 300 || len(l.At(1)) != 300 {
		t.Errorf("%d, %d, %d, %d; want 300 of each", x, y, len(l.At(0)), len(l.At(1)))
	}
	if len(m.leases) > 0 || l.lease.held {
		t.Errorf("leases are left: %v, %t", m.leases, l.lease.held)
	}
}

// What cannot cross changes nothing, and leases nothing.
func TestRemoteTooLarge(t *testing.T) {
	m, l, q := newLocalMap[string, string](), newLocalList[string](), newLocalQueue[string](1)
	p := newLocalPipe[string]()
	h := newHub(knownErrors(), nil)
	h.offer("map", newMapService(m, encodeText, decodeText, encodeText, decodeText))
	h.offer("list", newListService(l, encodeText, decodeText))
	h.offer("queue", newQueueService(q, encodeText, decodeText))
	h.offer("pipe", newPipeService(p, encodeText, decodeText))
	c, _, _ := enlist(t, h, 100)
	rm, rl := newRemoteMap(c, 0, encodeText, decodeText, encodeText, decodeText), newRemoteList(c, 1, encodeText, decodeText)
	rq, rp := newRemoteQueue(c, 2, encodeText, decodeText), newRemotePipe(c, 3, encodeText, decodeText)
	large := strings.Repeat("x", 200)
	m.Set("small", "s")
	m.Set("large", large)
	l.Append("s", large)
	const tooLarge = "more than max_item: 100 bytes"
	for _, f := range []func(){
		func() { rm.Set("a", large) },
		func() { rm.Get("large") },
		func() { rm.Snapshot() },
		func() { rm.Update("large", func(string, bool) string { t.Error("it cannot come"); return "" }) },
		func() { rm.Update("small", func(string, bool) string { return large }) },
		func() { rl.Set(0, large) },
		func() { rl.At(1) },
		func() { rl.Snapshot() },
		func() { rl.Append("a", large) },
		func() { rl.Update(1, func(string) string { t.Error("it cannot come"); return "" }) },
		func() { rl.Update(0, func(string) string { return large }) },
		func() { rl.UpdateAll(func([]string) []string { t.Error("it cannot come"); return nil }) },
		func() { rq.TryPut(large) },
	} {
		wantPanic(t, tooLarge, f)
	}
	if err := rq.Put(t.Context(), large); err == nil || !strings.Contains(err.Error(), tooLarge) || q.Len() != 0 {
		t.Errorf("%v", err)
	}
	if err := rp.Send(t.Context(), large); err == nil || !strings.Contains(err.Error(), tooLarge) {
		t.Errorf("%v", err)
	}
	if v, _ := m.Get("small"); v != "s" || m.Len() != 2 || len(m.leases) > 0 {
		t.Errorf("the map has changed: %q, %v", v, m.leases)
	}
	l.UpdateAll(func(all []string) []string { return all[:1] })
	rl.UpdateAll(func(all []string) []string { return append(all, "b") })
	wantPanic(t, tooLarge, func() { rl.UpdateAll(func([]string) []string { return []string{large} }) })
	if l.At(0) != "s" || l.At(1) != "b" || l.Len() != 2 || l.lease.held {
		t.Errorf("the list has changed: %q", l.items)
	}
}

func TestRemoteQueue(t *testing.T) {
	local := newLocalQueue[string](2)
	h := serving(newQueueService(local, encodeText, decodeText))
	dying, end := mortal(t, h)
	of := func(c *calls) sharedQueue[string] { return newRemoteQueue(c, 0, encodeText, decodeText) }
	a, b, doomed := of(immortal(t, h)), of(immortal(t, h)), of(dying)
	if err := a.Put(t.Context(), "1"); err != nil || !a.TryPut("2") || a.TryPut("3") || b.Len() != 2 {
		t.Errorf("room for two: %v, %d", err, b.Len())
	}
	if err := a.Put(impatient(t, time.Millisecond), "3"); err != errPatience {
		t.Errorf("it is full: %v", err)
	}
	v, ok := doomed.TryGet()
	w, err := doomed.Get(t.Context())
	if v != "1" || !ok || w != "2" || err != nil {
		t.Errorf("%q, %t; %q, %v", v, ok, w, err)
	}
	if v, ok := b.TryGet(); v != "" || ok {
		t.Errorf("it is empty: %q, %t", v, ok)
	}
	if v, err := b.Get(impatient(t, time.Millisecond)); v != "" || err != errPatience {
		t.Errorf("it is empty: %q, %v", v, err)
	}
	joined := promised(func() error { return b.Join(t.Context()) })
	comes(t, "b waits", gathered(&local.buffer.mu, &local.joiners, 1))
	doomed.Done()
	if losses := end(); len(losses) != 1 {
		t.Error("it had an item in hand")
	}
	if err := <-joined; err != nil {
		t.Error(err)
	}
	wantPanic(t, "more items than were put", a.Done)
	_ = a.Put(t.Context(), "4")
	a.Close()
	if err := b.Put(t.Context(), "5"); err != io.ErrClosedPipe || b.TryPut("5") {
		t.Errorf("it is closed: %v", err)
	}
	if v, err := b.Get(t.Context()); v != "4" || err != nil {
		t.Errorf("what was put is lost: %q, %v", v, err)
	}
	if _, err := b.Get(t.Context()); err != io.EOF {
		t.Errorf("closed and empty: %v", err)
	}
}

// No item is lost or comes twice: neither one that comes as the context ends, nor to a waiter whose process has ended.
func TestRemoteQueueLosesNothing(t *testing.T) {
	local := newLocalQueue[int](4)
	h := serving(newQueueService(local, encodeNumber, decodeNumber))
	const n = 2000
	var mu sync.Mutex
	seen := make(map[int]int)
	var getters sync.WaitGroup
	for range 2 {
		q := newRemoteQueue(immortal(t, h), 0, encodeNumber, decodeNumber)
		for range 2 {
			getters.Go(func() {
				for {
					ctx, cancel := context.WithTimeout(context.Background(), 20*time.Microsecond)
					v, err := q.Get(ctx)
					cancel()
					switch {
					case err == nil:
						mu.Lock()
						seen[v]++
						mu.Unlock()
					case err == io.EOF:
						return
					case !errors.Is(err, context.DeadlineExceeded):
						t.Error(err)
						return
					}
				}
			})
		}
	}
	for i := range n {
		if err := local.Put(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
	local.Close()
	getters.Wait()
	for i := range n {
		if seen[i] != 1 {
			t.Fatalf("%d came %d times", i, seen[i])
		}
	}
}

func TestRemotePipe(t *testing.T) {
	local := newLocalPipe[string]()
	h := serving(newPipeService(local, encodeText, decodeText))
	dying, end := mortal(t, h)
	doomed, stage := newRemotePipe(dying, 0, encodeText, decodeText), newRemotePipe(immortal(t, h), 0, encodeText, decodeText)
	caller := local.callers
	if err := caller.Send(t.Context(), "ping"); err != nil {
		t.Error(err)
	}
	if v, err := doomed.Recv(t.Context()); v != "ping" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	if err := doomed.Send(t.Context(), "pong"); err != nil {
		t.Error(err)
	}
	if losses := end(); len(losses) != 0 {
		t.Errorf("%v", losses)
	}
	if v, err := caller.Recv(t.Context()); v != "pong" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	if _, err := stage.Recv(impatient(t, time.Millisecond)); err != errPatience {
		t.Errorf("%v", err)
	}
	_ = caller.Send(t.Context(), "last")
	caller.Close()
	if v, err := stage.Recv(t.Context()); v != "last" || err != nil {
		t.Errorf("%q, %v", v, err)
	}
	if _, err := stage.Recv(t.Context()); err != io.EOF {
		t.Errorf("%v", err)
	}
	if err := stage.Send(t.Context(), ""); err != io.ErrClosedPipe {
		t.Errorf("%v", err)
	}
	other := newLocalPipe[string]()
	newRemotePipe(immortal(t, serving(newPipeService(other, encodeText, decodeText))), 0, encodeText, decodeText).Close()
	if _, err := other.callers.Recv(t.Context()); err != io.EOF {
		t.Errorf("%v", err)
	}
}

// What is no request of its kind stops the worker, and changes nothing.
func TestRemoteMalformed(t *testing.T) {
	m, l, q := newLocalMap[string, int](), newLocalList[string](), newLocalQueue[string](1)
	l.Append("a")
	for name, s := range map[string]service{
		"semaphore": newSemaphoreService(newLocalSemaphore(1)),
		"event":     newEventService(newLocalEvent()),
		"condition": newConditionService(newLocalCondition()),
		"barrier":   newBarrierService(newLocalBarrier(1)),
		"map":       newMapService(m, encodeText, decodeText, encodeNumber, decodeNumber),
		"list":      newListService(l, encodeText, decodeText),
		"queue":     newQueueService(q, encodeText, decodeText),
		"pipe":      newPipeService(newLocalPipe[string](), encodeText, decodeText),
	} {
		d := newDecoder(nil)
		d.reset([]byte{5, 'k', 'e', 'y', 's'})
		if err := s.serve(t.Context(), 1, 99, d, newEncoder(100, nil)); err != errFrame {
			t.Errorf("%s: an operation that does not exist: %v", name, err)
		}
	}
	for _, test := range []struct {
		name string
		s    service
		ops  []byte
	}{
		{"map", newMapService(m, encodeText, decodeText, encodeNumber, decodeNumber), []byte{mapGet, mapSet, mapDelete, mapBegin, mapEnd}},
		{"list", newListService(l, encodeText, decodeText), []byte{listSet, listAppend, listEnd, listEndAll}},
		{"queue", newQueueService(q, encodeText, decodeText), []byte{queuePut, queueTryPut}},
	} {
		for _, op := range test.ops {
			d := newDecoder(nil)
			d.reset([]byte{200, 200}) // the beginning of a length
			err := test.s.serve(t.Context(), 1, op, d, newEncoder(100, nil))
			if d.err == nil {
				t.Errorf("%s, operation %d: it takes what is cut off: %v", test.name, op, err)
			}
		}
	}
	if m.Len() != 0 || len(m.leases) > 0 || l.Len() != 1 || l.At(0) != "a" || l.lease.held || q.Len() != 0 {
		t.Errorf("something has changed: %v, %q, %d", m.entries, l.items, q.Len())
	}
}
