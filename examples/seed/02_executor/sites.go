package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
)

// sites is a server on this machine that stands in for all sites but one, whose name nobody knows.
type sites struct {
	addr   string
	server *http.Server
}

// known are the names that lead to the server.
var known = map[string]bool{
	"www.foxnews.com": true,
	"www.cnn.com":     true,
	"europe.wsj.com":  true,
	"www.bbc.co.uk":   true,
}

// open starts the server. It has to be closed.
func open() (*sites, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &sites{addr: listener.Addr().String(), server: &http.Server{
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, "<title>%s</title>\n", r.Host)
		}),
	}}
	go s.server.Serve(listener) // returns when it is closed
	return s, nil
}

// close ends the server and all connections.
func (s *sites) close() error { return s.server.Close() }

// client returns a client for which the names lead to the server.
func (s *sites) client() *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			if !known[host] {
				return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
			}
			return new(net.Dialer).DialContext(ctx, network, s.addr)
		},
	}}
}
