package stages

import (
	"context"
	"iter"
)

// candidates take about the same time each, but for the last, which is no prime.
var candidates = [...]int{112272535095293, 112582705942171, 112272535095293, 115280095190773, 115797848077099, 1099726899285419}

// Candidates yields n numbers.
func Candidates(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(candidates[i%len(candidates)]) {
				return
			}
		}
	}
}

// Prime says whether n is prime, by trial.
func Prime(ctx context.Context, n int) (bool, error) {
	if n < 3 || n%2 == 0 {
		return n == 2, nil
	}
	for i := 3; i*i <= n; i += 2 {
		if n%i == 0 {
			return false, nil
		}
	}
	return true, nil
}

// CountPrime counts an item, and its prime.
func CountPrime(_ context.Context, prime bool) error {
	Total.Items++
	if prime {
		Total.Value++
	}
	return nil
}

// CheckPrimes says whether the run that just ended found the primes among n candidates.
func CheckPrimes(n int) error {
	return checkTotal(Sum{n, uint64(n - n/len(candidates))})
}
