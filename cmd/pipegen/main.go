package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	ctx, stop := watchSignals(context.Background())
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Getenv))
}

// The exit statuses that every command shares.
const (
	exitOK    = 0
	exitStale = 1 // check: stale; vet -werror: warnings
	exitError = 2
)

// An app is one invocation: its streams and what the flags say.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	getenv         func(string) string
	progress       *progress

	dir, tags, format string
	full, werror      bool
}

// run is the command without its process: it returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, getenv func(string) string) int {
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, getenv: getenv}
	a.progress = newProgress(stderr)
	defer a.progress.done()

	err := newCommand(a).Run(ctx, append([]string{"pipegen"}, args...))
	a.progress.done()
	var status exitStatus
	var sig *signalError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	case errors.As(context.Cause(ctx), &sig):
		fmt.Fprintln(stderr, "pipegen:", sig)
		return sig.status()
	default:
		fmt.Fprintln(stderr, "pipegen:", err)
		return exitError
	}
}

// An exitStatus ends a command whose say is said already.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }
