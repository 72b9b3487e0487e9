package zips

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// An error from above passes on in the place of its pair, whose other item is left out; one that has no partner passes on
// too, and is not counted as an item without one.
func TestPromise07_ErrorsOfOneSide(t *testing.T) {
	boom := errors.New("boom")
	probe.Play(probe.Script{N: 6, Hook: func(c probe.Call) error {
		if c.Stage == "pass" && c.Item%3 == 1 {
			return boom
		}
		return nil
	}})
	stats := new(OneSidedStats)
	var got []int
	failed := 0
	for pair, err := range (OneSided{Stats: stats}).Stream(t.Context()) {
		if err == nil {
			got = append(got, pair)
		} else if failed++; !errors.Is(err, boom) {
			t.Error(err)
		}
	}
	if !slices.Equal(got, []int{1, 2005}) || failed != 2 {
		t.Errorf("%v and %d errors, want the pairs of 0 and 1, 2 and 5, and two errors", got, failed)
	}
	if s := &stats.Pair; s.In() != 7 || s.Filtered() != 3 || s.Done() != 4 || s.Out() != 2 {
		t.Errorf("in %d, filtered %d, done %d, out %d", s.In(), s.Filtered(), s.Done(), s.Out())
	}
}

// A pair that the stop of the run keeps from the next stage is interrupted, both of its items.
func TestPromise07_APairThatIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		probe.Play(probe.Script{N: 50000, Hook: func(c probe.Call) error {
			if c.Stage == "keep" {
				<-ctx.Done()
				time.Sleep(time.Second) // so that the run has stopped
			}
			return nil
		}})
		stats := new(PositionsStats)
		if err := (Positions{Stats: stats}).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if s := &stats.Pair; s.Done() != 2*s.Out() || s.Out() == 0 || s.Interrupted() == 0 {
			t.Errorf("%d items are done in %d pairs, %d interrupted", s.Done(), s.Out(), s.Interrupted())
		}
	})
}

// An item that waits for its partner when the run stops is interrupted.
func TestPromise07_HalfAPairThatIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		probe.Play(probe.Script{N: 10, Hook: func(c probe.Call) error {
			if c.Stage == "right" && c.Item == 4 {
				<-ctx.Done()
				time.Sleep(time.Second) // so that the run has stopped
			}
			return nil
		}})
		stats := new(ShorterStats)
		for _, err := range (Shorter{Stats: stats}).Stream(ctx) {
			if err != nil && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		}
		// Of 0 to 3 on the right 1 and 3 have partners; the third on the left has none yet, and the others wait.
		if s := &stats.Pair; s.Done() != 4 || s.Interrupted() != 8 || s.In() != 12 {
			t.Errorf("in %d, done %d, interrupted %d", s.In(), s.Done(), s.Interrupted())
		}
	})
}
