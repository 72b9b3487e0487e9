package threads

import (
	"context"
	"maps"
	"sync"
)

// sharedMap is a map. Each call is atomic; values with pointers in them are shared in what they point to among the
// goroutines of one process, and copied on the way to another.
type sharedMap[K comparable, V any] interface {
	Get(key K) (value V, found bool)
	Set(key K, value V)
	Delete(key K)
	Len() int
	// Update sets the value of key to what f returns for the present one: nobody changes it meanwhile. Until f has
	// returned others see the old value, and who wants to change it waits; f should be short. Where f panics
	// nothing is changed. In f, anything that changes the same map panics.
	Update(key K, f func(value V, found bool) V)
	// Snapshot returns a copy.
	Snapshot() map[K]V
}

type localMap[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]V
	leases  map[K]*lease // of the keys that are being updated; others have none
	updaters
}

func newLocalMap[K comparable, V any]() *localMap[K, V] {
	return &localMap[K, V]{entries: make(map[K]V), leases: make(map[K]*lease)}
}

func (m *localMap[K, V]) Get(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	v, found := m.entries[key]
	return v, found
}

func (m *localMap[K, V]) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.entries)
}

func (m *localMap[K, V]) Snapshot() map[K]V {
	m.mu.Lock()
	defer m.mu.Unlock()
	return maps.Clone(m.entries)
}

func (m *localMap[K, V]) Set(key K, v V) {
	m.check()
	_ = m.set(context.Background(), 0, key, v)
}

func (m *localMap[K, V]) Delete(key K) {
	m.check()
	_ = m.remove(context.Background(), 0, key)
}

func (m *localMap[K, V]) Update(key K, f func(V, bool) V) {
	defer m.leave(m.enter())
	v, found, _ := m.begin(context.Background(), 0, key)
	returned := false
	defer func() { m.end(key, v, returned) }()
	v = f(v, found)
	returned = true
}

func (m *localMap[K, V]) set(ctx context.Context, who party, key K, v V) error {
	return m.change(ctx, who, key, func() { m.entries[key] = v })
}

func (m *localMap[K, V]) remove(ctx context.Context, who party, key K) error {
	return m.change(ctx, who, key, func() { delete(m.entries, key) })
}

// change calls f, which changes the entry of key, while nobody has the key's lease.
func (m *localMap[K, V]) change(ctx context.Context, who party, key K, f func()) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leases[key] != nil {
		if err := m.take(ctx, who, key); err != nil {
			return err
		}
		defer m.give(key)
	}
	f()
	return nil
}

// begin takes the lease of key, until end, and returns its value.
func (m *localMap[K, V]) begin(ctx context.Context, who party, key K) (v V, found bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err = m.take(ctx, who, key); err == nil {
		v, found = m.entries[key]
	}
	return v, found, err
}

// end gives the lease of key back; where changed, its value is v now.
func (m *localMap[K, V]) end(key K, v V, changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if changed {
		m.entries[key] = v
	}
	m.give(key)
}

// take and give need m.mu.
func (m *localMap[K, V]) take(ctx context.Context, who party, key K) error {
	l := m.leases[key]
	if l == nil {
		l = &lease{}
		m.leases[key] = l
	}
	err := l.take(ctx, &m.mu, who)
	if !l.held {
		delete(m.leases, key)
	}
	return err
}

func (m *localMap[K, V]) give(key K) {
	if l := m.leases[key]; l != nil {
		if l.give(); !l.held {
			delete(m.leases, key)
		}
	}
}

// left ends the updates that who was at.
func (m *localMap[K, V]) left(who party) (had bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for key, l := range m.leases {
		if l.heldBy(who) {
			had = true
			m.give(key)
		}
	}
	return had
}

// reset empties the map.
func (m *localMap[K, V]) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.entries)
}
