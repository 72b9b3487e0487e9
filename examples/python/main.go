// Python measures the files below a directory with workers written in Python, as many as there are processors.
//
// It shows a stage in another language. The spec names a program and a Go func type that says what the program
// takes and gives; a run starts the processes, hands each one file after another, and replaces those that die. The
// same can be done in Go: -go does that, and the test compares the two.
//
//	cd examples/python
//	go run . [-go] [DIR]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"iter"
	"log"
	"os"
	"os/signal"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	log.SetFlags(0)
	inGo := flag.Bool("go", false, "measure in Go")
	flag.Parse()
	dir := "."
	if flag.NArg() > 0 {
		dir = flag.Arg(0)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	all := Python{Dir: dir}.Stream(ctx)
	if *inGo {
		all = Golang{Dir: dir}.Stream(ctx)
	}
	if err := show(os.Stdout, all); err != nil {
		log.Fatal(err)
	}
}

// show prints a line for each file.
func show(w io.Writer, all iter.Seq2[Stats, error]) error {
	for s, err := range all {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%6d lines %7d words %s %v\n", s.Lines, s.Words, s.Path, s.Top); err != nil {
			return err
		}
	}
	return nil
}
