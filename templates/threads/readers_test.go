package threads

import (
	"cmp"
	"errors"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// emit is consume for a group that hands its elements on, in their order where most is not 0.
func emit(g graph, in, out *queue[int], workers, most int, f func(n int) error) *group {
	made := g.addGroup(workers, stageInfo{name: "work", onError: skipItem})
	var turn *order[int]
	if most > 0 {
		turn = newOrder(made, in, out.writer(nil), most)
	}
	for _, w := range made.workers {
		r, put := in.reader(w), out.put(w, turn)
		w.loop = func() (over bool) {
			defer w.catch(&over, func() (int, int, any) { return 0, -1, nil })
			for r.next() {
				n := *r.item()
				if err := f(n); err != nil {
					if !w.failed(0, -1, n, err) {
						return true
					}
				} else if !put(n) {
					w.interrupted(0)
					return true
				}
			}
			return true
		}
	}
	made.finish = out.close
	return made
}

// Groups that compete for one queue's elements share them, each in an order of its own where it has one.
func TestPromise11_CompetingGroups(t *testing.T) {
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) { competingGroups(t, seed) })
	}
}

func competingGroups(t *testing.T, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 0))
	g := newGraph(t.Context())
	items := rnd.IntN(2000)
	in := newQueue[int](g.run, 1, 1+rnd.IntN(100), rnd.IntN(2) == 0, 0)
	produce(g, func(p *producer[int]) {
		for n := 0; n < items && p.put(0, n); n++ {
		}
	}, in)
	results := make([][]int, 1+rnd.IntN(4))
	ordered := make([]bool, len(results))
	var groups []*group
	skip, slow := 2+rnd.IntN(100), 2+rnd.IntN(300)
	for i := range results {
		workers, most := 1+rnd.IntN(4), rnd.IntN(20)
		ordered[i] = most > 0 || workers == 1
		out := newQueue[int](g.run, 1, 1+rnd.IntN(20), false, 0)
		groups = append(groups, emit(g, in, out, workers, most, func(n int) error {
			switch {
			case n%slow == 1:
				time.Sleep(5 * time.Millisecond)
			case n%skip == 0:
				return errors.New("skipped")
			}
			return nil
		}))
		consume(g, out, 1, func(_ *worker, n int) error {
			results[i] = append(results[i], n)
			return nil
		})
	}
	if err := g.finish(); err != nil {
		t.Fatal(err)
	}
	var all, want []int
	for i, got := range results {
		if ordered[i] && !slices.IsSorted(got) {
			t.Errorf("seed %d: group %d is out of order", seed, i)
		}
		all = append(all, got...)
	}
	for n := range items {
		if n%slow == 1 || n%skip != 0 {
			want = append(want, n)
		}
	}
	if slices.Sort(all); !slices.Equal(all, want) {
		t.Errorf("seed %d: %d results of %d", seed, len(all), len(want))
	}
	read := int64(0)
	for _, made := range groups {
		read += made.total().in
	}
	if read != int64(items) {
		t.Errorf("seed %d: %d of %d elements were read", seed, read, items)
	}
}

// A group that may take no more leaves the elements to the others, at once.
func TestPromise17_CompetingGroups(t *testing.T) {
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 0))
			began, release := time.Now(), make(chan struct{})
			g := newGraph(t.Context())
			in := newQueue[int](g.run, 1, 1+rnd.IntN(10), rnd.IntN(2) == 0, 0)
			out := newQueue[int](g.run, 3, 1000, false, 0)
			produce(g, func(p *producer[int]) {
				for second := range 20 {
					for range 1 + rnd.IntN(20) {
						p.put(0, second)
					}
					time.Sleep(time.Second)
				}
				close(release)
			}, in)
			var stuck atomic.Int64
			for range 2 { // up to two of its items are under way, and wait for ever
				emit(g, in, out, 1+rnd.IntN(4), 2, func(int) error {
					stuck.Add(1)
					<-release
					return nil
				})
			}
			emit(g, in, out, 1+rnd.IntN(4), 0, func(second int) error {
				if late := time.Since(began) - time.Duration(second)*time.Second; late != 0 {
					t.Errorf("seed %d: an element began %v after it was put", seed, late)
				}
				return nil
			})
			consume(g, out, 1, func(*worker, int) error { return nil })
			if err := g.finish(); err != nil {
				t.Error(err)
			}
			if stuck.Load() > 4 {
				t.Errorf("seed %d: %d elements are under way in groups that may take 4", seed, stuck.Load())
			}
		})
	}
}

// What has been taken back from several readers of an ordered group is read in the order of the input. All workers
// could be waiting for the turn of what nobody has taken.
func TestPromise11_TakenBackInOrder(t *testing.T) {
	g := newGraph(t.Context())
	in, out := newQueue[int](g.run, 1, 100, false, 3), newQueue[int](g.run, 1, 100, false, 0)
	made := g.addGroup(3, stageInfo{name: "work"})
	newOrder(made, in, out.writer(nil), 100)
	var readers []*reader[int]
	for _, w := range made.workers {
		readers = append(readers, in.reader(w))
	}
	put := in.writer(nil).put
	for n := range 9 {
		put(n)
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, i := range []int{1, 2, 0} {
		readers[i].claim()
	}
	for _, r := range readers {
		in.takeBack(r)
	}
	var got []int
	for _, c := range in.returned {
		got = append(got, c.items...)
	}
	if want := []int{1, 2, 4, 5, 7, 8}; !slices.Equal(got, want) {
		t.Errorf("to be read again: %v, want %v", got, want)
	}
}

// A reader that looked for elements in the others' place, and may not take what it found, wakes one who may.
func TestPromise17_LooksForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGraph(t.Context())
		q := newQueue[int](g.run, 1, 100, false, 1)
		put := q.writer(nil).put
		stuck, other := q.reader(nil), q.reader(nil)
		stuck.order = noRoom{}
		read := 0
		go func() {
			for other.next() {
				read++
			}
		}()
		synctest.Wait()
		put(0)
		synctest.Wait()
		s := q.slots[0]
		q.mu.Lock()
		s.spinning = true // stuck does
		s.cue()
		q.mu.Unlock()
		put(1)
		synctest.Wait()
		if read != 1 {
			t.Fatalf("%d elements read, want 1: writers rely on who is spinning", read)
		}
		q.mu.Lock()
		s.spinning, s.idleness = false, giveUp
		q.mu.Unlock()
		go stuck.next()
		synctest.Wait()
		if read != 2 {
			t.Errorf("%d elements read, want 2", read)
		}
		q.close()
		g.fail(nil)
		_ = g.wait()
	})
}

// noRoom is an order that is as far ahead as it may be.
type noRoom struct{ sequencer }

func (noRoom) room(int) int { return 0 }

// What broadcast has put into one queue it gives to the others, whenever the run stops: each edge is in balance. A
// key function that stops it, whichever queue it belongs to, does so before anything is put.
func TestPromise07_Give(t *testing.T) {
	boom := errors.New("boom")
	const reader, key, goexit = 0, 1, 2 // what stops the run
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		g := newGraph(t.Context())
		at, where, how := rnd.IntN(300), rnd.IntN(3), rnd.IntN(3)
		var queues []*queue[int]
		for i := range 3 {
			q := newQueue[int](g.run, 1, 1+rnd.IntN(10), rnd.IntN(2) == 0, 0)
			keyOf := func(n int) (int, bool) {
				if how == reader || i != where || n != at {
					return n, true
				}
				g.fail(boom)
				if how == goexit {
					runtime.Goexit()
				}
				return 0, false
			}
			keyed := how != reader && i == where
			ranked := rnd.IntN(3) == 0
			if ranked {
				priority(q, blockFull, keyOf, cmp.Less[int])
			}
			if rnd.IntN(3) == 0 || keyed && !ranked {
				q.partition(2, func(n int) (uint64, bool) {
					key, ok := keyOf(n)
					return uint64(key), ok
				})
			}
			queues = append(queues, q)
		}
		source := produce(g, func(p *producer[int]) {
			for n := range 300 {
				if !p.out[1].prepare(n) || !p.out[2].prepare(n) || !p.put(0, n) {
					return
				}
				p.out[1].give(n)
				p.out[2].give(n)
			}
		}, queues...)
		var groups []*group
		for i, q := range queues {
			groups = append(groups, consume(g, q, 2, func(_ *worker, n int) error {
				if how == reader && i == where && n == at {
					g.fail(boom)
				}
				return nil
			}))
		}
		if err := g.finish(); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		for i, q := range queues {
			balance(t, q, source.counts[0].in, groups[i])
		}
	}
}
