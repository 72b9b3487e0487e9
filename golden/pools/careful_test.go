package pools

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// log is a hook that keeps the calls and lets do decide.
type log struct{ calls []string }

func (l *log) play(do func(probe.Call) error) {
	play(func(c probe.Call) error {
		l.calls = append(l.calls, fmt.Sprint(c.Stage, " ", c.Item))
		return do(c)
	})
}

func (l *log) want(t *testing.T, want ...string) {
	t.Helper()
	if fmt.Sprint(l.calls) != fmt.Sprint(want) {
		t.Errorf("calls %q, want %q", l.calls, want)
	}
	l.calls = nil
}

// A task is tried again like any item; the error of its last attempt goes to the future, the item to the dead
// letters.
func TestRetryAndDeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		attempt := 0
		l.play(func(c probe.Call) error {
			switch attempt++; {
			case c.Stage != "convert", c.Item == 1 && attempt == 3:
				return nil
			case c.Item == 3:
				panic(errBoom)
			}
			return errBoom
		})
		pool, err := Careful{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s, err := pool.Do(t.Context(), 1); s != "1" || err != nil {
			t.Errorf("%q, %v", s, err)
		}
		l.want(t, "convert 1", "convert 1", "convert 1")
		for item, attempts := range map[int]int{2: 3, 3: 1} {
			_, err = pool.Do(t.Context(), item)
			var e *CarefulError
			if !errors.As(err, &e) || e.Attempt != attempts || e.Item != item || !errors.Is(err, errBoom) {
				t.Errorf("item %d: %+v", item, err)
			}
			if n := len(l.calls); n != attempts+1 || l.calls[n-1] != fmt.Sprint("bury convert ", item) {
				t.Errorf("item %d: calls %q", item, l.calls)
			}
			l.calls = nil
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// A dead letter that cannot be written is an error of that item, and the pool goes on.
func TestDeadLetterFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		full := errors.New("disk full")
		play(func(c probe.Call) error {
			switch {
			case c.Stage != "convert":
				return full
			case c.Item == 1:
				return errBoom
			}
			return nil
		})
		pool, err := Careful{Stats: new(CarefulStats)}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = pool.Do(t.Context(), 1)
		if !errors.Is(err, errBoom) || !errors.Is(err, full) {
			t.Errorf("%v", err)
		}
		if s, err := pool.Do(t.Context(), 2); s != "2" || err != nil {
			t.Errorf("%q, %v", s, err)
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
	})
}

// The deadline of the submitter ends the wait between attempts; the end of the pool does too, and so does a caller of
// Each who leaves. There is no dead letter then: another attempt might have succeeded.
func TestPromise09_EndsWhileBackingOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l log
		l.play(func(c probe.Call) error {
			if c.Stage == "convert" {
				return errBoom
			}
			return nil
		})
		stats := new(CarefulStats)
		pool, err := Careful{Stats: stats}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		f, err := pool.Submit(ctx, 1)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		_, err = f.Get(t.Context())
		wantIs(t, "Get", err, errBoom)
		if time.Since(began) != 1500*time.Millisecond {
			t.Errorf("it took %v", time.Since(began))
		}
		l.want(t, "convert 1", "convert 1")

		ctx, leave := context.WithCancel(t.Context())
		time.AfterFunc(500*time.Millisecond, leave)
		for r := range pool.Each(ctx, slices.Values([]int{3})) {
			wantIs(t, "Each", r.Err, errBoom)
		}
		l.want(t, "convert 3")
		synctest.Wait()
		for metric, want := range map[string]int{"in": 2, "retries": 1, "failed": 0, "dead_lettered": 0, "interrupted": 2} {
			if got := probe.Read(stats).Of("convert", metric); got != want {
				t.Errorf("%s is %d, want %d", metric, got, want)
			}
		}

		f, err = pool.Submit(t.Context(), 2)
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if err := pool.Terminate(); err != nil {
			t.Error(err)
		}
		_, err = f.Get(t.Context())
		wantIs(t, "Get", err, ErrCarefulTerminated)
		wantIs(t, "Get", err, errBoom)
		l.want(t, "convert 2")
	})
}
