// Sleepers lets 100,000 calls wait at the same time.
//
// It shows that workers are cheap: the stage has a worker for each of them (sleepers.pipegen.yaml), and what
// each of them waits for could be a slow server, a lock or a person.
//
//	go run ./examples/sleepers [-beds N] [-nap DURATION]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"time"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	log.SetFlags(0)
	var p Sleepers
	flag.IntVar(&p.Beds, "beds", 0, "how many sleep at the same time (default 100000)")
	flag.DurationVar(&p.Nap, "nap", 0, "how long each of them sleeps (default 2s)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := report(ctx, os.Stdout, p); err != nil {
		log.Fatal(err)
	}
}

// report runs the pipeline, whose stream has one item, and prints what the night was like.
func report(ctx context.Context, w io.Writer, p Sleepers) error {
	start := time.Now()
	for night, err := range p.Stream(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%d sleepers slept %v in %v\n", night.Sleepers, night.Slept.Round(time.Second), time.Since(start).Round(time.Millisecond))
		if night.AllAtOnce() {
			fmt.Fprintln(w, "at one moment all of them were asleep")
		} else {
			fmt.Fprintln(w, "at no moment were all of them asleep: give them a longer nap")
		}
	}
	return nil
}
