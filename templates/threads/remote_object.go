package threads

import "context"

// remoteObject is how a worker process reaches an object of its parent: by calls of its methods. For each kind of
// object there is one that has the object's interface, and in the parent a service that does what it asks for. A
// worker that ends while it calls leaves nothing behind: the service has the object give back what it had.
type remoteObject struct {
	calls    *calls
	resource int // the number of the hub's offer
}

// call does op. It returns the error of that, or the cause for which ctx has ended first.
func (o remoteObject) call(ctx context.Context, op byte, write func(*encoder), read func(*decoder)) error {
	return o.calls.call(ctx, o.resource, op, write, read)
}

// do does op, for a method that returns no error. What goes wrong is then a panic: a value that cannot be encoded,
// or takes more than max_item.
func (o remoteObject) do(op byte, write func(*encoder), read func(*decoder)) {
	if err := o.call(context.Background(), op, write, read); err != nil {
		panic(err)
	}
}

// itemCodec is how values of type T cross.
type itemCodec[T any] struct {
	encode func(*encoder, *T)
	decode func(*decoder, *T)
}

// next is the value that follows.
func (c itemCodec[T]) next(d *decoder) (v T) {
	c.decode(d, &v)
	return v
}

// encodeMaybe appends v where there is one; nextMaybe reads it.
func (c itemCodec[T]) encodeMaybe(e *encoder, v T, ok bool) {
	if e.bool(ok); ok {
		c.encode(e, &v)
	}
}

func (c itemCodec[T]) nextMaybe(d *decoder) (v T, ok bool) {
	if ok = d.bool(); ok {
		c.decode(d, &v)
	}
	return v, ok
}

func (c itemCodec[T]) encodeAll(e *encoder, items []T) {
	if e.length(len(items), false, 0) {
		for i := range items {
			c.encode(e, &items[i])
		}
	}
}

func (c itemCodec[T]) decodeAll(d *decoder) (items []T) {
	for range d.length(0) {
		if items = append(items, c.next(d)); d.err != nil {
			return nil
		}
	}
	return items
}

// overfull says that what e has been given will not reach the other side.
func overfull(e *encoder) bool { return e.err != nil || e.room() < 0 }
