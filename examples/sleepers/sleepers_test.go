package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// In virtual time starting takes none, so that everybody sleeps the same two seconds.
func TestAllSleepAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		if err := report(t.Context(), &out, Sleepers{Beds: 10_000}); err != nil {
			t.Fatal(err)
		}
		const want = "10000 sleepers slept 5h33m20s in 2s\nat one moment all of them were asleep\n"
		if out.String() != want {
			t.Errorf("got %q, want %q", out.String(), want)
		}
	})
}

// A night that is cut short has no report.
func TestNightCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var out strings.Builder
		if err := report(ctx, &out, Sleepers{Beds: 3}); err != context.DeadlineExceeded {
			t.Errorf("the night was cut short, but the error is %v", err)
		}
		if out.Len() > 0 {
			t.Errorf("printed %q", out.String())
		}
	})
}
