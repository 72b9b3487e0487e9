package threads

import (
	"context"
	"slices"
	"sync"
)

// sharedList is a slice that grows. Each call is atomic, and an index out of range panics as that of a slice does.
// Values with pointers in them are shared in what they point to among the goroutines of one process, and copied on
// the way to another.
type sharedList[T any] interface {
	Len() int
	At(i int) T
	Set(i int, v T)
	Append(v ...T)
	// Pop takes the last value away; false: there is none.
	Pop() (T, bool)
	// Update sets the value at i to what f returns for the present one: nobody changes the list meanwhile. Until f
	// has returned others see the old value, and who wants to change something waits; f should be short. Where f
	// panics nothing is changed. In f, anything that changes the same list panics.
	Update(i int, f func(T) T)
	// UpdateAll is an Update of all values. f owns the slice that it is given, and the list the one that it returns.
	UpdateAll(f func([]T) []T)
	// Snapshot returns a copy.
	Snapshot() []T
}

type localList[T any] struct {
	mu    sync.Mutex
	items []T
	lease lease // of the whole list
	updaters
}

func newLocalList[T any]() *localList[T] { return &localList[T]{} }

func (l *localList[T]) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.items)
}

func (l *localList[T]) At(i int) T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.items[i]
}

func (l *localList[T]) Snapshot() []T {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.items)
}

func (l *localList[T]) Set(i int, v T) {
	l.check()
	_ = l.set(context.Background(), 0, i, v)
}

func (l *localList[T]) Append(v ...T) {
	l.check()
	_ = l.add(context.Background(), 0, v)
}

func (l *localList[T]) Pop() (v T, ok bool) {
	l.check()
	_ = l.pop(context.Background(), 0, func(last T, found bool) bool {
		v, ok = last, found
		return true
	})
	return v, ok
}

func (l *localList[T]) Update(i int, f func(T) T) {
	defer l.leave(l.enter())
	v, _ := l.begin(context.Background(), 0, i)
	returned := false
	defer func() { l.end(func() { l.items[i] = v }, returned) }()
	v = f(v)
	returned = true
}

func (l *localList[T]) UpdateAll(f func([]T) []T) {
	defer l.leave(l.enter())
	items, _ := l.beginAll(context.Background(), 0)
	returned := false
	defer func() { l.end(func() { l.items = items }, returned) }()
	items = f(items)
	returned = true
}

func (l *localList[T]) set(ctx context.Context, who party, i int, v T) error {
	return l.change(ctx, who, func() { l.items[i] = v })
}

func (l *localList[T]) add(ctx context.Context, who party, v []T) error {
	return l.change(ctx, who, func() { l.items = append(l.items, v...) })
}

// pop takes the last value away if take, which is given it, says so.
func (l *localList[T]) pop(ctx context.Context, who party, take func(v T, ok bool) bool) error {
	return l.change(ctx, who, func() {
		if len(l.items) == 0 {
			take(*new(T), false)
			return
		}
		last := len(l.items) - 1
		if take(l.items[last], true) {
			l.items = slices.Delete(l.items, last, last+1)
		}
	})
}

// change calls f, which changes the list, while nobody else has the lease.
func (l *localList[T]) change(ctx context.Context, who party, f func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.lease.take(ctx, &l.mu, who); err != nil {
		return err
	}
	defer l.lease.give()
	f()
	return nil
}

// begin takes the lease, until end, and returns the value at i.
func (l *localList[T]) begin(ctx context.Context, who party, i int) (v T, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err = l.lease.take(ctx, &l.mu, who); err != nil {
		return v, err
	}
	if i < 0 || i >= len(l.items) {
		defer l.lease.give() // there will be no end
	}
	return l.items[i], nil
}

// beginAll takes the lease, until end, and returns a copy of the values.
func (l *localList[T]) beginAll(ctx context.Context, who party) ([]T, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.lease.take(ctx, &l.mu, who)
	return slices.Clone(l.items), err
}

// end gives the lease back; where changed, f makes the change.
func (l *localList[T]) end(f func(), changed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.lease.give()
	if changed {
		f()
	}
}

// left ends the update that who was at.
func (l *localList[T]) left(who party) (had bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lease.left(who)
}

// reset empties the list.
func (l *localList[T]) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items = nil
}
