package threads

// either is an element of a join's queue: an item of one of its sides, or an error on its way to the open
// end.
type either[A, B any] struct {
	left    A
	right   B
	isRight bool
	err     error
}

func (e *either[A, B]) failed() bool { return e.err != nil }

// item is the item, for errors.
func (e *either[A, B]) item() any {
	if e.isRight {
		return e.right
	}
	return e.left
}

// joinSide keeps the last items of one side of a join.
type joinSide[K comparable, T any] struct {
	most   int
	byKey  map[K][]T // in the order they came
	keys   []K       // of all that are kept, in the order they came: a ring once it is full
	oldest int       // in keys, once it is full
}

func newJoinSide[K comparable, T any](most int) *joinSide[K, T] {
	return &joinSide[K, T]{most: most, byKey: make(map[K][]T)}
}

// add keeps an item, in the place of the oldest where there are as many as may be: then it returns true.
func (s *joinSide[K, T]) add(key K, item T) (evicted bool) {
	if len(s.keys) < s.most {
		s.keys = append(s.keys, key)
	} else {
		evicted = true
		key, s.keys[s.oldest] = s.keys[s.oldest], key
		if items := s.byKey[key]; len(items) > 1 {
			clear(items[:1]) // not to be kept alive by the array
			s.byKey[key] = items[1:]
		} else {
			delete(s.byKey, key)
		}
		key = s.keys[s.oldest]
		s.oldest = (s.oldest + 1) % s.most
	}
	s.byKey[key] = append(s.byKey[key], item)
	return evicted
}
