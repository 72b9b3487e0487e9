// Package partitions has stages whose workers each have keys of their own.
package partitions

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers() iter.Seq[int] { return probe.Input("numbers") }

// emitAll does not heed the error of emit.
func emitAll(emit func(int) error) {
	for n := range probe.Input("emit_all") {
		_ = emit(n)
	}
}

func tenth(n int) int { return n % 10 }

// parityOf fails as a key function can: it panics for 13.
func parityOf(n int) string {
	probe.Visit("parityOf", n)
	return [2]string{"even", "odd"}[n%2]
}

func work(n int) (int, error) { return n, probe.At("work", n) }

func each(n int) ([]int, error) { return []int{n}, probe.At("work", n) }

func keep(n int) error { return probe.At("keep", n) }

func bury(stage string, n int, err error) { probe.Visit("bury", n) }
