// Package ratelimits lets calls begin at a rate.
package ratelimits

import (
	"context"
	"errors"
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var errTemporary = errors.New("temporary")

func isTemporary(err error) bool { return errors.Is(err, errTemporary) }

// host is the key of an item: there are three.
func host(n int) int { return n % 3 }

func work(ctx context.Context, n int) (int, error) { return 10 * n, probe.AtContext(ctx, "work", n) }

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func produce(ctx context.Context, emit func(int) error) error {
	return probe.InputEmitErr(ctx, "produce", emit)
}

func keepAll(n int) bool {
	probe.Visit("keep_all", n)
	return true
}

func same(n int) (int, bool, error) { return n, true, probe.At("same", n) }

func slice(n int) []int {
	probe.Visit("slice", n)
	return []int{n}
}

func sequence(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		probe.Visit("sequence", n)
		yield(n)
	}
}

func emits(n int, emit func(int) error) error {
	if err := probe.At("emits", n); err != nil {
		return err
	}
	return emit(n)
}

func look(n int) { probe.Visit("look", n) }

func keep(n int) error { return probe.At("keep", n) }
