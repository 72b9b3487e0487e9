package shared

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func TestMain(m *testing.M) {
	CountsApartWorker()
	GatesApartWorker()
	TurnsApartWorker()
	TalliesApartWorker()
	TalksApartWorker()
	HistoriesWorker()
	CrowdWorker()
	WideWorker()
	OwnersWorker()
	GuardsWorker()
	PassagesWorker()
	os.Exit(m.Run())
}

// begin checks at the end that nothing is left behind.
func begin(t *testing.T) {
	t.Helper()
	probe.NothingLeft(t)
}

// upTo yields the numbers below n.
func upTo(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}

// all reads a stream to its end.
func all[T any](t *testing.T, stream iter.Seq2[T, error]) (list []T) {
	t.Helper()
	for v, err := range stream {
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, v)
	}
	return list
}

func want[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

// both runs f in goroutines and in worker processes.
func both(t *testing.T, threads, processes func(t *testing.T)) {
	t.Run("threads", func(t *testing.T) { begin(t); threads(t) })
	t.Run("processes", func(t *testing.T) { begin(t); processes(t) })
}

// No addition is lost, neither of those that are one step nor of those that a lock makes one.
func TestCounts(t *testing.T) {
	const items, sum = 1000, 1000 * 999 / 2
	check := func(t *testing.T, results []int, found int64, ratio float64, extent Extent, grid []float64) {
		want(t, "results", len(results), items)
		want(t, "found", found, sum)
		want(t, "ratio", ratio, sum)
		want(t, "extent", extent, Extent{0, items - 1, sum})
		for i, got := range grid {
			want(t, fmt.Sprintf("grid[%d]", i), got, float64(125*i+8*125*124/2))
		}
	}
	both(t, func(t *testing.T) {
		sh := NewCountsShared()
		defer sh.Close()
		results := all(t, Counts{Shared: sh}.Stream(t.Context(), upTo(items)))
		check(t, results, sh.Found.Load(), sh.Ratio.Load(), sh.Extent.Load(), sh.Grid.Slice())
	}, func(t *testing.T) {
		sh := NewCountsApartShared()
		defer sh.Close()
		results := all(t, CountsApart{Shared: sh}.Stream(t.Context(), upTo(items)))
		check(t, results, sh.Found.Load(), sh.Ratio.Load(), sh.Extent.Load(), sh.Grid.Slice())
	})
}

// Not more than two have a seat at a time, and three meet at the barrier.
func TestGates(t *testing.T) {
	check := func(t *testing.T, places []int, inside, most int64) {
		slices.Sort(places)
		want(t, "places", places, []int{0, 0, 1, 1, 2, 2})
		want(t, "inside at the end", inside, 0)
		if most < 1 || most > 2 {
			t.Errorf("%d had a seat at a time, want at most 2", most)
		}
	}
	both(t, func(t *testing.T) {
		sh := NewGatesShared()
		defer sh.Close()
		places := all(t, Gates{Shared: sh}.Stream(t.Context(), upTo(6)))
		check(t, places, sh.Inside.Load(), sh.Most.Load())
	}, func(t *testing.T) {
		sh := NewGatesApartShared()
		defer sh.Close()
		places := all(t, GatesApart{Shared: sh}.Stream(t.Context(), upTo(6)))
		check(t, places, sh.Inside.Load(), sh.Most.Load())
	})
}

// Who waits on a condition goes on when it holds: of three items, as many as there are workers, the last one comes
// first.
func TestTurns(t *testing.T) {
	const rounds = 3
	each := func(run func(items iter.Seq[int])) {
		for i := range rounds {
			run(slices.Values([]int{3*i + 2, 3*i + 1, 3 * i}))
		}
	}
	inOrder := slices.Collect(upTo(3 * rounds))
	both(t, func(t *testing.T) {
		sh := NewTurnsShared()
		defer sh.Close()
		each(func(items iter.Seq[int]) { all(t, Turns{Shared: sh}.Stream(t.Context(), items)) })
		want(t, "order", sh.Order.Snapshot(), inOrder)
	}, func(t *testing.T) {
		sh := NewTurnsApartShared()
		defer sh.Close()
		each(func(items iter.Seq[int]) { all(t, TurnsApart{Shared: sh}.Stream(t.Context(), items)) })
		want(t, "order", sh.Order.Snapshot(), inOrder)
	})
}

// Updates of a map are one step each, and each word is new once.
func TestTallies(t *testing.T) {
	text := strings.Fields(strings.Repeat("to be or not to be that is the question whether ", 50))
	check := func(t *testing.T, seen map[string]Tally, words []string) {
		want(t, "to", seen["to"], Tally{100, []int{2, 2, 2}})
		want(t, "question", seen["question"], Tally{50, []int{8, 8, 8}})
		slices.Sort(words)
		want(t, "words", words, []string{"be", "is", "not", "or", "question", "that", "the", "to", "whether"})
		want(t, "seen", len(seen), len(words))
	}
	both(t, func(t *testing.T) {
		sh := NewTalliesShared()
		defer sh.Close()
		all(t, Tallies{Shared: sh}.Stream(t.Context(), slices.Values(text)))
		check(t, sh.Seen.Snapshot(), sh.Words.Snapshot())
	}, func(t *testing.T) {
		sh := NewTalliesApartShared()
		defer sh.Close()
		all(t, TalliesApart{Shared: sh}.Stream(t.Context(), slices.Values(text)))
		check(t, sh.Seen.Snapshot(), sh.Words.Snapshot())
	})
}

// conversation is a caller's side of talk.
func conversation(t *testing.T, conn talker, extra interface {
	Get(context.Context) (Message, error)
	Done()
	Join(context.Context) error
	Close()
}, sums iter.Seq2[int, error]) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	const n = 100
	said := make(chan error, 1)
	go func() {
		said <- func() error {
			for i := range n {
				if err := conn.Send(ctx, Message{"caller", i}); err != nil {
					return err
				}
				if m, err := conn.Recv(ctx); err != nil || m != (Message{"stage", i * i}) {
					return fmt.Errorf("answer %d: %v, %v", i, m, err)
				}
			}
			return nil
		}()
	}()
	taken := make(chan error, 1)
	go func() {
		taken <- func() error {
			for i := 0; ; i++ {
				m, err := extra.Get(ctx)
				if err == io.EOF && i == n {
					return nil
				}
				if err != nil || m != (Message{"caller", i}) {
					return fmt.Errorf("extra %d: %v, %v", i, m, err)
				}
				extra.Done()
			}
		}()
	}()
	want(t, "sums", all(t, sums), []int{n * (n - 1) / 2})
	if err := <-said; err != nil {
		t.Error(err)
	}
	if err := extra.Join(ctx); err != nil {
		t.Error(err)
	}
	extra.Close()
	if err := <-taken; err != nil {
		t.Error(err)
	}
}

// A caller and a stage talk by a pipe; what is put into a queue comes out in order, once.
func TestTalks(t *testing.T) {
	once := slices.Values([]int{100})
	both(t, func(t *testing.T) {
		sh := NewTalksShared()
		defer sh.Close()
		conversation(t, sh.Conn, sh.Extra, Talks{Shared: sh}.Stream(t.Context(), once))
	}, func(t *testing.T) {
		sh := NewTalksApartShared()
		defer sh.Close()
		conversation(t, sh.Conn, sh.Extra, TalksApart{Shared: sh}.Stream(t.Context(), once))
	})
}

// Without the field each run has resources of its own.
func TestOwn(t *testing.T) {
	both(t, func(t *testing.T) {
		for range 2 {
			results := all(t, Tallies{}.Stream(t.Context(), slices.Values([]string{"a", "a"})))
			slices.Sort(results)
			want(t, "results", results, []int{1, 2})
		}
	}, func(t *testing.T) {
		for range 2 {
			results := all(t, TalliesApart{}.Stream(t.Context(), slices.Values([]string{"a", "a"})))
			slices.Sort(results)
			want(t, "results", results, []int{1, 2})
			want(t, "the number of results with mapped memory", len(all(t, CountsApart{}.Stream(t.Context(), upTo(3)))), 3)
		}
	})
}

// What a process has taken that ends when its work is done stays taken, until another one gives it back.
func TestPassages(t *testing.T) {
	begin(t)
	sh := NewPassagesShared()
	defer func() { _ = sh.Close() }()
	for i := range 4 {
		sh.H.TryPut(i)
	}
	var stats PassagesStats
	if err := (Passages{Shared: sh, Stats: &stats}).Run(t.Context(), upTo(4)); err != nil {
		t.Error(err)
	}
	if err := sh.H.Join(t.Context()); err != nil {
		t.Error(err)
	}
	for i := range 5 {
		want(t, fmt.Sprintf("permit %d", i), sh.S.TryAcquire(), i < 4)
	}
	want(t, "lost", stats.Enter.LostLocks(), 0)
}

// What was not made by New, or has been closed, is refused before anything starts.
func TestRefused(t *testing.T) {
	refused := func(t *testing.T, stream iter.Seq2[int, error], text string) {
		t.Helper()
		var errs []error
		for _, err := range stream {
			errs = append(errs, err)
		}
		if len(errs) != 1 || !strings.Contains(fmt.Sprint(errs[0]), text) {
			t.Errorf("the errors are %v, want %s", errs, text)
		}
	}
	both(t, func(t *testing.T) {
		refused(t, Counts{Shared: &CountsShared{}}.Stream(t.Context(), upTo(3)), "counts: its field Shared was not made by NewCountsShared")
		sh := NewCountsShared()
		_ = sh.Close()
		refused(t, Counts{Shared: sh}.Stream(t.Context(), upTo(3)), "counts: its field Shared has been closed")
	}, func(t *testing.T) {
		refused(t, CountsApart{Shared: &CountsApartShared{}}.Stream(t.Context(), upTo(3)), "counts-apart: its field Shared was not made by NewCountsApartShared")
		sh := NewCountsApartShared()
		sh.Found.Add(7)
		for range 2 {
			if err := sh.Close(); err != nil {
				t.Error(err)
			}
		}
		want(t, "found, closed", sh.Found.Load(), 7)
		refused(t, CountsApart{Shared: sh}.Stream(t.Context(), upTo(3)), "counts-apart: its field Shared has been closed")
	})
}

// Ten processes lose no increment in a million.
func TestCrowd(t *testing.T) {
	begin(t)
	sh := NewCrowdShared()
	defer sh.Close()
	const items, each = 200, 5000
	done := 0
	for n, err := range (Crowd{Shared: sh}).Stream(t.Context(), func(yield func(int) bool) {
		for range items {
			if !yield(each) {
				return
			}
		}
	}) {
		if err != nil {
			t.Fatal(err)
		}
		done += n
	}
	want(t, "done", done, 1_000_000)
	want(t, "found", sh.Found.Load(), 1_000_000)
}

// An array is filled where it is: next to nothing goes through the sockets.
func TestWide(t *testing.T) {
	begin(t)
	sh := NewWideShared()
	defer sh.Close()
	var stats WideStats
	all(t, Wide{Shared: sh, Stats: &stats}.Stream(t.Context(), upTo(wideHello)))
	for i, got := range sh.Field.Slice() {
		if got != float64(i) {
			t.Fatalf("field[%d] is %v", i, got)
		}
	}
	if n := stats.Fill.BytesIn() + stats.Fill.BytesOut(); n > 1000 {
		t.Errorf("%d bytes went through sockets", n)
	}
}
