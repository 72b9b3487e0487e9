// Bench prints one table: pipegen beside its peers and beside the limit, shape by shape.
//
//	go -C bench run .                  every shape
//	go -C bench run . -shape T1,T4     some
//	go -C bench run . -rounds 15       narrower intervals
//
// An absolute time says nothing on a shared machine, so read the ratios. All sides of a shape run in one
// process, in every round each in a new random order; a ratio is the median of the rounds' ratios with
// its 95% interval. What a run has computed is checked before its time counts. A peer runs with its
// defaults and tuned, and the better one is shown.
//
// Peak memory is that of a process that runs this side alone, above what the process had before.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strings"
)

func main() {
	children()
	rounds := flag.Int("rounds", 9, "how often every side of a shape is measured; six or more give an interval")
	only := flag.String("shape", "", "comma-separated `shapes`, such as T1,T4; all if empty")
	items := flag.Int("n", 1_000_000, "`items` of a run, in the shapes that stream as fast as they can")
	alone := flag.String("alone", "", "run `shape/side/variant` once, alone, and print its peak memory in bytes")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, *rounds, *only, *items, *alone)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, rounds int, only string, items int, alone string) error {
	if flag.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if rounds < 1 || items < 1000 {
		return errors.New("-rounds must be at least 1 and -n at least 1000")
	}
	all := shapes(items)
	if alone != "" {
		return runAlone(ctx, all, alone)
	}
	chosen, err := choose(all, only)
	if err != nil {
		return err
	}
	var t table
	var failed error // of shapes that could not be measured; the table has the others
	for _, s := range chosen {
		r, err := measure(ctx, s, rounds)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.id, err))
			continue
		}
		t.add(r)
	}
	fmt.Printf("%d cores, %s %s/%s, %d rounds\n\n", runtime.GOMAXPROCS(0), runtime.Version(), runtime.GOOS, runtime.GOARCH, rounds)
	return errors.Join(failed, t.print(os.Stdout))
}

// choose returns the shapes that the comma-separated list names, all for an empty list.
func choose(all []shape, list string) ([]shape, error) {
	if list == "" {
		return all, nil
	}
	var chosen []shape
	for id := range strings.SplitSeq(list, ",") {
		i := slices.IndexFunc(all, func(s shape) bool { return strings.EqualFold(s.id, id) })
		if i < 0 {
			var ids []string
			for _, s := range all {
				ids = append(ids, s.id)
			}
			return nil, fmt.Errorf("no shape %q; there are %s", id, strings.Join(ids, ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}
