//go:build unix

package processfaults

import (
	"cmp"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func TestMain(m *testing.M) {
	AgainWorker()
	BuryWorker()
	CrewWorker()
	EndsWorker()
	FusedWorker()
	InstantWorker()
	LineWorker()
	OutputsWorker()
	RenewedWorker()
	SieveWorker()
	SlowWorker()
	SpillWorker()
	StopWorker()
	StubbornWorker()
	WorkWorker()
	if verb := os.Getenv("TEST_PARENT"); verb != "" {
		parent(verb)
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // the ends of workers are not to be waited for
	os.Exit(m.Run())
}

// begin prepares a test, which must leave nothing behind.
func begin(t *testing.T) {
	t.Helper()
	probe.NothingLeft(t)
	buried = nil
}

// outcome is what has become of a list of jobs.
type outcome struct {
	done []Done
	errs []error
}

// end collects what comes out of a stream.
func end(stream iter.Seq2[Done, error]) (o outcome) {
	for d, err := range stream {
		if err != nil {
			o.errs = append(o.errs, err)
		} else {
			o.done = append(o.done, d)
		}
	}
	slices.SortFunc(o.done, func(a, b Done) int { return cmp.Compare(a.N, b.N) })
	return o
}

// numbers are the numbers of the jobs that are done.
func (o outcome) numbers() (ns []int) {
	for _, d := range o.done {
		ns = append(ns, d.N)
	}
	return ns
}

// pids are the processes that have done them, each once, in the order of the jobs.
func (o outcome) pids() (pids []int) {
	for _, d := range o.done {
		if !slices.Contains(pids, d.Pid) {
			pids = append(pids, d.Pid)
		}
	}
	return pids
}

// work does the jobs that the words say, by w, and checks that each ended once.
func work(t *testing.T, w Work, words ...string) outcome {
	t.Helper()
	var stats WorkStats
	w.Stats, w.Log = &stats, probe.Quiet
	o := end(w.Stream(t.Context(), script(words...)))
	check(t, &stats, len(words), o)
	return o
}

// again is work by Again.
func again(t *testing.T, words ...string) (o outcome, stats *AgainStats) {
	t.Helper()
	stats = new(AgainStats)
	o = end(Again{Stats: stats, Log: probe.Quiet}.Stream(t.Context(), script(words...)))
	check(t, stats, len(words), o)
	return o, stats
}

// check checks that each of n jobs has ended once.
func check(t *testing.T, stats probe.Stats, n int, o outcome) {
	t.Helper()
	probe.Read(stats).Conserved(t, nil)
	if len(o.done)+len(o.errs)+len(buried) != n || len(slices.Compact(o.numbers())) != len(o.done) {
		t.Errorf("%d jobs: done %v, errors %v, buried %v", n, o.numbers(), o.errs, buried)
	}
}

// script are jobs of which the words say what to do.
func script(words ...string) iter.Seq[Job] {
	return func(yield func(Job) bool) {
		for n, do := range words {
			if !yield(Job{N: n, Do: do}) {
				return
			}
		}
	}
}

// plain are n jobs without trouble.
func plain(n int) []string { return make([]string, n) }

// the only error, which must be one of the pipeline's about job n, and say each of the texts.
func (o outcome) wantError(t *testing.T, n int, texts ...string) error {
	t.Helper()
	if len(o.errs) != 1 {
		t.Fatalf("%d errors: %v", len(o.errs), o.errs)
	}
	err := o.errs[0]
	var w *WorkError
	if errors.As(err, &w) && (w.Stage != "do" || w.Index != n || w.Item.(Job).N != n) {
		t.Errorf("error of stage %s, item %d %v, want %d", w.Stage, w.Index, w.Item, n)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q: %v", text, err)
		}
	}
	return err
}

// want fails the test where got is something else.
func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s: %s, want %s", what, g, w)
	}
}

// upTo is 0, 1, … n-1 without some.
func upTo(n int, without ...int) (ns []int) {
	for i := range n {
		if !slices.Contains(without, i) {
			ns = append(ns, i)
		}
	}
	return ns
}

// eventually waits until what is true.
func eventually(t *testing.T, what string, true func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 10 s: %s", what)
		}
	}
}

// file is a path that does not exist.
func file(t *testing.T) string { return filepath.Join(t.TempDir(), "file") }

// pidIn waits for a job that has begun, and returns its process.
func pidIn(t *testing.T, path string) (pid int) {
	t.Helper()
	eventually(t, "a job begins", func() bool {
		text, _ := os.ReadFile(path)
		pid, _ = strconv.Atoi(string(text))
		return pid != 0
	})
	return pid
}
