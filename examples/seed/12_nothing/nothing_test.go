package main

import (
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	NegateWorker()
	goleak.VerifyTestMain(m)
}

func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "12_nothing_shared.py",
		Want:   "0\n[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]\n",
	}.Test(t)
}

// The function does assign both, where it is called.
func TestAssigns(t *testing.T) {
	defer func() { num = 0 }()
	list := []int{1, 2}
	F(list)
	if num != 3.1415927 || !slices.Equal(list, []int{-1, -2}) {
		t.Errorf("num = %v, list = %v", num, list)
	}
}
