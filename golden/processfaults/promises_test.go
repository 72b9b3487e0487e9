//go:build unix

package processfaults

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// After an error no call begins: of what the workers have been sent ahead, nothing is done any more.
func TestPromise06_NoCallAfterError(t *testing.T) {
	begin(t)
	dir := t.TempDir()
	var words []string
	for n := range 300 {
		words = append(words, "touch "+filepath.Join(dir, strconv.Itoa(n)))
	}
	words[100] = "fail"
	var stats StopStats
	o := end(Stop{Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script(words...)))
	if len(o.errs) != 1 || !errors.Is(o.errs[0], errRefused) {
		t.Fatalf("errors %v", o.errs)
	}
	probe.Read(&stats).Conserved(t, nil)
	begun, _ := os.ReadDir(dir)
	ended := int(stats.Do.Done() + stats.Do.Failed())
	if n := len(begun) + 1; n < ended || n > ended+2 { // a result may meet the stop on its way out
		t.Errorf("%d calls, %d items have ended", n, ended)
	}
	if stats.Do.Interrupted() == 0 && stats.Do.In() == 300 {
		t.Error("nothing was sent ahead")
	}
}

// What runs when the run is cancelled is not dead-lettered, also where its process is killed for it.
func TestPromise09_NoDeadLetterAtShutdown(t *testing.T) {
	for _, verb := range []string{"begin", "wait"} {
		begin(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		path := file(t)
		go func() {
			pidIn(t, path)
			cancel(errRefused)
		}()
		var stats BuryStats
		o := end(Bury{Stats: &stats, Log: probe.Quiet}.Stream(ctx, script("", verb+" "+path, "", "")))
		if len(o.errs) != 1 || o.errs[0] != errRefused || len(buried) > 0 {
			t.Errorf("errors %v, buried %q", o.errs, buried)
		}
		probe.Read(&stats).Conserved(t, nil)
		want(t, "interrupted", stats.Do.Interrupted() > 0, true)
	}
}

// Time in which emit blocks is not the attempt's.
func TestPromise10_BlockedEmit(t *testing.T) {
	begin(t)
	var stats SpillStats
	path := file(t)
	got := 0
	for _, err := range (Spill{Timeout: 150 * time.Millisecond, Path: path, Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), script("large 900000", "large 900000", "large 900000", "large 900000")) {
		if err != nil {
			t.Fatal(err)
		}
		if got++; got < 4 {
			time.Sleep(500 * time.Millisecond)
		}
	}
	want(t, "results", got, 12)
	want(t, "restarts", stats.Pour.Restarts(), 0)
	if text, err := os.ReadFile(path); err == nil {
		t.Errorf("failed: %s", text)
	}
}

// Results of a call that dies afterwards have been handed out, and its error goes where errors go.
func TestPromise07_DiesBetweenResults(t *testing.T) {
	begin(t)
	path := file(t)
	var stats SpillStats
	got := map[int]int{}
	for d, err := range (Spill{Path: path, Timeout: 5 * time.Second, Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), script("", "kill", "fail", "exit 3", "panic", "")) {
		if err != nil {
			t.Fatal(err)
		}
		got[d.N]++
	}
	if got[0] != 3 || got[5] != 3 || got[1] > 1 || got[3] > 1 || got[2] != 1 || got[4] != 1 {
		t.Errorf("results by item: %v", got)
	}
	counts := probe.Read(&stats)
	counts.Conserved(t, map[string][]string{"redo": {}, "other": {}, "note": {}, "see": {"redo", "other"}})
	counts.Split(t, map[string][]string{"wanted_done": {"redo", "other"}})
	text, _ := os.ReadFile(path)
	for _, line := range []string{"1 \"spill: pour: item 1: signal: killed\"", "2 \"spill: pour: item 2: job 2: refused\" true", "3 \"spill: pour: item 3: exit status 3"} {
		if !strings.Contains(string(text), line) {
			t.Errorf("no line %s in %s", line, text)
		}
	}
}

// Results come in the order of the items, whoever dies or is replaced.
func TestPromise11_OrderSurvivesDeaths(t *testing.T) {
	begin(t)
	dir := t.TempDir()
	words := plain(200)
	for n := 0; n < 200; n += 20 {
		words[n] = "once " + filepath.Join(dir, strconv.Itoa(n))
	}
	words[33], words[77] = "fail", "exit 4"
	var stats LineStats
	var got, failed []int
	for d, err := range (Line{Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), script(words...)) {
		var e *LineError
		switch {
		case err == nil:
			got = append(got, d.N)
		case errors.As(err, &e):
			failed = append(failed, e.Index)
			got = append(got, e.Index)
		}
		if err != nil {
			t.Log(err) // should there be others
		}
	}
	want(t, "order", got, upTo(200))
	want(t, "failed", failed, []int{33, 77})
	probe.Read(&stats).Conserved(t, nil)
}

// As many items as there are workers are done at a time.
func TestPromise16_PeakConcurrency(t *testing.T) {
	begin(t)
	paths := []string{file(t), file(t)}
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		a, b := pidIn(t, paths[0]), pidIn(t, paths[1])
		if a == b {
			t.Errorf("process %d does two items at a time", a)
		}
		cancel(errRefused)
	}()
	end(Stop{Log: probe.Quiet}.Stream(ctx, script("wait "+paths[0], "wait "+paths[1])))
}

// Processes are replaced in the middle of what their slot has claimed, while the writer waits for room.
func TestPromise2_RecycledInTheMiddle(t *testing.T) {
	begin(t)
	var stats RenewedStats
	var got []int
	for d, err := range (Renewed{Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), script(plain(1000)...)) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.N)
	}
	slices.Sort(got)
	want(t, "items", got, upTo(1000))
	probe.Read(&stats).Conserved(t, nil)
}

// A result does not wait for a slow item behind it, nor does a waiting item for a slow one before it.
func TestPromise17_NobodyWaitsForASlowItem(t *testing.T) {
	begin(t)
	path := file(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	words := slices.Concat(plain(50), []string{"wait " + path}, plain(200))
	n := 0
	for _, err := range (Stop{Log: probe.Quiet}).Stream(ctx, script(words...)) {
		if err != nil {
			break
		}
		if n++; n == 250 {
			cancel() // all but the one that waits
		}
	}
	want(t, "results", n, 250)
}

// An error that comes out of the caller's sequence ends the run with what was done before.
func TestSourceFailsMidway(t *testing.T) {
	begin(t)
	seen := make(chan struct{})
	n := 0
	var last error
	for _, err := range (Work{Log: probe.Quiet}).StreamSeq2(t.Context(), func(yield func(Job, error) bool) {
		for i := range 20 {
			if !yield(Job{N: i}, nil) {
				return
			}
		}
		<-seen
		yield(Job{}, errRefused)
	}) {
		if last = err; err != nil {
			continue
		}
		if n++; n == 20 {
			close(seen)
		}
	}
	if n != 20 || !errors.Is(last, errRefused) {
		t.Errorf("%d results, then %v", n, last)
	}
}

// A worker's stdin is empty, whatever the parent's is.
func TestStdinIsEmpty(t *testing.T) {
	begin(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	_, _ = write.WriteString("not for workers")
	old := os.Stdin
	os.Stdin = read
	o := work(t, Work{}, "stdin")
	os.Stdin = old
	_, _ = read.Close(), write.Close()
	want(t, "read", o.done[0].Text, "0 EOF")
}

// A retry is a call of its own, with a time of its own, where it is the timeout that kills.
func TestRetryAfterKill(t *testing.T) {
	begin(t)
	var stats StubbornStats
	path := file(t)
	o := end(Stubborn{Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script("", "late "+path, "spin", "")))
	want(t, "done", o.numbers(), []int{0, 1, 3})
	var e *StubbornError
	if len(o.errs) != 1 || !errors.As(o.errs[0], &e) || e.Index != 2 || e.Attempt != 2 || !errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("errors %v", o.errs)
	}
	want(t, "restarts", stats.Do.Restarts(), 3)
	want(t, "retries", stats.Do.Retries(), 2)
	probe.Read(&stats).Conserved(t, nil)
}
