// Thread is the twin of 01_thread_crawl.py: three threads that are started, given arguments, and joined.
//
// It shows that neither starting nor joining is written down: Run returns when all calls have ended.
//
//	go run ./examples/seed/01_thread
package main

import (
	"context"
	"log"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// run crawls all links.
func run(ctx context.Context) error {
	return CrawlLinks{}.Run(ctx)
}
