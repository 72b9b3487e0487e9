package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is a Rates that does what a test wants.
type fake func(ctx context.Context, currency string) (float64, bool, error)

func (f fake) Rate(ctx context.Context, currency string) (float64, bool, error) {
	return f(ctx, currency)
}

// newPool starts a pool that is closed with the test.
func newPool(t *testing.T, rates Rates) *ConvertPool {
	t.Helper()
	pool, err := Convert{Rates: rates}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return pool
}

// get returns the status and the text that the handler answers with.
func get(h http.Handler, query string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/convert?"+query, nil))
	return w.Code, w.Body.String()
}

func TestAnswers(t *testing.T) {
	pool := newPool(t, fake(func(_ context.Context, currency string) (float64, bool, error) {
		switch currency {
		case "DOWN":
			return 0, false, errors.New("connection refused")
		case "PANIC":
			panic("no rate")
		}
		return 1.23456, currency == "USD", nil
	}))
	defer pool.Close()
	for query, want := range map[string]struct {
		status int
		text   string
	}{
		"euros=10&to=USD":   {200, "12.35 USD\n"},
		"euros=10&to=XYZ":   {404, "convert: the item was filtered out\n"},
		"euros=ten&to=USD":  {400, "euros is not a number\n"},
		"euros=10&to=DOWN":  {502, "convert: price: connection refused\n"},
		"euros=10&to=PANIC": {502, "convert: price: panic: no rate\n"},
	} {
		if status, text := get(handler(pool), query); status != want.status || text != want.text {
			t.Errorf("%s: %d %q, want %d %q", query, status, text, want.status, want.text)
		}
	}
}

// However many ask at a time, the rates are asked four questions at a time.
func TestFourAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var now, peak atomic.Int64
		pool := newPool(t, fake(func(context.Context, string) (float64, bool, error) {
			peak.Store(max(peak.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(100 * time.Millisecond)
			return 1, true, nil
		}))
		defer pool.Close()
		var clients sync.WaitGroup
		began := time.Now()
		for i := range 40 {
			clients.Go(func() {
				want := fmt.Sprintf("%d.00 USD\n", i)
				if status, text := get(handler(pool), fmt.Sprintf("euros=%d&to=USD", i)); status != 200 || text != want {
					t.Errorf("%d %q, want %q", status, text, want)
				}
			})
		}
		clients.Wait()
		if peak.Load() != 4 {
			t.Errorf("%d questions at a time", peak.Load())
		}
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// When the rates are slow, those who have waited long enough hear so, and their questions are never asked.
func TestBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		release := make(chan struct{})
		pool := newPool(t, fake(func(context.Context, string) (float64, bool, error) {
			asked.Add(1)
			<-release // ignores its timeout
			return 1, true, nil
		}))
		defer pool.Close()
		var clients sync.WaitGroup
		var busy atomic.Int64
		for range 30 { // four are asked, sixteen queue, ten wait for room
			clients.Go(func() {
				began := time.Now()
				if status, _ := get(handler(pool), "euros=1&to=USD"); status == 503 && time.Since(began) == patience {
					busy.Add(1)
				}
			})
		}
		clients.Wait()
		close(release)
		if busy.Load() != 30 || asked.Load() != 4 {
			t.Errorf("%d clients were put off, %d questions asked; want 30 and 4", busy.Load(), asked.Load())
		}
		if status, text := get(handler(pool), "euros=1&to=USD"); status != 200 {
			t.Errorf("afterwards: %d %q", status, text)
		}
	})
}

// A request that is under way when the server is told to stop gets its answer.
func TestServe(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	rates := fake(func(ctx context.Context, _ string) (float64, bool, error) {
		stop()
		time.Sleep(20 * time.Millisecond)
		return 2, true, ctx.Err()
	})
	served := make(chan error)
	go func() { served <- serve(ctx, listener, Convert{Rates: rates}) }()
	response, err := http.Get("http://" + listener.Addr().String() + "/convert?euros=21&to=USD")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	if text, err := io.ReadAll(response.Body); string(text) != "42.00 USD\n" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// A server that cannot go on says so, and leaves nothing behind.
func TestServeFails(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	if err := serve(t.Context(), listener, Convert{Rates: farAway{}}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
	if err := serve(t.Context(), listener, Convert{}); err == nil || !strings.Contains(err.Error(), "rates") {
		t.Errorf("%v", err)
	}
}
