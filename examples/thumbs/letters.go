package main

import (
	"cmp"
	"errors"
	"slices"
	"sync"
)

// Letter says why a picture has no thumbnail.
type Letter struct{ Name, Stage, Reason string }

// Letters are what could not be done.
type Letters struct {
	mu  sync.Mutex
	all []Letter
}

// Bury records what a stage could not do: read a file, encode a picture, or upload thumbnails. Several workers may
// call it at once.
func Bury(stage string, item any, err error, letters *Letters) {
	var failed *ThumbsError
	if errors.As(err, &failed) {
		err = failed.Err // without the position, which depends on timing
	}
	letters.mu.Lock()
	defer letters.mu.Unlock()
	switch item := item.(type) {
	case string:
		letters.all = append(letters.all, Letter{item, stage, err.Error()})
	case Picture:
		letters.all = append(letters.all, Letter{item.Name, stage, err.Error()})
	case []Thumb:
		for _, thumb := range item {
			letters.all = append(letters.all, Letter{thumb.Name, stage, err.Error()})
		}
	}
}

// Sorted returns the letters by name.
func (l *Letters) Sorted() []Letter {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.SortedFunc(slices.Values(l.all), func(a, b Letter) int { return cmp.Compare(a.Name, b.Name) })
}
