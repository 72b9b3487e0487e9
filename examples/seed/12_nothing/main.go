// Nothing is the twin of 12_nothing_shared.py: a process assigns what belongs to the program, and the program does
// not see it.
//
// It shows that worker processes share nothing unless the spec says so, and that pipegen vet warns of it:
//
//	go run ./examples/seed/12_nothing
//	go run ./cmd/pipegen vet ./examples/seed/12_nothing
package main

import (
	"context"
	"fmt"
	"log"
	"slices"
	"strings"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

var (
	num = 0.0
	arr = []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
)

func main() {
	NegateWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// F assigns a variable of its own process, and the elements of a copy.
func F(a []int) {
	num = 3.1415927
	for i := range a {
		a[i] = -a[i]
	}
}

// run has F called with the program's list and prints what the program has then.
func run(ctx context.Context) error {
	if err := (Negate{}).Run(ctx, slices.Values([][]int{arr})); err != nil {
		return err
	}
	fmt.Println(num)
	fmt.Println(strings.ReplaceAll(fmt.Sprint(arr), " ", ", "))
	return nil
}
