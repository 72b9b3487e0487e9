// Package joins has stages that join two inputs by key.
package joins

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func orders() iter.Seq[int] { return probe.Input("orders") }

func payments() iter.Seq[int] { return probe.Input("payments") }

func pass(n int) (int, error) { return n, probe.At("pass", n) }

func self(n int) int { return n }

func half(n int) int { return n / 2 }

func same(int) bool { return true }

func match(order, payment int) (int, error) {
	return 1000*order + payment, probe.At("match", order)
}

func keep(n int) error { return probe.At("keep", n) }
