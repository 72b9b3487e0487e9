package main

import (
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	PrimesWorker()
	goleak.VerifyTestMain(m)
}

// Python writes True for true.
func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "05_process_pool_primes.py",
		Shape:  strings.ToLower,
		Want: `112272535095293 is prime: true
112582705942171 is prime: true
112272535095293 is prime: true
115280095190773 is prime: true
115797848077099 is prime: true
1099726899285419 is prime: false
`,
	}.Test(t)
}
