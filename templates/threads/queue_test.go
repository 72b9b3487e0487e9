package threads

import (
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
	"weak"
)

// What has been taken back from a reader waits again, and takes up the room that it took up before.
func TestPromise13_TakenBackTakesUpRoom(t *testing.T) {
	q := newQueue[int](bare(t.Context(), nil), 1, 10, true, 5)
	slow, _ := q.reader(nil), q.reader(nil)
	put := q.writer(nil).put
	for n := range 10 {
		put(1 + n)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	slow.claim()
	claimed := q.depth()
	q.takeBack(slow)
	if rest := slow.items[1:5]; slices.Max(rest) != 0 {
		t.Errorf("the reader keeps %v alive", rest)
	}
	if back := q.depth(); claimed != 9 || back != 9 {
		t.Errorf("%d elements wait beside a call for the first of 10, and %d when the rest of its claim has been taken back", claimed, back)
	}
}

// A reader without a claim has nothing that waits, however many items it has left out. Those of one that puts an element
// for each item are counted by what it has put.
func TestPromise13_NoClaimNothingWaits(t *testing.T) {
	g := newGraph(t.Context())
	in, out := newQueue[int](g.run, 1, 10, true, 3), newQueue[int](g.run, 1, 10, false, 0)
	w := g.addGroup(1, stageInfo{name: "work"}).workers[0]
	r, hand := in.reader(w), out.writer(w)
	follow(r, hand)
	put := in.writer(nil).put
	for n := range 3 {
		put(n)
	}
	for range 3 {
		r.next() // and leave it out
	}
	in.close()
	if r.next() {
		t.Fatal("there are more elements than have been put")
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if n := r.unbegun(); n != 0 {
		t.Errorf("%d elements wait in a claim that is over", n)
	}
	in.mu.Unlock()
	for n := range 3 {
		put(n)
	}
	r.next()
	in.mu.Lock()
	if n := r.unbegun(); n != 2 {
		t.Errorf("%d elements wait beside the first of three, want 2", n)
	}
}

// What has been taken back, and nobody has read since, is counted as interrupted.
func TestPromise07_TakenBackIsCounted(t *testing.T) {
	g := newGraph(t.Context())
	q := newQueue[int](g.run, 1, 10, false, 5)
	workers := g.addGroup(2, stageInfo{name: "work"}).workers
	slow, _ := q.reader(workers[0]), q.reader(workers[1])
	put := q.writer(nil).put
	for n := range 7 {
		put(n)
	}
	slow.next()
	q.mu.Lock()
	q.takeBack(slow)
	q.mu.Unlock()
	q.count()
	if c := workers[0].counts[0]; c.in != 7 || c.interrupted != 6 {
		t.Errorf("one of seven items has begun: counted as %+v", c)
	}
}

// Who is asked to look up does so once, then goes on without the lock.
func TestLookUpOnce(t *testing.T) {
	q := newQueue[int](bare(t.Context(), nil), 1, 10, true, 3)
	r, put := q.reader(nil), q.writer(nil).put
	for n := range 3 {
		put(n)
	}
	r.next()
	r.limit.Store(0) // as a writer does that waits for room
	if !r.next() || r.pos != 1 || r.limit.Load() != 3 {
		t.Errorf("item %d is in hand, and the limit %d, want 1 and 3", r.pos, r.limit.Load())
	}
}

// As an item begins there is room for another, and the writer who waits for it gets it.
func TestPromise13_AnItemThatBeginsMakesRoom(t *testing.T) {
	q := newQueue[int](bare(t.Context(), nil), 1, 2, true, 3)
	r, w := q.reader(nil), q.writer(nil)
	w.put(0)
	w.put(1)
	r.next()
	w.put(2)
	q.mu.Lock()
	full := q.full()
	q.blocked = append(q.blocked, w)
	q.mu.Unlock()
	if r.next(); !full || len(w.wake) != 1 {
		t.Errorf("full: %v, then the writer is admitted: %v", full, len(w.wake) == 1)
	}
}

// No item of a claim begins after the run has stopped.
func TestPromise06_TheClaimEndsWithTheRun(t *testing.T) {
	run := bare(t.Context(), nil)
	q := newQueue[int](run, 1, 10, false, 3)
	r, put := q.reader(nil), q.writer(nil).put
	for n := range 3 {
		put(n)
	}
	if !r.next() || r.end != 3 {
		t.Fatalf("a claim of %d items, want 3", r.end)
	}
	run.fail(errors.New("boom"))
	if r.next() {
		t.Errorf("item %d begins after the end", r.pos)
	}
}

// A reader that looks around before it sleeps leaves those who sleep to the writers when it has found something.
func TestPromise17_WhoLooksAroundLeavesTheOthers(t *testing.T) {
	q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 1)
	asleep, looking := q.reader(nil), q.reader(nil)
	s := q.slots[0]
	s.idle, asleep.parked = append(s.idle, asleep), true
	q.writer(nil).lane.tail.Add(1) // an element that nobody is woken for
	q.mu.Lock()
	looking.park()
	q.mu.Unlock()
	if s.waiting.Load() != 1 || s.idleness != 0 {
		t.Errorf("writers are told that %d readers are parked, want 1; idleness %d", s.waiting.Load(), s.idleness)
	}
}

// A reader whose time is up gets no more elements, also where there are some.
func TestPromise17_TimeIsUpThoughElementsWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 1)
		r, put := q.reader(nil), q.writer(nil).put
		put(1)
		r.expireAfter(time.Second)
		time.Sleep(time.Second)
		if r.next() || !r.timeUp() {
			t.Error("it goes on reading")
		}
		if !r.next() || *r.item() != 1 {
			t.Error("the element is lost")
		}
	})
}

// A reader whose time is up does not count as parked any more.
func TestPromise17_WhoseTimeIsUpIsNotParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 1)
		r := q.reader(nil)
		r.expireAfter(time.Second)
		began := time.Now()
		if r.next() || !r.timeUp() || time.Since(began) != time.Second {
			t.Errorf("the wait ends after %v", time.Since(began))
		}
		if s := q.slots[0]; len(s.idle) != 0 || s.waiting.Load() != 0 || r.parked {
			t.Errorf("%d readers are parked, %d are said to be", len(s.idle), s.waiting.Load())
		}
	})
}

// An element that comes at the moment at which a reader's time is up is not lost on that one: another takes it.
func TestPromise17_TimeIsUpAsAnElementComes(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			began := time.Now()
			q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 1)
			batch, other := q.reader(nil), q.reader(nil)
			var read []time.Duration
			reads := func(r *reader[int]) {
				for r.next() {
					read = append(read, time.Since(began))
				}
			}
			put := q.writer(nil).put
			go func() {
				time.Sleep(time.Second)
				put(1)
				time.Sleep(2 * time.Hour)
				q.close()
			}()
			go reads(other)
			synctest.Wait()
			batch.expireAfter(time.Second)
			if batch.next() {
				read = append(read, time.Since(began))
			}
			time.Sleep(time.Hour) // a long call
			batch.timeUp()
			reads(batch)
			synctest.Wait()
			if len(read) != 1 || read[0] != time.Second {
				t.Fatalf("an element that came after a second was read after %v", read)
			}
		})
	}
}

// An element wakes one reader, the last that has fallen asleep of those who may take it.
func TestPromise16_AnElementWakesOneReader(t *testing.T) {
	q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 1)
	var readers []*reader[int]
	s := q.slots[0]
	for range 4 {
		r := q.reader(nil)
		readers, s.idle, r.parked = append(readers, r), append(s.idle, r), true
	}
	readers[3].order = noRoom{}
	q.mu.Lock()
	s.wake()
	q.mu.Unlock()
	for i, r := range readers {
		if woken := len(r.wake) == 1; woken != (i == 2) || r.parked == woken {
			t.Errorf("reader %d: woken: %v, parked: %v", i, woken, r.parked)
		}
	}
	if n := s.waiting.Load(); n != 3 {
		t.Errorf("writers are told that %d readers are parked, want 3", n)
	}
}

// The end wakes all readers, and then nobody is parked any more.
func TestPromise01_TheEndWakesAll(t *testing.T) {
	for name, end := range map[string]func(*queue[int]){"end": (*queue[int]).end, "stop": (*queue[int]).stop} {
		q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 1)
		q.partition(2, func(n int) (uint64, bool) { return uint64(n), true })
		for range 4 {
			r := q.reader(nil)
			r.slot.idle, r.parked = append(r.slot.idle, r), true
			r.slot.cue()
		}
		end(q)
		for i, r := range q.readers {
			if len(r.wake) != 1 || r.parked {
				t.Errorf("%s: reader %d: woken: %v, parked: %v", name, i, len(r.wake) == 1, r.parked)
			}
		}
		for _, s := range q.slots {
			if len(s.idle) != 0 || s.waiting.Load() != 0 {
				t.Errorf("%s: %d readers are parked, %d are said to be", name, len(s.idle), s.waiting.Load())
			}
		}
	}
}

// Room is given to the writers that have waited longest, to as many as there is room for; the others go on waiting.
func TestPromise13_WritersTakeTurns(t *testing.T) {
	for _, test := range []struct {
		name     string
		exact    bool
		workers  int
		waiting  []int // in the lane of each writer, or in that of all
		admitted []bool
	}{
		{"exact", true, 1, []int{3}, []bool{true, false, false}},
		{"exact and full", true, 1, []int{4}, []bool{false, false, false}},
		{"exact, room for two", true, 1, []int{2}, []bool{true, true, false}},
		{"a shared lane", false, 100, []int{2}, []bool{true, true, false}},
		{"a shared lane more than half full", false, 100, []int{3}, []bool{false, false, false}},
		{"lanes of their own", false, 3, []int{1, 0, 1}, []bool{false, true, false}},
	} {
		g := newGraph(t.Context())
		capacity := 4
		if len(test.waiting) > 1 {
			capacity = len(test.waiting)
		}
		q := newQueue[int](g.run, 1, capacity, test.exact, 0)
		made := g.addGroup(test.workers, stageInfo{name: "work"})
		var writers []*writer[int]
		for _, w := range made.workers[:min(3, test.workers)] {
			writers = append(writers, q.writer(w))
		}
		for len(writers) < 3 {
			writers = append(writers, q.writer(made.workers[0]))
		}
		for i, n := range test.waiting {
			for range n {
				writers[i].put(0)
			}
		}
		q.mu.Lock()
		q.blocked = slices.Clone(writers)
		all := q.blocked
		q.admit()
		q.mu.Unlock()
		var still []*writer[int]
		for i, w := range writers {
			if admitted := len(w.wake) == 1; admitted != test.admitted[i] {
				t.Errorf("%s: writer %d admitted: %v", test.name, i, admitted)
			}
			if !test.admitted[i] {
				still = append(still, w)
			}
		}
		if !slices.Equal(q.blocked, still) {
			t.Errorf("%s: %d writers are left, want %d, or not in their order", test.name, len(q.blocked), len(still))
		}
		for _, w := range all[len(still):] {
			if w != nil {
				t.Errorf("%s: a writer is kept alive that does not wait any more", test.name)
			}
		}
	}
}

// A ring grows with what waits, and not beyond what the queue may hold.
func TestPromise13_RingsFitTheirCapacity(t *testing.T) {
	for _, test := range []struct{ capacity, waiting, want int }{
		{1, 1, 1}, {2, 2, 2}, {3, 3, 4}, {9, 1, 16}, {100, 16, 16}, {100, 17, 64}, {100, 100, 128}, {1000, 20, 64},
	} {
		q := newQueue[int](bare(t.Context(), nil), 1, test.capacity, false, 0)
		w := q.writer(nil)
		for n := range test.waiting {
			w.put(n)
		}
		if n := len(w.lane.ring); n != test.want {
			t.Errorf("capacity %d: %d elements wait in a ring of %d, want %d", test.capacity, test.waiting, n, test.want)
		}
	}
}

// Claims are looked after while somebody idles who could read them, and only then.
func TestPromise17_WatchedWhileSomebodyIdles(t *testing.T) {
	for _, test := range []struct {
		items int
		idle  bool
		want  bool
	}{{5, true, true}, {5, false, false}, {1, true, false}} {
		q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 5)
		r, other, put := q.reader(nil), q.reader(nil), q.writer(nil).put
		for n := range test.items {
			put(n)
		}
		q.mu.Lock()
		if test.idle {
			r.slot.idle, other.parked = append(r.slot.idle, other), true
		}
		r.claim()
		if q.watching != test.want {
			t.Errorf("a claim of %d, another reader idles: %v: watched: %v", test.items, test.idle, q.watching)
		}
		q.unwatch()
		q.mu.Unlock()
		q.run.alive.Wait() // the watch was the last
	}
}

// A run that stops does not wait for the next look.
func TestPromise01_NoLookAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 5)
		r, other, put := q.reader(nil), q.reader(nil), q.writer(nil).put
		for n := range 5 {
			put(n)
		}
		r.slot.idle, other.parked = append(r.slot.idle, other), true
		r.next()
		if !q.watching {
			t.Error("there is no watch to stop")
		}
		began := time.Now()
		q.stop()
		q.run.alive.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("%v to end", took)
		}
	})
}

// The workers of a group have a lane each, until they are so many that they share one.
func TestLanesOfAGroup(t *testing.T) {
	most := max(16, runtime.GOMAXPROCS(0))
	for _, test := range []struct {
		workers int
		exact   bool
		want    int
	}{{1, false, 1}, {3, false, 3}, {most, false, most}, {most + 1, false, 1}, {3, true, 1}} {
		g := newGraph(t.Context())
		q := newQueue[int](g.run, 1, 1000, test.exact, 0)
		for _, w := range g.addGroup(test.workers, stageInfo{name: "work"}).workers {
			q.writer(w)
		}
		if n := len(q.slots[0].lanes); n != test.want {
			t.Errorf("%d workers, exact: %v: %d lanes, want %d", test.workers, test.exact, n, test.want)
		}
	}
}

// What waited when the run stopped counts for the most that did.
func TestStatsHighWaterAtAStop(t *testing.T) {
	g := newGraph(t.Context())
	q := newQueue[int](g.run, 1, 10, true, 0)
	reading := consume(g, q, 1, func(*worker, int) error { return nil })
	put := q.writer(nil).put
	for n := range 5 {
		put(n)
	}
	g.fail(errors.New("boom"))
	if err := g.finish(); err == nil {
		t.Error("the run has not stopped")
	}
	if high := reading.stages[0].stats.QueueHighWater(); high != 5 {
		t.Errorf("at most %d elements waited, want 5", high)
	}
}

// A claim is taken back from a reader that has been in one call since the last look, if somebody idles who could read it.
func TestPromise17_TakenBackFromWhoIsStuck(t *testing.T) {
	for _, test := range []struct {
		name        string
		stuck, idle bool
		back        int
		watching    bool
	}{
		{"stuck", true, true, 1, false},
		{"stuck, and nobody idles", true, false, 0, false},
		{"not stuck yet", false, true, 0, true},
	} {
		q := newQueue[int](bare(t.Context(), nil), 1, 10, false, 5)
		r, other, put := q.reader(nil), q.reader(nil), q.writer(nil).put
		for n := range 5 {
			put(n)
		}
		r.next()
		if test.stuck {
			r.seen = r.begun.Load()
		}
		if test.idle {
			r.slot.idle, other.parked = append(r.slot.idle, other), true
		}
		q.run.alive.Add(1)
		q.look()
		if len(q.returned) != test.back || len(other.wake) != test.back || q.watching != test.watching {
			t.Errorf("%s: %d claims are taken back, the other reader is woken: %v, the watch goes on: %v", test.name, len(q.returned), len(other.wake) == 1, q.watching)
		}
		q.stop()
		q.run.alive.Wait()
	}
}

// A claim is looked after for as long as somebody idles: its reader may get stuck after the first look, and who idles
// may have no room of his own.
func TestPromise17_LooksUntilItIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const items, stuck = 50, 20
		g := newGraph(t.Context())
		in, out := newQueue[int](g.run, 1, 100, false, items), newQueue[int](g.run, 1, 100, false, 0)
		put := in.writer(nil).put
		for n := range items {
			put(n)
		}
		in.close()
		began := time.Now()
		emit(g, in, out, 2, items, func(n int) error {
			switch waited := time.Since(began); {
			case n < stuck:
				time.Sleep(slowCall / 10)
			case n == stuck:
				time.Sleep(time.Hour)
			case waited > 10*slowCall:
				t.Errorf("item %d waited %v in the claim of a reader in a call", n, waited)
			}
			return nil
		})
		consume(g, out, 1, func(*worker, int) error { return nil })
		if err := g.finish(); err != nil {
			t.Error(err)
		}
	})
}

// Statistics outlive their run and say what its queue was like, without keeping it alive.
func TestStatsKeepNoQueue(t *testing.T) {
	made := func() (weak.Pointer[queue[*int]], *stageStats) {
		g := newGraph(t.Context())
		q := newQueue[*int](g.run, 1, 10, false, 0)
		produce(g, func(p *producer[*int]) {
			for n := range 10 {
				p.put(0, &n)
			}
		}, q)
		reading := consume(g, q, 1, func(*worker, *int) error { return nil })
		if err := g.finish(); err != nil {
			t.Error(err)
		}
		return weak.Make(q), reading.stages[0].stats
	}
	q, stats := made()
	for tries := 0; q.Value() != nil; tries++ {
		if tries == 10 {
			t.Fatal("the queue is still reachable after its run")
		}
		runtime.GC()
	}
	if stats.QueueDepth() != 0 || stats.QueueHighWater() == 0 {
		t.Errorf("%d elements wait, at most %d did", stats.QueueDepth(), stats.QueueHighWater())
	}
}
