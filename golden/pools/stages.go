// Package pools has pipelines that serve single items: with results, with a sink at the end, with filters, in
// order, and with errors that a run would not end with.
package pools

import (
	"context"
	"strconv"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func convert(ctx context.Context, n int) (string, error) {
	return strconv.Itoa(n), probe.AtContext(ctx, "convert", n)
}

func store(ctx context.Context, n int) error {
	return probe.AtContext(ctx, "store", n)
}

func seen(ctx context.Context, n int) {
	probe.VisitContext(ctx, "seen", n)
}

func even(n int) bool {
	probe.Visit("even", n)
	return n%2 == 0
}

// half is of multiples of 4 only.
func half(ctx context.Context, n int) (int, bool, error) {
	return n / 2, n%4 == 0, probe.AtContext(ctx, "half", n)
}

func bury(_ context.Context, stage string, item int, _ error) error {
	return probe.At("bury "+stage, item)
}

// digit is the last one; it panics where the test wants that.
func digit(n int) int {
	probe.Visit("digit", n)
	return n % 10
}

// conn is what each worker of a pool makes for itself.
type conn struct{}

func connect(ctx context.Context) (conn, error) {
	return conn{}, probe.AtContext(ctx, "connect", 0)
}

func (conn) ask(ctx context.Context, n int) (string, error) {
	return strconv.Itoa(n), probe.AtContext(ctx, "ask", n)
}

func (conn) Close() error { return probe.At("close", 0) }
