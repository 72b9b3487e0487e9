// Package feedback has cycles: items lead to others of the same kind.
package feedback

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func seeds() iter.Seq[int] { return probe.Input("seeds") }

// halves of n are what is to be visited next: the binary tree below n.
func halves(n int) ([]int, error) {
	if n < 2 {
		return nil, probe.At("halves", n)
	}
	return []int{n / 2, (n - 1) / 2}, probe.At("halves", n)
}

func visit(n int) (int, error) { return n, probe.At("visit", n) }

func worth(n int) (bool, error) { return n > 0, probe.At("worth", n) }

func result(n int) (int, error) { return n, probe.At("result", n) }

// down counts down to zero, one round of the cycle a step.
func down(n int) (int, error) { return n - 1, probe.At("down", n) }

func done(n int) string {
	if n <= 0 {
		return "done"
	}
	return "more"
}

func keep(n int) error { return probe.At("keep", n) }
