// Package shapes has generic types of another package.
package shapes

// Box holds one value.
type Box[T any] struct{ Value T }

// Wrap puts v into a box.
func Wrap[T any](v T) Box[T] { return Box[T]{v} }
