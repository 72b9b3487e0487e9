//go:build unix

package threads

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// connect returns the calls of a worker process that is, here, this one. The end of the test is its own.
func connect(t *testing.T, h *hub) *calls {
	c, g := connectAs(t, h, 1<<20, func(err error) { t.Errorf("malformed: %v", err) })
	t.Cleanup(func() {
		_ = c.conn.Close()
		g.leave(false)
	})
	return c
}

func connectAs(t *testing.T, h *hub, most int, malformed func(error)) (*calls, *guest) {
	t.Helper()
	ours, theirs, err := newStreams()
	if err != nil {
		t.Fatal(err)
	}
	g, err := h.enter(ours, most, malformed)
	if err != nil {
		t.Fatal(err)
	}
	c, err := newCalls(theirs, most, h.known)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = theirs.Close() })
	return c, g
}

// oddities is a service with operations of all kinds.
type oddities struct {
	mu      sync.Mutex
	told    []byte
	holders map[party]bool
	waiting chan party // of who has begun to wait
	enough  chan struct{}
}

func newOddities() *oddities {
	return &oddities{holders: make(map[party]bool), waiting: make(chan party, 100), enough: make(chan struct{})}
}

var errOwn = errors.New("own")

func (o *oddities) serve(ctx context.Context, who party, op byte, d *decoder, e *encoder) error {
	switch op {
	case 'd': // double
		n := d.int()
		e.int(2 * n)
	case 'e':
		return io.EOF
	case 'o':
		return fmt.Errorf("wrapped: %w", errOwn)
	case 'p':
		_ = []int(nil)[d.int()]
	case 't':
		o.mu.Lock()
		defer o.mu.Unlock()
		o.told = append(o.told, d.uint8())
	case 's':
		o.mu.Lock()
		defer o.mu.Unlock()
		e.string(string(o.told))
	case 'u':
		d.unmarshal(new(time.Time))
	case 'm':
		e.string(d.string())
	case 'l':
		e.string(strings.Repeat("x", d.int()))
	case 'w': // waits, and takes a while to give up
		o.waiting <- who
		select {
		case <-o.enough:
			e.int(d.int()) // which it has not read before
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	case 'i': // waits and does it all the same
		o.waiting <- who
		<-ctx.Done()
		e.string(context.Cause(ctx).Error())
	case 'h':
		o.mu.Lock()
		defer o.mu.Unlock()
		o.holders[who] = true
	default:
		return errFrame
	}
	return nil
}

func (o *oddities) left(who party) (held bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	held = o.holders[who]
	delete(o.holders, who)
	return held
}

// double is what the odd service makes of n.
func double(c *calls, ctx context.Context, n int) (twice int, err error) {
	err = c.call(ctx, 0, 'd', func(e *encoder) { e.int(n) }, func(d *decoder) { twice = d.int() })
	return twice, err
}

func TestCalls_ResultsAndErrors(t *testing.T) {
	h := newHub(knownErrors(errOwn), nil)
	h.offer("odd", newOddities())
	c := connect(t, h)
	if n, err := double(c, t.Context(), 21); n != 42 || err != nil {
		t.Errorf("twice 21 is %d, %v", n, err)
	}
	if err := c.call(t.Context(), 0, 'e', nil, nil); err != io.EOF {
		t.Errorf("got %v, want io.EOF itself", err)
	}
	if err := c.call(t.Context(), 0, 'o', nil, nil); err == nil || err == errOwn || !errors.Is(err, errOwn) || err.Error() != "wrapped: own" {
		t.Errorf("got %v, want what wraps errOwn", err)
	}
	if err := c.call(t.Context(), 0, 'u', func(e *encoder) { e.bytes([]byte("no time")) }, nil); err == nil || !strings.Contains(err.Error(), "Time.UnmarshalBinary") {
		t.Errorf("what the type cannot read is %v", err)
	}
	c.tell(0, 'e', nil) // nobody hears of it
	defer func() {
		if why := recover(); why != "runtime error: index out of range [3] with length 0" {
			t.Errorf("the panic is %v", why)
		}
		if n, err := double(c, t.Context(), 4); n != 8 || err != nil {
			t.Errorf("after a panic twice 4 is %d, %v", n, err)
		}
	}()
	_ = c.call(t.Context(), 0, 'p', func(e *encoder) { e.int(3) }, nil)
	t.Error("no panic")
}

// A call that waits keeps no other one waiting, and none makes it forget what it has been asked.
func TestCalls_Waits(t *testing.T) {
	h := newHub(nil, nil)
	odd := newOddities()
	h.offer("odd", odd)
	c := connect(t, h)
	var all sync.WaitGroup
	for i := range 10 {
		all.Go(func() {
			got := 0
			err := c.call(t.Context(), 0, 'w', func(e *encoder) { e.int(i) }, func(d *decoder) { got = d.int() })
			if got != i || err != nil {
				t.Errorf("asked %d, got %d, %v", i, got, err)
			}
		})
		<-odd.waiting
	}
	for i := range 100 {
		if n, err := double(c, t.Context(), i); n != 2*i || err != nil {
			t.Errorf("twice %d is %d, %v", i, n, err)
		}
	}
	close(odd.enough)
	all.Wait()
}

// A call leaves nothing behind in the parent.
func TestCalls_NoMemory(t *testing.T) {
	h := newHub(nil, nil)
	h.offer("odd", newOddities())
	c := connect(t, h)
	heap := func() uint64 {
		for i := range 20_000 {
			if n, err := double(c, t.Context(), i); n != 2*i || err != nil {
				t.Fatalf("twice %d is %d, %v", i, n, err)
			}
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	if more := int64(heap() - before); more > 500_000 {
		t.Errorf("20,000 calls keep %d bytes", more)
	}
}

// What a process has told before its end is done before what it holds is given back, and nothing after that.
func TestCalls_ToldBeforeTheEnd(t *testing.T) {
	for range 4 {
		h := newHub(nil, nil)
		odd := newOddities()
		h.offer("odd", odd)
		c, g := connectAs(t, h, 1<<20, func(err error) { t.Errorf("malformed: %v", err) })
		for range 1000 {
			c.tell(0, 'h', nil)
		}
		if losses := g.leave(false); len(losses) != 1 || len(odd.holders) != 0 {
			t.Fatalf("%d losses; it still holds %v", len(losses), odd.holders)
		}
	}
}

// Requests and answers that fill the socket both ways do not stop each other.
func TestCalls_BothWays(t *testing.T) {
	h := newHub(nil, nil)
	h.offer("odd", newOddities())
	c := connect(t, h)
	large := strings.Repeat("x", 700_000)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 5 {
				got := ""
				err := c.call(t.Context(), 0, 'm', func(e *encoder) { e.string(large) }, func(d *decoder) { got = d.string() })
				if got != large || err != nil {
					t.Errorf("%d bytes come back, %v", len(got), err)
				}
			}
		})
	}
	all.Wait()
}

// Any number of goroutines call, and each has its own answer.
func TestCalls_Concurrent(t *testing.T) {
	h := newHub(nil, nil)
	h.offer("odd", newOddities())
	c := connect(t, h)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for j := range 200 {
				if n, err := double(c, t.Context(), 1000*i+j); n != 2*(1000*i+j) || err != nil {
					t.Errorf("twice %d is %d, %v", 1000*i+j, n, err)
				}
			}
		})
	}
	all.Wait()
}

// What is told is done in order, before what is asked next.
func TestCalls_Tell(t *testing.T) {
	h := newHub(nil, nil)
	h.offer("odd", newOddities())
	c := connect(t, h)
	for i := range 50 {
		c.tell(0, 't', func(e *encoder) { e.uint8(byte('a' + i%26)) })
	}
	var told string
	if err := c.call(t.Context(), 0, 's', nil, func(d *decoder) { told = d.string() }); err != nil {
		t.Fatal(err)
	}
	if want := "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwx"; told != want {
		t.Errorf("told %q, want %q", told, want)
	}
}

// A context that has ended keeps a call from being made; one that ends later ends it, with its own cause, unless it has
// come to something.
func TestCalls_Cancel(t *testing.T) {
	h := newHub(knownErrors(), nil)
	odd := newOddities()
	h.offer("odd", odd)
	c := connect(t, h)
	why := errors.New("enough")
	for _, op := range []byte("wi") {
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-odd.waiting
			cancel(why)
		}()
		text := ""
		err := c.call(ctx, 0, op, nil, func(d *decoder) { text = d.string() })
		switch op {
		case 'w':
			if err != why {
				t.Errorf("the canceled call returns %v", err)
			}
			if _, err := double(c, ctx, 1); err != why {
				t.Errorf("a call with a canceled context returns %v", err)
			}
		case 'i':
			if err != nil || text != "enough" {
				t.Errorf("the call that is done all the same returns %q, %v", text, err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := c.call(ctx, 0, 'w', nil, nil); err != context.DeadlineExceeded {
		t.Errorf("after the deadline: %v", err)
	}
	if len(c.open) > 0 {
		t.Errorf("%d calls are still open", len(c.open))
	}
}

// What is larger than max_item is an error, in both directions, and harms nothing.
func TestCalls_TooLarge(t *testing.T) {
	h := newHub(nil, nil)
	h.offer("odd", newOddities())
	c, g := connectAs(t, h, 1000, func(err error) { t.Errorf("malformed: %v", err) })
	defer g.leave(false)
	large := strings.Repeat("x", 2000)
	if err := c.call(t.Context(), 0, 't', func(e *encoder) { e.string(large) }, nil); err == nil || !strings.Contains(err.Error(), "max_item: 1000 bytes") {
		t.Errorf("a large request: %v", err)
	}
	if err := c.call(t.Context(), 0, 'l', func(e *encoder) { e.int(2000) }, nil); err == nil || !strings.Contains(err.Error(), "max_item: 1000 bytes") {
		t.Errorf("a large answer: %v", err)
	}
	if n, err := double(c, t.Context(), 4); n != 8 || err != nil {
		t.Errorf("then twice 4 is %d, %v", n, err)
	}
}

// A process that does not take its answers keeps nobody else waiting, nor its own end.
func TestCalls_Deaf(t *testing.T) {
	h := newHub(nil, nil)
	h.offer("odd", newOddities())
	deaf, g := connectAs(t, h, 1<<20, func(err error) { t.Errorf("malformed: %v", err) })
	for range 100 {
		message, err := deaf.request(requestCall, 0, 'l', func(e *encoder) { e.int(500_000) })
		if err != nil {
			t.Fatal(err)
		}
		deaf.submit(message, make(chan []byte, 1))
	}
	if n, err := double(connect(t, h), t.Context(), 4); n != 8 || err != nil {
		t.Errorf("another process is told that twice 4 is %d, %v", n, err)
	}
	left := make(chan []loss, 1)
	go func() { left <- g.leave(false) }()
	select {
	case <-left:
	case <-time.After(5 * time.Second):
		t.Fatal("its end is not over in 5 s")
	}
}

// A process that sends something else than requests is found out; a torn or oversized frame is such a thing too.
func TestCalls_Malformed(t *testing.T) {
	for name, message := range map[string][]byte{
		"short":        {1, 0, 0, 0, 'c'},
		"kind":         {8, 0, 0, 0, 'y', 1, 0, 0, 0, 0, 0, 'd'},
		"no such one":  {8, 0, 0, 0, 'c', 1, 0, 0, 0, 9, 0, 'd'},
		"no such op":   {8, 0, 0, 0, 'c', 1, 0, 0, 0, 0, 0, '?'},
		"told nothing": {8, 0, 0, 0, 't', 1, 0, 0, 0, 0, 0, 't'},
		"cut off":      {8, 0, 0, 0, 'c', 1, 0, 0, 0, 0, 0, 'd'},
		"huge":         {0, 0, 0, 255, 'c'},
		"no cause":     {8, 0, 0, 0, 'x', 1, 0, 0, 0, 0, 0, 0},
	} {
		h := newHub(nil, nil)
		h.offer("odd", newOddities())
		found := make(chan error, 1)
		c, g := connectAs(t, h, 1000, func(err error) { found <- err })
		c.send(message)
		if err := <-found; !errors.Is(err, errFrame) {
			t.Errorf("%s: %v", name, err)
		}
		g.leave(false)
	}
}

// When a process ends its requests end, then what it holds is given back.
func TestCalls_Leave(t *testing.T) {
	h := newHub(nil, nil)
	odd := newOddities()
	h.offer("odd", odd)
	h.offer("idle", newOddities())
	h.failOnLoss(0, "ratio")
	c, g := connectAs(t, h, 1000, func(err error) { t.Errorf("malformed: %v", err) })
	if err := c.call(t.Context(), 0, 'h', nil, nil); err != nil {
		t.Fatal(err)
	}
	message, err := c.request(requestCall, 0, 'w', nil)
	if err != nil {
		t.Fatal(err)
	}
	c.submit(message, make(chan []byte, 1)) // who calls never hears of it: the process has ended
	if who := <-odd.waiting; who != c.party {
		t.Errorf("party %d waits, not %d", who, c.party)
	}
	for range 5000 {
		c.tell(0, 't', func(e *encoder) { e.uint8('a') })
	}
	_ = c.conn.Close()
	losses := g.leave(false)
	if fmt.Sprint(losses) != "[{odd [ratio]}]" {
		t.Errorf("lost %v", losses)
	}
	if len(odd.told) != 5000 {
		t.Errorf("%d of 5000 that it has told are done", len(odd.told))
	}
	if len(g.open) > 0 || len(odd.holders) > 0 {
		t.Errorf("%d requests, %d holders are left", len(g.open), len(odd.holders))
	}
	if other := connect(t, h); other.party == c.party {
		t.Error("two processes are the same party")
	}
}

func BenchmarkCalls(b *testing.B) {
	h := newHub(nil, nil)
	h.offer("odd", newOddities())
	ours, theirs, err := newStreams()
	if err != nil {
		b.Fatal(err)
	}
	g, err := h.enter(ours, 1000, func(error) {})
	if err != nil {
		b.Fatal(err)
	}
	c, err := newCalls(theirs, 1000, nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := double(c, b.Context(), 1); err != nil {
			b.Fatal(err)
		}
	}
	_ = theirs.Close()
	g.leave(false)
}
