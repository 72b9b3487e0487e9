package shared

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"
)

// startOwners starts a pool, of which no call lasts long.
func startOwners(t *testing.T) (do func(Holding) error, sh *OwnersShared, stats *OwnersStats) {
	begin(t)
	sh, stats = NewOwnersShared(), new(OwnersStats)
	t.Cleanup(func() { _ = sh.Close() })
	pool, err := Owners{Shared: sh, Stats: stats}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Terminate() })
	return func(h Holding) error {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 20*time.Second)
		defer cancel()
		_, err := pool.Do(ctx, h)
		return err
	}, sh, stats
}

// What a process has when it dies is free then: for who comes later, and for who waits already.
func TestOwnerDies(t *testing.T) {
	for _, resource := range []string{"gate", "again", "seat", "turn", "seen", "words", "line"} {
		t.Run(resource, func(t *testing.T) {
			do, sh, stats := startOwners(t)
			if err := do(Holding{Resource: resource, Die: true}); err == nil || !strings.Contains(err.Error(), "killed") {
				t.Fatalf("it did not die: %v", err)
			}
			if err := do(Holding{Resource: resource}); err != nil {
				t.Errorf("who comes later: %v", err)
			}
			var all sync.WaitGroup
			all.Go(func() {
				if err := do(Holding{Resource: resource, For: 100 * time.Millisecond, Die: true}); err == nil {
					t.Error("it did not die")
				}
			})
			all.Go(func() {
				time.Sleep(50 * time.Millisecond)
				if err := do(Holding{Resource: resource}); err != nil {
					t.Errorf("who waits: %v", err)
				}
			})
			all.Wait()
			// What was done half is not done, and the queue does not wait for the dead.
			sum, _ := sh.Seen.Get("key")
			times := map[string]int{"seen": 2}[resource]
			want(t, "key", sum, times)
			want(t, "words", sh.Words.Len(), map[string]int{"words": 2}[resource])
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := sh.Line.Join(ctx); err != nil {
				t.Error(err)
			}
			lost := int64(2)
			if resource == "line" {
				lost = 1 // the first time nobody had asked yet whether items are done
			}
			for stats.Own.LostLocks() < lost && ctx.Err() == nil { // counted when it is free
				time.Sleep(time.Millisecond)
			}
			want(t, "lost", stats.Own.LostLocks(), lost)
		})
	}
}

// A party that dies at the barrier breaks it for the others, who do not wait for ever.
func TestPartyDies(t *testing.T) {
	do, sh, _ := startOwners(t)
	if err := do(Holding{Resource: "pair", For: 10 * time.Millisecond, Die: true}); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Fatalf("it did not die: %v", err)
	}
	if err := do(Holding{Resource: "pair"}); err == nil || !strings.Contains(err.Error(), "barrier") {
		t.Errorf("the other party: %v", err)
	}
	if _, err := sh.Pair.Wait(t.Context()); err == nil {
		t.Error("the caller has passed a broken barrier")
	}
}

// So does one that has not come to it yet: nobody knows for whom the others wait.
func TestPartyNeverComes(t *testing.T) {
	do, _, _ := startOwners(t)
	waited := make(chan error, 1)
	go func() { waited <- do(Holding{Resource: "pair"}) }()
	for { // until one dies after the other has come
		if err := do(Holding{Resource: "gate", For: 10 * time.Millisecond, Die: true}); err == nil {
			t.Fatal("it did not die")
		}
		select {
		case err := <-waited:
			if err == nil || !strings.Contains(err.Error(), "the barrier is broken: a worker process has ended while others waited") {
				t.Errorf("who waits: %v", err)
			}
			return
		default:
		}
	}
}

// What a lock guards follows on_crash when its owner dies.
func TestGuards(t *testing.T) {
	begin(t)
	sh := NewGuardsShared()
	defer sh.Close()
	var stats GuardsStats
	pool, err := Guards{Shared: sh, Stats: &stats}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Terminate()
	check := func(n int, kept, again int64, total int, last int64) {
		t.Helper()
		want(t, "kept", sh.Kept.Load(), kept)
		want(t, "again", sh.Again.Load(), again)
		sum, _ := sh.Total.Get("sum")
		want(t, "total", sum, total)
		want(t, "last", sh.Last.Load(), last)
	}
	if _, err := pool.Do(t.Context(), 10); err != nil {
		t.Error(err)
	}
	check(10, 10, 10, 10, 10)
	if _, err := pool.Do(t.Context(), -1); err == nil {
		t.Error("it did not die")
	}
	check(-1, 9, 0, 0, 10)
	if _, err := pool.Do(t.Context(), 5); err != nil {
		t.Error(err)
	}
	check(5, 14, 5, 5, 15)
	if _, err := pool.Do(t.Context(), -2); err == nil {
		t.Error("it did not die")
	}
	err = pool.Close()
	if err == nil || !strings.Contains(err.Error(), "held the lock narrow, which guards last") {
		t.Errorf("on_crash: fail makes the run fail with %v", err)
	}
	want(t, "lost", stats.Guarded.LostLocks(), 3)
}
