package threads

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// visit is an element that leads to others.
type visit struct {
	seed uint64
	more int // generations
}

// children are the elements that v leads to: none where it fails.
func (v visit) children() []visit {
	if v.more == 0 || v.fate() != 0 {
		return nil
	}
	rnd := rand.New(rand.NewPCG(v.seed, 0))
	made := make([]visit, rnd.IntN(4))
	for i := range made {
		made[i] = visit{rnd.Uint64(), v.more - 1 - rnd.IntN(v.more)}
	}
	return made
}

// fate is how v fails, if it does: 1, 2 or 3.
func (v visit) fate() int { return max(0, int(v.seed%20)-16) }

// size is the number of elements that v leads to, directly or not, and itself.
func (v visit) size() int64 {
	n := int64(1)
	for _, child := range v.children() {
		n += child.size()
	}
	return n
}

// crawled says how many elements there should be in a crawl, and were.
type crawled struct{ want, put, read, dropped int64 }

// crawl runs a random cycle: queues whose readers put into each other's. Each element leads to its children,
// unless handle returns an error. Writers pause after each put.
func crawl(g graph, rnd *rand.Rand, full onFull, pause func(), handle func(v visit) error) (c crawled, err error) {
	loop := new(cycle)
	var queues []*queue[visit]
	sources, stages := 1+rnd.IntN(3), 1+rnd.IntN(4)
	workers := make([]int, stages)
	for i := range stages {
		workers[i] = 1 + rnd.IntN(4)
		capacity := 1_000_000
		if full != blockFull {
			capacity = 1 + rnd.IntN(10)
		}
		q := newQueue[visit](g.run, sources+stages, capacity, rnd.IntN(2) == 0, rnd.IntN(4))
		if full != blockFull || rnd.IntN(3) == 0 {
			q.lifo(full)
		}
		if rnd.IntN(2) == 0 {
			q.partition(workers[i], func(v visit) (uint64, bool) { return v.seed, true })
		}
		slowly(q, pause)
		q.inCycle(loop, stages)
		queues = append(queues, q)
	}
	var put atomic.Int64
	for range sources {
		roots := make([]visit, rnd.IntN(30))
		for i := range roots {
			roots[i] = visit{rnd.Uint64(), rnd.IntN(6)}
			c.want += roots[i].size()
		}
		produce(g, func(p *producer[visit]) {
			for _, v := range roots {
				if handle(visit{}) != nil || !p.put(int(v.seed%uint64(stages)), v) {
					return
				}
				put.Add(1)
			}
		}, queues...)
	}
	var groups []*group
	for i, q := range queues {
		outs := make(map[*worker][]*writer[visit])
		made := consume(g, q, workers[i], func(w *worker, v visit) error {
			if err := handle(v); err != nil {
				return err
			}
			for _, child := range v.children() {
				if !outs[w][child.seed%uint64(stages)].put(child) {
					return errors.New("stopped")
				}
				put.Add(1)
			}
			return nil
		})
		for _, w := range made.workers {
			for _, q := range queues {
				outs[w] = append(outs[w], q.writer(w))
			}
		}
		made.finish = func() {
			for _, q := range queues {
				q.close()
			}
		}
		groups = append(groups, made)
	}
	err = g.finish()
	for i := range queues {
		c.read += groups[i].total().in
		c.dropped += queues[i].stats.Dropped()
	}
	c.put = put.Load()
	return c, err
}

// slowly makes writers of q pause after a put.
func slowly[E any](q *queue[E], pause func()) {
	newHand := q.hand
	q.hand = func(w *worker, to int) *writer[E] {
		out := newHand(w, to)
		return &writer[E]{queue: q, lane: out.lane, via: func(e E) bool {
			defer pause()
			return out.put(e)
		}}
	}
}

// somewhile lasts up to ten seconds.
func somewhile() { time.Sleep(time.Duration(rand.IntN(10)) * time.Second) }

// fail makes v fail as its fate says.
func (v visit) fail() error {
	switch v.fate() {
	case 1:
		return errors.New("boom")
	case 2:
		panic("boom")
	case 3:
		runtime.Goexit()
	}
	return nil
}

// The run ends when nothing is in flight in a cycle, and not before: whatever elements lead to is handled too.
func TestPromise04_CycleEnds(t *testing.T) {
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		c, err := crawl(newGraph(t.Context()), rnd, blockFull, runtime.Gosched, visit.fail)
		if err != nil || c.read != c.want || c.put != c.want {
			t.Fatalf("seed %d: %+v, %v", seed, c, err)
		}
	}
}

// The same with pauses, in which everybody waits for an element that is in hand.
func TestPromise04_CycleWaits(t *testing.T) {
	for seed := range uint64(100) {
		synctest.Test(t, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(seed, 1))
			c, err := crawl(newGraph(t.Context()), rnd, blockFull, somewhile, func(v visit) error {
				somewhile()
				return v.fail()
			})
			if err != nil || c.read != c.want || c.put != c.want {
				t.Fatalf("seed %d: %+v, %v", seed, c, err)
			}
		})
	}
}

// What a queue in a cycle drops does not keep it open.
func TestPromise14_CycleDrops(t *testing.T) {
	for _, full := range []onFull{dropNewest, dropOldest} {
		some := int64(0)
		for seed := range uint64(100) {
			synctest.Test(t, func(t *testing.T) {
				rnd := rand.New(rand.NewPCG(seed, 2))
				c, err := crawl(newGraph(t.Context()), rnd, full, somewhile, func(v visit) error {
					somewhile()
					return v.fail()
				})
				if some += c.dropped; err != nil || c.put != c.read+c.dropped {
					t.Fatalf("policy %d, seed %d: %+v, %v", full, seed, c, err)
				}
			})
		}
		if some == 0 {
			t.Errorf("policy %d: nothing was dropped", full)
		}
	}
}

// An error ends the run of a cycle like any other, and what is left in its queues is counted.
func TestPromise07_CycleStops(t *testing.T) {
	boom := errors.New("boom")
	for seed := range uint64(200) {
		rnd := rand.New(rand.NewPCG(seed, 3))
		g := newGraph(t.Context())
		var after atomic.Int64
		after.Store(1 + rnd.Int64N(100))
		c, err := crawl(g, rnd, blockFull, runtime.Gosched, func(visit) error {
			if after.Add(-1) == 0 {
				g.fail(boom)
			}
			return nil
		})
		if err != nil && !errors.Is(err, boom) || c.put != c.read {
			t.Fatalf("seed %d: %+v, %v", seed, c, err)
		}
	}
}
