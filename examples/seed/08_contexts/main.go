// Contexts is the twin of 08_get_context.py: a text from a process that is started in a way of its own.
//
// It shows two start methods side by side: each stage has its own. What goes from one to the other are copies, so nothing
// that belongs to one method can reach a process of the other.
//
//	go run ./examples/seed/08_contexts
package main

import (
	"context"
	"fmt"
	"log"
	"os"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	HelloWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Greeting is a text with the ids of the processes that it has come through.
type Greeting struct {
	Text string
	By   []int
}

// Foo runs in a process that is spawned.
func Foo(emit func(Greeting) error) error {
	return emit(Greeting{"hello", []int{os.Getpid()}})
}

// Pass runs in a process that comes from the reserve.
func (g Greeting) Pass() Greeting {
	g.By = append(g.By, os.Getpid())
	return g
}

// run prints what comes from the processes.
func run(ctx context.Context) error {
	for greeting, err := range (Hello{}).Stream(ctx) {
		if err != nil {
			return err
		}
		fmt.Println(greeting.Text)
	}
	return nil
}
