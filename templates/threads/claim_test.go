package threads

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// An item that is claimed waits for at most 20 µs of estimated work beside the call in progress, so a burst is shared
// out by what a call costs: slow calls one by one, fast ones in chunks. In a bubble the estimate is exact.
func TestPromise17_ChunksAreWorth20Microseconds(t *testing.T) {
	const (
		warmUp = 40
		pause  = time.Second
	)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // so that nobody claims a part of the burst while it comes
	for _, call := range []time.Duration{time.Microsecond, 2 * time.Microsecond, 5 * time.Microsecond, 20 * time.Microsecond, 100 * time.Microsecond, 900 * time.Microsecond} {
		for _, ordered := range []bool{false, true} {
			t.Run(fmt.Sprint(call, " ordered ", ordered), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					share := max(1, int(20*time.Microsecond/call))
					burst := 2 * share // as much as two workers may claim at once
					began := time.Now()
					var mu sync.Mutex
					latest := time.Duration(0)
					p := pipeline{
						workers: 2, capacity: 4000, ordered: ordered, ahead: 4000,
						source: func(put func(int) bool) {
							for n := range warmUp {
								put(n)
							}
							time.Sleep(pause)
							for n := range burst {
								put(warmUp + n)
							}
						},
						work: func(_ context.Context, n int) (bool, error) {
							if n >= warmUp {
								mu.Lock()
								latest = max(latest, time.Since(began)-pause)
								mu.Unlock()
							}
							time.Sleep(call)
							return true, nil
						},
					}
					got, err := p.run(t.Context())
					if err != nil || len(got) != warmUp+burst {
						t.Fatalf("%d results, %v", len(got), err)
					}
					if limit := time.Duration(share-1) * call; latest > limit {
						t.Errorf("an item of a burst of %d began after %v while another worker idled, want %v", burst, latest, limit)
					}
				})
			})
		}
	}
}

// share is what a reader may claim, case by case.
func TestPromise17_Share(t *testing.T) {
	for _, test := range []struct {
		readers, capacity, chunk int
		cost                     time.Duration
		want                     int
	}{
		{readers: 2, capacity: 4000, cost: -1, want: 1},                      // nothing is known yet
		{readers: 2, capacity: 4000, cost: 0, want: 1000},                    // too cheap to measure: a quarter of the room
		{readers: 2, capacity: 1 << 20, cost: 0, want: 1024},                 // or the largest chunk
		{readers: 2, capacity: 3, cost: 0, want: 1},                          // but never none
		{readers: 2, capacity: 4000, cost: time.Nanosecond, want: 1000},      // 20,000 would be worth 20 µs
		{readers: 2, capacity: 1 << 20, cost: time.Nanosecond, want: 1024},   // so here
		{readers: 2, capacity: 4000, cost: 100 * time.Nanosecond, want: 200}, // 20 µs
		{readers: 2, capacity: 4000, cost: 6666 * time.Nanosecond, want: 3},
		{readers: 2, capacity: 4000, cost: 10*time.Microsecond + 1, want: 1}, // two would be a little too much
		{readers: 64, capacity: 4000, cost: time.Microsecond, want: 20},      // however many share
		{readers: 2, capacity: 79, cost: time.Microsecond, want: 19},         // the smaller of the two
		{readers: 2, capacity: 4000, cost: time.Hour, want: 1},
		{readers: 1, capacity: 4000, cost: time.Hour, want: 1000},        // nobody to leave work to
		{readers: 2, capacity: 4000, chunk: 7, cost: time.Hour, want: 7}, // asked for
		{readers: 1, capacity: 4, chunk: 7, cost: -1, want: 7},
	} {
		q := newQueue[int](bare(t.Context(), nil), 1, test.capacity, false, test.chunk)
		for range test.readers {
			q.reader(nil)
		}
		q.cost = test.cost
		if got := q.share(); got != test.want {
			t.Errorf("%+v: %d", test, got)
		}
	}
}

// The cost of an item is measured, not guessed: of chunks as of single items, and waiting for room below is not
// part of it.
func TestPromise17_Cost(t *testing.T) {
	for _, chunk := range []int{1, 10} {
		for _, slowReader := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				r := bare(t.Context(), nil)
				in, out := newQueue[int](r, 1, 1000, false, chunk), newQueue[int](r, 1, 1, true, 0)
				source := r.addSource(stageInfo{name: "source"})
				hand := in.writer(source)
				source.loop = func() bool {
					for n := range 200 {
						hand.put(n)
						source.produced()
					}
					return true
				}
				source.group.finish = in.close
				g := r.addGroup(2, stageInfo{name: "work"})
				for _, w := range g.workers {
					hand, to := in.reader(w), out.writer(w)
					w.loop = func() bool {
						for hand.next() {
							time.Sleep(30 * time.Microsecond)
							to.put(*hand.item())
						}
						return true
					}
				}
				g.finish = out.close
				results := out.reader(nil)
				r.launch()
				for results.next() {
					if slowReader {
						time.Sleep(100 * time.Microsecond)
					}
				}
				if err := r.wait(); err != nil {
					t.Error(err)
				}
				if in.cost != 30*time.Microsecond {
					t.Errorf("chunk %d, slow reader %v: the cost of a call of 30µs is taken for %v", chunk, slowReader, in.cost)
				}
			})
		}
	}
}

// Whoever takes a share and leaves something wakes the next one. Writers do not: while a reader looks around
// before it sleeps, they wake nobody.
func TestPromise16_TheRestWakesAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := bare(t.Context(), nil)
		q := newQueue[int](r, 1, 100, false, 1)
		source := r.addSource(stageInfo{name: "source"})
		hand := q.writer(source)
		g := r.addGroup(3, stageInfo{name: "work"})
		looking := q.reader(g.workers[0])
		var mu sync.Mutex
		taken := 0
		var parked sync.WaitGroup
		for _, in := range []*reader[int]{q.reader(g.workers[1]), q.reader(g.workers[2])} {
			parked.Go(func() {
				for in.next() {
					mu.Lock()
					taken++
					mu.Unlock()
					time.Sleep(time.Hour)
				}
			})
		}
		hand.put(0) // the first put takes the lock and wakes in any case; the second finds the ring
		time.Sleep(2 * time.Hour)

		s := q.slots[0]
		q.mu.Lock()
		s.spinning = true
		s.cue()
		q.mu.Unlock()
		for n := range 3 {
			hand.put(n)
		}
		q.mu.Lock()
		s.spinning = false
		s.cue()
		q.mu.Unlock()
		looking.next()
		synctest.Wait()
		mu.Lock()
		got := taken - 1
		mu.Unlock()
		if got != 2 {
			t.Errorf("%d of the 2 items that one reader left are taken by the 2 others", got)
		}
		q.close()
		for looking.next() {
		}
		parked.Wait()
		_ = r.wait()
	})
}
