package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// patience is how long a request waits, for its turn and for the answer.
const patience = 2 * time.Second

// handler answers GET /convert?euros=10&to=USD by way of the pool.
func handler(pool *ConvertPool) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /convert", func(w http.ResponseWriter, r *http.Request) {
		euros, err := strconv.ParseFloat(r.FormValue("euros"), 64)
		if err != nil {
			http.Error(w, "euros is not a number", http.StatusBadRequest)
			return
		}
		// The deadline goes with the question. One whose client has gone while it waited is never asked.
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		amount, err := pool.Do(ctx, Question{euros, r.FormValue("to")})
		if err != nil {
			http.Error(w, err.Error(), status(err))
			return
		}
		fmt.Fprintln(w, amount)
	})
	return mux
}

// status is what HTTP calls an error of the pool.
func status(err error) int {
	switch {
	case errors.Is(err, ErrConvertFiltered):
		return http.StatusNotFound
	case errors.Is(err, ErrConvertClosed), errors.Is(err, ErrConvertTerminated), errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable
	}
	return http.StatusBadGateway
}
