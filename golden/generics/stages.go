// Package generics has generic functions, instantiated from the item's type or explicitly.
package generics

import (
	"context"
	"fmt"
	"iter"

	"github.com/pipegen/pipegen/golden/generics/shapes"
	"github.com/pipegen/pipegen/golden/internal/probe"
)

// Pair is two values of one type.
type Pair[T any] struct{ A, B T }

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

// Twin makes a pair of v and v.
func Twin[T any](v T) (Pair[T], error) { return Pair[T]{v, v}, probe.At("twin", 0) }

// Alike says whether both values are equal.
func Alike[T comparable](p Pair[T]) bool { return p.A == p.B }

// Both takes a pair apart.
func Both[T any](p Pair[T]) iter.Seq[T] {
	return func(yield func(T) bool) { _ = yield(p.A) && yield(p.B) }
}

// Seen is a tap of anything.
func Seen[T any](ctx context.Context, _ T) error { return probe.AtContext(ctx, "seen", 0) }

// Count counts anything.
func Count[T any](n int, _ T) int { return n + 1 }

// Keep is a sink of anything that can be printed.
func Keep[T ~int | ~string](v T) error { return probe.At("keep", int(fmt.Sprint(v)[0]-'0')) }

// Convert formats and scans: Out must be written, In is the item's.
func Convert[Out, In any](in In) (Out, error) {
	var out Out
	_, err := fmt.Sscan(fmt.Sprint(in), &out)
	return out, err
}

// Unwrap takes a value out of its box.
func Unwrap[T any](b shapes.Box[T], add shapes.Box[int]) (string, error) {
	return fmt.Sprint(b.Value, "+", add.Value), probe.At("unwrap", add.Value)
}

// Each is the identity of slices.
func Each[S ~[]E, E any](s S) []E { return s }

// Add is both what takes a number in and what merges two sums.
func Add[N int | float64](sum, n N) N { return sum + n }

func Zero[N int | float64]() N { return 0 }
