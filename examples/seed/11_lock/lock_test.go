package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	HelloWorker()
	goleak.VerifyTestMain(m)
}

// The processes print in any order.
func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "11_lock.py",
		Shape: func(output string) string {
			lines := strings.SplitAfter(output, "\n")
			slices.Sort(lines)
			return strings.Join(lines, "")
		},
		Want: `hello world 0
hello world 1
hello world 2
hello world 3
hello world 4
hello world 5
hello world 6
hello world 7
hello world 8
hello world 9
`,
	}.Test(t)
}

// However often they print, no line has a piece of another.
func TestWholeLines(t *testing.T) {
	const n = 2000
	want := map[string]bool{}
	for i := range n {
		want[fmt.Sprintf("hello world %d\n", i)] = true
	}
	for line := range strings.Lines(twin.Printed(t, func(ctx context.Context) error { return hello(ctx, n) })) {
		if !want[line] {
			t.Errorf("%q", line)
		}
		delete(want, line)
	}
	if len(want) > 0 {
		t.Errorf("%d lines are missing", len(want))
	}
}
