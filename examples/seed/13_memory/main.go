// Memory is the twin of 13_value_array.py: a process assigns a number and an array, and the program sees it.
//
// It shows memory that processes share: its types are fixed, and it is read and written where it is, without a copy.
//
//	go run ./examples/seed/13_memory
package main

import (
	"context"
	"fmt"
	"log"
	"slices"
	"strings"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	NegateWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Number and Array are what F needs of the two.
type (
	Number interface{ Store(float64) }
	Array  interface {
		Len() int
		At(int) int32
		Set(int, int32)
	}
)

// F runs in the process.
func F(pi float64, n Number, a Array) {
	n.Store(pi)
	for i := range a.Len() {
		a.Set(i, -a.At(i))
	}
}

// run prints what the program has when F has returned.
func run(ctx context.Context) error {
	shared := NewNegateShared()
	defer shared.Close()
	for i := range shared.Arr.Len() {
		shared.Arr.Set(i, int32(i))
	}
	if err := (Negate{Shared: shared}).Run(ctx, slices.Values([]float64{3.1415927})); err != nil {
		return err
	}
	fmt.Println(shared.Num.Load())
	fmt.Println(strings.ReplaceAll(fmt.Sprint(shared.Arr.Slice()), " ", ", "))
	return nil
}
