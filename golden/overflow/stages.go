// Package overflow has queues that do not let their writers wait, and queues that are not first in, first out.
package overflow

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers() iter.Seq[int] { return probe.Input("numbers") }

// urgency makes larger numbers more urgent, odd ones before even ones.
func urgency(n int) int { return -(n + 100*(n%2)) }

// third puts numbers into classes of three that are equally urgent.
func third(n int) float64 { return float64(n / 3) }

func pass(n int) (int, error) { return n, probe.At("pass", n) }

func keep(n int) error { return probe.At("keep", n) }
