//go:build unix

package main

import (
	"io"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// endSignals ask a process to end.
var endSignals = []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT}

// reachesChildren says whether the kernel has sent sig to the processes that this one started as well:
// what the terminal sends goes to its whole foreground process group.
func reachesChildren(sig os.Signal, stdin io.Reader) bool {
	if sig == syscall.SIGTERM {
		return false
	}
	f, ok := stdin.(*os.File)
	if !ok {
		return false
	}
	group, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

// processStatus returns the exit status of an ended process as a shell gives it.
func processStatus(err *exec.ExitError) int {
	if ws, ok := err.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		return signalStatus(ws.Signal())
	}
	return err.ExitCode()
}
