package processparams

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	BoundsWorker()
	goleak.VerifyTestMain(m)
}

// run returns the results and the errors of a run over the items.
func run(t *testing.T, p Bounds, items ...string) (results []string, errs []error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for result, err := range p.Stream(ctx, slices.Values(items)) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		results = append(results, result)
	}
	return results, errs
}

// Fields that are left out stand for the defaults, also where these bound the processes.
func TestDefaults(t *testing.T) {
	results, errs := run(t, Bounds{}, "a", "b")
	if !slices.Equal(results, []string{"fine a", "fine b"}) || len(errs) > 0 {
		t.Errorf("results %q, errors %v", results, errs)
	}
}

// What the caller sets reaches the processes.
func TestValues(t *testing.T) {
	results, errs := run(t, Bounds{Mood: "bad", MaxItem: 64, Spare: 2, MaxRestarts: 5, RecycleAfter: 1}, "a", strings.Repeat("b", 100), "c")
	if !slices.Equal(results, []string{"bad a", "bad c"}) {
		t.Errorf("results %q", results)
	}
	var failed *BoundsError
	if len(errs) != 1 || !errors.As(errs[0], &failed) || !strings.Contains(failed.Error(), "it takes more than max_item: 64 bytes") {
		t.Errorf("errors %v, want that of the large item", errs)
	}
}

// Values that the spec could not have are refused before anything starts, all at once.
func TestBounds(t *testing.T) {
	_, errs := run(t, Bounds{
		Spare: -1, MaxRestarts: -2, Within: -1, MaxAttempts: -1, RecycleAfter: -1, MemoryLimit: -1,
		Heartbeat: -1, ShutdownTimeout: -1, MaxItem: -1, MaxDepth: -1,
	})
	const want = `bounds: param spare: -1: must not be negative
param max-restarts: -2: must not be negative
param within: -1ns: must be more than zero
param max-attempts: -1: must be more than zero
param recycle-after: -1: must be more than zero
param memory-limit: -1: must be more than zero
param heartbeat: -1ns: must be more than zero
param shutdown-timeout: -1ns: must be more than zero
param max-item: -1: must be more than zero
param max-depth: -1: must be more than zero`
	if len(errs) != 1 || errs[0].Error() != want {
		t.Errorf("errors %v, want\n%s", errs, want)
	}
}

// The environment is no way around them.
func TestBoundsOfEnvironment(t *testing.T) {
	t.Setenv("GOLDEN_MAX_ITEM", "2GiB")
	_, errs := run(t, Bounds{})
	if len(errs) != 1 || errs[0].Error() != "bounds: param max-item: 2147483648: must be at most 1GiB" {
		t.Errorf("errors %v, want one: max-item is too large", errs)
	}
}
