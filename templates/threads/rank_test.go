package threads

import (
	"bytes"
	"cmp"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// job is an element with a key, and its place among all that are put.
type job struct{ key, n int }

// kinds make a queue of jobs one that gives them in an order, and say which of two comes first.
var kinds = []struct {
	name   string
	set    func(q *queue[job], full onFull)
	before func(a, b job) int
}{
	{"fifo", (*queue[job]).fifo, byAge},
	{"lifo", (*queue[job]).lifo, func(a, b job) int { return b.n - a.n }},
	{"priority", prioritize, func(a, b job) int { return cmp.Or(a.key-b.key, a.n-b.n) }},
}

func byAge(a, b job) int { return a.n - b.n }

func prioritize(q *queue[job], full onFull) {
	priority(q, full, func(e job) (int, bool) { return e.key, true }, cmp.Less[int])
}

// Whatever is put and taken when, the policy and the kind say exactly which elements come out, and in which
// order. All others are counted as dropped.
func TestPromise14_Policies(t *testing.T) {
	for _, kind := range kinds {
		for _, full := range []onFull{dropNewest, dropOldest, failFull} {
			for seed := range uint64(30) {
				synctest.Test(t, func(t *testing.T) {
					rnd := rand.New(rand.NewPCG(seed, 0))
					capacity := 1 + rnd.IntN(20)
					g := newGraph(t.Context())
					q := newQueue[job](g.run, 1, capacity, false, 0)
					kind.set(q, full)

					var got, want, waiting []job
					dropped, busy := 0, false
					take := func() { // what the worker will do
						if busy = len(waiting) > 0; busy {
							slices.SortFunc(waiting, kind.before)
							want, waiting = append(want, waiting[0]), waiting[1:]
						}
					}
					step := make(chan struct{})
					source := produce(g, func(p *producer[job]) {
						defer close(step)
						for n := range 100 {
							for busy && rnd.IntN(5) < 2 {
								step <- struct{}{}
								take()
							}
							synctest.Wait()
							e := job{rnd.IntN(4), n}
							if !p.put(0, e) {
								t.Error("put has returned false")
							}
							switch {
							case len(waiting) < capacity:
								waiting = append(waiting, e)
							case full == dropOldest:
								slices.SortFunc(waiting, byAge)
								waiting = append(waiting[1:], e)
								dropped++
							default:
								dropped++
							}
							if !busy {
								take()
							}
							if dropped > 0 && full == failFull {
								return
							}
						}
						for busy {
							take()
						}
					}, q)
					work := consume(g, q, 1, func(_ *worker, e job) error {
						got = append(got, e)
						<-step
						return nil
					})
					err, wantErr := g.finish(), "<nil>"
					if full == failFull && dropped > 0 {
						wantErr = fmt.Sprintf("work: queue is full: capacity %d", capacity)
					}
					if fmt.Sprint(err) != wantErr {
						t.Errorf("the run's error is %v, want %s", err, wantErr)
					}
					if !slices.Equal(got, want) {
						t.Errorf("%s, policy %d, capacity %d, seed %d: read %v, want %v", kind.name, full, capacity, seed, got, want)
					}
					if n := q.stats.Dropped(); n != int64(dropped) {
						t.Errorf("%d counted as dropped, want %d", n, dropped)
					}
					balance(t, q, source.counts[0].in, work)
				})
			}
		}
	}
}

// Every kind and policy holds exactly capacity elements beside those in the workers' hands and the one in the
// source's, over all slots where the queue is partitioned.
func TestPromise13_EveryKindIsExact(t *testing.T) {
	const workers = 3
	for _, kind := range kinds {
		for _, full := range []onFull{blockFull, dropNewest, dropOldest, failFull} {
			for _, capacity := range []int{1, 5, 40} {
				for _, parts := range []int{1, workers} {
					synctest.Test(t, func(t *testing.T) {
						g := newGraph(t.Context())
						q := newQueue[job](g.run, 1, capacity, false, 0)
						kind.set(q, full)
						q.partition(parts, func(e job) (uint64, bool) { return uint64(e.n), true })
						began, release := 0, make(chan struct{})
						source := produce(g, func(p *producer[job]) {
							for began = 1; began <= 100 && p.put(0, job{n: began}); began++ {
								if began <= workers {
									time.Sleep(time.Millisecond) // until somebody has it in hand
								}
							}
						}, q)
						work := consume(g, q, workers, func(*worker, job) error { <-release; return nil })
						g.launch()
						time.Sleep(time.Second)
						depth, most := q.stats.queue()
						if depth != capacity || most != capacity {
							t.Errorf("%s, policy %d, %d slots: %d elements wait, at most %d did, want %d", kind.name, full, parts, depth, most, capacity)
						}
						if full == blockFull && began != workers+capacity+1 {
							t.Errorf("%s, %d slots: the source got to element %d, want %d", kind.name, parts, began, workers+capacity+1)
						}
						close(release)
						if err := g.wait(); (err != nil) != (full == failFull) {
							t.Error(err)
						}
						balance(t, q, source.counts[0].in, work)
					})
				}
			}
		}
	}
}

// Nothing is dropped silently: the run says at its end how much that was.
func TestPromise14_DropsAreLogged(t *testing.T) {
	for _, full := range []onFull{dropNewest, dropOldest} {
		for _, dropped := range []int{0, 1, 3} {
			var text bytes.Buffer
			g := newGraph(t.Context())
			g.log = slog.New(slog.NewTextHandler(&text, nil))
			q := newQueue[job](g.run, 1, 2, false, 0)
			q.fifo(full)
			put := q.writer(nil).put
			for range 2 + dropped {
				put(job{})
			}
			q.close()
			consume(g, q, 1, func(*worker, job) error { return nil })
			if err := g.finish(); err != nil {
				t.Error(err)
			}
			said, want := text.String(), fmt.Sprintf(`msg="items dropped" stage=work items=%d`, dropped)
			if dropped == 0 && said != "" || dropped > 0 && !strings.Contains(said, want) {
				t.Errorf("%d dropped: %q", dropped, said)
			}
		}
	}
}
