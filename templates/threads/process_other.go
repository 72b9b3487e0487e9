//go:build !unix && !windows

package threads

import (
	"errors"
	"os"
	"os/exec"
	"unsafe"
)

// hasProcesses says whether this platform has what worker processes need. Nothing below is called where it has not.
const hasProcesses = false

func newStreams() (ours, theirs *stream, err error) { return nil, nil, errors.ErrUnsupported }

func newMemory(int) (*os.File, error) { return nil, errors.ErrUnsupported }

func mapMemory(*os.File, int) (unsafe.Pointer, error) { return nil, errors.ErrUnsupported }

func unmapMemory(unsafe.Pointer, int) {}

func bequeath(*exec.Cmd, ...*os.File) []uintptr { return nil }

func inherit(uintptr) (*os.File, error) { return nil, errors.ErrUnsupported }

func signalProcess(*os.Process, int) {}
