package processes

import (
	"os"
	"testing"
)

func TestMain(m *testing.M) {
	PrimesWorker()
	os.Exit(m.Run())
}

func TestPrimes(t *testing.T) {
	var stats PrimesStats
	if err := (Primes{Stats: &stats}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(kept) != 9592 {
		t.Errorf("%d primes", len(kept))
	}
	t.Log(stats.String())
}
