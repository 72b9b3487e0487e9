package threads

import "context"

// remoteQueue is a worker's way to a queue.
type remoteQueue[T any] struct {
	remoteObject
	items itemCodec[T]
}

const (
	queuePut = iota
	queueGet
	queueTryPut
	queueTryGet
	queueLen
	queueDone
	queueJoin
	queueClose
)

func newRemoteQueue[T any](c *calls, resource int, encode func(*encoder, *T), decode func(*decoder, *T)) *remoteQueue[T] {
	return &remoteQueue[T]{remoteObject{c, resource}, itemCodec[T]{encode, decode}}
}

func (q *remoteQueue[T]) Put(ctx context.Context, item T) error {
	return q.call(ctx, queuePut, func(e *encoder) { q.items.encode(e, &item) }, nil)
}

func (q *remoteQueue[T]) Get(ctx context.Context) (item T, err error) {
	err = q.call(ctx, queueGet, nil, func(d *decoder) { item = q.items.next(d) })
	return item, err
}

func (q *remoteQueue[T]) TryPut(item T) (ok bool) {
	q.do(queueTryPut, func(e *encoder) { q.items.encode(e, &item) }, func(d *decoder) { ok = d.bool() })
	return ok
}

func (q *remoteQueue[T]) TryGet() (item T, ok bool) {
	q.do(queueTryGet, nil, func(d *decoder) { item, ok = q.items.nextMaybe(d) })
	return item, ok
}

func (q *remoteQueue[T]) Len() (n int) {
	q.do(queueLen, nil, func(d *decoder) { n = d.int() })
	return n
}

func (q *remoteQueue[T]) Done()                          { q.do(queueDone, nil, nil) }
func (q *remoteQueue[T]) Join(ctx context.Context) error { return q.call(ctx, queueJoin, nil, nil) }
func (q *remoteQueue[T]) Close()                         { q.do(queueClose, nil, nil) }

type queueService[T any] struct {
	*localQueue[T]
	codec itemCodec[T]
}

func newQueueService[T any](q *localQueue[T], encode func(*encoder, *T), decode func(*decoder, *T)) queueService[T] {
	return queueService[T]{q, itemCodec[T]{encode, decode}}
}

func (s queueService[T]) serve(ctx context.Context, who party, op byte, d *decoder, e *encoder) error {
	switch op {
	case queuePut, queueTryPut:
		item := s.codec.next(d)
		switch {
		case d.err != nil:
		case op == queuePut:
			return s.Put(ctx, item)
		default:
			e.bool(s.TryPut(item))
		}
	case queueGet:
		item, err := s.get(ctx, who)
		if err != nil {
			return err
		}
		if s.codec.encode(e, &item); overfull(e) {
			s.restore(item, who)
		}
	case queueTryGet:
		item, ok := s.tryGet(who)
		if s.codec.encodeMaybe(e, item, ok); ok && overfull(e) {
			s.restore(item, who)
		}
	case queueLen:
		e.int(s.Len())
	case queueDone:
		s.finish(who)
	case queueJoin:
		return s.Join(ctx)
	case queueClose:
		s.Close()
	default:
		return errFrame
	}
	return nil
}
