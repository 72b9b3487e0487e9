package threads

// indexed is an item with its position in the input.
type indexed[T any] struct {
	value T
	index int
}

// outcome is an item with its position in the input, or the error that a stage yielded in its place.
type outcome[T any] struct {
	value T
	index int
	err   error
}

func (o *outcome[T]) failed() bool { return o.err != nil }

// countItems is how many of es are items, not errors on their way to the open end, which have been counted where
// they arose.
func countItems[E any](es []E) int {
	n := len(es)
	for i := range es {
		if e, ok := any(&es[i]).(interface{ failed() bool }); ok && e.failed() {
			n--
		}
	}
	return n
}

// failure is an item that met an error. err is the pipeline's own, with the stage and the attempt.
type failure[T any] struct {
	value T
	index int
	err   error
}
