// Package switches has stages that lead items to ports by a key.
package switches

import (
	"iter"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers() iter.Seq[int] { return probe.Input("numbers") }

// Size is a named type whose constants a switch has to name, all of them.
type Size int

// The sizes.
const (
	Small Size = iota
	Medium
	Large
)

// beyond makes sizeOf return what is no constant of Size.
var beyond bool

func sizeOf(n int) (Size, error) {
	if beyond {
		return 7, nil
	}
	return Size(n % 3), probe.At("sort", n)
}

// parity gives a key that no case names for every item from 100.
func parity(n int) (string, error) {
	if n >= 100 {
		return "beyond", probe.At("parity", n)
	}
	return [2]string{"even", "odd"}[n%2], probe.At("parity", n)
}

func negative(n int) bool { probe.Visit("sign", n); return n%2 == 1 }

func tenth(n int) int { return n % 10 }

func small(n int) (int, error) { return n, probe.At("small", n) }

func medium(n int) (int, error) { return n + 1000, probe.At("medium", n) }

func large(n int) (int, error) { return n + 2000, probe.At("large", n) }

func collect(n int) (int, error) { return n, probe.At("collect", n) }

func keep(n int) error { return probe.At("keep", n) }

func note(n int) error { return probe.At("note", n) }
