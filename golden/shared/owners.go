package shared

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"
)

// Holding is an item of own: to have a resource for a while, and then perhaps to die with it.
type Holding struct {
	Resource string
	For      time.Duration
	Die      bool
}

// end is the end of a process that nobody in it has expected.
func end() {
	self, _ := os.FindProcess(os.Getpid())
	_ = self.Kill()
	select {}
}

func (h Holding) hold() {
	time.Sleep(h.For)
	if h.Die {
		end()
	}
}

func own(ctx context.Context, h Holding, gate, again sync.Locker, seat semaphore, turn condition, pair barrier, seen interface {
	Update(string, func(int, bool) int)
}, words interface{ UpdateAll(func([]int) []int) }, line interface {
	Put(context.Context, int) error
	Get(context.Context) (int, error)
	Done()
}) (string, error) {
	switch h.Resource {
	case "gate":
		gate.Lock()
		defer gate.Unlock()
		h.hold()
	case "again":
		again.Lock()
		defer again.Unlock()
		again.Lock()
		defer again.Unlock()
		h.hold()
	case "seat":
		if err := seat.Acquire(ctx); err != nil {
			return "", err
		}
		defer seat.Release()
		h.hold()
	case "turn":
		turn.Lock()
		defer turn.Unlock()
		h.hold()
	case "pair":
		if h.Die {
			go h.hold() // while it waits for the other party
		}
		_, err := pair.Wait(ctx)
		return "", err
	case "seen":
		seen.Update("key", func(n int, _ bool) int {
			h.hold()
			return n + 1
		})
	case "words":
		words.UpdateAll(func(list []int) []int {
			h.hold()
			return append(list, 1)
		})
	case "line":
		if err := line.Put(ctx, 1); err != nil {
			return "", err
		}
		if _, err := line.Get(ctx); err != nil {
			return "", err
		}
		h.hold()
		line.Done()
	}
	return h.Resource, nil
}

// guarded adds n to all that the locks guard, and dies half-way where n is negative: with one lock or with both.
func guarded(n int, gate, narrow sync.Locker, kept, again, last cell[int64], total interface {
	Update(string, func(int, bool) int)
}) (string, error) {
	gate.Lock()
	defer gate.Unlock()
	add := func(c cell[int64]) { c.Store(c.Load() + int64(n)) }
	add(kept)
	add(again)
	total.Update("sum", func(sum int, _ bool) int { return sum + n })
	if n == -1 {
		end()
	}
	narrow.Lock()
	defer narrow.Unlock()
	add(last)
	if n < 0 {
		end()
	}
	return fmt.Sprint(n), nil
}
