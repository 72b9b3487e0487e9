package pools

import (
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// The states of a pool's workers are made once and closed with it, whatever happens to its tasks.
func TestStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made, closed atomic.Int64
		play(func(c probe.Call) error {
			switch c.Stage {
			case "connect":
				made.Add(1)
			case "close":
				closed.Add(1)
			case "ask":
				if c.Item%3 == 0 {
					runtime.Goexit()
				}
			}
			return nil
		})
		pool, err := Connected{}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			if s, err := pool.Do(t.Context(), i); (err != nil) != (i%3 == 0) {
				t.Errorf("%q, %v", s, err)
			}
		}
		if closed.Load() != 0 {
			t.Error("a state was closed while the pool was open")
		}
		if err := pool.Close(); err != nil {
			t.Error(err)
		}
		if made.Load() != 2 || closed.Load() != 2 {
			t.Errorf("%d made, %d closed", made.Load(), closed.Load())
		}
	})
}

// A pool whose workers cannot begin ends by itself, and all that it is asked for says why.
func TestStateFails(t *testing.T) {
	play(func(c probe.Call) error {
		if c.Stage == "connect" {
			return errBoom
		}
		return nil
	})
	pool, err := Connected{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, err = pool.Do(t.Context(), 1)
	wantIs(t, "Do", err, ErrConnectedTerminated)
	wantIs(t, "Do", err, errBoom)
	var e *ConnectedError
	if err := pool.Close(); !errors.As(err, &e) || e.Stage != "ask" || errors.Is(err, ErrConnectedTerminated) {
		t.Errorf("Close: %v", err)
	}
	if err := pool.Terminate(); err != nil {
		t.Error(err)
	}
}

// What fails as the pool ends is Close's error; the tasks have their results.
func TestStateClosesBadly(t *testing.T) {
	play(func(c probe.Call) error {
		if c.Stage == "close" {
			return errBoom
		}
		return nil
	})
	pool, err := Connected{}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f, err := pool.Submit(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	wantIs(t, "Close", pool.Close(), errBoom)
	if s, err := f.Get(t.Context()); s != "1" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
}
