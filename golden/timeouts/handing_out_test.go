package timeouts

import (
	"context"
	"errors"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// slowly makes each step of the stages take so long, and the reader at the end a quarter of a minute an item.
func slowly(step time.Duration, stages ...string) func(probe.Call) error {
	return func(c probe.Call) error {
		if c.Stage == "after" {
			time.Sleep(15 * time.Second)
		}
		if slices.Contains(stages, c.Stage) {
			time.Sleep(step)
		}
		return nil
	}
}

// results reads a stream to its end.
func results(stream iter.Seq2[int, error]) (n int, err error) {
	for _, err := range stream {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// A source's time is what it takes between the items that it hands out: no less, and not what its reader takes.
func TestPromise10_PatientSources(t *testing.T) {
	sources := []string{"emitted", "quietly", "walked"}
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{Hook: slowly(3*time.Second, sources...)})
		if n, err := results(Patient{}.Stream(t.Context())); n != few*len(sources) || err != nil {
			t.Errorf("%d items, %v", n, err)
		}
	})
	for _, source := range sources {
		for _, late := range []int{0, few - 1} { // alone, or the sum
			synctest.Test(t, func(t *testing.T) {
				probe.Play(probe.Script{Hook: func(c probe.Call) error {
					if c.Stage == source && (late == 0 && c.Item == 1 || late > 0) {
						time.Sleep(11 * time.Second / time.Duration(1+late))
						if source == "emitted" {
							return c.Ctx.Err()
						}
					}
					return nil
				}})
				_, err := results(Patient{}.Stream(t.Context()))
				var e *PatientError
				if !errors.As(err, &e) || e.Stage != source || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s takes 11 seconds, at once: %v: %v", source, late == 0, err)
				}
			})
		}
	}
}

// A source that can fail says itself whether it has when its time was up.
func TestPromise10_WhatALateSourceSays(t *testing.T) {
	for _, says := range []error{nil, errors.New("boom")} {
		synctest.Test(t, func(t *testing.T) {
			probe.Play(probe.Script{Hook: func(c probe.Call) error {
				if c.Stage == "emitted" && c.Item == few-1 {
					time.Sleep(11 * time.Second)
					return says
				}
				return nil
			}})
			if _, err := results(Patient{}.Stream(t.Context())); !errors.Is(err, says) {
				t.Errorf("it says %v, the run ended with %v", says, err)
			}
		})
	}
}

// It is the same for a stage that hands out results. One that takes too long loses its item, and keeps what it has
// handed out.
func TestPromise10_TolerantStages(t *testing.T) {
	stages := []string{"opened", "told", "paired"}
	numbers := slices.Values([]int{0, 1})
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{Hook: slowly(3*time.Second, stages...)})
		stats := new(TolerantStats)
		n, err := results(Tolerant{Stats: stats, Log: probe.Quiet}.Stream(t.Context(), numbers))
		if n != 2*few*few*few || err != nil {
			t.Errorf("%d items, %v", n, err)
		}
	})
	for i, stage := range stages {
		synctest.Test(t, func(t *testing.T) {
			stats := new(TolerantStats)
			probe.Play(probe.Script{Hook: func(c probe.Call) error {
				if c.Stage == stage && c.Item == 1 {
					time.Sleep(4 * time.Second)
				}
				return nil
			}})
			n, err := results(Tolerant{Stats: stats, Log: probe.Quiet}.Stream(t.Context(), numbers))
			failed := []int64{stats.Opened.Failed(), stats.Told.Failed(), stats.Paired.Failed()}
			want := make([]int64, 3)
			want[i] = []int64{1, few, few * few}[i] // calls for item 1
			if n != 2*few*few*few || err != nil || !slices.Equal(failed, want) {
				t.Errorf("%s takes 12 seconds for item 1: %d items, failed %v, want %v; %v", stage, n, failed, want, err)
			}
		})
	}
}

// An error that comes too late is one failure, not two.
func TestPromise07_LateError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			if c.Stage == "paired" {
				time.Sleep(11 * time.Second)
				return errors.New("boom")
			}
			return nil
		}})
		stats := new(TolerantStats)
		_, err := results(Tolerant{Stats: stats, Log: probe.Quiet}.Stream(t.Context(), slices.Values([]int{0})))
		if in, failed := stats.Paired.In(), stats.Paired.Failed(); in != few*few || failed != in || err != nil {
			t.Errorf("%d of %d items failed, %v", failed, in, err)
		}
	})
}

// A call that fails has ended before the next one begins.
func TestPromise09_FailedCallsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed context.Context
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			switch {
			case c.Stage == "open" && c.Item == 0:
				failed = c.Ctx
				return errors.New("boom")
			case c.Stage == "open" && failed.Err() != context.Canceled:
				t.Errorf("the context of the call before says %v", failed.Err())
			}
			return nil
		}})
		if n, err := results(Tolerant{Log: probe.Quiet}.Stream(t.Context(), slices.Values([]int{0, 1}))); n != few*few*few || err != nil {
			t.Errorf("%d items, %v", n, err)
		}
	})
}
