// Spawn is the twin of 07_start_method_spawn.py: a process, started anew, that puts a text into a queue.
//
// It shows a source in a process of its own. The queue is the edge between it and the program: it has the type that emit
// takes, ends when the source does, and cannot be left full by a process that is gone.
//
//	go run ./examples/seed/07_spawn
package main

import (
	"context"
	"fmt"
	"log"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	HelloWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Foo runs in the process.
func Foo(emit func(string) error) error { return emit("hello") }

// run prints what comes from the process.
func run(ctx context.Context) error {
	for text, err := range (Hello{}).Stream(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(text)
	}
	return nil
}
