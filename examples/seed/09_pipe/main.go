// Pipe is the twin of 09_pipe.py: a process that sends a message through a pipe.
//
// It shows the two ends: the stage's is an argument of its function, the program's a field of what is shared.
//
//	go run ./examples/seed/09_pipe
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"

	"github.com/pipegen/pipegen/examples/seed/internal/message"
)

//go:generate go run github.com/pipegen/pipegen/cmd/pipegen

func main() {
	TalkWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Conn is one end of a pipe, as F needs it.
type Conn interface {
	Send(context.Context, message.Message) error
	Close()
}

// F runs in the process.
func F(ctx context.Context, text string, conn Conn) error {
	defer conn.Close()
	return conn.Send(ctx, message.Message{Number: 42, Text: text})
}

// run prints what comes through the pipe, which it reads while the process is at work.
func run(ctx context.Context) error {
	shared := NewTalkShared()
	defer shared.Close()
	ended := make(chan error, 1)
	go func() {
		err := Talk{Shared: shared}.Run(ctx, slices.Values([]string{"hello"}))
		shared.Conn.Close() // a run that fails keeps nobody waiting
		ended <- err
	}()
	m, err := shared.Conn.Recv(ctx)
	if err != nil {
		return errors.Join(<-ended, err)
	}
	fmt.Println(m)
	return <-ended
}
