package threads

// The functions here make the codec of a queue's elements from that of their items.

func encodeIndexed[T any](encode func(*encoder, *T)) func(*encoder, *indexed[T]) {
	return func(e *encoder, v *indexed[T]) {
		e.int(v.index)
		encode(e, &v.value)
	}
}

func decodeIndexed[T any](decode func(*decoder, *T)) func(*decoder, *indexed[T]) {
	return func(d *decoder, v *indexed[T]) {
		v.index = d.int()
		decode(d, &v.value)
	}
}

// An error in the place of an item stays in the parent.

func encodeOutcome[T any](encode func(*encoder, *T)) func(*encoder, *outcome[T]) {
	return func(e *encoder, v *outcome[T]) {
		e.int(v.index)
		encode(e, &v.value)
	}
}

func decodeOutcome[T any](decode func(*decoder, *T)) func(*decoder, *outcome[T]) {
	return func(d *decoder, v *outcome[T]) {
		v.index = d.int()
		decode(d, &v.value)
	}
}

func encodeFailure[T any](encode func(*encoder, *T)) func(*encoder, *failure[T]) {
	return func(e *encoder, v *failure[T]) {
		e.int(v.index)
		e.error(v.err)
		encode(e, &v.value)
	}
}

func decodeFailure[T any](decode func(*decoder, *T)) func(*decoder, *failure[T]) {
	return func(d *decoder, v *failure[T]) {
		v.index, v.err = d.int(), d.error()
		decode(d, &v.value)
	}
}

// Of the element of a join's queue the side that the stage writes crosses.

func encodeLeft[A, B any](encode func(*encoder, *A)) func(*encoder, *either[A, B]) {
	return func(e *encoder, v *either[A, B]) { encode(e, &v.left) }
}

func decodeLeft[A, B any](decode func(*decoder, *A)) func(*decoder, *either[A, B]) {
	return func(d *decoder, v *either[A, B]) { decode(d, &v.left) }
}

func encodeRight[A, B any](encode func(*encoder, *B)) func(*encoder, *either[A, B]) {
	return func(e *encoder, v *either[A, B]) { encode(e, &v.right) }
}

func decodeRight[A, B any](decode func(*decoder, *B)) func(*decoder, *either[A, B]) {
	return func(d *decoder, v *either[A, B]) {
		v.isRight = true
		decode(d, &v.right)
	}
}

// encodeInner makes the codec of what stands between two fused stages.
func encodeInner[T any](encode func(*encoder, *T)) func(*encoder, any) {
	return func(e *encoder, v any) {
		item, _ := v.(T)
		encode(e, &item)
	}
}

func decodeInner[T any](decode func(*decoder, *T)) func(*decoder) any {
	return func(d *decoder) any {
		var item T
		decode(d, &item)
		return item
	}
}
