// Serve is an HTTP server whose requests share the workers of a pool.
//
// It shows single items instead of a stream: each request puts one question into the pipeline and waits for its
// answer. However many clients there are, at most four questions are asked at a time; an error concerns the request
// that met it, and nobody else.
//
//	go run ./examples/serve [-addr HOST:PORT]
//	curl 'localhost:8080/convert?euros=10&to=USD'
//
// An interrupt lets requests under way finish.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "localhost:8080", "`host:port` to listen on")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the program at once
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("try: curl 'http://%s/convert?euros=10&to=USD'\n", listener.Addr())
	rates := farAway{"CHF": 0.9384, "GBP": 0.8401, "JPY": 163.14, "USD": 1.0821}
	if err := serve(ctx, listener, Convert{Rates: rates}); err != nil {
		log.Fatal(err)
	}
}

// serve serves until ctx ends. Requests under way have as long as they would wait anyway.
func serve(ctx context.Context, listener net.Listener, convert Convert) error {
	pool, err := convert.Start(context.WithoutCancel(ctx)) // it ends after the last request, not with ctx
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler(pool)}
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*patience)
		defer cancel()
		stopped <- errors.Join(server.Shutdown(ctx), pool.Shutdown(ctx))
	})
	err = server.Serve(listener)
	if stop() { // nobody has asked it to stop
		return errors.Join(err, pool.Terminate())
	}
	return <-stopped
}

// farAway are rates that it takes a while to ask for.
type farAway map[string]float64

// Rate returns what one euro is in the currency.
func (f farAway) Rate(ctx context.Context, currency string) (float64, bool, error) {
	select {
	case <-time.After(200 * time.Millisecond):
		rate, ok := f[currency]
		return rate, ok, nil
	case <-ctx.Done():
		return 0, false, ctx.Err()
	}
}
