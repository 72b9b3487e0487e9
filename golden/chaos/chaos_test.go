//go:build linux

package chaos

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

type logger = *slog.Logger

var quiet = slog.New(slog.DiscardHandler)

// family is in the environment of all processes that the test starts.
var family = fmt.Sprintf("PIPEGEN_CHAOS=%d", os.Getpid())

var (
	kills = flag.Int("kills", 30, "how many processes TestKills kills")
	seed  = flag.Uint64("seed", 1, "of what is random")
)

func TestMain(m *testing.M) {
	ResentWorker()
	FailedWorker()
	BuriedWorker()
	SpreadWorker()
	StoredWorker()
	if phase := os.Getenv("CHAOS_PARENT"); phase != "" {
		parent(phase)
	}
	name, value, _ := strings.Cut(family, "=")
	_ = os.Setenv(name, value)
	goleak.VerifyTestMain(m)
}

// mute keeps what workers write apart from what the test does.
func mute(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = null, null
	t.Cleanup(func() {
		os.Stdout, os.Stderr = stdout, stderr
		_ = null.Close()
	})
}

// random are jobs of which one in so many has one of the troubles.
func random(r *rand.Rand, n, oneIn int, troubles []trouble) []job {
	jobs := make([]job, n)
	for i := range jobs {
		jobs[i] = job{ID: i, Payload: payload(r)}
		if r.IntN(oneIn) == 0 {
			jobs[i].Trouble = troubles[r.IntN(len(troubles))]
			jobs[i].Always = slices.Contains(harmless, jobs[i].Trouble)
		}
	}
	return jobs
}

// payload is little, mostly.
func payload(r *rand.Rand) []byte {
	size := r.IntN(200)
	switch r.IntN(50) {
	case 0:
		size = r.IntN(200 << 10)
	case 1, 2, 3:
		size = r.IntN(8 << 10)
	}
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(i * size)
	}
	return b
}

// report fails t with what is wrong.
func (l *ledger) report(t *testing.T) {
	t.Helper()
	if len(l.wrong) > 0 {
		t.Errorf("%s, seed %d: %d jobs, %d complaints\n%s\n%v", l.system.name, *seed, len(l.jobs), len(l.wrong),
			strings.Join(l.wrong[:min(len(l.wrong), 12)], "\n"), l.counts)
	}
}

// each runs f for all systems at once.
func each(t *testing.T, f func(t *testing.T, s *system)) {
	leavesNothing(t)
	mute(t)
	var all sync.WaitGroup
	for i := range systems {
		all.Go(func() { f(t, &systems[i]) })
	}
	all.Wait()
}

// Each trouble that there is, at random items, is the business of its item alone.
func TestTroubles(t *testing.T) {
	each(t, func(t *testing.T, s *system) {
		r := rand.New(rand.NewPCG(*seed, 2))
		jobs := random(r, 600, 30, harmless)
		for _, trouble := range slices.Concat(harmless, deadly) {
			if j := &jobs[r.IntN(len(jobs))]; !slices.Contains(deadly, j.Trouble) {
				j.Trouble = trouble
				j.Always = !slices.Contains(deadly, trouble) // also where another one's process dies with it
			}
		}
		if s.results != 1 { // none of them can be too large
			for i := range jobs {
				if jobs[i].Trouble == swells {
					jobs[i].Trouble = ""
				}
			}
		}
		l := newLedger(t, s)
		l.fill(t.Context(), slices.Values(jobs))
		l.report(t)
	})
}

// Random kills lose nothing.
//
//	go test ./golden/chaos -run TestKills -kills 1000 -seed 7 -timeout 20m
func TestKills(t *testing.T) {
	k := newKiller(*seed, *kills, 25*time.Millisecond)
	go k.run()
	each(t, func(t *testing.T, s *system) {
		l := newLedger(t, s)
		l.kills = k
		l.fill(t.Context(), k.jobs(rand.New(rand.NewPCG(*seed, 3))))
		l.report(t)
		t.Logf("%s: %d jobs, %d restarts, %d retries", s.name, len(l.jobs), l.counts[s.worker()]["restarts"], l.counts[s.worker()]["retries"])
	})
	k.stop()
}

// jobs are jobs as long as there is somebody to be killed.
func (k *killer) jobs(r *rand.Rand) iter.Seq[job] {
	return func(yield func(job) bool) {
		for i := 0; k.left.Load() > 0; i++ {
			j := job{ID: i, Payload: payload(r)}
			if r.IntN(4) == 0 {
				j.Trouble = dawdles
			}
			if !yield(j) {
				return
			}
		}
	}
}

// Runs that are cancelled, or left by their reader, while processes die end soon, and nothing ends twice.
func TestEnds(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		t.Run(fmt.Sprintf("leaves=%v", leaves), func(t *testing.T) {
			k := newKiller(*seed, 1000, 15*time.Millisecond)
			go k.run()
			each(t, func(t *testing.T, s *system) {
				if leaves && s.results == 0 {
					return // there is nobody to leave
				}
				r := rand.New(rand.NewPCG(*seed, 5))
				for range 4 {
					l := newLedger(t, s)
					l.kills, l.partial = k, true
					after := time.Duration(r.IntN(150)) * time.Millisecond
					ctx, cancel := context.WithCancelCause(t.Context())
					if leaves {
						l.leave = 1 + r.IntN(100)
					} else {
						time.AfterFunc(after, func() { cancel(errEnough) })
					}
					began := time.Now()
					l.fill(ctx, k.jobs(r))
					cancel(nil)
					// No call heeds its context later than at once; a stopped process waits for its heartbeat.
					if took := time.Since(began) - after; took > 5*time.Second {
						l.complain("the end took %v", took)
					}
					l.report(t)
				}
			})
			k.stop()
		})
	}
}

var errEnough = errors.New("enough")

// A poison item, that kills every process, fails after as many as it may; those that came to the process with it are
// not blamed.
func TestPoison(t *testing.T) {
	each(t, func(t *testing.T, s *system) {
		jobs := make([]job, 64*5)
		for i := range jobs {
			jobs[i].ID = i
		}
		for i, trouble := range []trouble{exits, dies, aborts, tears} {
			jobs[70+50*i] = job{ID: 70 + 50*i, Trouble: trouble, Always: true}
		}
		l := newLedger(t, s)
		l.attempts = 3
		if s.name == "spread" || s.name == "stored" {
			return // whose attempts are many
		}
		l.fill(t.Context(), slices.Values(jobs))
		for i := range jobs {
			switch got := l.begun[i]; {
			case !s.resends:
			case jobs[i].Always && got != l.attempts:
				l.complain("job %d (%s) was begun %d times, want %d", i, jobs[i].Trouble, got, l.attempts)
			case !jobs[i].Always && got > 2: // it was done, and not answered yet
				l.complain("job %d, which came with a poison item, was begun %d times", i, got)
			}
		}
		l.report(t)
	})
}

// Workers that never start are the error of the run, within a bound, with the first cause.
func TestNeverStarts(t *testing.T) {
	leavesNothing(t)
	mute(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "fail-always"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var stats ResentStats
	pipeline := Resent{Dir: dir, Restarts: 3, Stats: &stats, Log: quiet}
	for _, err := range pipeline.Stream(t.Context(), slices.Values(make([]job, 100))) {
		if !errors.Is(err, errStart) || !strings.Contains(err.Error(), "work: 4 worker processes have failed, and max_restarts is 3; the first: the scribe has no ink") {
			t.Error(err)
		}
	}
	if n := stats.Work.Restarts(); n < 4 || n > 8 {
		t.Errorf("%d restarts", n)
	}
}

// Workers that cannot start now and then are no loss.
func TestStartFailures(t *testing.T) {
	each(t, func(t *testing.T, s *system) {
		jobs := random(rand.New(rand.NewPCG(*seed, 4)), 200, 40, []trouble{dies})
		l := newLedger(t, s)
		for _, name := range []string{"fail", "exit"} {
			if err := os.WriteFile(filepath.Join(l.dir, name), nil, 0o600); err != nil {
				t.Error(err)
			}
		}
		l.fill(t.Context(), slices.Values(jobs))
		l.report(t)
	})
}
