package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/message"
	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	TalkWorker()
	EchoesWorker()
	goleak.VerifyTestMain(m)
}

func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "09_pipe.py",
		Want:   "[42, None, 'hello']\n",
	}.Test(t)
}

// A pipe goes in both directions, while the process runs. Each end learns when the other one is closed.
func TestDuplex(t *testing.T) {
	shared := NewEchoesShared()
	defer shared.Close()
	ctx, end := context.WithCancelCause(t.Context())
	done := make(chan error, 1)
	go func() {
		err := Echoes{Shared: shared}.Run(t.Context(), slices.Values([]string{"hello"}))
		end(err) // a run that fails keeps nobody waiting
		done <- err
	}()
	for i, name := range []string{"bob", "eve", "mallory"} {
		if err := shared.Conn.Send(ctx, message.Message{Number: i, Nothing: &name, Text: name}); err != nil {
			t.Fatal(err)
		}
		m, err := shared.Conn.Recv(ctx)
		if err != nil || m.Number != i || *m.Nothing != name || m.Text != "hello "+name {
			t.Errorf("%v comes back, error %v", m, err)
		}
	}
	shared.Conn.Close()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if m, err := shared.Conn.Recv(t.Context()); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v after the end, error %v", m, err)
	}
}
