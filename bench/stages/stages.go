// Package stages holds what a user would write: the functions and the specs of every shape, with the
// files that pipegen generates from them. The peers run the same functions.
//
// A run leaves its result in package variables, as a sink does in a real program that writes
// somewhere. So there is one run at a time: Reset, run, compare.
package stages

import (
	"context"
	"errors"
	"iter"
)

//go:generate go -C ../.. run ./cmd/pipegen generate ./bench/stages

var errNegative = errors.New("negative")

// Ints yields 0, 1, …, n-1.
func Ints(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// The three stages cost about a nanosecond each, so that a table shows what the machinery costs. They
// are not inlined: neither side may profit from knowing what a user's function does.

// A is the first stage.
//
//go:noinline
func A(_ context.Context, x int) (int, error) {
	if x < 0 {
		return 0, errNegative
	}
	return x + 1, nil
}

// B is the second stage.
//
//go:noinline
func B(_ context.Context, x int) (int, error) {
	if x < 0 {
		return 0, errNegative
	}
	return 3 * x, nil
}

const mask = 0x2545f491

// C is the third stage.
//
//go:noinline
func C(_ context.Context, x int) (int, error) {
	if x < 0 {
		return 0, errNegative
	}
	return x ^ mask, nil
}

// Origin undoes the three stages.
func Origin(y int) int { return (y^mask)/3 - 1 }
