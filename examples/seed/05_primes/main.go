// Primes is the twin of 05_process_pool_primes.py: worker processes that tell which of some large numbers are prime.
//
// It shows results that come one by one, in the order of the numbers. How fast they come, in this mode and in the other,
// is measured by examples/primes.
//
//	go run ./examples/seed/05_primes
package main

import (
	"context"
	"fmt"
	"log"
	"slices"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

var numbers = []int64{
	112272535095293,
	112582705942171,
	112272535095293,
	115280095190773,
	115797848077099,
	1099726899285419,
}

func main() {
	PrimesWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// run prints what is known of the numbers.
func run(ctx context.Context) error {
	i := 0
	for prime, err := range (Primes{}).Stream(ctx, slices.Values(numbers)) {
		if err != nil {
			return err
		}
		fmt.Printf("%d is prime: %t\n", numbers[i], prime)
		i++
	}
	return nil
}
