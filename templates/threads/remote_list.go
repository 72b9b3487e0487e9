package threads

import "context"

// remoteList is a worker's way to a list.
type remoteList[T any] struct {
	remoteObject
	updaters
	items itemCodec[T]
}

const (
	listLen = iota
	listAt
	listSet
	listAppend
	listPop
	listBegin
	listEnd
	listBeginAll
	listEndAll
	listSnapshot
)

func newRemoteList[T any](c *calls, resource int, encode func(*encoder, *T), decode func(*decoder, *T)) *remoteList[T] {
	return &remoteList[T]{remoteObject: remoteObject{c, resource}, items: itemCodec[T]{encode, decode}}
}

func (l *remoteList[T]) Len() (n int) {
	l.do(listLen, nil, func(d *decoder) { n = d.int() })
	return n
}

func (l *remoteList[T]) At(i int) (v T) {
	l.do(listAt, func(e *encoder) { e.int(i) }, func(d *decoder) { v = l.items.next(d) })
	return v
}

func (l *remoteList[T]) Set(i int, v T) {
	l.check()
	l.do(listSet, func(e *encoder) {
		e.int(i)
		l.items.encode(e, &v)
	}, nil)
}

func (l *remoteList[T]) Append(v ...T) {
	l.check()
	l.do(listAppend, func(e *encoder) { l.items.encodeAll(e, v) }, nil)
}

func (l *remoteList[T]) Pop() (v T, ok bool) {
	l.check()
	l.do(listPop, nil, func(d *decoder) { v, ok = l.items.nextMaybe(d) })
	return v, ok
}

func (l *remoteList[T]) Update(i int, f func(T) T) {
	defer l.leave(l.enter())
	var v T
	var begun, returned bool
	defer func() {
		if begun {
			l.end(listEnd, returned, func(e *encoder) {
				e.int(i)
				l.items.encode(e, &v)
			})
		}
	}()
	l.do(listBegin, func(e *encoder) { e.int(i) }, func(d *decoder) {
		begun = true
		v = l.items.next(d)
	})
	v = f(v)
	returned = true
}

func (l *remoteList[T]) UpdateAll(f func([]T) []T) {
	defer l.leave(l.enter())
	var items []T
	var begun, returned bool
	defer func() {
		if begun {
			l.end(listEndAll, returned, func(e *encoder) { l.items.encodeAll(e, items) })
		}
	}()
	l.do(listBeginAll, nil, func(d *decoder) {
		begun = true
		items = l.items.decodeAll(d)
	})
	items = f(items)
	returned = true
}

// end gives the lease back. Where write, what has changed, cannot be sent that is all it does, before it panics.
func (l *remoteList[T]) end(op byte, changed bool, write func(*encoder)) {
	err := l.call(context.Background(), op, func(e *encoder) {
		if e.bool(changed); changed {
			write(e)
		}
	}, nil)
	if err != nil && changed {
		l.end(op, false, nil)
	}
	if err != nil {
		panic(err)
	}
}

func (l *remoteList[T]) Snapshot() (items []T) {
	l.do(listSnapshot, nil, func(d *decoder) { items = l.items.decodeAll(d) })
	return items
}

type listService[T any] struct {
	*localList[T]
	codec itemCodec[T]
}

func newListService[T any](l *localList[T], encode func(*encoder, *T), decode func(*decoder, *T)) listService[T] {
	return listService[T]{l, itemCodec[T]{encode, decode}}
}

func (s listService[T]) serve(ctx context.Context, who party, op byte, d *decoder, e *encoder) error {
	switch op {
	case listLen:
		e.int(s.Len())
	case listAt:
		v := s.At(d.int())
		s.codec.encode(e, &v)
	case listSet:
		i, v := d.int(), s.codec.next(d)
		if d.err == nil {
			return s.set(ctx, who, i, v)
		}
	case listAppend:
		v := s.codec.decodeAll(d)
		if d.err == nil {
			return s.add(ctx, who, v)
		}
	case listPop:
		return s.pop(ctx, who, func(v T, ok bool) bool {
			s.codec.encodeMaybe(e, v, ok)
			return !overfull(e)
		})
	case listSnapshot:
		s.codec.encodeAll(e, s.Snapshot())
	case listBegin:
		v, err := s.begin(ctx, who, d.int())
		if err != nil {
			return err
		}
		if s.codec.encode(e, &v); overfull(e) {
			s.end(nil, false)
		}
	case listBeginAll:
		items, err := s.beginAll(ctx, who)
		if err != nil {
			return err
		}
		if s.codec.encodeAll(e, items); overfull(e) {
			s.end(nil, false)
		}
	case listEnd:
		var i int
		var v T
		changed := d.bool()
		if changed {
			i, v = d.int(), s.codec.next(d)
		}
		if d.err == nil {
			s.end(func() { s.items[i] = v }, changed)
		}
	case listEndAll:
		var items []T
		changed := d.bool()
		if changed {
			items = s.codec.decodeAll(d)
		}
		if d.err == nil {
			s.end(func() { s.items = items }, changed)
		}
	default:
		return errFrame
	}
	return nil
}
