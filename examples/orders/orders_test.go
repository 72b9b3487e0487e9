package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const tenOrders = `ann
     1  A-101           12.50  paid      12.50
     2  A-102            7.20  paid       0.00
     3  A-103           40.00  paid      40.00
     4  A-104           12.50  paid       6.25
bob
     1  B-201           99.00  paid      99.00
     2  B-202           15.90  paid      15.90
     3  B-203           15.90  paid       0.00
cid
     1  C-301         1250.00  paid    1250.00
     2  C-302            0.99  paid       0.00
dot
     1  D-401            3.00  paid       5.00
10 orders, 3 of them unpaid
9 payments, 1 of them for no order
`

// TestWithoutArguments runs the program as its comment says.
func TestWithoutArguments(t *testing.T) {
	orders, payments, done, err := input(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := errors.Join(report(t.Context(), &out, Statements{Orders: orders, Payments: payments}), done()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tenOrders, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// read returns all items of a file.
func read[T any](t *testing.T, items iter.Seq2[T, error]) (all []T) {
	t.Helper()
	for item, err := range items {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, item)
	}
	return all
}

// sequential are the statements as one goroutine makes them, file after file.
func sequential(t *testing.T, orders, payments string) map[string]Statement {
	t.Helper()
	statements := make(map[string]Statement)
	entries := make(map[string]*Entry) // by order
	for _, order := range read(t, ReadOrders(strings.NewReader(orders))) {
		mine := statements[order.Buyer]
		statements[order.Buyer] = append(mine, Entry{Order: order, No: len(mine) + 1})
	}
	for _, statement := range statements {
		for i := range statement {
			entries[statement[i].Order.Number] = &statement[i]
		}
	}
	for _, payment := range read(t, ReadPayments(strings.NewReader(payments))) {
		if entry := entries[payment.For]; entry != nil {
			entry.Paid += payment.Amount
		}
	}
	return statements
}

func TestSameAsALoop(t *testing.T) {
	few := fewOrders
	for name, files := range map[string]func() (string, string){
		"ten":         func() (string, string) { return few, fewPayments },
		"nothing":     func() (string, string) { return "", "" },
		"no payments": func() (string, string) { return few, "" },
		"no orders":   func() (string, string) { return "", fewPayments },
		"one":         func() (string, string) { return makeUp(1) },
		"100":         func() (string, string) { return makeUp(100) },
		"3000":        func() (string, string) { return makeUp(3000) },
	} {
		orders, payments := files()
		want := sequential(t, orders, payments)
		for range 3 {
			stats := new(StatementsStats)
			got, err := settle(t.Context(), Statements{
				Orders: strings.NewReader(orders), Payments: strings.NewReader(payments), Stats: stats,
			})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: the statements differ (-want +got):\n%.2000s", name, diff)
			}
			if forgotten := stats.Settle.Filtered(); forgotten != 0 {
				t.Errorf("%s: %d items forgotten in a window that is wide enough", name, forgotten)
			}
		}
	}
}

// A window that is as wide as the longer file misses nothing. One that is too narrow may miss payments, and nothing
// else, and says so.
func TestWindow(t *testing.T) {
	orders, payments := makeUp(500)
	want := sequential(t, orders, payments)
	longer := max(strings.Count(orders, "\n"), strings.Count(payments, "\n"))
	for _, window := range []int{longer, 1, 7} {
		got, err := settle(t.Context(), Statements{
			Orders: strings.NewReader(orders), Payments: strings.NewReader(payments), Window: window,
		})
		if err != nil {
			t.Fatal(err)
		}
		if window < longer { // put in the payments that were missed
			for customer, statement := range got {
				for i := range statement {
					if full := want[customer][i].Paid; statement[i].Paid < full {
						statement[i].Paid = full
					}
				}
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("window %d: the statements differ (-want +got):\n%.2000s", window, diff)
		}
	}
	var out strings.Builder
	s := Statements{Orders: strings.NewReader(orders), Payments: strings.NewReader(payments), Window: 1}
	if err := report(t.Context(), &out, s); err != nil {
		t.Fatal(err)
	}
	forgotten := fmt.Sprintf("\n%d orders and payments were forgotten", 500+strings.Count(payments, "\n")-2) // all but the last of each
	if !strings.Contains(out.String(), forgotten) {
		t.Errorf("the report has no line %q:\n%s", forgotten, out.String())
	}
}

func TestMakeUp(t *testing.T) {
	orders, payments := makeUp(1000)
	again, payedAgain := makeUp(1000)
	if orders != again || payments != payedAgain {
		t.Error("the same number of orders gave other files")
	}
	unpaid, parts := 0, 0
	for _, statement := range sequential(t, orders, payments) {
		for _, entry := range statement {
			switch entry.Paid {
			case entry.Amount:
				parts++
			case 0:
				unpaid++
			default:
				t.Errorf("%v was paid in part", entry)
			}
		}
	}
	if parts+unpaid != 1000 || unpaid < 100 || unpaid > 300 {
		t.Errorf("%d orders are paid, %d not", parts, unpaid)
	}
}

func TestFiles(t *testing.T) {
	orders, payments, done, err := input(0, []string{"testdata/orders.csv", "testdata/payments.csv"})
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := errors.Join(report(t.Context(), &out, Statements{Orders: orders, Payments: payments}), done()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(tenOrders, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	missing := filepath.Join(t.TempDir(), "missing")
	for _, args := range [][]string{{missing, "testdata/payments.csv"}, {"testdata/orders.csv", missing}} {
		if _, _, _, err := input(0, args); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v: %v; want that a file does not exist", args, err)
		}
	}
	if _, _, _, err := input(0, []string{missing}); err == nil {
		t.Error("one file was taken for two")
	}
}

// A line that cannot be read ends the run with an error that names the stage and the line.
func TestErrors(t *testing.T) {
	for lines, want := range map[string]string{
		"ann,1,2.50\nann,2,much\n":   `statements: read_orders: item 1: line 2: strconv.ParseFloat: parsing "much": invalid syntax`,
		"ann,1,-2.50\n":              "statements: read_orders: item 0: line 1: -2.50 is not an amount of money",
		"ann,1,NaN\n":                "statements: read_orders: item 0: line 1: NaN is not an amount of money",
		"# none\n\nann,1,1\nbob,2\n": "statements: read_orders: item 1: record on line 4: wrong number of fields",
	} {
		_, err := settle(t.Context(), Statements{Orders: strings.NewReader(lines), Payments: strings.NewReader("")})
		var failed *StatementsError
		if !errors.As(err, &failed) || err.Error() != want {
			t.Errorf("%q: %v; want %s", lines, err, want)
		}
	}
	_, err := settle(t.Context(), Statements{Orders: strings.NewReader("ann,1\n"), Payments: strings.NewReader("")})
	if !errors.Is(err, csv.ErrFieldCount) {
		t.Errorf("%v, want %v", err, csv.ErrFieldCount)
	}
}

// endless is a file of orders that has no end.
type endless struct{ lines int }

func (e *endless) Read(p []byte) (int, error) {
	e.lines++
	return copy(p, fmt.Sprintf("ann,%d,1.00\n", e.lines)), nil
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	payments := io.MultiReader(strings.NewReader("500,1.00\n"), readerFunc(func([]byte) (int, error) {
		cancel(enough)
		return 0, os.ErrDeadlineExceeded
	}))
	_, err := settle(ctx, Statements{Orders: new(endless), Payments: payments})
	if err != enough {
		t.Errorf("%v, want the cause of the cancellation", err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }
