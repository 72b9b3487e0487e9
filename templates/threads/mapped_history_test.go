//go:build unix

package threads

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// Real processes use one lock, counter and value, and are killed at any moment. What they have seen, which they write
// down in memory that outlives them, must be what they would have seen one after the other.

// noted is a call: by whom, of which method, with what, and what it has seen. The clock says when it began and
// returned; it has not returned at 0.
type noted struct{ client, method, given, seen, began, returned int64 }

// The methods.
const (
	noteLock = iota
	noteUnlock
	noteLeft // the process has ended
	noteAdd
	noteSwap
	noteLoad
	noteStore
)

const (
	notingClients = 3  // the first one is the parent
	notedEach     = 12 // calls of one client, and one more where it has the lock then
)

// notebook is where clients write down what they do, in a place of the memory.
type notebook struct {
	clock *mappedCounter
	lines *sharedArray[noted]
}

func notebookSizes() []int {
	return []int{mappedCounterSize, mappedArraySize[noted](notingClients * (notedEach + 1))}
}

func newNotebook(m *mapping, i int) *notebook {
	return &notebook{newMappedCounter(m, i), newMappedArray[noted](m, i+1, notingClients*(notedEach+1))}
}

// write notes one call of a client.
func (b *notebook) write(client, i int, method, given int64, do func() int64) {
	line := &b.lines.Slice()[client*(notedEach+1)+i]
	line.client, line.method, line.given = int64(client), method, given
	atomic.StoreInt64(&line.began, b.clock.Add(1))
	line.seen = do()
	line.returned = b.clock.Add(1)
}

// use does what a client does, in a random order.
func (c *commons) use(client int, random *rand.Rand) {
	held := false
	for i := range notedEach {
		if random.IntN(2) == 0 {
			time.Sleep(time.Duration(random.IntN(50)) * time.Microsecond)
		}
		given := int64(client*100 + i + 1)
		switch random.IntN(7) {
		case 0, 1, 2:
			if held {
				c.book.write(client, i, noteUnlock, 0, func() int64 { c.lock.Unlock(); return 0 })
			} else {
				c.book.write(client, i, noteLock, 0, func() int64 { c.lock.Lock(); return 0 })
			}
			held = !held
		case 3:
			c.book.write(client, i, noteAdd, given, func() int64 { return c.counter.Add(given) })
		case 4:
			old := c.counter.Load()
			c.book.write(client, i, noteSwap, old<<32|given, func() int64 {
				if c.counter.CompareAndSwap(old, given) {
					return 1
				}
				return 0
			})
		case 5:
			c.book.write(client, i, noteLoad, 0, func() int64 { return int64(c.large.Load().count[3]) })
		case 6:
			c.book.write(client, i, noteStore, given, func() int64 { c.large.Store(newWide(int(given))); return 0 })
		}
	}
	if held {
		c.book.write(client, notedEach, noteUnlock, 0, func() int64 { c.lock.Unlock(); return 0 })
	}
}

// stepLock, stepCounter and stepValue say what a call does to each of them, and whether it may have seen what it has.
func stepLock(owner any, n noted) (bool, any) {
	switch n.method {
	case noteLock:
		return owner == int64(-1), n.client
	case noteUnlock:
		return owner == n.client, int64(-1)
	}
	if owner == n.client {
		return n.seen == 1, int64(-1)
	}
	return n.seen == 0, owner
}

func stepCounter(count any, n noted) (bool, any) {
	now := count.(int64)
	switch {
	case n.method == noteAdd:
		return n.returned == 0 || n.seen == now+n.given, now + n.given
	case now == n.given>>32:
		return n.returned == 0 || n.seen == 1, n.given & math.MaxUint32
	}
	return n.returned == 0 || n.seen == 0, now
}

func stepValue(v any, n noted) (bool, any) {
	if n.method == noteStore {
		return true, n.given
	}
	return n.returned == 0 || n.seen == v, v
}

// check fails the test where what has been noted is not what would be seen one after the other.
func (b *notebook) check(t *testing.T, ends []noted, from, to int64, begin any, step func(any, noted) (bool, any)) {
	t.Helper()
	var ops []porcupine.Operation
	for _, n := range append(ends, b.lines.Slice()...) {
		if n.began == 0 || n.method < from || n.method > to {
			continue
		}
		end := n.returned
		for _, e := range ends { // it has been done before its process has ended, or never
			if end == 0 && e.client == n.client {
				end = e.returned
			}
		}
		ops = append(ops, porcupine.Operation{ClientId: int(n.client), Input: n, Call: n.began, Return: end})
	}
	model := porcupine.Model{
		Init: func() any { return begin },
		Step: func(state, input, _ any) (bool, any) {
			n := input.(noted)
			ok, next := step(state, n)
			if !ok && n.returned == 0 {
				return true, state
			}
			return ok, next
		},
	}
	if porcupine.CheckOperationsTimeout(model, ops, 10*time.Second) != porcupine.Ok {
		for _, op := range ops {
			t.Logf("%+v", op.Input)
		}
		t.Errorf("this is no history of what it is")
	}
}

func TestHistories_Mapped(t *testing.T) {
	f, c := share(t, notingClients-1)
	var at [notingClients]*process
	unanswered := 0
	for i := range *histories {
		clear(c.book.lines.Slice())
		c.counter.Store(0)
		c.large.reset()
		lost := c.lost.Load()
		for client := 1; client < notingClients; client++ {
			if at[client] == nil {
				at[client] = f.need()
			}
			send(at[client], fmt.Sprintf("use: %d", i*notingClients+client))
		}
		var own sync.WaitGroup
		own.Go(func() { c.use(0, rand.New(rand.NewPCG(1, uint64(i)))) })
		var ends []noted
		if killed := 1 + i%notingClients; killed < notingClients {
			line := &c.book.lines.Slice()[killed*(notedEach+1)+rand.IntN(notedEach)]
			eventually(t, "it has come so far", func() bool { return atomic.LoadInt64(&line.began) > 0 })
			for range rand.IntN(100) {
				runtime.Gosched()
			}
			end := noted{client: int64(killed), method: noteLeft, began: c.book.clock.Add(1)}
			_ = at[killed].cmd.Process.Kill()
			<-at[killed].gone
			f.lost(at[killed])
			end.seen, end.returned = c.lost.Load()-lost, c.book.clock.Add(1)
			ends, at[killed] = append(ends, end), nil
		}
		for _, p := range at {
			if p != nil {
				if _, err := receiveFrame(p.conn, maxHello); err != nil {
					t.Fatal(err)
				}
			}
		}
		own.Wait()
		for _, n := range c.book.lines.Slice() {
			if n.began > 0 && n.returned == 0 {
				unanswered++
			}
		}
		c.book.check(t, ends, noteLock, noteLeft, int64(-1), stepLock)
		c.book.check(t, ends, noteAdd, noteSwap, int64(0), stepCounter)
		c.book.check(t, ends, noteLoad, noteStore, int64(0), stepValue)
		if t.Failed() {
			t.Fatalf("history %d", i)
		}
	}
	t.Logf("%d locks lost, %d calls cut short", c.lost.Load(), unanswered)
}
