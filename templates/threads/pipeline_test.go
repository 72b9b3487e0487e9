package threads

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// workerMain is the main function of worker processes, which it ends; it returns in others. nil: the system has none.
var workerMain func()

func TestMain(m *testing.M) {
	if workerMain != nil {
		workerMain()
	}
	// A call of a worker does not return once the parent has gone, when the worker's process ends: in tests it stays.
	const prefix = "github.com/pipegen/pipegen/templates/threads.(*calls)."
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction(prefix+"call"), goleak.IgnoreAnyFunction(prefix+"cancel"))
}

// pipeline is source → work(workers) → collected, wired as generated code wires it.
type pipeline struct {
	items, workers, capacity, chunk int
	exact, ordered                  bool
	ahead                           int
	leaveAfter                      int // results; 0: read all
	onError                         errorPolicy
	work                            func(ctx context.Context, n int) (keep bool, err error)
	source                          func(put func(int) bool)
}

func (p pipeline) run(ctx context.Context) ([]int, error) {
	r := newRun(ctx, nil, nil, func(name string, index, _ int, _ any, err error, _ []byte) error {
		return fmt.Errorf("%s: %d: %w", name, index, err)
	})
	in := newQueue[int](r, 1, p.capacity, p.exact, p.chunk)
	out := newQueue[int](r, 1, 64, false, 0)

	source := r.addSource(stageInfo{name: "source"})
	hand := in.writer(source)
	source.loop = func() (over bool) {
		defer source.catchSource(&over)
		put := func(n int) bool { return hand.put(n) && source.produced() }
		if p.source != nil {
			p.source(put)
			return true
		}
		for n := range p.items {
			if !put(n) {
				break
			}
		}
		return true
	}
	source.group.finish = in.close

	g := r.addGroup(p.workers, stageInfo{name: "work", onError: p.onError})
	var turn *order[int]
	if p.ordered {
		turn = newOrder(g, in, out.writer(nil), p.ahead)
	}
	for _, w := range g.workers {
		hand, put := in.reader(w), out.put(w, turn)
		w.loop = func() (over bool) {
			defer w.catch(&over, func() (int, int, any) { return 0, -1, hand.items[hand.pos] })
			for hand.next() {
				n := hand.items[hand.pos]
				keep, err := p.work(w.ctx, n)
				if err != nil {
					if !w.failed(0, -1, n, err) {
						return true
					}
					continue
				}
				if !keep {
					w.counts[0].filtered++
				} else if !put(n) {
					w.interrupted(0)
					return true
				}
			}
			return true
		}
	}
	g.finish = out.close

	results := out.reader(nil)
	r.launch()
	var got []int
	for results.next() {
		got = append(got, *results.item())
		if len(got) == p.leaveAfter {
			r.abandon()
			return got, nil
		}
	}
	err := r.wait()
	// Promise 7: what the source has put has reached the stage, and ended there in one way.
	var c counts
	for _, w := range g.workers {
		c.in += w.counts[0].in
		c.out += w.counts[0].out
		c.filtered += w.counts[0].filtered
		c.failed += w.counts[0].failed
		c.interrupted += w.counts[0].interrupted
	}
	put := int64(0)
	for _, l := range out.slots[0].lanes {
		put += int64(l.tail.Load())
	}
	if produced := source.counts[0].in; c.in != produced || c.done() < 0 || c.out != c.done() || c.out != put {
		return got, fmt.Errorf("promise 7: %d produced, then %+v, %d put; the run's error: %w", produced, c, put, err)
	}
	return got, err
}

// put is the hand of w: into the queue, or in turn where there is an order.
func (q *queue[E]) put(w *worker, turn *order[E]) func(E) bool {
	if turn != nil {
		return turn.writer(w).put
	}
	return q.writer(w).put
}

// Whatever the shape, every item that is kept arrives once, and in order where that was asked for.
func TestRandomShapes(t *testing.T) {
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 0))
		p := pipeline{
			items:    rnd.IntN(3000),
			workers:  1 + rnd.IntN(1+rnd.IntN(30)),
			capacity: 1 + rnd.IntN(1+rnd.IntN(500)),
			exact:    rnd.IntN(2) == 0,
			ordered:  rnd.IntN(2) == 0,
		}
		if rnd.IntN(3) == 0 {
			p.chunk = 1 + rnd.IntN(20)
		}
		if rnd.IntN(3) == 0 {
			p.ahead = 1 + rnd.IntN(50)
		}
		drop := 2 + rnd.IntN(5)
		slow := 50 + rnd.IntN(500)
		p.work = func(_ context.Context, n int) (bool, error) {
			if n%slow == slow-1 {
				time.Sleep(50 * time.Microsecond)
			}
			return n%drop != 0, nil
		}
		var want []int
		for n := range p.items {
			if n%drop != 0 {
				want = append(want, n)
			}
		}
		got, err := p.run(t.Context())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !p.ordered && p.workers > 1 {
			slices.Sort(got)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("seed %d: %+v: %d results, want %d, equal to the oracle: false", seed, p, len(got), len(want))
		}
	}
}

// The first error comes out whatever the others do, and no goroutine is left (TestMain).
func TestPromise05_RandomErrors(t *testing.T) {
	boom := errors.New("boom")
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		at := rnd.IntN(1000)
		p := pipeline{
			items: 1000, workers: 1 + rnd.IntN(20), capacity: 1 + rnd.IntN(100),
			exact: rnd.IntN(2) == 0, ordered: rnd.IntN(2) == 0,
			work: func(ctx context.Context, n int) (bool, error) {
				if n == at {
					return false, boom
				}
				return true, ctx.Err()
			},
		}
		if _, err := p.run(t.Context()); !errors.Is(err, boom) || strings.Contains(err.Error(), "promise") {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// An exact capacity holds exactly that many items before the source blocks, whatever the chunk: beside those
// in the workers' hands and the one in the source's.
func TestPromise13_ExactCapacity(t *testing.T) {
	for _, capacity := range []int{1, 2, 7, 64} {
		for _, workers := range []int{1, 3} {
			for _, chunk := range []int{0, 1, 5} {
				synctest.Test(t, func(t *testing.T) {
					produced, release := 0, make(chan struct{})
					p := pipeline{
						workers: workers, capacity: capacity, exact: true, chunk: chunk,
						work: func(context.Context, int) (bool, error) { <-release; return true, nil },
						source: func(put func(int) bool) {
							for produced < 500 {
								produced++
								if !put(produced) {
									return
								}
							}
						},
					}
					done := make(chan struct{})
					go func() {
						defer close(done)
						if _, err := p.run(t.Context()); err != nil {
							t.Error(err)
						}
					}()
					synctest.Wait()
					if want := workers + capacity + 1; produced != want {
						t.Errorf("capacity %d, %d workers, chunk %d: the source got to item %d before it blocked, want %d", capacity, workers, chunk, produced, want)
					}
					close(release)
					<-done
				})
			}
		}
	}
}

// What a worker has claimed goes to the others when its call takes long.
func TestPromise17_ClaimsGoBack(t *testing.T) {
	for _, ordered := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			var mu sync.Mutex
			last := time.Duration(0)
			p := pipeline{
				items: 400, workers: 2, capacity: 1000, ordered: ordered, ahead: 1000, chunk: 50,
				work: func(_ context.Context, n int) (bool, error) {
					if n == 120 {
						time.Sleep(time.Hour)
						return true, nil
					}
					mu.Lock()
					last = max(last, time.Since(began))
					mu.Unlock()
					return true, nil
				},
			}
			got, err := p.run(t.Context())
			if err != nil || len(got) != 400 {
				t.Fatalf("%d results, %v", len(got), err)
			}
			if ordered && !slices.IsSorted(got) {
				t.Error("out of order")
			}
			if last > 10*time.Millisecond {
				t.Errorf("ordered %v: an item waited %v for the call in progress", ordered, last)
			}
		})
	}
}

// No more than max_ahead items are taken while the first one blocks.
func TestPromise11_MaxAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		started, atRelease := 0, 0
		release := make(chan struct{})
		p := pipeline{
			items: 1000, workers: 4, capacity: 100, ordered: true, ahead: 12,
			work: func(_ context.Context, n int) (bool, error) {
				mu.Lock()
				started++
				mu.Unlock()
				if n == 0 {
					<-release
				}
				return true, nil
			},
		}
		go func() {
			time.Sleep(time.Second)
			mu.Lock()
			atRelease = started
			mu.Unlock()
			close(release)
		}()
		got, err := p.run(t.Context())
		if err != nil || !slices.IsSorted(got) || len(got) != 1000 {
			t.Fatalf("%d results, %v", len(got), err)
		}
		if atRelease > 12 || atRelease < 4 {
			t.Errorf("%d items started while the first one blocked; at most 12, and all 4 workers", atRelease)
		}
	})
}

// The workers' parts are merged once each, and a worker without items adds none.
func TestFold(t *testing.T) {
	for slots := 1; slots <= 9; slots++ {
		f := newFold[int](slots)
		var wg sync.WaitGroup
		var mu sync.Mutex
		lasts, sum, want := 0, 0, 0
		for i := range slots {
			if i%3 != 2 {
				want += 1 << i
			}
			wg.Go(func() {
				whole, some, last, err := f.join(1<<i, i%3 != 2, func(a, b int) (int, error) { return a + b, nil })
				if err != nil || some != last || !last && whole != 0 {
					t.Errorf("%b, %v, last: %v, %v", whole, some, last, err)
				}
				if last {
					mu.Lock()
					lasts++
					sum = whole
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if lasts != 1 || sum != want {
			t.Errorf("%d slots: %d of them were the last, sum %b, want %b", slots, lasts, sum, want)
		}
	}
}

// Where merge fails there is no result, for nobody. Where there was no item there is none either, and that is known.
func TestFoldWithoutResult(t *testing.T) {
	boom := errors.New("boom")
	f := newFold[int](3)
	merge := func(int, int) (int, error) { return 1, boom }
	for i, want := range []error{nil, boom, nil} {
		if whole, some, last, err := f.join(7, true, merge); whole != 0 || some || last || err != want {
			t.Errorf("part %d: %d, %v, last: %v, %v", i, whole, some, last, err)
		}
	}
	f = newFold[int](2)
	for i := range 2 {
		if _, some, last, err := f.join(0, false, merge); some || last != (i == 1) || err != nil {
			t.Errorf("part %d without items: %v, last: %v, %v", i, some, last, err)
		}
	}
}

// The run is over when it returns, or has been left early: a call that ignores its context is waited for.
func TestPromise01_CallsAreWaitedFor(t *testing.T) {
	for _, leaveAfter := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) { callsAreWaitedFor(t, leaveAfter) })
	}
}

func callsAreWaitedFor(t *testing.T, leaveAfter int) {
	var mu sync.Mutex
	active := 0
	boom := errors.New("boom")
	p := pipeline{
		items: 100, workers: 4, capacity: 10, leaveAfter: leaveAfter,
		work: func(_ context.Context, n int) (bool, error) {
			if n == 0 {
				return true, nil
			}
			mu.Lock()
			active++
			mu.Unlock()
			defer func() {
				mu.Lock()
				active--
				mu.Unlock()
			}()
			if n == 3 && leaveAfter == 0 {
				return false, boom
			}
			time.Sleep(time.Second)
			return true, nil
		},
	}
	if _, err := p.run(t.Context()); leaveAfter == 0 && !errors.Is(err, boom) {
		t.Error(err)
	}
	if active != 0 {
		t.Errorf("%d calls go on after the run has returned", active)
	}
}

// Functions under way see the first error as the cause of their context's end.
func TestPromise05_Cause(t *testing.T) {
	boom := errors.New("boom")
	causes, waiting := make(chan error, 1), make(chan struct{})
	p := pipeline{
		items: 2, workers: 2, capacity: 2,
		work: func(ctx context.Context, n int) (bool, error) {
			if n == 1 {
				<-waiting
				return false, boom
			}
			close(waiting)
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return true, nil
		},
	}
	if _, err := p.run(t.Context()); !errors.Is(err, boom) {
		t.Error(err)
	}
	if cause := <-causes; !errors.Is(cause, boom) {
		t.Errorf("the cause is %v", cause)
	}
}

// A slot goes on with its next item after a panic and after Goexit.
func TestPromise08_SlotLivesOn(t *testing.T) {
	p := pipeline{
		items: 100, workers: 1, capacity: 10, onError: skipItem,
		work: func(_ context.Context, n int) (bool, error) {
			switch n % 10 {
			case 3:
				panic("three")
			case 6:
				runtime.Goexit()
			}
			return true, nil
		},
	}
	got, err := p.run(t.Context())
	if err != nil || len(got) != 80 {
		t.Errorf("%d results, %v; want 80: all but 10 panics and 10 Goexits", len(got), err)
	}
}

// An item does not wait for the next one: a reader that sleeps is woken by each.
func TestPromise17_Trickle(t *testing.T) {
	for _, exact := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			p := pipeline{
				workers: 2, capacity: 10, exact: exact,
				source: func(hand func(int) bool) {
					for n := range 20 {
						time.Sleep(time.Second)
						hand(n)
					}
				},
				work: func(_ context.Context, n int) (bool, error) {
					if late := time.Since(began) - time.Duration(n+1)*time.Second; late != 0 {
						t.Errorf("exact %v: an item began %v after it was put", exact, late)
					}
					return true, nil
				},
			}
			if got, err := p.run(t.Context()); err != nil || len(got) != 20 {
				t.Errorf("%d results, %v", len(got), err)
			}
		})
	}
}
