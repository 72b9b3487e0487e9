// Links checks a list of links, five at a time, each with a timeout.
//
// It shows errors that belong to one item: with on_error: yield a page that is slow, missing or out of
// reach comes out of the pipeline as an error that knows its URL, and the other links go on.
//
//	go run ./examples/links            # checks links to a web site of its own
//	go run ./examples/links FILE       # one URL a line; - reads the standard input
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program even while it waits for its input
	in, done, err := input(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	err = check(ctx, os.Stdout, Links{In: in})
	if err := errors.Join(err, done()); err != nil {
		log.Fatal(err)
	}
}

// check prints a line for each link, in the order in which the answers come.
func check(ctx context.Context, w io.Writer, links Links) error {
	good, bad := 0, 0
	for page, err := range links.Stream(ctx) {
		var failed *LinksError
		switch {
		case err == nil:
			good++
			fmt.Fprintf(w, "ok    %s (%d bytes)\n", page.URL, page.Size)
		case errors.As(err, &failed) && failed.Stage == "fetch":
			bad++
			fmt.Fprintf(w, "bad   %v: %v\n", failed.Item, failed.Err)
		default:
			return err // the run itself is over
		}
	}
	_, err := fmt.Fprintf(w, "%d good, %d bad\n", good, bad)
	return err
}

// input is the list of links that the arguments name, and what to do when it has been read.
func input(args []string) (links io.Reader, done func() error, err error) {
	switch {
	case len(args) == 0:
		list, stop, err := serve()
		return strings.NewReader(list), stop, err
	case args[0] == "-":
		return os.Stdin, func() error { return nil }, nil
	default:
		file, err := os.Open(args[0])
		if err != nil {
			return nil, nil, err
		}
		return file, file.Close, nil
	}
}
