package main

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	ManagerWorker()
	goleak.VerifyTestMain(m)
}

// A dictionary of Python is in the order in which it was filled, a map in none: its entries are compared sorted.
func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "14_manager.py",
		Shape: func(output string) string {
			d, l, _ := strings.Cut(output, "\n")
			entries := strings.Split(strings.Trim(d, "{}"), ", ")
			slices.Sort(entries)
			return strings.Join(entries, ", ") + "\n" + l
		},
		Want: "'2': 2, 0.25: None, 1: '1'\n[9, 8, 7, 6, 5, 4, 3, 2, 1, 0]\n",
	}.Test(t)
}
