// Package shadows declares what generated code would like to use: the names of packages, as types, variables,
// functions and parameters.
package shadows

import (
	ctxpkg "context"
	"database/sql"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

type (
	context struct{ n int }
	errors  string
	iter    int
	atomic  bool
)

const time = 2

var (
	sync = iter(4)
	slog = atomic(true)
	fmt  = errors("fmt")
)

func runtime(bool) atomic { return slog }

func strconv() int { return time + int(sync) + len(fmt) }

func text(ctx ctxpkg.Context, n int) (context, error) {
	return context{n}, probe.AtContext(ctx, "context", n)
}

func value(c context, ctx *sql.DB, err int) (int, error) { return c.n + err, probe.At("yield", c.n) }

func both(n int) []int {
	_, _ = runtime(true), strconv()
	return []int{n, -n}
}
