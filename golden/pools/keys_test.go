package pools

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// Tasks of one key run one at a time, in the order in which they were submitted.
func TestPromise12_Partitioned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		order := make(map[int][]int)
		running := make(map[int]int)
		play(func(c probe.Call) error {
			if c.Stage != "convert" {
				return nil
			}
			mu.Lock()
			digit := c.Item % 10
			order[digit] = append(order[digit], c.Item)
			if running[digit]++; running[digit] > 1 {
				t.Errorf("two tasks of key %d at a time", digit)
			}
			mu.Unlock()
			time.Sleep(time.Duration(c.Item%7) * time.Millisecond)
			mu.Lock()
			running[digit]--
			mu.Unlock()
			return nil
		})
		pool, err := Keyed{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var futures []*KeyedFuture
		for i := range 100 {
			f, err := pool.Submit(t.Context(), i)
			if err != nil {
				t.Fatal(err)
			}
			futures = append(futures, f)
		}
		for i, f := range futures {
			if s, err := f.Get(t.Context()); s != fmt.Sprint(i) || err != nil {
				t.Errorf("%q, %v", s, err)
			}
		}
		for digit, items := range order {
			if len(items) != 10 || !slices.IsSorted(items) {
				t.Errorf("key %d: %v", digit, items)
			}
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The task with the smallest key begins first, and cancelled ones give their places to others.
func TestPriority(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var began []int
		play(func(c probe.Call) error {
			if c.Stage != "convert" {
				return nil
			}
			began = append(began, c.Item)
			return g.hook(c)
		})
		pool, err := Urgent{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var futures []*UrgentFuture
		for _, item := range []int{100, 9, 8, 1, 11, 7} {
			f, err := pool.TrySubmit(item)
			if err != nil {
				t.Fatal(err)
			}
			futures = append(futures, f)
			synctest.Wait()
		}
		_, err = pool.TrySubmit(5)
		wantIs(t, "TrySubmit to a full queue", err, ErrUrgentQueueFull)
		if !futures[2].Cancel() {
			t.Error("not cancelled")
		}
		if _, err := pool.TrySubmit(0); err != nil {
			t.Error(err)
		}
		close(g.open)
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		if want := []int{100, 0, 1, 11, 7, 9}; !slices.Equal(began, want) {
			t.Errorf("begun in the order %v, want %v", began, want)
		}
	})
}

// A key function that panics belongs to no call: the pool ends with that error.
func TestKeyPanics(t *testing.T) {
	play(func(c probe.Call) error {
		if c.Stage == "digit" && c.Item == 13 {
			panic(errBoom)
		}
		return nil
	})
	pool, err := Keyed{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Do(t.Context(), 1); err != nil {
		t.Error(err)
	}
	_, err = pool.Do(t.Context(), 13)
	wantIs(t, "Do", err, ErrKeyedTerminated)
	_, err = pool.Submit(t.Context(), 2)
	wantIs(t, "Submit", err, ErrKeyedTerminated)
	var e *KeyedError
	if err := pool.Close(); !errors.As(err, &e) || !errors.Is(err, errBoom) || e.Stage != "convert" || e.Stack == nil {
		t.Errorf("Close: %v", err)
	}
}
