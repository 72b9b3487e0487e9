// Pool is the twin of 15_pool_api.py: whatever Python's Pool can do.
//
// It shows the methods of a pool. A pool here is one for a function, with the types of that function, and so there are
// three of them; all of their workers are this program, and sleep while there is nothing to do.
//
//	go run ./examples/seed/15_pool
package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log"
	"slices"
	"strings"
	"time"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	SquaresWorker()
	PidsWorker()
	SleepsWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Python's program waits for a second each time. What does come may take longer here where the machine is busy.
const (
	patience = time.Second
	latest   = 20 * time.Second
)

// run prints what Python's program prints.
func run(ctx context.Context) error {
	if err := withPools(ctx); err != nil {
		return err
	}
	fmt.Println("Now the pool is closed and no longer available")
	return nil
}

// withPools is the with-block: what it has started is gone when it returns.
func withPools(ctx context.Context) error {
	squares, err := Squares{}.Start(ctx)
	if err != nil {
		return err
	}
	defer squares.Terminate()
	pids, err := Pids{}.Start(ctx)
	if err != nil {
		return err
	}
	defer pids.Terminate()
	sleeps, err := Sleeps{}.Start(ctx)
	if err != nil {
		return err
	}
	defer sleeps.Terminate()

	// pool.map
	all, err := squares.Map(ctx, slices.Collect(upTo(10)))
	if err != nil {
		return err
	}
	printList(all)

	// pool.imap_unordered
	for square := range squares.Each(ctx, upTo(10)) {
		if square.Err != nil {
			return square.Err
		}
		fmt.Println(square.Out)
	}

	// pool.apply_async and res.get(timeout=1)
	square, err := squares.Submit(ctx, 20)
	if err != nil {
		return err
	}
	if err := printNumber(ctx, square); err != nil {
		return err
	}
	pid, err := pids.Submit(ctx, struct{}{})
	if err != nil {
		return err
	}
	if err := printNumber(ctx, pid); err != nil {
		return err
	}

	// several at once
	several := make([]*PidsFuture, 4)
	for i := range several {
		if several[i], err = pids.Submit(ctx, struct{}{}); err != nil {
			return err
		}
	}
	ids := make([]int, len(several))
	for i, future := range several {
		if ids[i], err = future.Get(ctx); err != nil {
			return err
		}
	}
	printList(ids)

	// TimeoutError
	sleep, err := sleeps.Submit(ctx, 10*time.Second)
	if err != nil {
		return err
	}
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	switch err := sleep.Get(patient); {
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Println("We lacked patience and got a multiprocessing.TimeoutError")
	case err != nil:
		return err
	}
	fmt.Println("For the moment, the pool remains available for more work")
	return nil
}

// upTo counts from 0, as range does in Python.
func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// number is a future whose item comes to a number.
type number interface {
	Get(context.Context) (int, error)
}

// printNumber prints what the future gives.
func printNumber(ctx context.Context, future number) error {
	ctx, cancel := context.WithTimeout(ctx, latest)
	defer cancel()
	n, err := future.Get(ctx)
	if err == nil {
		fmt.Println(n)
	}
	return err
}

// printList prints a list as Python does.
func printList(list []int) {
	fmt.Println(strings.ReplaceAll(fmt.Sprint(list), " ", ", "))
}
