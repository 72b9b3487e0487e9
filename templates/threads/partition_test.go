package threads

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A run may be cancelled while its queues are still being made: for the race detector.
func TestPartition_CancelledMeanwhile(t *testing.T) {
	for range 500 {
		ctx, cancel := context.WithCancel(t.Context())
		g := newGraph(ctx)
		go cancel()
		q := newQueue[int](g.run, 1, 4, false, 0)
		q.partition(3, func(e int) (uint64, bool) { return uint64(e), true })
		produce(g, func(p *producer[int]) { p.put(0, 1) }, q)
		consume(g, q, 3, func(*worker, int) error { return nil })
		g.run.launch()
		_ = g.run.wait()
	}
}

// Elements of one key are read by one slot, in the order in which each writer has put them, whatever the shape
// of the queue and whatever happens to some of them; and all are read.
func TestPromise12_KeysKeepTheirSlot(t *testing.T) {
	type element struct{ key, from, n int }
	type keyFrom struct{ key, from int }
	boom := errors.New("boom")
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		workers, sources, keys := 1+rnd.IntN(8), 1+rnd.IntN(4), 1+rnd.IntN(20)
		items, trouble := 2000, 2+rnd.IntN(200)
		g := newGraph(t.Context())
		q := newQueue[element](g.run, sources, 1+rnd.IntN(100), rnd.IntN(2) == 0, rnd.IntN(5))
		if rnd.IntN(3) == 0 {
			q.fifo(blockFull)
		}
		q.partition(workers, func(e element) (uint64, bool) { return uint64(e.key), true })

		for from := range sources {
			produce(g, func(p *producer[element]) {
				rnd := rand.New(rand.NewPCG(seed, uint64(from)))
				for n := range items {
					if !p.put(0, element{rnd.IntN(1 + rnd.IntN(keys)), from, n}) { // skewed
						t.Error("put has returned false")
					}
				}
			}, q)
		}
		var mu sync.Mutex
		slots, last := make(map[int]*worker), make(map[keyFrom]int)
		work := consume(g, q, workers, func(w *worker, e element) error {
			if e.n%71 == 0 {
				runtime.Gosched()
			}
			mu.Lock()
			slot, seen := slots[e.key]
			before := last[keyFrom{e.key, e.from}]
			slots[e.key], last[keyFrom{e.key, e.from}] = w, e.n
			mu.Unlock()
			if seen && slot != w {
				t.Errorf("seed %d: key %d was handled by two slots", seed, e.key)
			}
			if e.n < before {
				t.Errorf("seed %d: element %d of source %d came after %d", seed, e.n, e.from, before)
			}
			switch e.n % trouble {
			case 3:
				panic(boom)
			case 5:
				runtime.Goexit()
			case 7:
				return boom
			}
			return nil
		})
		if err := g.finish(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if c := work.total(); c.in != int64(sources*items) {
			t.Errorf("seed %d: %d of %d elements were read", seed, c.in, sources*items)
		}
	}
}

// The capacity is that of all slots together. One slot's elements may take up the whole of it where it was
// asked for.
func TestPromise12_CapacityIsTheTotal(t *testing.T) {
	for _, c := range []struct {
		exact       bool
		keys        int
		least, most int // elements that the source begins to put before it blocks
	}{
		{true, 1, 1 + 40 + 1, 1 + 40 + 1},
		{true, 4, 4 + 40 + 1, 4 + 40 + 1},
		{false, 4, 1, 40 + 4*10 + 1}, // a claim is up to a quarter
	} {
		synctest.Test(t, func(t *testing.T) {
			g := newGraph(t.Context())
			q := newQueue[int](g.run, 1, 40, c.exact, 0)
			q.partition(4, func(n int) (uint64, bool) { return uint64(n % c.keys), true })
			began, release := 0, make(chan struct{})
			source := produce(g, func(p *producer[int]) {
				for began = 1; began <= 400 && p.put(0, began); began++ {
				}
			}, q)
			work := consume(g, q, 4, func(*worker, int) error { <-release; return nil })
			g.launch()
			synctest.Wait()
			if began < c.least || began > c.most {
				t.Errorf("exact %v, %d keys: the source got to element %d before it blocked, want %d to %d", c.exact, c.keys, began, c.least, c.most)
			}
			close(release)
			if err := g.wait(); err != nil {
				t.Error(err)
			}
			balance(t, q, source.counts[0].in, work)
		})
	}
}

// A slot that is busy for long keeps what is its, and does not keep the others from theirs.
func TestPromise12_BusySlot(t *testing.T) {
	for _, exact := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) { busySlot(t, exact) })
	}
}

func busySlot(t *testing.T, exact bool) {
	began := time.Now()
	g := newGraph(t.Context())
	q := newQueue[int](g.run, 1, 1000, exact, 0)
	q.partition(4, func(e int) (uint64, bool) { return uint64(e), true })
	produce(g, func(p *producer[int]) {
		for n := range 400 {
			p.put(0, n)
		}
	}, q)
	var busy *worker
	consume(g, q, 4, func(w *worker, e int) error {
		switch {
		case e == 0:
			busy = w
			time.Sleep(time.Hour)
		case e%4 == 0:
			if w != busy || time.Since(began) < time.Hour {
				t.Errorf("element %d has left its slot", e)
			}
		case time.Since(began) > time.Second:
			t.Errorf("element %d waited %v for another slot's", e, time.Since(began))
		}
		return nil
	})
	if err := g.finish(); err != nil {
		t.Error(err)
	}
}

// A key function that fails ends the run; what it was called for has not been put.
func TestPromise07_KeyFails(t *testing.T) {
	for _, goexit := range []bool{false, true} {
		g := newGraph(t.Context())
		q := newQueue[int](g.run, 1, 10, false, 0)
		boom := errors.New("boom")
		q.partition(2, func(e int) (uint64, bool) {
			if e < 30 {
				return uint64(e), true
			}
			g.fail(boom)
			if goexit {
				runtime.Goexit()
			}
			return 0, false
		})
		source := produce(g, func(p *producer[int]) {
			for n := range 100 {
				if !p.put(0, n) {
					return
				}
			}
		}, q)
		work := consume(g, q, 2, func(*worker, int) error { return nil })
		if err := g.finish(); !errors.Is(err, boom) || source.counts[0].in != 30 {
			t.Errorf("%d put, then %v; want 30 and boom", source.counts[0].in, err)
		}
		if c := work.total(); c.in != 30 {
			t.Errorf("30 put, %d read", c.in)
		}
	}
}
