package main

import (
	"fmt"
	"net"
	"net/http"
)

// serve starts a web site of this process and returns its URL, and what stops it.
func serve() (site string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: pages()}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	stop = func() error {
		err := server.Close()
		if served := <-served; served != http.ErrServerClosed {
			err = served
		}
		return err
	}
	return "http://" + listener.Addr().String() + "/", stop, nil
}

// pages are a small site, all of whose pages are linked in circles. Some of its links are broken.
func pages() http.Handler {
	mux := http.NewServeMux()
	for path, links := range map[string][]string{
		"/{$}":           {"guide", "news", "/#top", "http://example.com/", "mailto:nobody@example.com"},
		"/guide":         {"/", "/guide", "#install", "guide/install", "/gone"},
		"/guide/install": {"../guide", "install", "/gone", "/search?q=a&amp;page=1"},
		"/news":          {"news/1", "news/2", "news/1", "/"},
		"/news/1":        {"2", "../news", "/failing", "/moved"},
		"/news/2":        {"1", "3", "/slow"},
		"/search":        {"/", "search?q=a&amp;page=1"},
	} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			for _, link := range links {
				fmt.Fprintf(w, "<p><a href=%q>%s</a>\n", link, link)
			}
		})
	}
	mux.Handle("/moved", http.RedirectHandler("/news", http.StatusMovedPermanently))
	mux.HandleFunc("/slow", func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done() // until the client has had enough
	})
	mux.HandleFunc("/failing", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "out of order", http.StatusInternalServerError)
	})
	return mux
}
