// Orders prints what each customer has ordered and paid, from a file of orders and a file of payments.
//
// It shows how items find each other (statements.pipegen.yaml). The orders of a customer go to one worker, which numbers
// them in the order of the file and needs no lock for its counters; other customers' go on beside it. A join brings
// orders and payments together, whichever comes first. The statements are those of a sequential program.
//
//	go run ./examples/orders                    # ten orders
//	go run ./examples/orders -n 1000            # so many orders, the same ones every time
//	go run ./examples/orders ORDERS PAYMENTS    # two files such as those in testdata
//
// A join remembers a bounded number of items of each side (-window). Which of the two files is read faster is a matter of
// timing: to miss no payment, the window has to be as wide as the longer file.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

var (
	//go:embed testdata/orders.csv
	fewOrders string
	//go:embed testdata/payments.csv
	fewPayments string
)

func main() {
	log.SetFlags(0)
	n := flag.Int("n", 0, "how many orders to make up")
	window := flag.Int("window", 0, "how many orders and payments wait for each other (default 100000)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	orders, payments, done, err := input(*n, flag.Args())
	if err != nil {
		log.Fatal(err)
	}
	err = report(ctx, os.Stdout, Statements{Orders: orders, Payments: payments, Window: *window})
	if err := errors.Join(err, done()); err != nil {
		log.Fatal(err)
	}
}

// input is what the arguments name, and what to do when it has been read.
func input(n int, args []string) (orders, payments io.Reader, done func() error, err error) {
	nothing := func() error { return nil }
	switch {
	case len(args) == 2:
		orders, err := os.Open(args[0])
		if err != nil {
			return nil, nil, nil, err
		}
		payments, err := os.Open(args[1])
		if err != nil {
			return nil, nil, nil, errors.Join(err, orders.Close())
		}
		return orders, payments, func() error { return errors.Join(orders.Close(), payments.Close()) }, nil
	case len(args) > 0:
		return nil, nil, nil, errors.New("two files are wanted: the orders and the payments")
	case n > 0:
		orders, payments := makeUp(n)
		return strings.NewReader(orders), strings.NewReader(payments), nothing, nil
	}
	return strings.NewReader(fewOrders), strings.NewReader(fewPayments), nothing, nil
}

// report prints the statements of all customers, by name, and what is left over.
func report(ctx context.Context, w io.Writer, s Statements) error {
	stats := new(StatementsStats)
	s.Stats = stats
	statements, err := settle(ctx, s)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	unpaid := 0
	for _, customer := range slices.Sorted(maps.Keys(statements)) {
		fmt.Fprintln(out, customer)
		for _, entry := range statements[customer] {
			if entry.Paid == 0 {
				unpaid++
			}
			fmt.Fprintf(out, "%6d  %-10s %10v  paid %10v\n", entry.No, entry.Order.Number, entry.Amount, entry.Paid)
		}
	}
	fmt.Fprintf(out, "%d orders, %d of them unpaid\n", stats.ReadOrders.Out(), unpaid)
	fmt.Fprintf(out, "%d payments, %d of them for no order\n", stats.ReadPayments.Out(), stats.ReadPayments.Out()-stats.Settle.Out())
	if forgotten := stats.Settle.Filtered(); forgotten > 0 {
		fmt.Fprintf(out, "%d orders and payments were forgotten too early: give a wider -window\n", forgotten)
	}
	return out.Flush()
}

// settle runs the pipeline. Its reduce stage emits one map at the end, so the stream has one item.
func settle(ctx context.Context, s Statements) (map[string]Statement, error) {
	var all map[string]Statement
	for statements, err := range s.Stream(ctx) {
		if err != nil {
			return nil, err
		}
		all = statements
	}
	return all, nil
}
