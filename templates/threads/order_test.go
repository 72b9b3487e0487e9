package threads

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// inOrder adds a group that calls f on each element of in and puts what f emits into out, in order.
func inOrder(g graph, in *queue[int], workers int, out putter[int], finish func(), f func(n int, emit func(int) bool) error) *group {
	made := g.addGroup(workers, stageInfo{name: "work", many: true})
	turn := newOrder(made, in, out, 0)
	for _, w := range made.workers {
		r, put := in.reader(w), turn.writer(w)
		emit := func(e int) bool {
			if !put.put(e) {
				return false
			}
			w.counts[0].out++
			return true
		}
		w.loop = func() (over bool) {
			defer w.catch(&over, func() (int, int, any) { return 0, -1, r.items[r.pos] })
			for r.next() {
				if err := f(*r.item(), emit); err != nil && !w.failed(0, -1, *r.item(), err) {
					return true
				}
			}
			return true
		}
	}
	made.finish = finish
	return made
}

// numbers produces 0 to n-1.
func numbers(n int) func(p *producer[int]) {
	return func(p *producer[int]) {
		for i := range n {
			if !p.put(0, i) {
				return
			}
		}
	}
}

// What a chunk holds comes out as soon as its turn has come, also while its worker is in a long call, and what
// it makes from then on comes out at once.
func TestPromise17_HeldResultsComeOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGraph(t.Context())
		in, out := newQueue[int](g.run, 1, 100, false, 3), newQueue[int](g.run, 1, 100, false, 0)
		produce(g, numbers(6), in)
		const ms = time.Millisecond
		calls := []time.Duration{10 * ms, 0, 0, 0, 50 * ms, time.Second} // two chunks
		inOrder(g, in, 2, out.writer(nil), out.close, func(n int, emit func(int) bool) error {
			time.Sleep(calls[n])
			emit(n)
			return nil
		})
		began, came := time.Now(), []time.Duration(nil)
		consume(g, out, 1, func(*worker, int) error {
			came = append(came, time.Since(began))
			return nil
		})
		if err := g.finish(); err != nil {
			t.Fatal(err)
		}
		if len(came) != 6 || !slices.Equal(came[:5], []time.Duration{10 * ms, 10 * ms, 10 * ms, 10 * ms, 50 * ms}) {
			t.Errorf("results came after %v", came)
		}
	})
}

// However chunks, emitting and stopping meet, each reader gets its results in order and once, and what was put is
// read or counted: of one queue, or of several that a hand chooses from.
func TestPromise07_11_RandomOrders(t *testing.T) {
	boom := errors.New("boom")
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		g := newGraph(t.Context())
		items, fails := rnd.IntN(1000), -1
		if rnd.IntN(2) == 0 {
			fails = rnd.IntN(1000)
		}
		most, capacity, exact := 1+rnd.IntN(20), 1+rnd.IntN(50), rnd.IntN(2) == 0
		in := newQueue[int](g.run, 1, 200, false, rnd.IntN(20))
		a, b := newQueue[int](g.run, 1, capacity, exact, 0), newQueue[int](g.run, 1, capacity, exact, 0)
		produce(g, numbers(items), in)
		toA, toB := a.writer(nil), b.writer(nil)
		out := putter[int](hand[int](func(e int) bool {
			if e%2 == 0 {
				return toA.put(e)
			}
			return toB.put(e)
		}))
		if seed%2 == 0 {
			out = toA
		}
		made := inOrder(g, in, 1+rnd.IntN(6), out, func() { a.close(); b.close() }, func(n int, emit func(int) bool) error {
			if n == fails {
				return boom
			}
			for i := range n % most {
				if n%7 == 0 {
					runtime.Gosched()
				}
				if !emit(n*100 + i) {
					return context.Canceled
				}
			}
			return nil
		})
		got := make([][]int, 2)
		var readers []*group
		for i, q := range []*queue[int]{a, b} {
			readers = append(readers, consume(g, q, 1, func(_ *worker, e int) error {
				got[i] = append(got[i], e)
				return nil
			}))
		}
		err := g.finish()
		if fails < items && fails >= 0 && !errors.Is(err, boom) || (fails >= items || fails < 0) && err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		var want [2][]int
		for n := range items {
			for i := range n % most {
				e := n*100 + i
				to := e % 2 * int(seed%2)
				want[to] = append(want[to], e)
			}
		}
		for i := range got {
			if err == nil && len(got[i]) != len(want[i]) || !slices.Equal(got[i], want[i][:len(got[i])]) {
				t.Fatalf("seed %d: reader %d got %d of %d results, or not in order", seed, i, len(got[i]), len(want[i]))
			}
		}
		if put, read := made.total().out, readers[0].total().in+readers[1].total().in; put != read {
			t.Fatalf("seed %d: promise 7: %d put out, %d taken in", seed, put, read)
		}
	}
}

// runtime.Goexit in the function of a key that is called with another chunk's results ends the run.
func TestPromise08_GoexitWhileEmitting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGraph(t.Context())
		in, out := newQueue[int](g.run, 1, 100, false, 2), newQueue[int](g.run, 1, 100, false, 0)
		produce(g, numbers(100), in)
		var calls atomic.Int32
		to := out.writer(nil)
		made := inOrder(g, in, 2, hand[int](func(e int) bool {
			if e == 2 {
				runtime.Goexit()
			}
			return to.put(e)
		}), out.close, func(n int, emit func(int) bool) error {
			calls.Add(1)
			if n < 4 {
				time.Sleep([]time.Duration{10 * time.Millisecond, 0, 0, time.Second}[n])
			}
			emit(n)
			return nil
		})
		reading := consume(g, out, 1, func(*worker, int) error { return nil })
		if err := g.finish(); !errors.Is(err, errGoexit) {
			t.Errorf("the run ended with %v", err)
		}
		if c := made.total(); c.in != 100 || c.out != reading.total().in {
			t.Errorf("promise 7: %+v of 100, %d taken in below", c, reading.total().in)
		}
	})
}

// A worker that holds as much as it may sleeps until its turn comes.
func TestPromise17_AFullChunkWaitsForItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const many = 100 // results of an item
		g := newGraph(t.Context())
		in, out := newQueue[int](g.run, 1, 100, false, 1), newQueue[int](g.run, 1, 1000, false, 0)
		produce(g, numbers(2), in)
		began := time.Now()
		var first time.Duration
		inOrder(g, in, 2, out.writer(nil), out.close, func(n int, emit func(int) bool) error {
			if n == 0 {
				time.Sleep(time.Second)
				first = time.Since(began)
			}
			for i := range many {
				emit(n*many + i)
			}
			return nil
		})
		var got []int
		consume(g, out, 1, func(_ *worker, e int) error {
			got = append(got, e)
			return nil
		})
		if err := g.finish(); err != nil {
			t.Fatal(err)
		}
		if len(got) != 2*many || !slices.IsSorted(got) || first != time.Second || time.Since(began) != time.Second {
			t.Errorf("%d results, in order: %v; the first call took %v, all %v", len(got), slices.IsSorted(got), first, time.Since(began))
		}
	})
}

// What an item has held comes out when its turn comes though its predecessor has no result that would wake the reader.
func TestPromise17_HeldResultsWakeTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGraph(t.Context())
		in, out := newQueue[int](g.run, 1, 100, false, 1), newQueue[int](g.run, 1, 100, false, 0)
		produce(g, numbers(4), in)
		calls := []time.Duration{0, time.Second, 0, time.Hour}
		inOrder(g, in, 2, out.writer(nil), out.close, func(n int, emit func(int) bool) error {
			if time.Sleep(calls[n]); n != 1 {
				emit(n)
			}
			return nil
		})
		began, came := time.Now(), []time.Duration(nil)
		consume(g, out, 1, func(*worker, int) error {
			came = append(came, time.Since(began))
			return nil
		})
		if err := g.finish(); err != nil {
			t.Fatal(err)
		}
		if len(came) != 3 || came[1] != time.Second {
			t.Errorf("results came after %v, the second one held for a second", came)
		}
	})
}

// A worker that may not run further ahead goes on as soon as results have come out.
func TestPromise16_RoomWakesTheWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGraph(t.Context())
		in, out := newQueue[int](g.run, 1, 100, false, 1), newQueue[int](g.run, 1, 100, false, 0)
		put := in.writer(nil).put
		for n := range 4 {
			put(n)
		}
		in.close()
		began := time.Now()
		emit(g, in, out, 2, 2, func(n int) error {
			if n != 1 { // which is held, and then no more may be taken
				time.Sleep(time.Second)
			}
			return nil
		})
		consume(g, out, 1, func(*worker, int) error { return nil })
		if err := g.finish(); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("three calls of a second took two workers %v", took)
		}
	})
}
