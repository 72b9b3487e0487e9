//go:build unix && !linux

package threads

import (
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// hasProcesses says whether this platform has what worker processes need.
const hasProcesses = true

// newStreams makes a connection: the end of this process, and that of a worker.
func newStreams() (ours, theirs *stream, err error) {
	syscall.ForkLock.RLock() // nobody starts a process before both are closed in it
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	_ = syscall.SetNonblock(fds[0], true) // waits in the poller, not in a thread
	for _, fd := range fds {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF, streamBuffer)
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, streamBuffer)
	}
	one, other := os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "worker")
	return &stream{one, one}, &stream{other, other}, nil
}

// newMemory makes a file of size zero bytes that nobody else can open, to be mapped by several processes.
func newMemory(size int) (*os.File, error) {
	file, err := os.CreateTemp("", "pipegen")
	if err != nil {
		return nil, err
	}
	_ = os.Remove(file.Name())
	// Written, not only made longer: where there is no room for it, this is an error and not a signal later.
	if err = writeZeros(file, size); err != nil {
		_ = file.Close()
		return nil, err
	}
	return file, nil
}

// mapMemory maps the size bytes of such a file.
func mapMemory(file *os.File, size int) (unsafe.Pointer, error) {
	memory, err := syscall.Mmap(int(file.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	return unsafe.Pointer(unsafe.SliceData(memory)), os.NewSyscallError("mmap", err)
}

// unmapMemory undoes mapMemory.
func unmapMemory(memory unsafe.Pointer, size int) {
	_ = syscall.Munmap(unsafe.Slice((*byte)(memory), size))
}

// bequeath makes cmd a process group of its own that inherits files, and returns their numbers there.
func bequeath(cmd *exec.Cmd, files ...*os.File) []uintptr {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var ids []uintptr
	for _, file := range files {
		ids = append(ids, uintptr(3+len(cmd.ExtraFiles)))
		cmd.ExtraFiles = append(cmd.ExtraFiles, file)
	}
	return ids
}

// inherit opens what the process has inherited under a number. Its own children do not. Who waits for it blocks a
// thread: a worker has few, and wakes sooner than by way of the poller.
func inherit(number uintptr) (*os.File, error) {
	syscall.CloseOnExec(int(number))
	if err := syscall.SetNonblock(int(number), false); err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	return os.NewFile(number, "parent"), nil
}

// signalProcess sends a signal to the process group that p leads.
func signalProcess(p *os.Process, number int) { _ = syscall.Kill(-p.Pid, syscall.Signal(number)) }
