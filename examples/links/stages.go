package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
)

// Page is a page that could be read to its end.
type Page struct {
	URL  string
	Size int64 // bytes of the body
}

// ReadURLs reads one URL a line; blank lines and lines that begin with # don't count.
func ReadURLs(r io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		lines := bufio.NewScanner(r)
		for lines.Scan() {
			url := strings.TrimSpace(lines.Text())
			if url == "" || strings.HasPrefix(url, "#") {
				continue
			}
			if !yield(url, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield("", err)
		}
	}
}

// Fetch reads a page. A status other than 200 is an error.
func Fetch(ctx context.Context, url string) (Page, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return Page{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Page{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Page{}, fmt.Errorf("status %s", response.Status)
	}
	size, err := io.Copy(io.Discard, response.Body)
	return Page{URL: url, Size: size}, err
}
