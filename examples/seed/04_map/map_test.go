package main

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	SquaresWorker()
	goleak.VerifyTestMain(m)
}

func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "04_pool_map.py",
		Want:   "[1, 4, 9]\n",
	}.Test(t)
}
