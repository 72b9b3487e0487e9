// Package shared has pipelines whose stages share resources, in goroutines and in worker processes, with the same
// functions.
package shared

import (
	"context"
	"fmt"
	"sync"
)

// Extent is too large for one word of memory.
type Extent struct{ Least, Most, Sum int }

// Tally is how often a word came, and the places of its last comings.
type Tally struct {
	Times int
	Last  []int
}

// Message is what goes through queues and pipes.
type Message struct {
	From string
	N    int
}

type (
	adder interface{ Add(int64) int64 }

	cell[T any] interface {
		Load() T
		Store(T)
	}

	row interface {
		Len() int
		At(i int) float64
		Set(i int, v float64)
	}
)

// count adds n to all of them, of which only found needs no lock.
func count(n int, found adder, out, again sync.Locker, ratio cell[float64], extent cell[Extent], grid row) int {
	found.Add(int64(n))
	out.Lock()
	defer out.Unlock()
	again.Lock()
	again.Lock()
	ratio.Store(ratio.Load() + float64(n))
	again.Unlock()
	again.Unlock()
	e := extent.Load()
	extent.Store(Extent{min(e.Least, n), max(e.Most, n), e.Sum + n})
	i := n % grid.Len()
	grid.Set(i, grid.At(i)+float64(n))
	return n
}

type (
	semaphore interface {
		Acquire(context.Context) error
		Release()
	}

	event interface {
		Set()
		IsSet() bool
		Wait(context.Context) error
	}

	barrier interface {
		Wait(context.Context) (index int, err error)
	}
)

// pass waits for the others and the door, and takes a seat for a while. Its result is its place among those that met
// at the barrier.
func pass(ctx context.Context, n int, inside adder, most cell[int64], watch sync.Locker, seats semaphore, door event, all barrier) (int, error) {
	place, err := all.Wait(ctx)
	if err != nil {
		return 0, err
	}
	if place == 0 {
		door.Set()
	}
	if err := door.Wait(ctx); err != nil || !door.IsSet() {
		return 0, fmt.Errorf("the door is shut: %w", err)
	}
	if err := seats.Acquire(ctx); err != nil {
		return 0, err
	}
	defer seats.Release()
	now := inside.Add(1)
	defer inside.Add(-1)
	watch.Lock()
	defer watch.Unlock()
	most.Store(max(most.Load(), now))
	return place, nil
}

type (
	condition interface {
		sync.Locker
		Wait(context.Context) error
		Broadcast()
	}

	list[T any] interface {
		Append(...T)
		Len() int
		At(i int) T
	}
)

// inTurn appends n when all numbers before it have been appended.
func inTurn(ctx context.Context, n int, turn condition, order list[int]) (int, error) {
	turn.Lock()
	defer turn.Unlock()
	for order.Len() < n {
		if err := turn.Wait(ctx); err != nil {
			return 0, err
		}
	}
	order.Append(n)
	turn.Broadcast()
	return n, nil
}

type tallies interface {
	Get(string) (Tally, bool)
	Update(string, func(Tally, bool) Tally)
}

// tally counts word, and keeps it where it is new.
func tally(word string, seen tallies, words interface{ Append(...string) }) int {
	place := len(word)
	times := 0
	seen.Update(word, func(t Tally, old bool) Tally {
		t.Times++
		t.Last = append(t.Last, place)[max(0, len(t.Last)-2):]
		times = t.Times
		return t
	})
	if times == 1 {
		words.Append(word)
	}
	return times
}

type (
	talker interface {
		Send(context.Context, Message) error
		Recv(context.Context) (Message, error)
	}

	store interface {
		Put(context.Context, Message) error
		Done()
	}
)

// talk answers n messages of the caller, and puts each into the queue.
func talk(ctx context.Context, n int, conn talker, extra store) (int, error) {
	sum := 0
	for range n {
		m, err := conn.Recv(ctx)
		if err == nil {
			err = extra.Put(ctx, m)
		}
		if err == nil {
			err = conn.Send(ctx, Message{"stage", m.N * m.N})
		}
		if err != nil {
			return 0, err
		}
		sum += m.N
	}
	return sum, nil
}

// addOften adds 1 to found n times.
func addOften(n int, found adder) int {
	for range n {
		found.Add(1)
	}
	return n
}

// wideHello is how many parts of a field fill knows. The wiring of wide would have the name for something else.
const wideHello = 10

// fill fills a part of the field, without a copy of it.
func fill(part int, field interface{ Slice() []float64 }) float64 {
	all := field.Slice()
	size := len(all) / wideHello
	for i := part * size; i < (part+1)*size; i++ {
		all[i] = float64(i)
	}
	return all[part*size]
}
