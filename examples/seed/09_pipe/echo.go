package main

import (
	"context"
	"errors"
	"io"

	"github.com/pipegen/pipegen/examples/seed/internal/message"
)

// Duplex is one end of a pipe for both directions.
type Duplex interface {
	Send(context.Context, message.Message) error
	Recv(context.Context) (message.Message, error)
}

// Echo sends back what comes, with a greeting, until the other end is closed.
func Echo(ctx context.Context, greeting string, conn Duplex) error {
	for {
		m, err := conn.Recv(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		m.Text = greeting + " " + m.Text
		if err := conn.Send(ctx, m); err != nil {
			return err
		}
	}
}
