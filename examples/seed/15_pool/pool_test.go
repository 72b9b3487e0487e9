package main

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	SquaresWorker()
	PidsWorker()
	SleepsWorker()
	goleak.VerifyTestMain(m)
}

// The squares of imap_unordered come in any order, and process ids are what they are.
func TestLikePython(t *testing.T) {
	unordered := regexp.MustCompile(`(?m)^(\d+\n){10}`)
	ids := regexp.MustCompile(`(400\n)\d+\n\[\d+, \d+, \d+, \d+\]\n`)
	twin.Pair{
		Go:     run,
		Python: "15_pool_api.py",
		Shape: func(output string) string {
			output = unordered.ReplaceAllStringFunc(output, func(squares string) string {
				lines := strings.SplitAfter(squares, "\n")
				slices.Sort(lines)
				return strings.Join(lines, "")
			})
			return ids.ReplaceAllString(output, "${1}pid\n[pid, pid, pid, pid]\n")
		},
		Want: `[0, 1, 4, 9, 16, 25, 36, 49, 64, 81]
0
1
16
25
36
4
49
64
81
9
400
pid
[pid, pid, pid, pid]
We lacked patience and got a multiprocessing.TimeoutError
For the moment, the pool remains available for more work
Now the pool is closed and no longer available
`,
	}.Test(t)
}

// apply is Do.
func TestDo(t *testing.T) {
	pool, err := Squares{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if square, err := pool.Do(t.Context(), 12); square != 144 || err != nil {
		t.Errorf("%d, error %v", square, err)
	}
}

// A pool that is closed takes nothing, and says how it was closed.
func TestClosed(t *testing.T) {
	for _, c := range []struct {
		end  func(*SquaresPool) error
		want error
	}{
		{(*SquaresPool).Close, ErrSquaresClosed},
		{(*SquaresPool).Terminate, ErrSquaresTerminated},
	} {
		pool, err := Squares{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.end(pool); err != nil {
			t.Error(err)
		}
		if _, err := pool.Submit(t.Context(), 1); !errors.Is(err, c.want) {
			t.Errorf("error %v, want %v", err, c.want)
		}
	}
}

// Terminate does not wait for what cannot be woken: it ends the process.
func TestTerminate(t *testing.T) {
	pool, err := Sleeps{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Terminate()
	began := time.Now()
	future, err := pool.Submit(t.Context(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if err := future.Get(impatient); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	if err := pool.Terminate(); err != nil {
		t.Error(err)
	}
	if err := future.Get(t.Context()); !errors.Is(err, ErrSleepsTerminated) {
		t.Errorf("error %v", err)
	}
	if took := time.Since(began); took > time.Minute {
		t.Errorf("it took %v", took)
	}
}
