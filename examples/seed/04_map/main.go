// Map is the twin of 04_pool_map.py: five worker processes that square three numbers.
//
//	go run ./examples/seed/04_map
package main

import (
	"context"
	"fmt"
	"log"
	"strings"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	SquaresWorker() // does not return in a worker process: what if __name__ == '__main__' is for in Python
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Square is what the workers do.
func Square(x int) int { return x * x }

// run prints the squares as Python does.
func run(ctx context.Context) error {
	squares, err := Squares{}.Map(ctx, []int{1, 2, 3})
	if err != nil {
		return err
	}
	fmt.Println(strings.ReplaceAll(fmt.Sprint(squares), " ", ", "))
	return nil
}
