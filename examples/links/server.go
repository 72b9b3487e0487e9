package main

import (
	"fmt"
	"net"
	"net/http"
	"strings"
)

// serve starts a web site of this process with good, slow, failing and missing pages and returns a list
// of links to check, one a line, and what stops the site.
func serve() (links string, stop func() error, err error) {
	site, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	nobody.Close() // from now on this port refuses connections
	server := &http.Server{Handler: pages()}
	served := make(chan error, 1)
	go func() { served <- server.Serve(site) }()
	stop = func() error {
		err := server.Close()
		if served := <-served; served != http.ErrServerClosed {
			err = served
		}
		return err
	}
	base := "http://" + site.Addr().String()
	return strings.Join([]string{
		base + "/",
		base + "/slow",
		base + "/guide",
		base + "/failing",
		base + "/missing",
		"http://" + nobody.Addr().String() + "/",
		"http://nonexistent.invalid/",
		"no link at all",
		base + "/news",
	}, "\n"), stop, nil
}

func pages() http.Handler {
	mux := http.NewServeMux()
	for path, size := range map[string]int{"/{$}": 1_000, "/guide": 20_000, "/news": 300_000} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, strings.Repeat("-", size))
		})
	}
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done() // until the client has had enough
	})
	mux.HandleFunc("/failing", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of order", http.StatusInternalServerError)
	})
	return mux
}
