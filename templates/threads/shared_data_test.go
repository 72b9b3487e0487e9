package threads

import (
	"io"
	"maps"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// eachMap tests a map, and a worker's way to one.
func eachMap(t *testing.T, test func(t *testing.T, m sharedMap[string, int], local *localMap[string, int])) {
	t.Run("local", func(t *testing.T) {
		m := newLocalMap[string, int]()
		test(t, m, m)
	})
	t.Run("remote", func(t *testing.T) {
		m := newLocalMap[string, int]()
		h := newHub(knownErrors(), nil)
		h.offer("map", newMapService(m, encodeText, decodeText, encodeNumber, decodeNumber))
		test(t, newRemoteMap(immortal(t, h), 0, encodeText, decodeText, encodeNumber, decodeNumber), m)
	})
}

func eachList(t *testing.T, test func(t *testing.T, l sharedList[string], local *localList[string])) {
	t.Run("local", func(t *testing.T) {
		l := newLocalList[string]()
		test(t, l, l)
	})
	t.Run("remote", func(t *testing.T) {
		l := newLocalList[string]()
		h := newHub(knownErrors(), nil)
		h.offer("list", newListService(l, encodeText, decodeText))
		test(t, newRemoteList(immortal(t, h), 0, encodeText, decodeText), l)
	})
}

func TestSharedMap(t *testing.T) {
	eachMap(t, func(t *testing.T, m sharedMap[string, int], local *localMap[string, int]) {
		m.Set("a", 1)
		m.Set("b", 2)
		m.Set("a", 3)
		m.Delete("b")
		m.Delete("c")
		m.Update("a", func(v int, found bool) int {
			if v != 3 || !found {
				t.Errorf("Update sees %d, %t", v, found)
			}
			return v + 1
		})
		m.Update("d", func(v int, found bool) int {
			if v != 0 || found {
				t.Errorf("Update sees %d, %t", v, found)
			}
			return 5
		})
		if v, found := m.Get("a"); v != 4 || !found {
			t.Errorf("%d, %t", v, found)
		}
		if v, found := m.Get("b"); v != 0 || found {
			t.Errorf("%d, %t", v, found)
		}
		seen := m.Snapshot()
		m.Set("e", 6)
		if want := map[string]int{"a": 4, "d": 5}; !maps.Equal(seen, want) || m.Len() != 3 {
			t.Errorf("%v, want %v; then %d", seen, want, m.Len())
		}
		if local.reset(); m.Len() != 0 || len(local.leases) != 0 {
			t.Errorf("after reset: %v, %v", local.entries, local.leases)
		}
	})
}

// While a key is updated others see its old value, and who would change it waits for its turn; other keys are free.
func TestSharedMapUpdateIsAtomic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, r := newLocalMap[string, string](), &record{}
		m.Set("a", "-")
		inside, goOn := make(chan bool), make(chan bool)
		start(func() {
			m.Update("a", func(v string, _ bool) string {
				inside <- true
				<-goOn
				return v + "1"
			})
		})
		<-inside
		start(func() { m.Update("a", func(v string, _ bool) string { return v + "2" }); r.add("2") })
		start(func() { m.Set("a", "set"); r.add("3") })
		start(func() { m.Update("a", func(v string, _ bool) string { return v + "4" }); r.add("4") })
		m.Set("b", "free")
		m.Update("b", func(v string, _ bool) string { return v + "!" })
		if got, want := m.Snapshot(), (map[string]string{"a": "-", "b": "free!"}); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		r.want(t)
		close(goOn)
		r.wantAll(t, "2", "3", "4")
		if v, _ := m.Get("a"); v != "set4" {
			t.Errorf("%s: not first come first served", v)
		}
		if len(m.leases) > 0 {
			t.Errorf("leases are left: %v", m.leases)
		}
	})
}

// An Update that does not return changes nothing and gives the key back.
func TestSharedMapUpdateFails(t *testing.T) {
	eachMap(t, func(t *testing.T, m sharedMap[string, int], local *localMap[string, int]) {
		m.Set("a", 1)
		wantPanic(t, "boom", func() { m.Update("a", func(int, bool) int { panic("boom") }) })
		var gone sync.WaitGroup
		gone.Go(func() { m.Update("a", func(int, bool) int { runtime.Goexit(); return 0 }) })
		gone.Wait()
		m.Update("a", func(v int, _ bool) int { return v + 1 })
		if v, _ := m.Get("a"); v != 2 || len(local.leases) > 0 {
			t.Errorf("%d, leases %v", v, local.leases)
		}
	})
}

// A change from inside an Update would wait for itself, or for one that waits for it: it panics, in that goroutine
// alone, and the Update goes on.
func TestSharedMapUpdateNested(t *testing.T) {
	eachMap(t, func(t *testing.T, m sharedMap[string, int], _ *localMap[string, int]) {
		m.Update("a", func(int, bool) int {
			for name, f := range map[string]func(){
				"Update": func() { m.Update("b", func(int, bool) int { return 1 }) },
				"Set":    func() { m.Set("a", 1) },
				"Delete": func() { m.Delete("b") },
			} {
				if got := panics(f); got != nestedUpdate {
					t.Errorf("%s: %q", name, got)
				}
			}
			newLocalMap[string, int]().Set("a", 1) // another resource
			var others sync.WaitGroup
			others.Go(func() { m.Set("b", 2) })
			others.Wait()
			m.Get("a")
			m.Snapshot()
			return 7 + m.Len()
		})
		m.Set("c", 3) // outside
		if got, want := m.Snapshot(), (map[string]int{"a": 8, "b": 2, "c": 3}); !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}

func TestSharedListUpdateNested(t *testing.T) {
	eachList(t, func(t *testing.T, l sharedList[string], _ *localList[string]) {
		l.Append("a")
		l.Update(0, func(string) string {
			for name, f := range map[string]func(){
				"Update":    func() { l.Update(0, func(string) string { return "b" }) },
				"UpdateAll": func() { l.UpdateAll(func([]string) []string { return nil }) },
				"Set":       func() { l.Set(0, "b") },
				"Append":    func() { l.Append("b") },
				"Pop":       func() { l.Pop() },
			} {
				if got := panics(f); got != nestedUpdate {
					t.Errorf("%s: %q", name, got)
				}
			}
			return l.At(0) + "!"
		})
		l.UpdateAll(func(all []string) []string {
			if got := panics(func() { l.Append("b") }); got != nestedUpdate {
				t.Errorf("in UpdateAll: %q", got)
			}
			return append(all, all...)
		})
		if got, want := l.Snapshot(), []string{"a!", "a!"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

func TestSharedList(t *testing.T) {
	eachList(t, func(t *testing.T, l sharedList[string], local *localList[string]) {
		if v, ok := l.Pop(); v != "" || ok {
			t.Errorf("Pop of an empty list: %q, %t", v, ok)
		}
		l.Append("a", "b")
		l.Append()
		l.Append("c")
		l.Set(0, "A")
		l.Update(1, func(v string) string { return v + v })
		seen := l.Snapshot()
		if v, ok := l.Pop(); v != "c" || !ok || l.Len() != 2 || l.At(1) != "bb" {
			t.Errorf("%q, %t; left: %q", v, ok, local.items)
		}
		if want := []string{"A", "bb", "c"}; !slices.Equal(seen, want) {
			t.Errorf("%q, want %q", seen, want)
		}
		l.UpdateAll(func(all []string) []string {
			slices.Reverse(all)
			if got, want := l.Snapshot(), []string{"A", "bb"}; !slices.Equal(got, want) {
				t.Errorf("inside UpdateAll others see %q, want %q", got, want)
			}
			return append(all, "d")
		})
		if got, want := l.Snapshot(), []string{"bb", "A", "d"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		for _, f := range []func(){
			func() { l.At(3) },
			func() { l.Set(3, "") },
			func() { l.Update(3, func(string) string { t.Error("there is no such value"); return "" }) },
			func() { l.Update(0, func(string) string { panic("index out of range [3] with length 3") }) },
			func() {
				l.UpdateAll(func(all []string) []string { all[0] = "changed"; panic("index out of range [3] with length 3") })
			},
		} {
			wantPanic(t, "index out of range [3] with length 3", f)
			if local.lease.held {
				t.Fatal("the list stays leased")
			}
		}
		if l.At(0) != "bb" {
			t.Errorf("a panic has changed it: %q", local.items)
		}
		if local.reset(); l.Len() != 0 {
			t.Errorf("after reset: %q", local.items)
		}
	})
}

func TestSharedListUpdateIsAtomic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, r := newLocalList[int](), &record{}
		l.Append(1, 2)
		goOn := make(chan bool)
		start(func() { l.Update(0, func(v int) int { <-goOn; return 10 }) })
		start(func() { l.Append(3); r.add("append") })
		start(func() { l.UpdateAll(func(all []int) []int { return append(all, 4) }); r.add("all") })
		start(func() { v, _ := l.Pop(); r.add("pop %d", v) })
		start(func() { l.Set(0, 5); r.add("set") })
		r.want(t)
		if got, want := l.Snapshot(), []int{1, 2}; !slices.Equal(got, want) || l.At(0) != 1 || l.Len() != 2 {
			t.Errorf("others see %d, want %d", got, want)
		}
		close(goOn)
		r.wantAll(t, "all", "append", "pop 4", "set")
		if got, want := l.Snapshot(), []int{5, 2, 3}; !slices.Equal(got, want) {
			t.Errorf("%d, want %d: not first come first served", got, want)
		}
	})
}

// What a process had leased is free when it has ended, and unchanged.
func TestSharedLeasesAreGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l, r := newLocalMap[string, int](), newLocalList[int](), &record{}
		l.Append(1)
		for _, key := range []string{"a", "b"} {
			_, _, _ = m.begin(t.Context(), 1, key)
		}
		_, _, _ = m.begin(t.Context(), 2, "c")
		_, _ = l.begin(t.Context(), 2, 0)
		for _, key := range []string{"a", "b", "c"} {
			start(func() { m.Set(key, 1); r.add("map %s", key) })
		}
		start(func() { l.Append(2); r.add("list") })
		if _, _, err := m.begin(impatient(t, time.Minute), 3, "a"); err != errPatience {
			t.Errorf("it is leased: %v", err)
		}
		if _, _, err := m.begin(ended(), 3, "d"); err != errPatience || m.leases["d"] != nil {
			t.Errorf("nobody has it: %v, %v", err, m.leases["d"])
		}
		if !m.left(1) || m.left(1) || m.left(3) || l.left(1) {
			t.Error("it had keys of the map, once")
		}
		r.wantAll(t, "map a", "map b")
		if !m.left(2) || !l.left(2) || l.left(2) {
			t.Error("it had a key and the list, once")
		}
		r.wantAll(t, "list", "map c")
		if len(m.leases) > 0 || l.lease.held {
			t.Errorf("leases are left: %v", m.leases)
		}
	})
}

func TestSharedMapUnderLoad(t *testing.T) {
	m, l := newLocalMap[int, int](), newLocalList[int]()
	l.Append(0)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 500 {
				m.Update(i%3, func(v int, _ bool) int { runtime.Gosched(); return v + 1 })
				l.Update(0, func(v int) int { return v + 1 })
			}
		})
	}
	all.Wait()
	sum := 0
	for _, v := range m.Snapshot() {
		sum += v
	}
	if sum != 4000 || l.At(0) != 4000 || len(m.leases) > 0 || len(m.inside) > 0 {
		t.Errorf("%d and %d of 4000", sum, l.At(0))
	}
}

func TestSharedQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r := newLocalQueue[int](2), &record{}
		for i := range 3 {
			start(func() {
				v, err := q.Get(t.Context())
				r.add("%d got %d %v", i, v, err)
			})
		}
		start(func() {
			_, err := q.Get(impatient(t, time.Minute))
			r.add("%v", err)
		})
		time.Sleep(time.Hour)
		r.want(t, "out of patience")
		for i := range 5 {
			if err := q.Put(t.Context(), i); err != nil {
				t.Error(err)
			}
		}
		r.wantAll(t, "0 got 0 <nil>", "1 got 1 <nil>", "2 got 2 <nil>")
		if q.Len() != 2 || q.TryPut(9) {
			t.Errorf("it is full: %d", q.Len())
		}
		for i := 5; i < 8; i++ {
			start(func() {
				if q.Put(impatient(t, time.Duration(i%3)*time.Hour), i) == nil {
					r.add("put %d", i)
				}
			})
		}
		time.Sleep(90 * time.Minute) // of 6, whose patience is 0 hours, and of 7
		r.want(t)
		if v, ok := q.TryGet(); v != 3 || !ok {
			t.Errorf("%d, %t", v, ok)
		}
		r.want(t, "put 5")
		for _, want := range []int{4, 5} {
			if v, err := q.Get(t.Context()); v != want || err != nil {
				t.Errorf("%d, %v; want %d", v, err, want)
			}
		}
		if v, ok := q.TryGet(); v != 0 || ok || !q.TryPut(8) || q.Len() != 1 {
			t.Errorf("it was empty, and has room: %d, %t", v, ok)
		}
		if err := q.Put(ended(), 1); err != errPatience || q.Len() != 1 {
			t.Errorf("put after the end of the context: %v", err)
		}
		if v, err := q.Get(ended()); err != errPatience || v != 0 || q.Len() != 1 {
			t.Errorf("got after the end of the context: %v", err)
		}
	})
}

func TestSharedQueueClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r := newLocalQueue[int](1), &record{}
		_ = q.Put(t.Context(), 1)
		start(func() { r.add("%v", q.Put(t.Context(), 2)) })
		q.Close()
		q.Close()
		r.want(t, io.ErrClosedPipe.Error())
		if err := q.Put(t.Context(), 3); err != io.ErrClosedPipe || q.TryPut(3) {
			t.Errorf("put into a closed queue: %v", err)
		}
		if v, err := q.Get(t.Context()); v != 1 || err != nil {
			t.Errorf("what was put is lost: %d, %v", v, err)
		}
		if v, err := q.Get(t.Context()); v != 0 || err != io.EOF {
			t.Errorf("closed and empty: %d, %v", v, err)
		}
		empty := newLocalQueue[int](1)
		start(func() { v, err := empty.Get(t.Context()); r.add("%d %v", v, err) })
		if !empty.TryPut(4) {
			t.Error("there is room")
		}
		r.want(t, "4 <nil>")
		start(func() { _, err := empty.Get(t.Context()); r.add("%v", err) })
		empty.Close()
		r.want(t, "EOF")
	})
}

func TestSharedQueueJoin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, r := newLocalQueue[int](10), &record{}
		if err := q.Join(t.Context()); err != nil {
			t.Errorf("nothing was put: %v", err)
		}
		wantPanic(t, "more items than were put", q.Done)
		for i := range 6 {
			q.TryPut(i)
		}
		start(func() { r.add("joined %v", q.Join(t.Context())) })
		start(func() { r.add("gone %v", q.Join(impatient(t, time.Minute))) })
		time.Sleep(time.Hour)
		r.want(t, "gone out of patience")
		_, _ = q.get(t.Context(), 1)
		_, _ = q.get(t.Context(), 1)
		_, _ = q.tryGet(1)
		q.finish(1)
		_, _ = q.Get(t.Context())
		q.Done()
		if q.left(2) || !q.left(1) || q.left(1) {
			t.Error("it had two items in hand, once")
		}
		q.TryGet()
		q.Done()
		r.want(t)
		q.TryGet()
		q.finish(3) // another one's
		r.want(t, "joined <nil>")
		wantPanic(t, "more items than were put", q.Done)
		if q.left(3) || q.left(0) {
			t.Error("nothing is open")
		}
		full := newLocalQueue[int](1)
		full.TryPut(1)
		start(func() { r.add("joined %v", full.Join(t.Context())) })
		start(func() { r.add("put %v", full.Put(t.Context(), 2)) })
		full.reset()
		r.wantAll(t, "joined <nil>", "put <nil>")
		if v, ok := full.TryGet(); v != 2 || !ok {
			t.Errorf("after reset: %d, %t", v, ok)
		}
	})
}

// Who is done with what another one has got leaves nothing to give back for that; and what a process has got that has
// done its work another one may be done with.
func TestSharedQueue_DoneByAnother(t *testing.T) {
	q := newLocalQueue[int](3)
	for i := range 3 {
		q.TryPut(i)
	}
	_, _ = q.tryGet(1)
	q.Done()
	if q.left(1) {
		t.Error("it had nothing any more")
	}
	_, _ = q.tryGet(2)
	q.passOn(2)
	if q.left(2) || q.done != 1 {
		t.Errorf("%d are done, not 1", q.done)
	}
	q.Done()
	_, _ = q.tryGet(3)
	q.finish(4)
	if err := q.Join(t.Context()); err != nil {
		t.Error(err)
	}
}

// Who never says Done has nothing in hand, unless somebody asks.
func TestSharedQueueUncounted(t *testing.T) {
	for name, test := range map[string]struct {
		ask  func(q *localQueue[int])
		want bool
	}{
		"nobody": {func(*localQueue[int]) {}, false},
		"Join":   {func(q *localQueue[int]) { _ = q.Join(t.Context()) }, true},
		"Done":   {func(q *localQueue[int]) { q.TryPut(0); q.TryGet(); q.Done() }, true},
	} {
		q := newLocalQueue[int](1)
		test.ask(q)
		q.TryPut(1)
		if _, ok := q.tryGet(1); !ok || q.left(1) != test.want {
			t.Errorf("%s asks: held %t, want %t", name, !test.want, test.want)
		}
	}
}

func TestSharedQueueUnderLoad(t *testing.T) {
	q := newLocalQueue[int](3)
	var putters, getters sync.WaitGroup
	for i := range 4 {
		putters.Go(func() {
			for n := range 1000 {
				if err := q.Put(t.Context(), 1000*i+n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var mu sync.Mutex
	seen := make(map[int]bool)
	for range 4 {
		getters.Go(func() {
			last := [4]int{-1, -1, -1, -1}
			for {
				n, err := q.Get(t.Context())
				if err != nil {
					return
				}
				if from := n / 1000; n <= last[from] {
					t.Errorf("%d after %d", n, last[from])
				} else {
					last[from] = n
				}
				mu.Lock()
				seen[n] = true
				mu.Unlock()
				q.Done()
			}
		})
	}
	putters.Wait()
	if err := q.Join(t.Context()); err != nil {
		t.Error(err)
	}
	q.Close()
	if getters.Wait(); len(seen) != 4000 {
		t.Errorf("%d of 4000", len(seen))
	}
}

func TestSharedPipe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, r := newLocalPipe[int](), &record{}
		a, b := p.callers, p.stages
		start(func() {
			v, err := b.Recv(t.Context())
			r.add("b got %d %v", v, err)
		})
		for i := range pipeRoom + 1 {
			_ = a.Send(t.Context(), i)
		}
		r.want(t, "b got 0 <nil>")
		if err := a.Send(impatient(t, time.Minute), 0); err != errPatience {
			t.Errorf("it is full: %v", err)
		}
		start(func() { r.add("%v", a.Send(t.Context(), 0)) })
		_ = b.Send(t.Context(), 100) // the other direction has room of its own
		if v, err := a.Recv(t.Context()); v != 100 || err != nil {
			t.Errorf("%d, %v", v, err)
		}
		start(func() {
			_, err := a.Recv(t.Context())
			r.add("a: %v", err)
		})
		_ = b.Send(t.Context(), 101)
		r.want(t, "a: <nil>")
		_ = b.Send(t.Context(), 102)
		b.Close()
		b.Close()
		r.want(t, io.ErrClosedPipe.Error())
		if v, err := a.Recv(t.Context()); v != 102 || err != nil {
			t.Errorf("what was sent is lost: %d, %v", v, err)
		}
		for _, end := range []sharedPipe[int]{a, b} {
			if err := end.Send(t.Context(), 1); err != io.ErrClosedPipe {
				t.Errorf("sent after Close: %v", err)
			}
		}
		for i := range pipeRoom {
			if v, err := b.Recv(t.Context()); v != i+1 || err != nil {
				t.Errorf("%d, %v; want %d", v, err, i+1)
			}
		}
		for _, end := range []sharedPipe[int]{a, b} {
			if _, err := end.Recv(t.Context()); err != io.EOF {
				t.Errorf("received after the last: %v", err)
			}
		}
	})
}

// A call that has gone on is not kept alive, with all that it knows.
func TestSharedWaitersForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newLocalEvent()
		start(func() { _ = e.Wait(t.Context()) })
		calls := e.line.calls
		if e.Set(); len(calls) != 1 || calls[0] != nil {
			t.Errorf("%v", calls)
		}
	})
}

// What has been taken from a queue is not kept alive by it.
func TestSharedQueueForgets(t *testing.T) {
	q := newLocalQueue[*[1 << 10]int](4)
	freed := make(chan bool, 4)
	for range 4 {
		item := new([1 << 10]int)
		runtime.AddCleanup(item, func(int) { freed <- true }, 0)
		q.TryPut(item)
	}
	for range 4 {
		q.TryGet()
	}
	for range 4 {
		runtime.GC()
		select {
		case <-freed:
		case <-time.After(10 * time.Second):
			t.Fatal("an item is kept")
		}
	}
	runtime.KeepAlive(q)
}
