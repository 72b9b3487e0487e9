package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newSite starts a server that is gone, with the connections to it, when the test ends.
func newSite(t *testing.T, pages http.Handler) string {
	t.Helper()
	site := httptest.NewServer(pages)
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		site.Close()
	})
	return site.URL
}

// refusing is the URL of a port that nobody listens to.
func refusing(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String() + "/"
}

func TestEachFailureStandsBesideItsURL(t *testing.T) {
	site, nobody := newSite(t, pages()), refusing(t)
	failsWith := map[string]func(error) bool{
		site + "/":        nil,
		site + "/guide":   nil,
		site + "/news":    nil,
		site + "/slow":    func(err error) bool { return errors.Is(err, context.DeadlineExceeded) },
		site + "/failing": func(err error) bool { return err.Error() == "status 500 Internal Server Error" },
		site + "/missing": func(err error) bool { return err.Error() == "status 404 Not Found" },
		nobody:            func(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) },
		"no link at all":  func(err error) bool { return strings.Contains(err.Error(), "unsupported protocol scheme") },
		"http://nonexistent.invalid/": func(err error) bool {
			// A machine without a name server may time out instead of hearing that there is no such host.
			var resolving *net.DNSError
			return errors.As(err, &resolving) || errors.Is(err, context.DeadlineExceeded)
		},
	}
	list := "# a comment\n\n"
	for url := range failsWith {
		list += url + "\n"
	}
	seen := make(map[string]bool)
	for page, err := range (Links{In: strings.NewReader(list), Timeout: time.Second}).Stream(t.Context()) {
		url := page.URL
		var failed *LinksError
		if errors.As(err, &failed) {
			url, _ = failed.Item.(string)
			if failed.Stage != "fetch" || failed.Attempt != 1 {
				t.Errorf("%s failed in stage %s, attempt %d; want fetch, 1", url, failed.Stage, failed.Attempt)
			}
		} else if err != nil {
			t.Fatalf("the run ended: %v", err)
		}
		wanted, listed := failsWith[url]
		switch {
		case !listed || seen[url]:
			t.Errorf("%q came out, listed %v, seen %v", url, listed, seen[url])
		case wanted == nil && err != nil:
			t.Errorf("%s: %v; want a page", url, err)
		case wanted != nil && (err == nil || !wanted(failed.Err)):
			t.Errorf("%s: %v; not the error it should meet", url, err)
		}
		seen[url] = true
	}
	if len(seen) != len(failsWith) {
		t.Errorf("%d links came out; want %d", len(seen), len(failsWith))
	}
}

func TestReport(t *testing.T) {
	site := newSite(t, pages())
	var out strings.Builder
	list := fmt.Sprintf("%[1]s/missing\n%[1]s/\n", site)
	if err := check(t.Context(), &out, Links{In: strings.NewReader(list)}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"bad   " + site + "/missing: status 404 Not Found\n",
		"ok    " + site + "/ (1000 bytes)\n",
		"1 good, 1 bad\n",
	} {
		if strings.Count(out.String(), want) != 1 {
			t.Errorf("the report has no line %q:\n%s", want, out.String())
		}
	}
}

// TestFiveAtATime lets no page be answered before five are asked for, and counts that there are no more.
func TestFiveAtATime(t *testing.T) {
	var mu sync.Mutex
	now, peak := 0, 0
	five := make(chan struct{})
	site := newSite(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		mu.Lock()
		now++
		if now > peak {
			peak = now
			if peak == 5 {
				close(five)
			}
		}
		mu.Unlock()
		defer func() {
			mu.Lock()
			now--
			mu.Unlock()
		}()
		select {
		case <-five:
			time.Sleep(5 * time.Millisecond) // room for a sixth to show itself
		case <-r.Context().Done():
		}
	}))
	list := strings.Repeat(site+"\n", 40)
	pages := 0
	for _, err := range (Links{In: strings.NewReader(list), Timeout: 10 * time.Second}).Stream(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
	}
	if pages != 40 || peak != 5 {
		t.Errorf("%d pages, at most %d at a time; want 40 and 5", pages, peak)
	}
}

func TestLeavingEarly(t *testing.T) {
	site := newSite(t, pages())
	list := site + "/\n" + strings.Repeat(site+"/slow\n", 100)
	start := time.Now()
	for page, err := range (Links{In: strings.NewReader(list), Timeout: time.Minute}).Stream(t.Context()) {
		if err != nil || page.URL != site+"/" {
			t.Errorf("first came %v, %v; want %s", page, err, site+"/")
		}
		break
	}
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("the loop was left after %v; want at once", took)
	}
}

func TestCancel(t *testing.T) {
	site := newSite(t, pages())
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	enough := errors.New("enough")
	list := site + "/\n" + strings.Repeat(site+"/slow\n", 100)
	var last error
	for _, err := range (Links{In: strings.NewReader(list), Timeout: time.Minute}).Stream(ctx) {
		cancel(enough)
		last = err
	}
	if last != enough {
		t.Errorf("the stream ended with %v; want the cause of the cancellation", last)
	}
}

func TestInput(t *testing.T) {
	file := filepath.Join(t.TempDir(), "urls")
	if err := os.WriteFile(file, []byte("one\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	in, done, err := input([]string{file})
	if err != nil {
		t.Fatal(err)
	}
	for url, err := range ReadURLs(in) {
		if url != "one" || err != nil {
			t.Errorf("read %q, %v; want one", url, err)
		}
	}
	if err := done(); err != nil {
		t.Error(err)
	}
	if _, _, err := input([]string{file + ".missing"}); !os.IsNotExist(err) {
		t.Errorf("input of a missing file: %v", err)
	}
	long := strings.NewReader(strings.Repeat("x", 1<<17))
	if err := check(t.Context(), io.Discard, Links{In: long}); !errors.Is(err, bufio.ErrTooLong) {
		t.Errorf("a line of 128 KiB: %v; want %v", err, bufio.ErrTooLong)
	}
}

// TestWithoutArguments runs the program as its comment says, with less patience.
func TestWithoutArguments(t *testing.T) {
	in, done, err := input(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	var out strings.Builder
	err = check(t.Context(), &out, Links{In: in, Timeout: 300 * time.Millisecond})
	if err := errors.Join(err, done()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(out.String(), "\n3 good, 6 bad\n") {
		t.Errorf("the report ends otherwise than with 3 good and 6 bad links:\n%s", out.String())
	}
}
