// Manager is the twin of 14_manager.py: a process changes a dictionary and a list that the program keeps.
//
// It shows a map and a list that stay in the program, while worker processes call their methods. Reversing the list is
// one step for all others, which Python's reverse happens to be and a loop over its elements would not.
//
//	go run ./examples/seed/14_manager
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
	ManagerWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Dict and List are what F needs of the two.
type (
	Dict interface{ Set(key, value Scalar) }
	List interface{ UpdateAll(func([]int) []int) }
)

// F runs in the process.
func F(one string, d Dict, l List) {
	d.Set(Scalar{Number: 1}, Scalar{Text: one})
	d.Set(Scalar{Text: "2"}, Scalar{Number: 2})
	d.Set(Scalar{Number: 0.25}, Scalar{})
	l.UpdateAll(func(numbers []int) []int {
		slices.Reverse(numbers)
		return numbers
	})
}

// run prints what the program has when F has returned.
func run(ctx context.Context) error {
	shared := NewManagerShared()
	defer shared.Close()
	shared.L.Append(0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
	if err := (Manager{Shared: shared}).Run(ctx, slices.Values([]string{"1"})); err != nil {
		return err
	}
	fmt.Println(dict(shared.D.Snapshot()))
	fmt.Println(strings.ReplaceAll(fmt.Sprint(shared.L.Snapshot()), " ", ", "))
	return nil
}
