// Package reduces has reduce with every choice of init, key and merge.
package reduces

import (
	"context"
	"iter"
	"strconv"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func numbers(ctx context.Context) iter.Seq2[int, error] { return probe.Input2(ctx, "numbers") }

func pass(n int) (int, error) { return n, probe.At("pass", n) }

func plus(sum, n int) (int, error) { return sum + n, probe.At("sum", n) }

func plusContext(ctx context.Context, sum, n int) (int, error) {
	return sum + n, probe.AtContext(ctx, "sum", n)
}

func hundred() int { return 100 }

func hundredErr(context.Context) (int, error) { return 100, nil }

func parity(n int) string {
	if n%2 == 0 {
		return "even"
	}
	return "odd"
}

func parityErr(_ context.Context, n int) (string, error) { return parity(n), nil }

func total(a, b int) int { return a + b }

// mischief is what a test makes of the functions beside add.
var mischief = func(function string) error { return nil }

func zeroErr() (int, error) { return 0, mischief("init") }

func keyErr(n int) (string, error) { return parity(n), mischief("key") }

func totalErr(_ context.Context, a, b int) (int, error) { return a + b, mischief("merge") }

func show(sum int) (string, error) { return strconv.Itoa(sum), probe.At("show", sum) }

func keep(n int) error { return probe.At("keep", n) }

// set is an accumulator that add changes in place, so that every worker needs one of its own.
type set map[int]int

func empty() set { return set{} }

func collect(s set, n int) (set, error) {
	s[n]++
	return s, probe.At("sum", n)
}

func union(a, b set) set {
	for n, c := range b {
		a[n] += c
	}
	return a
}
