// Package small has something to generate for each of the generators that G1 compares.
package small

import (
	"context"
	"errors"
	"iter"
	"strconv"
)

// Lines is for pipegen, with Parse and Print.
func Lines() iter.Seq[string] {
	return func(yield func(string) bool) {
		_ = yield("1") && yield("2") && yield("3")
	}
}

// Parse is a stage.
func Parse(_ context.Context, s string) (int, error) { return strconv.Atoi(s) }

// Print is a sink.
func Print(n int) error {
	if n < 0 {
		return errors.New("negative")
	}
	return nil
}

// Color is for stringer.
type Color int

// The colors.
const (
	Red Color = iota
	Green
	Blue
)

// Store is for moq.
type Store interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Put(ctx context.Context, key string, value []byte) error
	Delete(ctx context.Context, key string) error
}

// Server is for wire, with its parts.
type Server struct {
	Client *Client
	Log    *Log
}

// Client is a part of Server.
type Client struct{ Log *Log }

// Log is a part of Client and Server.
type Log struct{}

// NewLog makes a Log.
func NewLog() *Log { return &Log{} }

// NewClient makes a Client.
func NewClient(l *Log) *Client { return &Client{l} }

// NewServer makes a Server.
func NewServer(c *Client, l *Log) *Server { return &Server{c, l} }
