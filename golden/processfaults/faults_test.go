//go:build unix

package processfaults

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// A panic and a Goexit are the error of their item, with the stack of the worker process, which goes on.
func TestPanicAndGoexit(t *testing.T) {
	for word, text := range map[string]string{"panic": "panic: job panics", "goexit": "runtime.Goexit"} {
		t.Run(word, func(t *testing.T) {
			begin(t)
			o := work(t, Work{}, slices.Concat(plain(10), []string{word}, plain(10))...)
			var w *WorkError
			if err := o.wantError(t, 10, text); !errors.As(err, &w) || !strings.Contains(string(w.Stack), "processfaults.do(") {
				t.Errorf("the stack does not show the function: %s", w.Stack)
			}
			if n := len(o.pids()); n > 2 {
				t.Errorf("%d processes", n)
			}
		})
	}
}

// However a process dies, only the item inside it fails, the error says how, and another process goes on.
func TestDeath(t *testing.T) {
	for word, texts := range map[string][]string{
		"exit 3":   {"exit status 3", "last words"},
		"exit 0":   {"exit status 0", "last words"},
		"fatal":    {"exit status 2", "fatal error: sync: unlock of unlocked mutex"},
		"overflow": {"exit status 2", "stack overflow"},
		"segv":     {"SIGSEGV"},
		"kill":     {"signal: killed"},
		"term":     {"signal: terminated"},
	} {
		t.Run(word, func(t *testing.T) {
			begin(t)
			var stats WorkStats
			o := end(Work{Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script(slices.Concat(plain(10), []string{word}, plain(10))...)))
			check(t, &stats, 21, o)
			err := o.wantError(t, 10, append(texts, "work: do: item 10: ")...)
			if len(err.Error()) > 6<<10 {
				t.Errorf("the error takes %d bytes", len(err.Error()))
			}
			want(t, "done", o.numbers(), upTo(21, 10))
			want(t, "restarts", stats.Do.Restarts(), 1)
		})
	}
}

// However many items a process has finished just before it dies, none of them fails with it.
func TestDeath_FinishedItems(t *testing.T) {
	for _, chunk := range []int{1, 64} {
		begin(t)
		var stats InstantStats
		var done, failed []int
		for n, err := range (Instant{Chunk: chunk, Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), slices.Values(upTo(2000))) {
			var e *InstantError
			switch {
			case err == nil:
				done = append(done, n)
			case errors.As(err, &e) && strings.Contains(err.Error(), "exit status 3"):
				failed = append(failed, e.Index)
			default:
				t.Error(err)
			}
		}
		var deadly []int
		for n := 99; n < 2000; n += 100 {
			deadly = append(deadly, n)
		}
		want(t, "failed", failed, deadly)
		want(t, "done", done, upTo(2000, deadly...))
		want(t, "restarts", stats.Instantly.Restarts(), int64(len(deadly)))
	}
}

// on_crash: retry gives the item to another process.
func TestDeath_Retry(t *testing.T) {
	begin(t)
	o, stats := again(t, slices.Concat(plain(10), []string{"once " + file(t)}, plain(10))...)
	want(t, "errors", o.errs, []error(nil))
	want(t, "done", o.numbers(), upTo(21))
	want(t, "restarts", stats.Do.Restarts(), 1)
	if n := stats.Do.Retries(); n < 1 {
		t.Errorf("%d retries", n)
	}
}

// on_crash: dead_letter hands the item over, with the error.
func TestDeath_DeadLetter(t *testing.T) {
	begin(t)
	var stats BuryStats
	o := end(Bury{Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script("", "exit 3", "fail", "")))
	check(t, &stats, 4, o)
	o.wantError(t, 2, "job 2: refused")
	if len(buried) != 1 || !strings.HasPrefix(buried[0], "do 1 ") || !strings.Contains(buried[0], "exit status 3\nlast words") {
		t.Errorf("buried %q", buried)
	}
	want(t, "dead letters", stats.Do.DeadLettered(), 1)
}

// Under on_error: stop a death ends the run, with its error.
func TestDeath_Stop(t *testing.T) {
	begin(t)
	var stats StopStats
	o := end(Stop{Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script(slices.Concat(plain(3), []string{"exit 3"}, plain(1000))...)))
	o.wantError(t, 3, "stop: do: item 3: exit status 3\nlast words")
	probe.Read(&stats).Conserved(t, nil)
}

// A death in one of several stages is counted where the item was, and nothing is lost or done twice.
func TestDeath_Fused(t *testing.T) {
	begin(t)
	var stats FusedStats
	words := plain(40)
	words[7], words[20], words[30] = "once "+file(t), "later once "+file(t), "later fail"
	var got []int
	var errs []error
	for d, err := range (Fused{Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), script(words...)) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		got = append(got, d.N)
	}
	slices.Sort(got)
	var expected []int
	for n := range 40 {
		expected = append(expected, n, n)
	}
	want(t, "results", got, slices.Delete(expected, 60, 61))
	probe.Read(&stats).Conserved(t, nil)
	if len(errs) != 1 || !errors.Is(errs[0], errRefused) {
		t.Errorf("errors %v", errs)
	}
}

// A process that is stopped or runs in circles is killed at the timeout of its item, or when it gives no sign of life
// for as long as the heartbeat; one that runs leaves its stacks.
func TestSilence(t *testing.T) {
	for _, test := range []struct {
		name, word string
		work       Work
		late       bool
		texts      []string
	}{
		{"TimeoutOfLoop", "spin", Work{Timeout: 50 * time.Millisecond}, true, []string{"deadline exceeded", "processfaults.do("}},
		{"TimeoutOfStopped", "stop", Work{Timeout: 50 * time.Millisecond}, true, []string{"deadline exceeded", "signal: killed"}},
		{"HeartbeatOfStopped", "stop", Work{Heartbeat: 200 * time.Millisecond}, false, []string{"no sign of life", "signal: killed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := work(t, test.work, "", test.word, "")
			if err := o.wantError(t, 1, test.texts...); errors.Is(err, context.DeadlineExceeded) != test.late {
				t.Errorf("error %v", err)
			}
			want(t, "done", o.numbers(), []int{0, 2})
		})
	}
}

// A process that has grown over its limit is replaced between items.
func TestMemory_Recycled(t *testing.T) {
	begin(t)
	var stats WorkStats
	words := slices.Concat(plain(4), []string{"hoard 250"}, slices.Repeat([]string{"sleep 30"}, 20))
	o := end(Work{Memory: 200 << 20, Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script(words...)))
	check(t, &stats, 25, o)
	want(t, "done", o.numbers(), upTo(25))
	large := o.done[4].Pid
	if slices.ContainsFunc(o.done[20:], func(d Done) bool { return d.Pid == large }) {
		t.Errorf("process %d goes on", large)
	}
	want(t, "restarts", stats.Do.Restarts(), 0)
}

// A process that has grown far over its limit is killed in the middle of an item; the error says why.
func TestMemory_Killed(t *testing.T) {
	begin(t)
	o := work(t, Work{Memory: 100 << 20}, "", "hoard 400 spin", "")
	o.wantError(t, 1, "memory limit 100MiB exceeded: ", "signal: killed")
	want(t, "done", o.numbers(), []int{0, 2})
}

// What workers print does no harm, in any amount, and only its end is kept.
func TestFlood(t *testing.T) {
	begin(t)
	old := os.Stdout
	stderr := os.Stderr
	null, _ := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	os.Stdout, os.Stderr = null, null
	o := work(t, Work{}, "flood 3000", "", "flood 3000", "exit 4")
	os.Stdout, os.Stderr = old, stderr
	_ = null.Close()
	err := o.wantError(t, 3, "exit status 4", "last words")
	if len(err.Error()) > 5000 {
		t.Errorf("the error takes %d bytes", len(err.Error()))
	}
	want(t, "done", o.numbers(), []int{0, 1, 2})
}

// A worker that closes its socket and lives, or sends what is no answer, is killed.
func TestConnection(t *testing.T) {
	for word, text := range map[string]string{
		"close":  "",
		"garble": "",
		"tear":   "exit status 0",
	} {
		t.Run(word, func(t *testing.T) {
			begin(t)
			began := time.Now()
			o := work(t, Work{}, "", word, "", "")
			o.wantError(t, 1, text)
			want(t, "done", o.numbers(), []int{0, 2, 3})
			if took := time.Since(began); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// What is too large for max_item, or cannot be encoded, is the error of its item, and the process goes on.
func TestCannotCross(t *testing.T) {
	begin(t)
	circle := Job{N: 2}
	circle.bad = &circle
	jobs := []Job{
		{N: 0}, {N: 1, Body: make([]byte, 2<<20)}, circle, {N: 3, Do: "large 2000000"}, {N: 4, Do: "circle"},
		{N: 5, Do: "size", Body: make([]byte, 1<<20-100)}, {N: 6, Do: "trap fail in encode"}, {N: 7, Do: "trap panic in encode"},
		{N: 8, Do: "trap fail in decode"}, {N: 9, Do: "trap panic in decode"}, {N: 10, Do: "trap none"},
	}
	var stats WorkStats
	o := end(Work{Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), slices.Values(jobs)))
	check(t, &stats, len(jobs), o)
	want(t, "done", o.numbers(), []int{0, 5, 10})
	want(t, "size", o.done[1].Text, strconv.Itoa(1<<20-100))
	var texts []string
	for _, err := range o.errs {
		texts = append(texts, err.Error())
	}
	for i, n := range []int{1, 2, 3, 4, 6, 7, 8, 9} {
		var w *WorkError
		if len(o.errs) <= i {
			t.Fatalf("errors %q", texts)
		}
		if j := slices.IndexFunc(o.errs, func(err error) bool { return errors.As(err, &w) && w.Index == n }); j < 0 {
			t.Errorf("no error of job %d: %q", n, texts)
		} else if n >= 6 && n != 7 && n != 9 && !errors.Is(o.errs[j], errRefused) {
			t.Errorf("job %d: %v", n, o.errs[j])
		}
	}
	want(t, "restarts", stats.Do.Restarts(), 0)
	if n := len(o.pids()); n > 2 {
		t.Errorf("%d processes", n)
	}
}

// A process that dies while it encodes its result is to blame for that item.
func TestDiesInEncode(t *testing.T) {
	begin(t)
	o := work(t, Work{}, "", "trap exit in encode", "")
	o.wantError(t, 1, "exit status 5")
	want(t, "done", o.numbers(), []int{0, 2})
}

// A reader that does not read keeps a worker from making more than fits between them.
func TestSlowReader(t *testing.T) {
	begin(t)
	path := file(t)
	made := func() int {
		info, err := os.Stat(path)
		if err != nil {
			return 0
		}
		return int(info.Size())
	}
	n, most := 0, 0
	for _, err := range (Slow{}).Stream(t.Context(), script(path)) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 10 {
			for still := 0; still < 50; still++ { // until it makes no more
				time.Sleep(2 * time.Millisecond)
				if m := made(); m > most {
					most, still = m, 0
				}
			}
		}
	}
	if want(t, "results", n, 1000); most > 200 || most < 10 {
		t.Errorf("%d results made when 10 were read", most)
	}
}

// Where no worker can start, the run fails with the first cause, after max_restarts.
func TestCannotStart(t *testing.T) {
	for setup, texts := range map[string][]string{
		"fail":  {"no licence: refused"},
		"exit":  {"exit status 7", "no model"},
		"panic": {"no idea"},
	} {
		t.Run(setup, func(t *testing.T) {
			begin(t)
			var stats WorkStats
			o := end(Work{Setup: setup, MaxRestarts: 3, Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script(plain(100)...)))
			var w *WorkError
			if len(o.done) > 0 || len(o.errs) != 1 || !errors.As(o.errs[0], &w) || w.Stage != "do" || w.Index != -1 {
				t.Fatalf("done %v, errors %v", o.numbers(), o.errs)
			}
			for _, text := range append(texts, "max_restarts is 3") {
				if !strings.Contains(o.errs[0].Error(), text) {
					t.Errorf("the error does not say %q: %v", text, o.errs[0])
				}
			}
			if setup == "fail" && !errors.Is(o.errs[0], errRefused) {
				t.Errorf("%v is not what it was", o.errs[0])
			}
			want(t, "restarts", stats.Do.Restarts(), 4)
			probe.Read(&stats).Conserved(t, nil)
		})
	}
}

// One item that kills every process does not take its neighbours in the chunk with it.
func TestPoison(t *testing.T) {
	begin(t)
	words := plain(64)
	words[20] = "exit 9"
	o, stats := again(t, words...)
	var a *AgainError
	if len(o.errs) != 1 || !errors.As(o.errs[0], &a) || a.Index != 20 || a.Attempt != 3 {
		t.Fatalf("errors %v", o.errs)
	}
	want(t, "done", o.numbers(), upTo(64, 20))
	want(t, "restarts", stats.Do.Restarts(), 3)
}

// Processes are replaced after so many items, and none is lost.
func TestRecycle(t *testing.T) {
	begin(t)
	var stats WorkStats
	o := end(Work{Recycle: 10, Stats: &stats, Log: probe.Quiet}.Stream(t.Context(), script(plain(100)...)))
	check(t, &stats, 100, o)
	want(t, "done", o.numbers(), upTo(100))
	items := map[int]int{}
	for _, d := range o.done {
		items[d.Pid]++
	}
	if len(items) < 10 {
		t.Errorf("items of each process: %v", items)
	}
	for pid, n := range items {
		if n > 10 {
			t.Errorf("process %d has done %d items", pid, n)
		}
	}
	want(t, "restarts", stats.Do.Restarts(), 0)
}

// The sink and the source of a pipeline can be what dies: of a sink the item fails, of a source the run.
func TestEnds(t *testing.T) {
	for name, test := range map[string]struct {
		script []string
		text   string
	}{
		"Source":      {[]string{"", "source exit 3", ""}, "ends: jobs: exit status 3\nlast words"},
		"SourceError": {[]string{"", "source fail", ""}, "ends: jobs: item 1: job 1: refused"},
		"SourcePanic": {[]string{"", "source panic", ""}, "ends: jobs: panic: job panics"},
		"Sink":        {[]string{"", "exit 3", ""}, "ends: swallow: exit status 3\nlast words"},
		"SinkError":   {[]string{"", "fail", ""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			begin(t)
			var stats EndsStats
			err := Ends{Script: test.script, Stats: &stats, Log: probe.Quiet}.Run(t.Context())
			if text := fmt.Sprint(err); !strings.HasPrefix(text, test.text) || test.text == "" && err != nil {
				t.Errorf("error %v", err)
			}
			probe.Read(&stats).Conserved(t, nil)
		})
	}
}

// A program without the hook is told so before anything is started.
func TestUnhooked(t *testing.T) {
	begin(t)
	o := end(Unhooked{}.Stream(t.Context(), script("")))
	if len(o.errs) != 1 || !strings.Contains(o.errs[0].Error(), "UnhookedWorker()") {
		t.Errorf("errors %v", o.errs)
	}
}

// What workers print goes to Log, line by line, with stage and process.
func TestStdoutToLog(t *testing.T) {
	begin(t)
	var log strings.Builder
	o := end(Outputs{Log: slog.New(slog.NewTextHandler(&log, nil))}.Stream(t.Context(), script("print hello world", "")))
	if want := fmt.Sprintf(`msg="hello world" stage=do pid=%d`, o.done[0].Pid); !strings.Contains(log.String(), want) {
		t.Errorf("log %q, want %q", log.String(), want)
	}
}

// Workers are killed that go on when the run has ended, and see their context end when they look.
func TestCancel(t *testing.T) {
	for _, verb := range []string{"begin", "wait"} {
		t.Run(verb, func(t *testing.T) {
			begin(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			path := file(t)
			go func() {
				pidIn(t, path)
				cancel(errRefused)
			}()
			var stats StopStats
			began := time.Now()
			o := end(Stop{Stats: &stats, Log: probe.Quiet}.Stream(ctx, script(slices.Concat(plain(5), []string{verb + " " + path}, plain(5))...)))
			if len(o.errs) != 1 || o.errs[0] != errRefused {
				t.Errorf("errors %v", o.errs)
			}
			probe.Read(&stats).Conserved(t, nil)
			if took := time.Since(began); took > 5*time.Second || verb == "begin" && took < 500*time.Millisecond {
				t.Errorf("took %v", took)
			}
		})
	}
}

// Nobody waits for a reader who has left, and nothing is left behind.
func TestReaderLeaves(t *testing.T) {
	begin(t)
	for range (Stop{Log: probe.Quiet}).Stream(t.Context(), script(plain(1000)...)) {
		break
	}
}

// A kill from outside, at any time, costs one item at most.
func TestKilledFromOutside(t *testing.T) {
	begin(t)
	dir := t.TempDir()
	var words []string
	for n := range 20 {
		words = append(words, "once "+filepath.Join(dir, strconv.Itoa(n)))
	}
	o, stats := again(t, words...)
	want(t, "done", o.numbers(), upTo(20))
	want(t, "restarts", stats.Do.Restarts(), 20)
}

// Workers lead process groups of their own, so that signals of a terminal do not reach them.
func TestOwnProcessGroup(t *testing.T) {
	begin(t)
	path := file(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		defer cancel()
		pid := pidIn(t, path)
		if group, err := syscall.Getpgid(pid); err != nil || group != pid {
			t.Errorf("process %d is of group %d, %v", pid, group, err)
		}
	}()
	end(Stop{Log: probe.Quiet}.Stream(ctx, script("wait "+path)))
}
