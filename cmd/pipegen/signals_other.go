//go:build !unix

package main

import (
	"io"
	"os"
	"os/exec"
)

// endSignals ask a process to end.
var endSignals = []os.Signal{os.Interrupt}

// reachesChildren says whether the system has sent sig to the processes that this one started as well: a
// console sends its interrupts to all of them.
func reachesChildren(os.Signal, io.Reader) bool { return true }

// processStatus returns the exit status of an ended process.
func processStatus(err *exec.ExitError) int { return err.ExitCode() }
