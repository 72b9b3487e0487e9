// Crawl reads all pages of a web site and lists its broken links.
//
// It shows a circle (crawl.pipegen.yaml): the links of a page go back to the queue that pages come from. The crawl ends
// by itself when nothing is left on the way round. Every page is asked for once, although many pages link to it; what
// cannot be fetched takes a branch of its own, together with its error.
//
//	go run ./examples/crawl            # crawls a web site of its own
//	go run ./examples/crawl URL
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"os/signal"
	"slices"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	site, done, err := start(os.Args[1:])
	if err != nil {
		log.Fatal(err)
	}
	err = report(ctx, os.Stdout, Crawl{Site: site})
	if err := errors.Join(err, done()); err != nil {
		log.Fatal(err)
	}
}

// start is the page that the arguments name, or the first one of the program's own site, and what to do in the end.
func start(args []string) (site string, done func() error, err error) {
	if len(args) > 0 {
		return args[0], func() error { return nil }, nil
	}
	return serve()
}

// report crawls and prints what it finds: first the pages, then what is broken, and who links to it.
func report(ctx context.Context, w io.Writer, c Crawl) error {
	site, err := crawl(ctx, c)
	if err != nil {
		return err
	}
	slices.SortFunc(site.Pages, func(a, b Page) int { return cmp.Compare(a.URL, b.URL) })
	broken := 0
	for _, page := range site.Pages {
		if page.Err != nil {
			broken++
			continue
		}
		fmt.Fprintf(w, "%3d links  %s\n", len(page.Links), path(page.URL))
	}
	for _, page := range site.Pages {
		if page.Err == nil {
			continue
		}
		fmt.Fprintf(w, "broken     %s: %v\n", path(page.URL), page.Err)
		for _, from := range site.Pages {
			if slices.Contains(from.Links, page.URL) {
				fmt.Fprintf(w, "           is linked from %s\n", path(from.URL))
			}
		}
	}
	_, err = fmt.Fprintf(w, "%d pages, %d broken\n", len(site.Pages)-broken, broken)
	return err
}

// path is a URL without the site, which is the same for all.
func path(page string) string {
	u, err := url.Parse(page)
	if err != nil {
		return page
	}
	return u.RequestURI()
}

// crawl runs the pipeline. Its reduce stage emits one site at the end, so the stream has one item.
func crawl(ctx context.Context, c Crawl) (Site, error) {
	var found Site
	for site, err := range c.Stream(ctx) {
		if err != nil {
			return Site{}, err
		}
		found = site
	}
	return found, nil
}
