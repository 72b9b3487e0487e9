package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// counter counts requests by path, and how many are under way.
type counter struct {
	pages     http.Handler
	mu        sync.Mutex
	requests  map[string]int
	now, peak int
}

func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.requests[r.RequestURI]++
	c.now++
	c.peak = max(c.peak, c.now)
	c.mu.Unlock()
	c.pages.ServeHTTP(w, r)
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
}

// newSite starts a server that is gone when the test ends, and counts what it is asked for.
func newSite(t *testing.T, pages http.Handler) (*counter, string) {
	t.Helper()
	c := &counter{pages: pages, requests: make(map[string]int)}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	return c, server.URL
}

// once checks that each page was asked for exactly once, and no other.
func (c *counter) once(t *testing.T, pages []string) {
	t.Helper()
	want := make(map[string]int)
	for _, page := range pages {
		want[page] = 1
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if diff := cmp.Diff(want, c.requests); diff != "" {
		t.Errorf("the requests differ (-want +got):\n%s", diff)
	}
}

const wholeReport = `  4 links  /
  4 links  /guide
  4 links  /guide/install
  1 links  /moved
  3 links  /news
  4 links  /news/1
  3 links  /news/2
  2 links  /search?q=a&page=1
broken     /failing: status 500 Internal Server Error
           is linked from /news/1
broken     /gone: status 404 Not Found
           is linked from /guide
           is linked from /guide/install
broken     /news/3: status 404 Not Found
           is linked from /news/2
broken     /slow: no answer in time
           is linked from /news/2
8 pages, 4 broken
`

// The report is the same wherever a crawl begins, since every page leads to every other.
func TestReport(t *testing.T) {
	for _, begin := range []string{"", "/", "/#top", "/news/2"} {
		t.Run(begin, func(t *testing.T) {
			t.Parallel()
			counter, site := newSite(t, pages())
			var out strings.Builder
			if err := report(t.Context(), &out, Crawl{Site: site + begin}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(wholeReport, out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			counter.once(t, []string{
				"/", "/guide", "/guide/install", "/moved", "/news", "/news/1", "/news/2", "/search?q=a&page=1",
				"/failing", "/gone", "/news/3", "/slow",
			})
		})
	}
}

// TestFourAtATime lets no page be answered before four are asked for, and counts that there are no more.
func TestFourAtATime(t *testing.T) {
	var asked atomic.Int64
	four := make(chan struct{})
	counter, site := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			fmt.Fprint(w, `<a href="a"><a href="b"><a href="c"><a href="d"><a href="e"><a href="f">`)
			return
		}
		if asked.Add(1) == 4 {
			close(four)
		}
		select {
		case <-four:
			time.Sleep(5 * time.Millisecond) // room for a fifth to show itself
		case <-r.Context().Done():
		}
	}))
	found, err := crawl(t.Context(), Crawl{Site: site, Timeout: 10 * time.Second})
	if err != nil || len(found.Pages) != 7 || slices.ContainsFunc(found.Pages, func(p Page) bool { return p.Err != nil }) {
		t.Errorf("found %v, %v; want 7 pages", found, err)
	}
	counter.once(t, []string{"/", "/a", "/b", "/c", "/d", "/e", "/f"})
	if counter.peak != 4 {
		t.Errorf("at most %d pages at a time; want 4", counter.peak)
	}
}

// randomSite has n pages with links to each other, to themselves and, one in ten, to pages that there are not.
type randomSite [][]int

func newRandomSite(seed uint64, n int) randomSite {
	random := rand.New(rand.NewPCG(seed, 0))
	site := make(randomSite, n)
	for page := range site {
		for range random.IntN(5) {
			site[page] = append(site[page], random.IntN(n+n/10))
		}
	}
	return site
}

func (s randomSite) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var page int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &page); err != nil || page >= len(s) {
		http.NotFound(w, r)
		return
	}
	for _, link := range s[page] {
		fmt.Fprintf(w, "<a href='/%d'>", link)
	}
}

// reachable are the paths that page 0 leads to, and those of them that are missing.
func (s randomSite) reachable() (paths, missing []string) {
	seen := map[int]bool{0: true}
	for todo := []int{0}; len(todo) > 0; todo = todo[1:] {
		path := fmt.Sprintf("/%d", todo[0])
		paths = append(paths, path)
		if todo[0] >= len(s) {
			missing = append(missing, path)
			continue
		}
		for _, link := range s[todo[0]] {
			if !seen[link] {
				seen[link] = true
				todo = append(todo, link)
			}
		}
	}
	slices.Sort(missing)
	return paths, missing
}

func TestEachPageOnce(t *testing.T) {
	for seed := range uint64(12) {
		random := newRandomSite(seed, 1+int(seed*seed))
		counter, site := newSite(t, random)
		found, err := crawl(t.Context(), Crawl{Site: site + "/0", Timeout: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		wantPaths, wantMissing := random.reachable()
		counter.once(t, wantPaths)
		if counter.peak > 4 {
			t.Errorf("seed %d: %d pages at a time, want at most 4", seed, counter.peak)
		}
		var missing []string
		for _, page := range found.Pages {
			if page.Err != nil {
				missing = append(missing, path(page.URL))
			}
		}
		slices.Sort(missing)
		if len(found.Pages) != len(wantPaths) || !slices.Equal(missing, wantMissing) {
			t.Errorf("seed %d: %d pages without %v; want %d without %v", seed, len(found.Pages), missing, len(wantPaths), wantMissing)
		}
	}
}

// A site without end is left when the context ends.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	_, site := newSite(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.URL.Path) > 20 {
			cancel(enough)
		}
		fmt.Fprintf(w, `<a href="%[1]sa/"><a href="%[1]sb/">`, r.URL.Path)
	}))
	if _, err := crawl(ctx, Crawl{Site: site, Timeout: time.Minute}); err != enough {
		t.Errorf("%v, want the cause of the cancellation", err)
	}
}

func TestParse(t *testing.T) {
	base := "http://site/dir/page"
	for text, want := range map[string][]string{
		`<a href="other">`:                            {"http://site/dir/other"},
		`<A class=x HREF = '/top?a=1&amp;b=2#end'>`:   {"http://site/top?a=1&b=2"},
		"<a\nhref=\"../up\"><a href=\"../up#again\">": {"http://site/up"},
		`<a href="">`:      {"http://site/dir/page"},
		`<a href="//far">`: {"http://far/"},
		`<a href="mailto:a@b"><a href="%zz"><a name="x"><abbr href="x">`: nil,
	} {
		at, err := url.Parse(base)
		if err != nil {
			t.Fatal(err)
		}
		page := Parse(Document{at, text})
		if page.URL != base || !slices.Equal(page.Links, want) {
			t.Errorf("%s: %q links to %q, want %q", text, page.URL, page.Links, want)
		}
	}
}

// TestWithoutArguments runs the program as its comment says.
func TestWithoutArguments(t *testing.T) {
	t.Parallel()
	site, done, err := start(nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	err = report(t.Context(), &out, Crawl{Site: site})
	if err := errors.Join(err, done()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(wholeReport, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// Now nobody is there any more.
	found, err := crawl(t.Context(), Crawl{Site: site})
	if err != nil || len(found.Pages) != 1 || found.Pages[0].Err == nil {
		t.Errorf("found %v, %v; want one broken page", found, err)
	}
	if _, err := crawl(t.Context(), Crawl{Site: "http://%"}); err == nil {
		t.Error("a URL that is none was crawled")
	}
}
