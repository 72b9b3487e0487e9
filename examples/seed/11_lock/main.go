// Lock is the twin of 11_lock.py: ten processes that print, one at a time.
//
// It shows a lock, which F knows as a sync.Locker: with mode threads it would be a sync.Mutex. F prints each line in
// pieces, which do come apart without the lock.
//
//	go run ./examples/seed/11_lock
package main

import (
	"context"
	"fmt"
	"log"
	"sync"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	HelloWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// F runs in ten processes.
func F(i int, l sync.Locker) {
	l.Lock()
	defer l.Unlock()
	fmt.Print("hello ")
	fmt.Print("world ")
	fmt.Println(i)
}

// run has ten processes print.
func run(ctx context.Context) error { return hello(ctx, 10) }

// hello has the ten processes print so many lines.
func hello(ctx context.Context, n int) error {
	return Hello{}.Run(ctx, func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	})
}
