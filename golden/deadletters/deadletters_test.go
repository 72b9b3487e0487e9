package deadletters

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Letters", Tolerant: []string{"work", "text"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Letters{Drain: drain, Stats: new(LettersStats)}
		return probe.Open[*LettersError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Fused", Tolerant: []string{"emits", "work", "keep"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Fused{Drain: drain, Stats: new(FusedStats)}
		return probe.Sunk[*FusedError](p.Stats, p.RunSeq2)
	}},
	{Name: "Every", Tolerant: []string{"keep_all", "same", "slice", "pairs", "emits", "look", "deep", "keep"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Every{Drain: drain, Stats: new(EveryStats)}
		return probe.Closed[*EveryError](p.Stats, p.Run)
	}},
}

func TestLifeCycle(t *testing.T) {
	m := newMailbox(nil)
	probe.LifeCycle(t, pipelines...)
	if len(m.letters) > 0 {
		t.Errorf("%d dead letters though no stage failed: %v", len(m.letters), m.letters)
	}
}

var errBoom = errors.New("boom")

// newMailbox begins a new mailbox, in which fail may refuse letters.
func newMailbox(fail func(letter) error) *mailbox {
	current = &mailbox{fail: fail}
	return current
}

// of is the number of letters of one stage.
func (m *mailbox) of(stage string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, l := range m.letters {
		if l.stage == stage {
			n++
		}
	}
	return n
}

func collect[T any](seq iter.Seq2[T, error]) (got []T, last error) {
	for v, err := range seq {
		if last = err; err == nil {
			got = append(got, v)
		}
	}
	return got, last
}

// An item becomes a dead letter after its last attempt, once, with the pipeline's error; the others go on.
func TestPromise09_AfterLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMailbox(nil)
		attempts := make(map[int]int)
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			switch {
			case c.Stage == "work" && c.Item == 2:
				if attempts[2]++; attempts[2] == 3 && m.of("work") > 0 {
					t.Error("a letter before the last attempt")
				}
				return errTemporary
			case c.Stage == "text" && c.Item == 40:
				return errBoom
			}
			return nil
		}})
		var stats LettersStats
		got, err := collect(Letters{Stats: &stats}.Stream(t.Context(), slices.Values([]int{1, 2, 3, 4})))
		slices.Sort(got)
		if err != nil || !slices.Equal(got, []string{"10", "30"}) || len(m.letters) != 2 || attempts[2] != 3 {
			t.Fatalf("%v, %v, letters %v", got, err, m.letters)
		}
		for _, l := range m.letters {
			var e *LettersError
			if !errors.As(l.err, &e) || e.Stage != l.stage || e.Item != l.item || l.ctx == nil {
				t.Errorf("%+v", l)
			}
			if l.stage == "work" && (l.item != 2 || e.Index != 1 || e.Attempt != 3 || e.Err != errTemporary) {
				t.Errorf("%+v", e)
			}
			if l.stage == "text" && (l.item != 40 || e.Index != 3 || e.Attempt != 1 || e.Err != errBoom) {
				t.Errorf("%+v", e)
			}
		}
		if stats.Work.DeadLettered() != 1 || stats.Work.Failed() != 0 || stats.Work.Retries() != 2 || stats.Work.Done() != 3 || stats.Text.DeadLettered() != 1 {
			t.Errorf("%s", &stats)
		}
		probe.Read(&stats).Conserved(t, nil)
	})
}

// No letter is written because the run ends: not for the item that waits for its next attempt, and not for the one
// whose call the end has cancelled.
func TestPromise09_NotBecauseOfShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMailbox(nil)
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			if c.Item == 1 {
				<-c.Ctx.Done()
				return c.Ctx.Err()
			}
			return errTemporary
		}})
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var stats LettersStats
		_, err := collect(Letters{Stats: &stats}.Stream(ctx, slices.Values([]int{1, 2})))
		if err != context.DeadlineExceeded || len(m.letters) > 0 || stats.Work.Interrupted() != 2 {
			t.Errorf("%v, letters %v, %s", err, m.letters, &stats)
		}
		probe.Read(&stats).Conserved(t, nil)
	})
}

// A timeout of the stage's own is an error like others.
func TestPromise10_TimeoutIsALetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMailbox(nil)
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			if c.Ctx != nil {
				<-c.Ctx.Done()
				return c.Ctx.Err()
			}
			return nil
		}})
		_, err := collect(Letters{}.Stream(t.Context(), slices.Values([]int{1})))
		if err != nil || len(m.letters) != 1 || !errors.Is(m.letters[0].err, context.DeadlineExceeded) {
			t.Errorf("%v, letters %v", err, m.letters)
		}
	})
}

// Every verb's items can be dead letters, those of a panic and of Goexit too.
func TestPromise08_EveryVerb(t *testing.T) {
	for _, stage := range []string{"keep_all", "same", "slice", "pairs", "emits", "look", "deep", "keep"} {
		for name, do := range map[string]func() error{
			"error":  func() error { return errBoom },
			"panic":  func() error { panic(errBoom) },
			"Goexit": func() error { runtime.Goexit(); return nil },
		} {
			m := newMailbox(nil)
			probe.Play(probe.Script{N: 5, Hook: func(c probe.Call) error {
				if c.Stage == stage && c.Item == 3 {
					return do()
				}
				return nil
			}})
			var stats EveryStats
			err := Every{Stats: &stats}.Run(t.Context())
			counts := probe.Read(&stats)
			if err != nil || len(m.letters) != 1 || m.letters[0].stage != "dead: "+stage || m.letters[0].item != 3 ||
				counts.Of(stage, "dead_lettered") != 1 || counts.Of(stage, "failed") != 0 || counts.Of("keep", "done") != 4 {
				t.Errorf("%s: %s: %v, letters %v, %s", stage, name, err, m.letters, &stats)
			}
			counts.Conserved(t, nil)
		}
	}
}

// Where the letter cannot be written the run ends with the item's error and that of the function, whatever way it
// failed.
func TestUnsaved(t *testing.T) {
	full := errors.New("mailbox full")
	for name, do := range map[string]func() error{
		"error":  func() error { return full },
		"panic":  func() error { panic(full) },
		"Goexit": func() error { runtime.Goexit(); return nil },
	} {
		for how, fail := range map[string]func() error{
			"error":  func() error { return errBoom },
			"panic":  func() error { panic(errBoom) },
			"Goexit": func() error { runtime.Goexit(); return nil },
		} {
			t.Run(how+"/"+name, func(t *testing.T) {
				newMailbox(func(letter) error { return do() })
				probe.Play(probe.Script{Hook: func(c probe.Call) error {
					if c.Stage == "text" && c.Item == 20 {
						return fail()
					}
					return nil
				}})
				var stats LettersStats
				_, err := collect(Letters{Stats: &stats}.Stream(t.Context(), slices.Values([]int{1, 2, 3, 4})))
				var e *LettersError
				if !errors.As(err, &e) || e.Stage != "text" || e.Index != 1 || e.Item != 20 {
					t.Fatalf("%v", err)
				}
				text := map[string]string{"error": "mailbox full", "panic": "panic: mailbox full", "Goexit": "runtime.Goexit was called"}[name]
				if !strings.HasPrefix(err.Error(), "letters: text: item 1: ") || !strings.HasSuffix(err.Error(), "; dead letter: "+text) {
					t.Errorf("%v", err)
				}
				if name != "Goexit" && !errors.Is(err, full) || how != "Goexit" && !errors.Is(err, errBoom) {
					t.Errorf("%v", err)
				}
				if stats.Text.DeadLettered() != 0 || stats.Text.Failed() != 1 {
					t.Errorf("%s", &stats)
				}
				probe.Read(&stats).Conserved(t, nil)
			})
		}
	}
}

// The pool hands an item's error to its future, and writes its letter.
func TestPool(t *testing.T) {
	m := newMailbox(nil)
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		if c.Stage == "text" && c.Item == 20 {
			return errBoom
		}
		return nil
	}})
	pool, err := Letters{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for n := range 5 {
		got, err := pool.Do(t.Context(), n)
		if n == 2 {
			if !errors.Is(err, errBoom) {
				t.Errorf("%q, %v", got, err)
			}
		} else if got != fmt.Sprint(10*n) || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
	if len(m.letters) != 1 || m.letters[0].item != 20 {
		t.Errorf("letters %v", m.letters)
	}
}
