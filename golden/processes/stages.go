// Package processes holds stages that run in worker processes.
package processes

import (
	"iter"
)

var kept []int

func numbers() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range 100_000 {
			if !yield(i) {
				return
			}
		}
	}
}

func isPrime(n int) bool {
	for d := 2; d*d <= n; d++ {
		if n%d == 0 {
			return false
		}
	}
	return n > 1
}

func double(n int) (int, error) { return 2 * n, nil }

func keep(n int) { kept = append(kept, n) }
