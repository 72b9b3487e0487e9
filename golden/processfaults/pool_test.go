//go:build unix

package processfaults

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// hire starts a crew, which the end of the test terminates: then nothing is left of it.
func hire(t *testing.T, c Crew) (*CrewPool, *CrewStats) {
	t.Helper()
	begin(t)
	var stats CrewStats
	c.Stats, c.Log = &stats, probe.Quiet
	pool, err := c.Start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pool.Terminate(); err != nil {
			t.Errorf("Terminate: %v", err)
		}
		probe.Read(&stats).Conserved(t, nil)
	})
	return pool, &stats
}

// submit hands jobs over that the words say, without waiting for them.
func submit(t *testing.T, pool *CrewPool, words ...string) (futures []*CrewFuture) {
	t.Helper()
	for n, do := range words {
		f, err := pool.Submit(t.Context(), Job{N: n, Do: do})
		if err != nil {
			t.Fatal(err)
		}
		futures = append(futures, f)
	}
	return futures
}

// get waits for a result that must come.
func get(t *testing.T, f *CrewFuture) Done {
	t.Helper()
	d, err := f.Get(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// soon is a context for what must not hang.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// refused waits for an error that must come, and say each of the texts.
func refused(t *testing.T, f *CrewFuture, texts ...string) error {
	t.Helper()
	d, err := f.Get(soon(t))
	if err == nil {
		t.Fatalf("%+v, want an error", d)
	}
	for _, text := range texts {
		if !strings.Contains(err.Error(), text) {
			t.Errorf("the error does not say %q: %v", text, err)
		}
	}
	return err
}

// A process that dies in an item is that future's error; those submitted later are done.
func TestPool_CrashDuringExecution(t *testing.T) {
	pool, stats := hire(t, Crew{})
	f := submit(t, pool, "kill", "", "exit 3")
	refused(t, f[0], "crew: do: ", "signal: killed")
	get(t, f[1])
	refused(t, f[2], "exit status 3", "last words")
	get(t, submit(t, pool, "")[0])
	want(t, "restarts", stats.Do.Restarts(), 2)
}

// Each future has an error of its own.
func TestPool_DistinctErrors(t *testing.T) {
	pool, _ := hire(t, Crew{})
	f := submit(t, pool, "fail", "exit 3", "fail", "exit 4")
	errs := []error{refused(t, f[0], "job 0: refused"), refused(t, f[1], "exit status 3"), refused(t, f[2], "job 2: refused"), refused(t, f[3], "exit status 4")}
	for i, err := range errs {
		var c *CrewError
		if !errors.As(err, &c) || c.Stage != "do" || c.Item.(Job).N != i || errors.Is(err, errRefused) != (i%2 == 0) {
			t.Errorf("error %d: %+v", i, c)
		}
	}
}

// What cannot be encoded or decoded, on either side, is that future's error, and costs no process.
func TestPool_CannotCross(t *testing.T) {
	pool, stats := hire(t, Crew{})
	circle := Job{}
	circle.bad = &circle
	for name, test := range map[string]struct {
		job  Job
		text string
	}{
		"ItemCannotBeEncoded":           {circle, "deep"},
		"ItemTooLarge":                  {Job{Body: make([]byte, 5<<20)}, "max_item"},
		"WorkerCannotDecode":            {Job{mine: mine{"fail"}}, "refused"},
		"WorkerPanicsInDecode":          {Job{mine: mine{"panic"}}, "decode panics"},
		"ResultCannotBeEncoded":         {Job{Do: "circle"}, "deep"},
		"ResultTooLarge":                {Job{Do: "large 5000000"}, "max_item"},
		"ResultRefusesToBeEncoded":      {Job{Do: "trap fail in encode"}, "refused"},
		"ResultPanicsInEncode":          {Job{Do: "trap panic in encode"}, "encode panics"},
		"ParentCannotDecodeResult":      {Job{Do: "trap fail in decode"}, "refused"},
		"ParentPanicsInDecodeOfAResult": {Job{Do: "trap panic in decode"}, "decode panics"},
	} {
		t.Run(name, func(t *testing.T) {
			if d, err := pool.Do(soon(t), test.job); err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("%+v, %v, want %s", d.N, err, test.text)
			}
			if d, err := pool.Do(soon(t), Job{N: 5}); err != nil || d.N != 5 {
				t.Errorf("the next one: %+v, %v", d, err)
			}
		})
	}
	want(t, "restarts", stats.Do.Restarts(), 0)
}

// A process that dies in decoding its item, or in encoding its result, is to blame for that item.
func TestPool_DiesInCodec(t *testing.T) {
	pool, stats := hire(t, Crew{})
	if _, err := pool.Do(soon(t), Job{mine: mine{"exit"}}); err == nil || !strings.Contains(err.Error(), "exit status 6") {
		t.Errorf("in decoding: %v", err)
	}
	if _, err := pool.Do(soon(t), Job{Do: "trap exit in encode"}); err == nil || !strings.Contains(err.Error(), "exit status 5") {
		t.Errorf("in encoding: %v", err)
	}
	want(t, "restarts", stats.Do.Restarts(), 2)
}

// A process that dies while its parent writes it more than a socket holds leaves nobody waiting.
func TestPool_CrashDuringLargeWrite(t *testing.T) {
	pool, _ := hire(t, Crew{})
	for range 5 {
		var futures []*CrewFuture
		for n := range 4 {
			f, err := pool.Submit(soon(t), Job{N: n, Do: []string{"kill", ""}[n%2], Body: make([]byte, 3<<20)})
			if err != nil {
				t.Fatal(err)
			}
			futures = append(futures, f)
		}
		refused(t, futures[0], "signal: killed")
		get(t, futures[1])
		refused(t, futures[2], "signal: killed")
		get(t, futures[3])
	}
}

// There are never more processes than workers, and they are used again.
func TestPool_Saturation(t *testing.T) {
	pool, _ := hire(t, Crew{})
	pids := map[int]bool{}
	var all []Job
	for n := range 15 * 2 {
		all = append(all, Job{N: n, Do: "sleep 2"})
	}
	results, err := pool.Map(soon(t), all)
	if err != nil {
		t.Fatal(err)
	}
	for n, d := range results {
		if d.N != n {
			t.Fatalf("result %d is of job %d", n, d.N)
		}
		pids[d.Pid] = true
	}
	if children := probe.Children(os.Getpid()); len(pids) != 2 || len(children) != 2 {
		t.Errorf("jobs by %v, processes %v", pids, children)
	}
}

// A process does as many items as recycle_after says, and goes; the next ones have another one.
func TestPool_MaxTasksPerChild(t *testing.T) {
	pool, stats := hire(t, Crew{Recycle: 3})
	items := map[int]int{}
	for n := range 30 {
		d, err := pool.Do(soon(t), Job{N: n})
		if err != nil {
			t.Fatal(err)
		}
		items[d.Pid]++
	}
	for pid, n := range items {
		if n > 3 {
			t.Errorf("process %d has done %d", pid, n)
		}
	}
	if len(items) < 10 {
		t.Errorf("items by process: %v", items)
	}
	want(t, "restarts", stats.Do.Restarts(), 0)
	eventually(t, "old ones are reaped", func() bool { return len(probe.Children(os.Getpid())) <= 4 })
}

// What waits is done by the replacements.
func TestPool_BacklogSurvivesRecycling(t *testing.T) {
	pool, _ := hire(t, Crew{Recycle: 1})
	var all []Job
	for n := range 40 {
		all = append(all, Job{N: n})
	}
	results, err := pool.Map(soon(t), all)
	if err != nil || len(results) != 40 {
		t.Fatal(err)
	}
}

// Close finishes what has been submitted, by as many processes as it takes.
func TestPool_CloseWhileRecycling(t *testing.T) {
	pool, _ := hire(t, Crew{Recycle: 1})
	f := submit(t, pool, plain(6)...)
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	for n := range f {
		want(t, "result", get(t, f[n]).N, n)
	}
}

// A replacement that cannot start is the pool's error, and nobody waits for ever.
func TestPool_ReplacementCannotStart(t *testing.T) {
	begin(t)
	path := file(t)
	pool, err := Crew{Setup: "unless " + path, MaxRestarts: 2, Log: probe.Quiet}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	get(t, submit(t, pool, "")[0])
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := pool.Do(soon(t), Job{Do: "kill"}); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v", err)
		}
	}
	if err := pool.Close(); err == nil || !strings.Contains(err.Error(), "3 worker processes have failed, and max_restarts is 2") {
		t.Errorf("Close: %v", err)
	}
}

// Processes that are killed while nothing is to do are replaced, and the next item does not notice.
func TestPool_IdleProcessKilled(t *testing.T) {
	pool, stats := hire(t, Crew{})
	get(t, submit(t, pool, "")[0])
	for pid := range probe.Children(os.Getpid()) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	eventually(t, "both are replaced", func() bool { return stats.Do.Restarts() == 2 })
	for range 10 {
		get(t, submit(t, pool, "")[0])
	}
}

// Terminate after everything is dead, twice, and from many at once.
func TestPool_TerminateDead(t *testing.T) {
	pool, _ := hire(t, Crew{})
	get(t, submit(t, pool, "")[0])
	for pid := range probe.Children(os.Getpid()) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if err := pool.Terminate(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if _, err := pool.Submit(t.Context(), Job{}); err != ErrCrewTerminated {
		t.Errorf("Submit: %v", err)
	}
}

// Queued items can be cancelled while the running ones complete.
func TestPool_CancelQueued(t *testing.T) {
	pool, _ := hire(t, Crew{})
	paths := []string{file(t), file(t)}
	running := submit(t, pool, "pause "+paths[0], "pause "+paths[1])
	pidIn(t, paths[0])
	pidIn(t, paths[1])
	queued := submit(t, pool, "", "", "")
	for _, f := range queued {
		if !f.Cancel() {
			t.Error("a queued item has started")
		}
		if err := refused(t, f); !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	}
	for _, f := range running {
		if f.Cancel() {
			t.Error("a running item has not started")
		}
	}
	for _, f := range running {
		get(t, f)
	}
	get(t, submit(t, pool, "")[0])
}

// Submit, Cancel and Close in any order do not hang.
func TestPool_SubmitCancelClose(t *testing.T) {
	for range 10 {
		begin(t)
		pool, err := Crew{Log: probe.Quiet}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f := submit(t, pool, "", "sleep 5", "", "sleep 5")
		for i := range f {
			if i%2 == 1 {
				f[i].Cancel()
			}
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		for i := range f {
			if _, err := f[i].Get(soon(t)); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		}
	}
}

// Map waits for all of them before it reports, with the error of each that failed.
func TestPool_MapWaitsForAll(t *testing.T) {
	pool, stats := hire(t, Crew{})
	results, err := pool.Map(soon(t), []Job{{N: 0, Do: "fail"}, {N: 1, Do: "sleep 30"}, {N: 2, Do: "exit 3"}, {N: 3, Do: "sleep 60"}})
	if len(results) != 4 || results[1].N != 1 || results[3].N != 3 || results[0].Pid != 0 {
		t.Errorf("results %v", results)
	}
	if text := fmt.Sprint(err); !strings.Contains(text, "item 0: job 0: refused") || !strings.Contains(text, "item 2: exit status 3") || !errors.Is(err, errRefused) {
		t.Errorf("error %v", err)
	}
	if err := pool.Close(); err != nil { // until then a count may come after its result
		t.Error(err)
	}
	want(t, "done", stats.Do.Done(), 2)
}

// Each hands results out as they come.
func TestPool_AsCompleted(t *testing.T) {
	pool, _ := hire(t, Crew{})
	var order []int
	for r := range pool.Each(soon(t), slices.Values([]Job{{N: 0, Do: "sleep 200"}, {N: 1}, {N: 2, Do: "fail"}, {N: 3}})) {
		order = append(order, r.Index)
		if (r.Err != nil) != (r.Index == 2) || r.In.N != r.Index {
			t.Errorf("%+v", r)
		}
	}
	if len(order) != 4 || order[3] != 0 {
		t.Errorf("order %v", order)
	}
}

// Results that nobody has fetched are there after Close.
func TestPool_ResultsAfterClose(t *testing.T) {
	pool, _ := hire(t, Crew{})
	f := submit(t, pool, "sleep 20", "sleep 20", "fail", "", "exit 3", "")
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	for i, ok := range []bool{true, true, false, true, false, true} {
		if _, err := f[i].Get(t.Context()); (err == nil) != ok {
			t.Errorf("future %d: %v", i, err)
		}
	}
	if _, err := pool.Submit(t.Context(), Job{}); err != ErrCrewClosed {
		t.Errorf("Submit: %v", err)
	}
}

// A process that dies when Close has begun costs its item, and Close returns.
func TestPool_CrashAfterClose(t *testing.T) {
	pool, _ := hire(t, Crew{})
	f := submit(t, pool, "kill", "exit 3", "kill", "", "fail")
	circle := Job{}
	circle.bad = &circle
	bad, err := pool.Submit(t.Context(), circle)
	if err != nil {
		t.Fatal(err)
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	for i, text := range []string{"killed", "exit status 3", "killed", "", "refused"} {
		if _, err := f[i].Get(t.Context()); text == "" && err != nil || !strings.Contains(fmt.Sprint(err), text) {
			t.Errorf("future %d: %v", i, err)
		}
	}
	if _, err := bad.Get(t.Context()); err == nil {
		t.Error("what cannot be encoded is done")
	}
}

// A full queue: Submit waits, also when a process dies meanwhile; TrySubmit does not wait.
func TestPool_FullQueue(t *testing.T) {
	pool, _ := hire(t, Crew{})
	paths := []string{file(t), file(t)}
	f := submit(t, pool, "wait "+paths[0], "wait "+paths[1])
	first := pidIn(t, paths[0])
	pidIn(t, paths[1])
	f = append(f, submit(t, pool, "", "", "", "")...)
	if _, err := pool.TrySubmit(Job{}); err != ErrCrewQueueFull {
		t.Errorf("TrySubmit: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := pool.Submit(ctx, Job{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Submit: %v", err)
	}
	submitted := make(chan *CrewFuture)
	go func() {
		late, _ := pool.Submit(t.Context(), Job{N: 9})
		submitted <- late
	}()
	_ = syscall.Kill(first, syscall.SIGKILL)
	refused(t, f[0], "signal: killed")
	want(t, "the one that waited", get(t, <-submitted).N, 9)
	for i := 2; i < 6; i++ {
		get(t, f[i])
	}
	f[1].Cancel()
}

// The submitter's deadline goes with the item.
func TestPool_Deadline(t *testing.T) {
	pool, stats := hire(t, Crew{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	path := file(t)
	if _, err := pool.Do(ctx, Job{Do: "wait " + path}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	get(t, submit(t, pool, "")[0])
	want(t, "restarts", stats.Do.Restarts(), 0)
}

// That the deadline has passed is what the function finds, not that its parent has noticed first.
func TestPool_DeadlineIsSeenAsSuch(t *testing.T) {
	pool, _ := hire(t, Crew{})
	for range 200 {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond)
		if _, err := pool.Do(ctx, Job{Do: "wait"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v", err)
		}
		cancel()
	}
}

// An item that takes longer than its timeout is killed with its process.
func TestPool_Timeout(t *testing.T) {
	pool, stats := hire(t, Crew{Timeout: 30 * time.Millisecond})
	f := submit(t, pool, "spin", "", "wait "+file(t))
	if err := refused(t, f[0]); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	get(t, f[1])
	if err := refused(t, f[2]); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
	want(t, "restarts", stats.Do.Restarts(), 1)
}

// Terminate kills what runs, and each future says so.
func TestPool_Terminate(t *testing.T) {
	pool, _ := hire(t, Crew{})
	paths := []string{file(t), file(t)}
	f := submit(t, pool, "begin "+paths[0], "begin "+paths[1])
	pidIn(t, paths[0])
	pidIn(t, paths[1])
	f = append(f, submit(t, pool, "", "")...)
	began := time.Now()
	if err := pool.Terminate(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("it took %v", took)
	}
	for i, f := range f {
		if _, err := f.Get(t.Context()); !errors.Is(err, ErrCrewTerminated) {
			t.Errorf("future %d: %v", i, err)
		}
	}
}

// Shutdown terminates what is not done when its context ends.
func TestPool_Shutdown(t *testing.T) {
	pool, _ := hire(t, Crew{})
	path := file(t)
	f := submit(t, pool, "begin "+path, "")
	pidIn(t, path)
	get(t, f[1])
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(errRefused) })
	if err := pool.Shutdown(ctx); err != errRefused {
		t.Errorf("Shutdown: %v", err)
	}
	if _, err := f[0].Get(t.Context()); !errors.Is(err, ErrCrewTerminated) {
		t.Errorf("the one that ran: %v", err)
	}
}

// Kills while the pool is closed leave nobody.
func TestPool_KillsDuringClose(t *testing.T) {
	for range 10 {
		begin(t)
		pool, err := Crew{Log: probe.Quiet}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		f := submit(t, pool, "sleep 2", "sleep 2", "sleep 2", "sleep 2")
		var killer sync.WaitGroup
		killer.Go(func() {
			for pid := range probe.Children(os.Getpid()) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
		})
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		killer.Wait()
		for i := range f {
			if _, err := f[i].Get(soon(t)); err != nil && !strings.Contains(err.Error(), "signal: killed") {
				t.Error(err)
			}
		}
	}
}

// Crashes at random moments, several at once: each future ends, and those of others are not touched.
func TestPool_CrashRaces(t *testing.T) {
	pool, stats := hire(t, Crew{})
	random := rand.New(rand.NewPCG(1, 2))
	words := []string{"", "", "", "sleep 1", "kill", "exit 1", "fail", "panic", "goexit", "tear", "garble", "segv"}
	var jobs []Job
	for n := range 100 {
		jobs = append(jobs, Job{N: n, Do: words[random.IntN(len(words))]})
	}
	ends := 0
	for r := range pool.Each(soon(t), slices.Values(jobs)) {
		ends++
		verb, _, _ := strings.Cut(r.In.Do, " ")
		if (r.Err == nil) != (verb == "" || verb == "sleep") {
			t.Errorf("%q: %v", r.In.Do, r.Err)
		}
	}
	want(t, "ends", ends, 100)
	want(t, "in", stats.Do.In(), 100)
}

// Pools can be started and closed many times, also unused.
func TestPool_StartMany(t *testing.T) {
	begin(t)
	for n := range 10 {
		pool, err := Crew{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if n%2 == 0 {
			get(t, submit(t, pool, "")[0])
		}
		if err := pool.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Cancelling Start's context is Terminate.
func TestPool_StartContext(t *testing.T) {
	begin(t)
	ctx, cancel := context.WithCancel(t.Context())
	pool, err := Crew{Log: probe.Quiet}.Start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	path := file(t)
	f := submit(t, pool, "begin "+path)
	pidIn(t, path)
	cancel()
	refused(t, f[0])
	_ = pool.Close()
}

// A worker holds as many descriptors whatever its number is.
func TestPool_DescriptorsDoNotGrow(t *testing.T) {
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip(err)
	}
	pool, _ := hire(t, Crew{Recycle: 1})
	first := get(t, submit(t, pool, "files")[0]).Text
	for range 10 {
		want(t, "descriptors", get(t, submit(t, pool, "files")[0]).Text, first)
	}
}

// Messages of all sizes arrive as they were sent.
func TestPool_MessagesDoNotMerge(t *testing.T) {
	pool, _ := hire(t, Crew{})
	var jobs []Job
	for n := range 200 {
		jobs = append(jobs, Job{N: n, Do: "size", Body: make([]byte, n*n*n%200_000)})
	}
	results, err := pool.Map(soon(t), jobs)
	if err != nil {
		t.Fatal(err)
	}
	for n, d := range results {
		if d.N != n || d.Text != strconv.Itoa(len(jobs[n].Body)) {
			t.Errorf("job %d has become %d %q", n, d.N, d.Text)
		}
	}
}

// A pool of several groups ends its items at a filter, in any of its stages, and at its sink.
func TestPool_Chain(t *testing.T) {
	begin(t)
	var stats SieveStats
	pool, err := Sieve{Stats: &stats, Log: probe.Quiet}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for word, wanted := range map[string]string{
		"": "", "unwanted": ErrSieveFiltered.Error(), "fail": "attempt 3: job 0: refused", "inspect": "inspect 0: refused", "swallow": "swallow_done: refused",
		"panic": "panic: job panics",
	} {
		if err := pool.Do(soon(t), Job{Do: word}); wanted == "" && err != nil || !strings.Contains(fmt.Sprint(err), wanted) {
			t.Errorf("%q: %v, want %s", word, err, wanted)
		}
	}
	if err := pool.Close(); err != nil {
		t.Fatal(err)
	}
	probe.Read(&stats).Conserved(t, nil)
	want(t, "retries", stats.Do.Retries(), 2)
}

// Memory that is shared with workers is not left in the file system, whoever dies.
func TestPool_NoFileOfSharedMemory(t *testing.T) {
	pool, _ := hire(t, Crew{})
	f := submit(t, pool, "kill", "kill", "")
	get(t, f[2])
	if left, _ := filepath.Glob("/dev/shm/pipegen*"); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}
