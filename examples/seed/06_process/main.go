// Process is the twin of 06_process_info.py: a function that is called in a process of its own.
//
// It shows where a sink in mode processes runs, and that what it prints comes out where the program's own lines do.
//
//	go run ./examples/seed/06_process
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"slices"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	GreetingWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// info prints which process this is.
func info(title string) {
	fmt.Println(title)
	fmt.Println("module name:", "main")
	fmt.Println("parent process:", os.Getppid())
	fmt.Println("process id:", os.Getpid())
}

// Greet greets from where it runs.
func Greet(name string) {
	info("function f")
	fmt.Println("hello", name)
}

// run greets bob.
func run(ctx context.Context) error {
	info("main line")
	return Greeting{}.Run(ctx, slices.Values([]string{"bob"}))
}
