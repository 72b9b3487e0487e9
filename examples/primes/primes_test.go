package main

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/primes/processes"
)

func TestMain(m *testing.M) {
	processes.PrimesWorker()
	goleak.VerifyTestMain(m)
}

// The two specs differ in the line that says the mode.
func TestOneLine(t *testing.T) {
	spec := func(mode string) string {
		text, err := os.ReadFile(filepath.Join(mode, "primes.pipegen.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	inThreads := spec("threads")
	changed := strings.Replace(inThreads, "\nmode: threads\n", "\nmode: processes\n", 1)
	if changed == inThreads || changed != spec("processes") {
		t.Errorf("the specs differ in more or less than the mode:\n%s\n%s", inThreads, spec("processes"))
	}
}

// Both give the same verdicts in the same order, which are those of math/big.
func TestModesAgree(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	tried := []int64{-3, 0, 1, 2, 3, 4, 9, 25, 1<<31 - 1, 1_000_003 * 1_000_003}
	for range 500 {
		tried = append(tried, random.Int64N(1_000_000_000))
	}
	var want []bool
	for _, n := range tried {
		want = append(want, n > 1 && big.NewInt(n).ProbablyPrime(0)) // exact below 2⁶⁴
	}
	for _, m := range modes {
		for _, workers := range []int{1, 3} {
			if got, err := m.try(t.Context(), workers, tried); err != nil || !slices.Equal(got, want) {
				t.Errorf("%s, %d workers: error %v, or verdicts that are not those of math/big", m.name, workers, err)
			}
		}
	}
}

// The report begins as Python's does.
func TestLikePython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip(err)
	}
	want, err := exec.Command(python, "primes.py").Output()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := report(t.Context(), &got, 1); err != nil {
		t.Fatal(err)
	}
	lines := strings.ToLower(string(want))
	took, found := strings.CutPrefix(got.String(), lines)
	times := regexp.MustCompile(`^goroutines: .* times as fast\nprocesses: .* times as fast\n$`)
	if !found || !times.MatchString(took) {
		t.Errorf("the report is\n%swant\n%sand the times", got.String(), lines)
	}
}

// A number of workers that makes no sense is an error before any process is started.
func TestNoWorkers(t *testing.T) {
	for _, m := range modes {
		if _, err := m.try(t.Context(), -1, numbers); err == nil || err.Error() != "primes: param workers: -1: must be more than zero" {
			t.Errorf("%s: error %v", m.name, err)
		}
	}
}
