package processes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func TestMain(m *testing.M) {
	CrawlWorker()
	FlatsWorker()
	FusedWorker()
	GivenWorker()
	GraphWorker()
	InnerWorker()
	JoinedWorker()
	JSONCodedWorker()
	LimitsWorker()
	MixedWorker()
	NestedWorker()
	OrderedWorker()
	OutlastWorker()
	PartitionsWorker()
	PoliciesWorker()
	PrimesWorker()
	RetriesWorker()
	SinglyWorker()
	StatesWorker()
	TimeoutsWorker()
	VerbsWorker()
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // the ends of workers are not to be waited for
	os.Exit(m.Run())
}

// begin prepares a test of one run, which must leave nothing behind.
func begin(t *testing.T) {
	t.Helper()
	probe.NothingLeft(t)
	gathered, buried, totals, primes, crawled = nil, nil, nil, nil, nil
	clear(seen)
}

// collect takes what comes out of a stream: its items and its errors.
func collect[T any](t *testing.T, stream iter.Seq2[T, error]) (items []T, errs []error) {
	t.Helper()
	for item, err := range stream {
		if err != nil {
			errs = append(errs, err)
		} else {
			items = append(items, item)
		}
	}
	return items, errs
}

// all is collect where nothing may fail.
func all[T any](t *testing.T, stream iter.Seq2[T, error]) []T {
	t.Helper()
	items, errs := collect(t, stream)
	if len(errs) > 0 {
		t.Fatalf("errors %v", errs)
	}
	return items
}

// upTo is 0, 1, … n-1.
func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// want fails the test where got is something else.
func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Parcel{}), cmp.AllowUnexported(pair{})); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// counters reads metrics of a stage.
func counters(s probe.Stats, stage string, metrics ...string) (values []int) {
	c := probe.Read(s)
	for _, metric := range metrics {
		values = append(values, c.Of(stage, metric))
	}
	return values
}

// conserved checks that every item is accounted for.
func conserved(t *testing.T, s probe.Stats, from map[string][]string) {
	t.Helper()
	probe.Read(s).Conserved(t, from)
	probe.ValidJSON(t, s)
}

func TestPrimes(t *testing.T) {
	begin(t)
	var stats PrimesStats
	if err := (Primes{Stats: &stats}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(t, "primes", primes, []int{4, 6, 10, 14, 22, 26, 34, 38, 46, 58, 62, 74, 82, 86, 94, 106, 118, 122, 134, 142, 146, 158, 166, 178, 194})
	conserved(t, &stats, nil)
	want(t, "counts", counters(&stats, "is_prime", "in", "done", "filtered", "out", "restarts"), []int{100, 25, 75, 25, 0})
}

// Sources and sinks run in processes too, where they are told to, and params reach them.
func TestVerbs(t *testing.T) {
	begin(t)
	var stats VerbsStats
	path := filepath.Join(t.TempDir(), "journal")
	if err := (Verbs{Journal: path, Count: 20, Stats: &stats}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	conserved(t, &stats, nil)
	text, _ := os.ReadFile(path)
	lines := map[string]int{}
	pids := map[string]string{}
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		lines[f[0]+" "+f[1]]++
		pids[f[0]] = f[2]
	}
	expected := map[string]int{}
	for n := 10; n < 20; n++ {
		if n%5 != 0 {
			expected["tap "+strconv.Itoa(n)], expected["sink "+strconv.Itoa(n)] = 2, 2
		}
	}
	want(t, "lines", lines, expected)
	if pids["tap"] == pids["sink"] || pids["tap"] == strconv.Itoa(os.Getpid()) {
		t.Errorf("processes %v of %d", pids, os.Getpid())
	}
	want(t, "source", counters(&stats, "count", "in", "done", "out"), []int{20, 20, 20})
	want(t, "sink", counters(&stats, "write", "in", "done", "out"), []int{16, 16, 0})
}

func TestFlats(t *testing.T) {
	begin(t)
	var stats FlatsStats
	var expected []Parcel
	for n := range 20 {
		for _, p := range halves(parcelOf(n)) {
			times := 2 * 2 * 2 * 2
			if n%7 == 3 {
				times = 2 * 1 * 2 * 2
			}
			expected = append(expected, slices.Repeat([]Parcel{p}, times)...)
		}
	}
	want(t, "parcels", all(t, (Flats{Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), upTo(20))), expected)
	conserved(t, &stats, nil)
	want(t, "failed", counters(&stats, "copies_or_error", "failed", "out"), []int{3 * 2 * 2, 17*8 + 3*4})
}

// A fused group counts, fails and yields as if its stages stood alone.
func TestFused(t *testing.T) {
	begin(t)
	var stats FusedStats
	in := []string{"4", "5", "6", "rotten", "7", "x", "panic", "8", "broken"}
	got, errs := collect(t, (Fused{Stats: &stats}).Stream(t.Context(), slices.Values(in)))
	slices.Sort(got)
	want(t, "labels", got, []string{"6 30", "6 30", "7 35", "7 35", "8 40", "8 40"})
	conserved(t, &stats, nil)
	var texts []string
	for _, err := range errs {
		var e *FusedError
		if !errors.As(err, &e) {
			t.Fatalf("error %T %v", err, err)
		}
		texts = append(texts, fmt.Sprint(e.Stage, " ", e.Index, " ", e.Attempt, " ", e.Item, ": ", e.Err))
		if (e.Stack != nil) != strings.Contains(err.Error(), "panic") || e.Stack != nil && !strings.Contains(string(e.Stack), "parse") {
			t.Errorf("stack of %v: %s", err, e.Stack)
		}
		if errors.Is(err, errRotten) != (e.Item == "rotten") {
			t.Errorf("%v is not what it was", err)
		}
	}
	slices.Sort(texts)
	want(t, "errors", texts, []string{
		`parse 3 1 rotten: parse: rotten`, `parse 5 1 x: strconv.Atoi: parsing "x": invalid syntax`,
		`parse 6 1 panic: panic: parse panics`, `parse 8 1 broken: broken broken`,
	})
}

func TestOrdered(t *testing.T) {
	begin(t)
	var stats OrderedStats
	var in, expected []string
	for n := range 300 {
		in = append(in, strconv.Itoa(n))
		for _, p := range halves(parcelOf(n)) {
			expected = append(expected, label(p))
		}
	}
	want(t, "labels", all(t, (Ordered{Stats: &stats}).Stream(t.Context(), slices.Values(in))), expected)
	conserved(t, &stats, nil)
}

// Small messages, of which the sockets hold few for their bytes, do not make the parent wait for a worker that waits for
// the parent.
func TestSingly(t *testing.T) {
	begin(t)
	var stats SinglyStats
	const items = 20_000
	sum := 0
	for n, err := range (Singly{Stats: &stats}).Stream(t.Context(), func(yield func(int) bool) {
		for n := range items {
			if !yield(n) {
				return
			}
		}
	}) {
		if err != nil {
			t.Fatal(err)
		}
		sum += n
	}
	want(t, "sum of squares", sum, (items-1)*items*(2*items-1)/6)
	conserved(t, &stats, nil)
}

// A run that is cancelled ends at once: also where a worker process hears of that before it has looked at the item that
// the parent waits for, or the parent has taken that back; and where results come when nobody takes them any more
// (promises 1 and 7).
func TestOutlast(t *testing.T) {
	begin(t)
	run := func(items iter.Seq[int], after int, later time.Duration) {
		var stats OutlastStats
		ctx, cancel := context.WithCancelCause(t.Context())
		var cancelled atomic.Int64
		stop := func() {
			cancelled.Store(time.Now().UnixNano())
			cancel(errRotten)
		}
		results := 0
		for _, err := range (Outlast{Stats: &stats}).Stream(ctx, items) {
			if err == nil {
				results++
			}
			if results == after {
				time.AfterFunc(later, stop)
			}
		}
		cancel(nil)
		conserved(t, &stats, nil)
		if took := time.Since(time.Unix(0, cancelled.Load())); took > 5*time.Second { // of the ten that a call may take
			t.Errorf("the end took %v", took)
		}
	}
	for range 3 {
		run(slices.Values([]int{1, 2, -1, -1, 3}), 2, 0)
	}
	for i := range 60 {
		run(func(yield func(int) bool) {
			for n := 0; yield(n); n++ {
			}
		}, 1+i, time.Duration(i)*20*time.Microsecond)
	}
}

// The items of a key are done in order, also where their process dies or is replaced in between.
func TestPartitions(t *testing.T) {
	begin(t)
	var stats PartitionsStats
	dir := t.TempDir()
	var in []visitor
	for n := range 120 {
		for k := range 5 {
			in = append(in, visitor{Key: k, N: n, Fatal: filepath.Join(dir, fmt.Sprint(k, "-", n))})
		}
	}
	next, pids := map[int]int{}, map[int]map[int]int{}
	for _, v := range all(t, (Partitions{Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), slices.Values(in))) {
		if v.N != next[v.Key] {
			t.Fatalf("key %d: %d comes when %d is due", v.Key, v.N, next[v.Key])
		}
		next[v.Key]++
		if pids[v.Key] == nil {
			pids[v.Key] = map[int]int{}
		}
		pids[v.Key][v.Pid]++
	}
	conserved(t, &stats, nil)
	for k := range 5 {
		if next[k] != 120 || len(pids[k]) < 5 {
			t.Errorf("key %d: %d items by %v", k, next[k], pids[k])
		}
	}
	want(t, "restarts", counters(&stats, "tally", "restarts"), []int{20})
	if n := counters(&stats, "tally", "retries")[0]; n < 20 { // more where an item was done and not answered yet
		t.Errorf("%d retries", n)
	}
}

func TestRetries(t *testing.T) {
	begin(t)
	var stats RetriesStats
	in := []try{{"one", 1, false}, {"two", 2, false}, {"three", 3, false}, {"four", 4, false}, {"never", 2, true}}
	got, errs := collect(t, (Retries{Stats: &stats}).Stream(t.Context(), slices.Values(in)))
	slices.Sort(got)
	want(t, "results", got, []string{"one 1", "three 3", "two 2"})
	var texts []string
	for _, err := range errs {
		texts = append(texts, err.Error())
	}
	slices.Sort(texts)
	want(t, "errors", texts, []string{"retries: flaky: item 3, attempt 3: four: temporary", "retries: flaky: item 4: permission denied"})
	for _, err := range errs {
		if !errors.Is(err, errTemporary) && !errors.Is(err, os.ErrPermission) {
			t.Errorf("%v is none of the errors that it was", err)
		}
	}
	conserved(t, &stats, nil)
	want(t, "retries", counters(&stats, "flaky", "retries", "failed", "done"), []int{5, 2, 3})
}

// A function that heeds its context fails with it; one that does not, or takes none, is killed with its process.
func TestTimeouts(t *testing.T) {
	begin(t)
	var stats TimeoutsStats
	in := []time.Duration{0, time.Hour, 0, -1, 0, -2, 0}
	began := time.Now()
	got, errs := collect(t, (Timeouts{Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), slices.Values(in)))
	want(t, "results", got, []time.Duration{0, 0, 0, -2, 0})
	var stages []string
	for _, err := range errs {
		var e *TimeoutsError
		if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error %v", err)
		}
		stages = append(stages, fmt.Sprint(e.Stage, " ", e.Item, " ", e.Attempt))
	}
	slices.Sort(stages)
	want(t, "errors", stages, []string{"patient 1h0m0s 2", "slowly -2ns 1", "stubborn -1ns 1"})
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %v", took)
	}
	conserved(t, &stats, nil)
	want(t, "restarts", counters(&stats, "stubborn", "restarts"), []int{1})
	want(t, "retries", counters(&stats, "patient", "restarts", "retries"), []int{0, 1})
}

// One limit for all processes of the stage.
func TestLimits(t *testing.T) {
	begin(t)
	var stats LimitsStats
	times := all(t, (Limits{Stats: &stats}).Stream(t.Context(), upTo(30)))
	slices.SortFunc(times, time.Time.Compare)
	if len(times) != 30 {
		t.Fatalf("%d items", len(times))
	}
	if took := times[29].Sub(times[0]); took < 28*5*time.Millisecond {
		t.Errorf("30 calls at 200/s in %v", took)
	}
	conserved(t, &stats, nil)
}

// A state is made once a process, with params, and closed before the process ends.
func TestStates(t *testing.T) {
	begin(t)
	dir := t.TempDir()
	got := all(t, (States{Dir: dir}).Stream(t.Context(), upTo(50)))
	slices.Sort(got)
	var expected []string
	for n := range 50 {
		expected = append(expected, strconv.Itoa(n)+"kg kg")
	}
	slices.Sort(expected)
	want(t, "results", got, expected)
	opened, _ := filepath.Glob(dir + "/*.open")
	closed, _ := filepath.Glob(dir + "/*.closed")
	if len(opened) != 0 || len(closed) != 2 {
		t.Errorf("open %v, closed %v", opened, closed)
	}
}

// A state that cannot be made is the error of the run, with the sentinel that it was.
func TestStates_CannotBeMade(t *testing.T) {
	begin(t)
	got, errs := collect(t, (States{Dir: "/nowhere", Log: probe.Quiet}).Stream(t.Context(), upTo(50)))
	if len(got) > 0 || len(errs) != 1 || !errors.Is(errs[0], os.ErrNotExist) || !strings.Contains(errs[0].Error(), "states: weigh: ") {
		t.Errorf("results %v, errors %v", got, errs)
	}
}

// A state that cannot be closed is the error of the run.
func TestStates_CannotBeClosed(t *testing.T) {
	begin(t)
	dir := t.TempDir()
	_, errs := collect(t, (States{Dir: dir, Log: probe.Quiet}).Stream(t.Context(), func(yield func(int) bool) {
		for n := range upTo(50) {
			if !yield(n) {
				return
			}
		}
		_ = os.RemoveAll(dir)
	}))
	if e := new(StatesError); len(errs) != 1 || !errors.Is(errs[0], os.ErrNotExist) || !errors.As(errs[0], &e) || e.Stage != "weigh" {
		t.Errorf("errors %v", errs)
	}
}

func TestGiven(t *testing.T) {
	begin(t)
	got := all(t, (Given{Unit: Unit{"kg", 2}}).Stream(t.Context(), upTo(1)))
	want(t, "by default", got, []string{describe(0, "plain", -3, 5000000000, 0.25, false, 2*time.Second, 2048, Unit{"kg", 2})})
	g := Given{Text: "a\x00\"b", Number: 1 << 40, Wide: -1, Ratio: -1e300, Exact: true, Pause: -1, Most: 1, Unit: Unit{"", -0.5}}
	got = all(t, g.Stream(t.Context(), upTo(1)))
	want(t, "as set", got, []string{describe(0, g.Text, g.Number, g.Wide, g.Ratio, g.Exact, g.Pause, g.Most, g.Unit)})
}

func TestPolicies(t *testing.T) {
	begin(t)
	var stats PoliciesStats
	var log strings.Builder
	got := all(t, (Policies{Stats: &stats, Log: slog.New(slog.NewTextHandler(&log, nil))}).Stream(t.Context(), slices.Values([]string{"1", "rotten", "3", "5", "7", "panic", "9"})))
	mended := parcelOf(5)
	mended.marks = []string{"new", "policies: routing: broken 5"}
	want(t, "mended", got, []Parcel{mended})
	want(t, "kept", gathered, []string{"1 [new open]", "7 [new open]"})
	if len(buried) != 2 || !strings.HasPrefix(buried[0], "burying {ID:3 weight:1.5 ") || !strings.HasSuffix(buried[1], " parcel 9: rotten") {
		t.Errorf("buried %q", buried)
	}
	if !strings.Contains(log.String(), "skipping") {
		t.Errorf("log %q", log.String())
	}
	conserved(t, &stats, map[string][]string{"mend": {}, "keep": {"routing"}})
	want(t, "skipped", counters(&stats, "skipping", "in", "done", "failed"), []int{7, 5, 2})
}

func TestInner(t *testing.T) {
	begin(t)
	var stats InnerStats
	in := []string{"1", "rotten", "3", "5", "7", "panic", "9"}
	got, errs := collect(t, (Inner{Stats: &stats, Log: probe.Quiet}).Stream(t.Context(), slices.Values(in)))
	var labels []string
	for _, p := range got {
		labels = append(labels, fmt.Sprint(p.ID, p.marks, p.at.Equal(time.Unix(int64(p.ID), 5))))
	}
	slices.Sort(labels)
	want(t, "parcels", labels, []string{"1 [new open] true", "5 [new inner: open: item 3: broken 5] true"})
	if len(errs) != 1 || !errors.Is(errs[0], errTemporary) {
		t.Fatalf("errors %v", errs)
	}
	var e *InnerError
	if !errors.As(errs[0], &e) || e.Stage != "last" || e.Item == nil || e.Item.(Parcel).ID != 7 {
		t.Errorf("error %+v", e)
	}
	slices.Sort(buried)
	if len(buried) != 2 || !strings.HasPrefix(buried[0], "sound {ID:3 weight:1.5 ") || !strings.HasSuffix(buried[1], " parcel 9: rotten") {
		t.Errorf("buried %q", buried)
	}
	conserved(t, &stats, map[string][]string{"mend": {}, "look": {}})
}

func TestGraph(t *testing.T) {
	begin(t)
	var stats GraphStats
	if err := (Graph{Stats: &stats}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	total := 0
	for n := range 100 {
		switch s := 2*n + n*n; s % 2 {
		case 0:
			total -= s
		case 1:
			total += s
		}
	}
	want(t, "totals", totals, []int{total})
}

func TestJoined(t *testing.T) {
	begin(t)
	got := all(t, (Joined{}).Stream(t.Context()))
	slices.Sort(got)
	want(t, "sums", got, []int{6, 9, 15, 21, 33, 39, 51, 57, 69, 87, 93, 111, 123, 129, 141, 159, 177, 183, 201, 213, 219, 237, 249, 267, 291})
}

func TestMixed(t *testing.T) {
	begin(t)
	var log strings.Builder
	var stats MixedStats
	got := all(t, (Mixed{Stats: &stats, Log: slog.New(slog.NewTextHandler(&log, nil))}).Stream(t.Context(), upTo(50)))
	slices.Sort(got)
	var expected []int
	for n := range 50 {
		expected = append(expected, 10*(2*n)*(2*n))
	}
	want(t, "results", got, expected)
	conserved(t, &stats, nil)
	if n := strings.Count(log.String(), "squaring "); n != 50 {
		t.Errorf("%d lines of the workers are in the log", n)
	}
	if os.Getenv("SQUARE") != "" {
		t.Error("the environment of the workers is the parent's too")
	}
}

func TestJSONCoded(t *testing.T) {
	begin(t)
	got, errs := collect(t, (JSONCoded{}).Stream(t.Context(), slices.Values([]int{1, -1})))
	want(t, "results", got, []json.RawMessage{json.RawMessage(`{"street":"1","extra":{"n":1}}`)})
	if len(errs) != 1 || !errors.Is(errs[0], errRotten) {
		t.Errorf("errors %v", errs)
	}
}

func TestCrawl(t *testing.T) {
	begin(t)
	if err := (Crawl{}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	slices.Sort(crawled)
	crawled = slices.Compact(crawled)
	if len(crawled) != 38 || crawled[0] != 2 || crawled[37] != 39 {
		t.Errorf("crawled %v", crawled)
	}
}

// Workers start workers, as deep as max_depth says, and no deeper.
func TestNested(t *testing.T) {
	begin(t)
	got, errs := collect(t, (Nested{Log: probe.Quiet}).Stream(t.Context(), slices.Values([]int{0, 1})))
	slices.Sort(got)
	want(t, "depths", got, []int{1, 2})
	if len(errs) > 0 {
		t.Errorf("errors %v", errs)
	}
	_, errs = collect(t, (Nested{Log: probe.Quiet}).Stream(t.Context(), slices.Values([]int{2})))
	if len(errs) != 1 || !strings.Contains(errs[0].Error(), "max_depth is 2") {
		t.Errorf("errors %v", errs)
	}
}
