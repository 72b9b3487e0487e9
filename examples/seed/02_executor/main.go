// Executor is the twin of 02_thread_pool_as_completed.py: a ThreadPoolExecutor that loads pages, and what each of them
// has come to as soon as it is known.
//
// It shows a pool: it is started once, takes items from anybody, and an error is the item's own. The program's own
// server stands in for the sites.
//
//	go run ./examples/seed/02_executor
package main

import (
	"context"
	"fmt"
	"log"
	"slices"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

var urls = []string{
	"http://www.foxnews.com/",
	"http://www.cnn.com/",
	"http://europe.wsj.com/",
	"http://www.bbc.co.uk/",
	"http://nonexistent-subdomain.python.org/",
}

func main() {
	sites, err := open()
	if err != nil {
		log.Fatal(err)
	}
	defer sites.close()
	if err := run(context.Background(), sites); err != nil {
		log.Fatal(err)
	}
}

// run prints how large each page is, the first to come first.
func run(ctx context.Context, sites *sites) error {
	pool, err := Load{Client: sites.client()}.Start(ctx)
	if err != nil {
		return err
	}
	defer pool.Close()
	for page := range pool.Each(ctx, slices.Values(urls)) { // as_completed, which knows what each result is of
		if page.Err != nil {
			fmt.Printf("'%s' generated an exception: %v\n", page.In, page.Err)
		} else {
			fmt.Printf("'%s' page is %d bytes\n", page.In, len(page.Out))
		}
	}
	return pool.Close()
}
