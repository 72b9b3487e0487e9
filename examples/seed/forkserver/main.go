// Forkserver takes processes from a reserve, as Python's start method of that name does.
//
// It shows what becomes of a worker that ends in the middle of an item: its place is taken at once by a process that has
// been started and has made its state before. Python's server forks, so that a new process begins with the modules that
// the server has loaded; a Go process cannot be forked, and so the reserve consists of processes that are ready. Each of
// them has the memory and the time of its start to itself; none has a lock or a thread from before a fork.
//
//	go run ./examples/seed/forkserver
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	HelloWorker()
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "hello")
	if err != nil {
		log.Fatal(err)
	}
	err = run(context.Background(), Hello{Dir: dir})
	os.RemoveAll(dir)
	if err != nil {
		log.Fatal(err)
	}
}

// Book is what each process writes its guests down in.
type Book struct{ *os.File }

// Open makes the book of this process.
func Open(dir string) (Book, error) {
	file, err := os.Create(filepath.Join(dir, fmt.Sprint(os.Getpid())))
	return Book{file}, err
}

// Greeting says who greets.
type Greeting struct {
	Text string
	By   int
}

// Greet greets everybody but Mallory, who ends the process.
func (b Book) Greet(name string) (Greeting, error) {
	if name == "mallory" {
		os.Exit(3)
	}
	_, err := fmt.Fprintln(b, name)
	return Greeting{"hello " + name, os.Getpid()}, err
}

// run prints what guests hear.
func run(ctx context.Context, hello Hello) error {
	pool, err := hello.Start(ctx)
	if err != nil {
		return err
	}
	defer pool.Terminate()
	for _, name := range []string{"bob", "mallory", "eve"} {
		greeting, err := pool.Do(ctx, name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(greeting.Text)
	}
	return pool.Close()
}
