package main

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	HelloWorker()
	goleak.VerifyTestMain(m)
}

var quiet = slog.New(slog.DiscardHandler)

// The end of a worker concerns one guest.
func TestGuests(t *testing.T) {
	dir := t.TempDir()
	got := twin.Printed(t, func(ctx context.Context) error { return run(ctx, Hello{Dir: dir, Log: quiet}) })
	const want = "hello bob\nhello: greet: exit status 3\nhello eve\n"
	if got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
}

// The process that takes the place of another was ready before that one ended.
func TestReplacementWasReady(t *testing.T) {
	dir := t.TempDir()
	pool, err := Hello{Dir: dir, Log: quiet}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Terminate()
	ready := processes(t, dir)
	for ; len(ready) < 2; ready = processes(t, dir) {
		time.Sleep(time.Millisecond)
	}
	bob, err := pool.Do(t.Context(), "bob")
	if err != nil || !ready[bob.By] {
		t.Fatalf("%v is greeted by %d, error %v", ready, bob.By, err)
	}
	delete(ready, bob.By)
	if _, err := pool.Do(t.Context(), "mallory"); err == nil {
		t.Error("mallory did no harm")
	}
	if eve, err := pool.Do(t.Context(), "eve"); err != nil || !ready[eve.By] {
		t.Errorf("eve is greeted by %d, error %v; %v was ready", eve.By, err, ready)
	}
}

// processes are those that have made their state.
func processes(t *testing.T, dir string) map[int]bool {
	books, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	ids := map[int]bool{}
	for _, book := range books {
		id, err := strconv.Atoi(book.Name())
		if err != nil {
			t.Fatal(err)
		}
		ids[id] = true
	}
	return ids
}
