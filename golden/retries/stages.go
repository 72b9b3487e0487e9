// Package retries makes failed calls again.
package retries

import (
	"context"
	"errors"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// temporary is an error that is worth another attempt.
type temporary struct{ error }

func isTemporary(err error) bool {
	var t temporary
	return errors.As(err, &t)
}

func work(ctx context.Context, n int) (int, error) { return 10 * n, probe.AtContext(ctx, "work", n) }

func numbers() iter.Seq[int] { return probe.Input("numbers") }

func keepAll(n int) (bool, error) { return true, probe.At("keep_all", n) }

func same(n int) (int, bool, error) { return n, true, probe.At("same", n) }

func slice(n int) ([]int, error) { return []int{n}, probe.At("slice", n) }

func sequence(n int) (iter.Seq[int], error) {
	if err := probe.At("sequence", n); err != nil {
		return nil, err
	}
	return func(yield func(int) bool) { yield(n) }, nil
}

// pairs hands out its item before it may fail.
func pairs(n int) iter.Seq2[int, error] {
	return func(yield func(int, error) bool) {
		if !yield(n, nil) {
			return
		}
		if err := probe.Within("pairs", n); err != nil {
			yield(0, err)
		}
	}
}

// broken hands out its item, and then perhaps an error.
func broken(n int) (iter.Seq2[int, error], error) {
	if n < 0 {
		return nil, errors.New("negative")
	}
	return func(yield func(int, error) bool) {
		if err := probe.At("broken", n); err == nil || yield(n, nil) {
			yield(n, err)
		}
	}, nil
}

// emits hands out its item before it may fail.
func emits(n int, emit func(int) error) error {
	if err := emit(n); err != nil {
		return err
	}
	return probe.Within("emits", n)
}

func plain(n int) int {
	probe.Visit("plain", n)
	return n
}

func look(n int) error { return probe.At("look", n) }

func keep(n int) error { return probe.At("keep", n) }

// adder is what add works with.
type adder struct{ calls int }

func newAdder() *adder { return new(adder) }

func add(ctx context.Context, a *adder, left, right int) (int, error) {
	a.calls++
	return (left + right) / 2, probe.AtContext(ctx, "pairs", left)
}

func odd(n int) (bool, error) { return n%2 == 1, probe.At("odd", n) }

func mend(n int, err error) (int, error) {
	if err == nil {
		return 0, errors.New("nothing has failed")
	}
	return 10 * n, probe.At("mend", n)
}

func itself(n int) int { return n }

// next is the key under which ten times a number meets the next one.
func next(n int) int { return n/10 + 1 }

func meet(left, right int) (int, error) { return left, probe.At("meet", left) }
