// Package namedqueues has queues that stages name as what they write and read.
package namedqueues

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func evens() iter.Seq[int] { return probe.Input("evens") }

func odds() iter.Seq[int] { return probe.Input("odds") }

func pass(n int) (int, error) { return n, probe.At("pass", n) }

func shift(n int) (int, error) { return n + 1000, probe.At("shift", n) }

func merge(n int) (int, error) { return n, probe.At("merge", n) }

func keep(n int) error { return probe.At("keep", n) }

func note(n int) error { return probe.At("note", n) }
