// Package hazards has pipelines in the situations in which libraries for the same purpose hang, leak, lose items
// or go on after an error.
package hazards

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers() iter.Seq[int] { return probe.Input("numbers") }

// endless never ends by itself.
func endless() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; yield(i); i++ {
			probe.Visit("endless", i)
		}
	}
}

func work(n int) (int, error) { return n, probe.At("work", n) }

func keep(n int) error { return probe.At("keep", n) }

func keepAll(batch []int) error { return probe.At("keep_all", len(batch)) }
