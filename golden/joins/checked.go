package joins

import "github.com/pipegen/pipegen/golden/internal/probe"

// checked is the key of an order that has one.
func checked(n int) (int, error) { return n, probe.At("checked", n) }
