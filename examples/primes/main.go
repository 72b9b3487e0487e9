// Primes tells which of some large numbers are prime, by goroutines and by worker processes.
//
// It shows what a change of mode takes: the specs in threads and processes differ in one line. Both try the numbers
// with one worker and with one for each processor. Python's threads could not make this faster, its processes can
// (primes.py); Go's goroutines run in parallel, and processes cost the time to start them and buy isolation.
//
//	go run ./examples/primes [-times N]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"time"

	"github.com/pipegen/pipegen/examples/primes/processes"
	"github.com/pipegen/pipegen/examples/primes/threads"
)

var numbers = []int64{
	112272535095293,
	112582705942171,
	112272535095293,
	115280095190773,
	115797848077099,
	1099726899285419,
}

func main() {
	processes.PrimesWorker() // does not return in a worker process
	log.SetFlags(0)
	times := flag.Int("times", 20, "how often each number is tried")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := report(ctx, os.Stdout, *times); err != nil {
		log.Fatal(err)
	}
}

// mode is one of the two ways to do the work.
type mode struct {
	name string
	try  func(ctx context.Context, workers int, numbers []int64) ([]bool, error)
}

var modes = []mode{
	{"goroutines", func(ctx context.Context, workers int, numbers []int64) ([]bool, error) {
		return threads.Primes{Workers: workers}.Map(ctx, numbers)
	}},
	{"processes", func(ctx context.Context, workers int, numbers []int64) ([]bool, error) {
		return processes.Primes{Workers: workers}.Map(ctx, numbers)
	}},
}

// time measures a run, the start of its workers included.
func (m mode) time(ctx context.Context, workers int, numbers []int64) (time.Duration, error) {
	start := time.Now()
	_, err := m.try(ctx, workers, numbers)
	return time.Since(start), err
}

// report prints what is known of the numbers, and how long it takes to try each of them so many times.
func report(ctx context.Context, w io.Writer, times int) error {
	verdicts, err := processes.Primes{Workers: runtime.GOMAXPROCS(0)}.Map(ctx, numbers)
	if err != nil {
		return err
	}
	for i, prime := range verdicts {
		fmt.Fprintf(w, "%d is prime: %t\n", numbers[i], prime)
	}
	many := slices.Repeat(numbers, times)
	for _, m := range modes {
		alone, err := m.time(ctx, 1, many)
		if err != nil {
			return err
		}
		together, err := m.time(ctx, runtime.GOMAXPROCS(0), many)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s: %v with one worker, %v with %d: %.1f times as fast\n", m.name,
			alone.Round(time.Millisecond), together.Round(time.Millisecond), runtime.GOMAXPROCS(0), alone.Seconds()/together.Seconds())
	}
	return nil
}
