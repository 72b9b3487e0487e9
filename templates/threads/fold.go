package threads

import "sync"

// fold joins what the workers of a reduce stage have folded, two parts at a time and without a lock around
// merge, so that workers merge in parallel.
type fold[A any] struct {
	slots int

	mu     sync.Mutex
	value  A
	parts  int  // workers whose results value holds; 0: it is taken
	filled bool // value holds a result: a worker without items has none
}

func newFold[A any](slots int) *fold[A] { return &fold[A]{slots: slots} }

// join adds the result of a worker, if filled. The last one gets the result of all, and whether there is
// any. merge must be associative and commutative.
func (f *fold[A]) join(value A, filled bool, merge func(a, b A) (A, error)) (whole A, some, last bool, err error) {
	parts := 1
	for {
		f.mu.Lock()
		if parts == f.slots { // value is that of all: of none, where no worker had an item
			f.mu.Unlock()
			return value, filled, true, nil
		}
		if f.parts == 0 {
			f.value, f.parts, f.filled = value, parts, filled
			f.mu.Unlock()
			return whole, false, false, nil
		}
		other, otherFilled := f.value, f.filled
		parts += f.parts
		f.value, f.parts, f.filled = whole, 0, false
		f.mu.Unlock()
		if !filled {
			value, filled = other, otherFilled
		} else if otherFilled {
			if value, err = merge(other, value); err != nil {
				return whole, false, false, err
			}
		}
	}
}

// mergeMaps merges maps of results, key by key, into the larger one.
func mergeMaps[K comparable, A any](merge func(a, b A) (A, error)) func(a, b map[K]A) (map[K]A, error) {
	return func(into, from map[K]A) (map[K]A, error) {
		if len(into) < len(from) {
			into, from = from, into
		}
		for key, b := range from {
			if a, ok := into[key]; ok {
				var err error
				if b, err = merge(a, b); err != nil {
					return nil, err
				}
			}
			into[key] = b
		}
		return into, nil
	}
}
