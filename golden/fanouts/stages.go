// Package fanouts has stages with several readers.
package fanouts

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers() iter.Seq[int] { return probe.Input("numbers") }

func pass(n int) (int, error) { return n, probe.At("pass", n) }

func lower(n int) (int, error) { return n, probe.At("lower", n) }

func upper(n int) (int, error) { return n + 1000, probe.At("upper", n) }

func tenth(n int) int { return n % 10 }

// parityOf and rankOf are called by those who write, for the stages note and mark.
func parityOf(n int) int { probe.Visit("parityOf", n); return n % 2 }

func rankOf(n int) int { probe.Visit("rankOf", n); return -n }

func merge(n int) (int, error) { return n, probe.At("merge", n) }

func keep(n int) error { return probe.At("keep", n) }

func note(n int) error { return probe.At("note", n) }

func mark(n int) error { return probe.At("mark", n) }
