// Package zips has stages that pair two inputs by position.
package zips

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func left() iter.Seq[int] { return probe.Input("left") }

func right() iter.Seq[int] { return probe.Input("right") }

func pass(n int) (int, error) { return n, probe.At("pass", n) }

func odd(n int) (bool, error) { return n%2 == 1, probe.At("odd", n) }

func double(n int) (int, error) { return 2 * n, probe.At("double", n) }

func pair(a, b int) (int, error) { return 1000*a + b, probe.At("pair", a) }

func keep(n int) error { return probe.At("keep", n) }
