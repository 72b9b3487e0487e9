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

func merge(n int) (int, error) { return n, probe.At("merge", n) }

func keep(n int) error { return probe.At("keep", n) }

func note(n int) error { return probe.At("note", n) }
