// Queue is the twin of 10_queue.py: a process that puts a message into a queue, which the program reads.
//
// It shows a queue that is shared, for messages that are not the results of a stage. What a stage makes of each item goes
// to the next stage, or to the program, without one.
//
//	go run ./examples/seed/10_queue
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
	HelloWorker()
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

// Queue is the queue, as F needs it.
type Queue interface {
	Put(context.Context, message.Message) error
}

// F runs in the process.
func F(ctx context.Context, text string, q Queue) error {
	return q.Put(ctx, message.Message{Number: 42, Text: text})
}

// run prints what comes through the queue, which it reads while the process is at work.
func run(ctx context.Context) error {
	shared := NewHelloShared()
	defer shared.Close()
	ended := make(chan error, 1)
	go func() {
		err := Hello{Shared: shared}.Run(ctx, slices.Values([]string{"hello"}))
		shared.Q.Close() // a run that fails keeps nobody waiting
		ended <- err
	}()
	m, err := shared.Q.Get(ctx)
	if err != nil {
		return errors.Join(<-ended, err)
	}
	fmt.Println(m)
	return <-ended
}
