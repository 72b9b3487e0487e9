package main

import (
	"context"
	"io"
	"net/http"
)

// LoadURL returns the page that stands at url.
func LoadURL(ctx context.Context, url string, client *http.Client) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, "GET", url, nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	return io.ReadAll(response.Body)
}
