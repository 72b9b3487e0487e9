package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
)

// runProgram generates a package, builds it to a temporary file and runs that with args. Its status is
// the program's.
func (a *app) runProgram(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageError("run needs a directory or a spec: pipegen run DIR|SPEC [-- args...]")
	}
	pattern, args := args[0], args[1:] // without the "--" between them
	targets, err := find([]string{pattern})
	if err != nil {
		return err
	}
	if len(targets) != 1 || len(targets[0].specs) == 0 {
		return fmt.Errorf("%s is not one package with a spec", pattern)
	}
	c, changes, err := a.changes(ctx, targets)
	if err != nil {
		return err
	}
	if p := c.plans[0].Package; p.Name() != "main" {
		return fmt.Errorf("%s is package %s: there is no program to run", targets[0].dir, p.Name())
	}
	if err := a.apply(changes); err != nil {
		return err
	}
	return a.buildAndRun(ctx, targets[0].dir, args)
}

// buildAndRun runs the main package in dir. The working directory of the program is pipegen's.
func (a *app) buildAndRun(ctx context.Context, dir string, args []string) (err error) {
	tmp, err := os.MkdirTemp("", "pipegen-run-")
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, os.RemoveAll(tmp))
	}()
	dir, err = filepath.Abs(filepath.FromSlash(dir))
	if err != nil {
		return err
	}
	program := filepath.Join(tmp, filepath.Base(dir))
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if err := a.build(ctx, dir, program); err != nil {
		return err
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return a.runBinary(program, args)
}

func (a *app) build(ctx context.Context, dir, program string) error {
	a.progress.say("building %s", filepath.Base(dir))
	build := []string{"build", "-o", program}
	if a.tags != "" {
		build = append(build, "-tags", a.tags)
	}
	cmd := exec.CommandContext(ctx, "go", append(build, ".")...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	a.progress.done()
	if err != nil {
		a.stderr.Write(out)
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}

// runBinary runs the program with pipegen's streams and passes signals on until it ends.
func (a *app) runBinary(program string, args []string) error {
	cmd := exec.Command(program, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.stdin, a.stdout, a.stderr

	signals := make(chan os.Signal, 8)
	signal.Notify(signals, endSignals...)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	defer close(ended)
	go passOn(signals, cmd.Process, a.stdin, ended)

	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitStatus(processStatus(exit))
	}
	return err
}

// passOn sends signals to a process until ended is closed. A process that is gone already is no error.
func passOn(signals <-chan os.Signal, p *os.Process, stdin io.Reader, ended <-chan struct{}) {
	for {
		select {
		case sig := <-signals:
			if !reachesChildren(sig, stdin) {
				_ = p.Signal(sig)
			}
		case <-ended:
			return
		}
	}
}
