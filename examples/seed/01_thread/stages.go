package main

import (
	"fmt"
	"time"
)

// Links are the pages to crawl.
func Links() []string {
	return []string{
		"https://python.org",
		"https://docs.python.org",
		"https://peps.python.org",
	}
}

// Crawl waits as if for a server.
func Crawl(link string, delay time.Duration) {
	fmt.Println("crawl started for", link)
	time.Sleep(delay)
	fmt.Println("crawl ended for", link)
}
