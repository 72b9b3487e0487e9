//go:build unix

package threads

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// lockOf is a lock of several processes, which are all this one.
type lockOf struct {
	t      *testing.T
	memory *mapping
	hub    *hub
	*mappedLock
	keeper *lockKeeper
}

func newLockOf(t *testing.T) *lockOf {
	m := closed(t, mappedLockSize, mappedArraySize[int](2))
	l := newMappedLock(m, 0)
	h := newHub(nil, m)
	h.offer("out", l.service())
	return &lockOf{t, m, h, l, l.queue.(*lockKeeper)}
}

// worker is the lock as another process has it, until its end.
func (l *lockOf) worker() (lock *mappedLock, end func() []loss) {
	c, g := connectAs(l.t, l.hub, 1000, func(err error) { l.t.Errorf("malformed: %v", err) })
	return newRemoteLock(l.alone(), 0, c, 0), func() []loss {
		_ = c.conn.Close()
		return g.leave(false)
	}
}

// alone is the memory as a process has it that nobody tells of its end.
func (l *lockOf) alone() *mapping {
	return &mapping{base: l.memory.base, starts: l.memory.starts, size: l.memory.size}
}

// queued waits until n wait in the parent.
func (l *lockOf) queued(n int) {
	l.t.Helper()
	eventually(l.t, fmt.Sprintf("%d wait", n), func() bool {
		l.keeper.mu.Lock()
		defer l.keeper.mu.Unlock()
		return len(l.keeper.waiters) == n
	})
}

// free waits until the lock is as it was in the beginning.
func (l *lockOf) free() {
	l.t.Helper()
	l.queued(0)
	eventually(l.t, "nobody has the lock, or waits", func() bool { return l.word.Load() == 0 })
}

// pass waits for the lock.
func pass(l *mappedLock) {
	l.Lock()
	defer l.Unlock()
}

// One at a time has the lock, of whichever process.
func TestMappedLock_Excludes(t *testing.T) {
	l := newLockOf(t)
	shared := newMappedArray[int](l.memory, 1, 2).Slice() // what several processes have is nothing to the race detector
	inside, count := &shared[0], &shared[1]
	var all sync.WaitGroup
	work := func(l *mappedLock) {
		for i := range 500 {
			if i%5 == 0 {
				for !l.TryLock() {
					runtime.Gosched()
				}
			} else {
				l.Lock()
			}
			if *inside++; *inside != 1 {
				t.Errorf("%d are inside", *inside)
			}
			*count++
			if i%50 == 0 {
				runtime.Gosched()
			}
			*inside--
			l.Unlock()
		}
	}
	for range 4 {
		worker, end := l.worker()
		defer end()
		all.Go(func() { work(worker) })
		all.Go(func() { work(worker) }) // two goroutines of one process
	}
	all.Go(func() { work(l.mappedLock) })
	all.Go(func() { work(l.mappedLock) })
	all.Wait()
	if *count != 10*500 {
		t.Errorf("%d times inside, want %d", *count, 10*500)
	}
	l.free()
}

// The lock orders what the goroutines of a process do, to the race detector too.
func TestMappedLock_Synchronizes(t *testing.T) {
	l := newLockOf(t)
	worker, end := l.worker()
	defer end()
	plain := 0
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 100 {
				worker.Lock()
				plain++
				worker.Unlock()
			}
		})
	}
	all.Wait()
	if plain != 400 {
		t.Errorf("%d of 400", plain)
	}
}

// Without anybody else there is no call: these go nowhere.
func TestMappedLock_UncontendedIsLocal(t *testing.T) {
	l := newLockOf(t)
	l.queue = nil
	remote := newRemoteLock(l.alone(), 0, &calls{party: 7}, 0)
	for _, lock := range []*mappedLock{l.mappedLock, remote} {
		lock.Lock()
		if lock.TryLock() {
			t.Error("locked twice")
		}
		lock.Unlock()
		if !lock.TryLock() {
			t.Error("a free lock is not to be had")
		}
		lock.Unlock()
	}
	remote.Lock()
	if l.TryLock() {
		t.Error("two processes have it")
	}
	remote.Unlock()
	if l.word.Load() != 0 {
		t.Errorf("the word is %#x", l.word.Load())
	}
}

// Who does not have the lock does not unlock it.
func TestMappedLock_UnlockOfOthers(t *testing.T) {
	l := newLockOf(t)
	worker, end := l.worker()
	defer end()
	for _, state := range []string{"free", "another's"} {
		func() {
			defer func() {
				if why := fmt.Sprint(recover()); !strings.Contains(why, "this process has not locked") {
					t.Errorf("%s: %s", state, why)
				}
			}()
			worker.Unlock()
		}()
		if state == "free" {
			l.Lock()
		}
	}
	l.Unlock()
	pass(worker)
	l.free()
}

// Processes have the lock in the order in which they have come to wait for it.
func TestMappedLock_FirstComeFirstServed(t *testing.T) {
	l := newLockOf(t)
	l.Lock()
	const n = 5
	order := make(chan int, n)
	var all sync.WaitGroup
	for i := range n {
		worker, end := l.worker()
		defer end()
		all.Go(func() {
			worker.Lock()
			order <- i
			worker.Unlock()
		})
		l.queued(i + 1)
	}
	l.Unlock()
	all.Wait()
	for want := range n {
		if got := <-order; got != want {
			t.Errorf("%d comes in the place of %d", got, want)
		}
	}
	l.free()
}

// Who has waited for long is not overtaken any more, and who comes queues behind.
func TestMappedLock_DoesNotStarve(t *testing.T) {
	l := newLockOf(t)
	worker, end := l.worker()
	defer end()
	greedy, endOther := l.worker()
	defer endOther()
	greedy.Lock()
	had := make(chan struct{})
	go func() {
		pass(worker)
		close(had)
	}()
	l.queued(1)
	for end := time.Now().Add(5 * time.Second); ; { // always back before the other has heard of it
		greedy.Unlock()
		greedy.Lock()
		select {
		case <-had:
			greedy.Unlock()
			l.free()
			return
		default:
		}
		if time.Now().After(end) {
			t.Fatal("a process has not had the lock in 5 s")
		}
	}
}

// The first in the queue who has waited for long has the lock kept for it.
func TestMappedLock_HandsOver(t *testing.T) {
	l := newLockOf(t)
	l.Lock()
	worker, end := l.worker()
	defer end()
	locked := make(chan struct{})
	go func() {
		worker.Lock()
		close(locked)
	}()
	l.queued(1)
	l.keeper.mu.Lock() // nobody hears
	l.keeper.waiters[0].since = time.Now().Add(-time.Hour)
	l.keeper.grant()
	if l.word.Load() != l.mine|lockWaiting|lockStarving {
		t.Errorf("the word is %#x", l.word.Load())
	}
	unlocked := make(chan struct{})
	go func() {
		l.Unlock()
		close(unlocked)
	}()
	eventually(t, "it is free", func() bool { return l.word.Load()&lockHeld == 0 })
	if l.seize() {
		t.Error("somebody has come before")
	}
	l.keeper.mu.Unlock()
	<-unlocked
	<-locked
	worker.Unlock()
	l.free()
}

// Whatever a process is at when it dies, the lock is had by the next, and by one only.
func TestMappedLock_OwnerDies(t *testing.T) {
	for name, die := range map[string]func(l *lockOf, dying *mappedLock){
		"before it locks": func(*lockOf, *mappedLock) {},
		"when it has it":  func(_ *lockOf, dying *mappedLock) { dying.Lock() },
		"while it waits, before it has it": func(l *lockOf, dying *mappedLock) {
			l.Lock()
			askFor(dying)
			l.queued(1)
			l.Unlock()
		},
		"when it has it, and has not heard": func(l *lockOf, dying *mappedLock) {
			l.Lock()
			askFor(dying)
			l.queued(1)
			l.keeper.mu.Lock()
			l.word.Store(dying.mine) // granted, and the answer on its way
			l.keeper.waiters = nil
			l.keeper.mu.Unlock()
			l.local.Unlock()
		},
		"after it has freed it, and not told the next": func(l *lockOf, dying *mappedLock) {
			dying.Lock()
			go func() {
				pass(l.mappedLock)
			}()
			l.queued(1)
			dying.word.Store(lockWaiting)
		},
		"after it has handed it over, and not told": func(l *lockOf, dying *mappedLock) {
			dying.Lock()
			go func() {
				pass(l.mappedLock)
			}()
			l.queued(1)
			dying.word.Store(lockWaiting | lockStarving)
		},
		"after it has told": func(l *lockOf, dying *mappedLock) {
			pass(dying)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLockOf(t)
			dying, end := l.worker()
			other, endOther := l.worker()
			defer endOther()
			resets := 0
			l.resetOnLoss(func() {
				if l.word.Load()&lockOwnerBits != dying.mine {
					t.Error("reset when others may have the lock")
				}
				resets++
			})
			die(l, dying)
			held := l.word.Load()&lockOwnerBits == dying.mine
			var all sync.WaitGroup
			all.Go(func() {
				pass(other)
			})
			if lost := end(); len(lost) == 1 != held || resets == 1 != held {
				t.Errorf("held: %v; lost %v, %d resets", held, lost, resets)
			}
			pass(l.mappedLock)
			all.Wait()
			l.free()
		})
	}
}

// askFor is what Lock says to the parent, by a process that does not live to hear the answer.
func askFor(l *mappedLock) {
	q := l.queue.(*lockCalls)
	message, _ := q.calls.request(requestCall, q.resource, opLockWait, nil)
	q.calls.submit(message, make(chan []byte, 1))
}

// A process that does not wait any more keeps nobody waiting, and leaves no sign that somebody waits.
func TestMappedLock_WaiterGivesUp(t *testing.T) {
	l := newLockOf(t)
	l.Lock()
	ctx, cancel := context.WithCancel(t.Context())
	gone := make(chan error)
	go func() { gone <- l.keeper.admit(ctx, 9) }()
	l.queued(1)
	cancel()
	if err := <-gone; err != context.Canceled {
		t.Error(err)
	}
	if l.word.Load() != l.mine {
		t.Errorf("the word is %#x", l.word.Load())
	}
	l.Unlock()
	l.free()
	if err := l.keeper.serve(ctx, 9, 'x', nil, nil); err != errFrame {
		t.Error(err)
	}
}

func BenchmarkMappedLock(b *testing.B) {
	m := newMapping(mappedLockSize, mappedCounterSize, mappedValueSize[wide]())
	defer m.close()
	n := 0
	b.Run("mutex", func(b *testing.B) {
		var mu sync.Mutex
		for b.Loop() {
			mu.Lock()
			n++
			mu.Unlock()
		}
	})
	b.Run("mapped", func(b *testing.B) {
		l := newRemoteLock(m, 0, &calls{party: 3}, 0)
		for b.Loop() {
			l.Lock()
			n++
			l.Unlock()
		}
	})
	b.Run("counter", func(b *testing.B) {
		c := newMappedCounter(m, 1)
		for b.Loop() {
			c.Add(1)
		}
	})
	b.Run("store", func(b *testing.B) {
		v := newMappedValue[wide](m, 2, 1)
		for b.Loop() {
			v.Store(wide{last: 1})
		}
	})
	b.Run("load", func(b *testing.B) {
		v := newMappedValue[wide](m, 2, 1)
		for b.Loop() {
			_ = v.Load()
		}
	})
}
