package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path"
	"sync"
)

// Store keeps thumbnails by their names. What is put again replaces what was there, so an upload that broke off may be
// made again. Several goroutines may use a Store at once.
type Store interface {
	Put(ctx context.Context, thumbs []Thumb) error
}

// ErrBusy is what a store says that has too much to do just now.
var ErrBusy = errors.New("the store is busy")

// directoryStore keeps thumbnails as files below a directory.
type directoryStore struct{ root *os.Root }

func (s directoryStore) Put(ctx context.Context, thumbs []Thumb) error {
	for _, thumb := range thumbs {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err := s.root.MkdirAll(path.Dir(thumb.Name), 0o755); err != nil {
			return err
		}
		if err := s.root.WriteFile(thumb.Name, thumb.PNG, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// farStore makes a store behave as one that is far away and has others to serve: about every third upload is broken
// off half-way. The seed decides which.
type farStore struct {
	Store
	mu   sync.Mutex
	rand *rand.Rand
}

func newFarStore(store Store, seed uint64) *farStore {
	return &farStore{Store: store, rand: rand.New(rand.NewPCG(seed, 0))}
}

func (s *farStore) Put(ctx context.Context, thumbs []Thumb) error {
	s.mu.Lock()
	busy := s.rand.IntN(3) == 0
	s.mu.Unlock()
	if !busy {
		return s.Store.Put(ctx, thumbs)
	}
	if err := s.Store.Put(ctx, thumbs[:len(thumbs)/2]); err != nil {
		return err
	}
	return ErrBusy
}
