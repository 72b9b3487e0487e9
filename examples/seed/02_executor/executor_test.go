package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newSites opens the sites until the test ends.
func newSites(t *testing.T) *sites {
	t.Helper()
	s, err := open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.close() })
	return s
}

// The lines come in the order of completion, and each language words its errors in its own way.
func TestLikePython(t *testing.T) {
	sites := newSites(t)
	exception := regexp.MustCompile(`exception: .+`)
	twin.Pair{
		Go:     func(ctx context.Context) error { return run(ctx, sites) },
		Python: "02_thread_pool_as_completed.py",
		Env:    []string{"PYTHONPATH=testdata", "SITES=" + sites.addr, "no_proxy=*"},
		Shape: func(output string) string {
			lines := strings.SplitAfter(output, "\n")
			slices.Sort(lines)
			return exception.ReplaceAllString(strings.Join(lines, ""), "exception: …")
		},
		Want: `'http://europe.wsj.com/' page is 30 bytes
'http://nonexistent-subdomain.python.org/' generated an exception: …
'http://www.bbc.co.uk/' page is 29 bytes
'http://www.cnn.com/' page is 27 bytes
'http://www.foxnews.com/' page is 31 bytes
`,
	}.Test(t)
}

// Futures wait for one item each, and their errors are the ones that the function met.
func TestFutures(t *testing.T) {
	pool, err := Load{Client: newSites(t).client()}.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	futures := map[string]*LoadFuture{}
	for _, url := range urls {
		if futures[url], err = pool.Submit(t.Context(), url); err != nil {
			t.Fatal(err)
		}
	}
	for url, future := range futures {
		page, err := future.Get(t.Context())
		if unknown := new(net.DNSError); errors.As(err, &unknown) && unknown.IsNotFound {
			if unknown.Name != "nonexistent-subdomain.python.org" {
				t.Errorf("%s: %v", url, err)
			}
			continue
		}
		if host := strings.Trim(url, "htp:/"); err != nil || string(page) != "<title>"+host+"</title>\n" {
			t.Errorf("%s: %q, error %v", url, page, err)
		}
	}
}

// never is a site that does not answer.
type never struct{}

func (never) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, context.Cause(r.Context())
}

// A page that does not come is given up after a minute. Five at a time: the last of six takes two.
func TestTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pool, err := Load{Client: &http.Client{Transport: never{}}}.Start(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer pool.Close()
		began := time.Now()
		var took []time.Duration
		for page := range pool.Each(t.Context(), slices.Values(slices.Repeat(urls[:1], 6))) {
			if !errors.Is(page.Err, context.DeadlineExceeded) {
				t.Errorf("error %v", page.Err)
			}
			took = append(took, time.Since(began).Round(time.Second))
		}
		minute := time.Minute
		if want := []time.Duration{minute, minute, minute, minute, minute, 2 * minute}; !slices.Equal(took, want) {
			t.Errorf("they took %v, want %v", took, want)
		}
	})
}
