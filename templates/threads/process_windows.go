//go:build windows

package threads

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// hasProcesses says whether this platform has what worker processes need.
const hasProcesses = true

// newStreams makes a connection of two pipes: the end of this process, and that of a worker.
func newStreams() (ours, theirs *stream, err error) {
	theirIn, ourOut, err := newPipe()
	if err != nil {
		return nil, nil, err
	}
	ourIn, theirOut, err := newPipe()
	if err != nil {
		_, _ = theirIn.Close(), ourOut.Close()
		return nil, nil, err
	}
	return &stream{ourIn, ourOut}, &stream{theirIn, theirOut}, nil
}

// newPipe is os.Pipe with the room that a stream needs.
func newPipe() (in, out *os.File, err error) {
	var read, write syscall.Handle
	if err := syscall.CreatePipe(&read, &write, nil, streamBuffer); err != nil {
		return nil, nil, os.NewSyscallError("CreatePipe", err)
	}
	return os.NewFile(uintptr(read), "worker"), os.NewFile(uintptr(write), "worker"), nil
}

// newMemory makes a section of size zero bytes that has no name, to be mapped by several processes.
func newMemory(size int) (*os.File, error) {
	section, err := syscall.CreateFileMapping(syscall.InvalidHandle, nil, syscall.PAGE_READWRITE, uint32(uint64(size)>>32), uint32(size), nil)
	if err != nil {
		return nil, os.NewSyscallError("CreateFileMapping", err)
	}
	return os.NewFile(uintptr(section), "memory"), nil
}

// mapMemory maps the size bytes of such a section.
func mapMemory(section *os.File, size int) (unsafe.Pointer, error) {
	address, err := syscall.MapViewOfFile(syscall.Handle(section.Fd()), syscall.FILE_MAP_READ|syscall.FILE_MAP_WRITE, 0, 0, uintptr(size))
	if err != nil {
		return nil, os.NewSyscallError("MapViewOfFile", err)
	}
	return *(*unsafe.Pointer)(unsafe.Pointer(&address)), nil
}

// unmapMemory undoes mapMemory.
func unmapMemory(memory unsafe.Pointer, _ int) { _ = syscall.UnmapViewOfFile(uintptr(memory)) }

// bequeath makes cmd a process that Ctrl-C does not reach and that inherits files, and returns their numbers there.
func bequeath(cmd *exec.Cmd, files ...*os.File) []uintptr {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
	var ids []uintptr
	for _, file := range files {
		number := file.Fd()
		_ = syscall.SetHandleInformation(syscall.Handle(number), syscall.HANDLE_FLAG_INHERIT, syscall.HANDLE_FLAG_INHERIT)
		ids = append(ids, number)
		cmd.SysProcAttr.AdditionalInheritedHandles = append(cmd.SysProcAttr.AdditionalInheritedHandles, syscall.Handle(number))
	}
	return ids
}

// inherit opens what the process has inherited under a number. Its own children do not.
func inherit(number uintptr) (*os.File, error) {
	if err := syscall.SetHandleInformation(syscall.Handle(number), syscall.HANDLE_FLAG_INHERIT, 0); err != nil {
		return nil, os.NewSyscallError("SetHandleInformation", err)
	}
	return os.NewFile(number, "parent"), nil
}

// signalProcess kills p: there are no other signals.
func signalProcess(p *os.Process, number int) {
	if number == signalKill {
		_ = p.Kill()
	}
}
