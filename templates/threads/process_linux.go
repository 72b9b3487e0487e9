//go:build linux

package threads

import (
	"errors"
	"os"
	"os/exec"
	"syscall"
	"unsafe"
)

// hasProcesses says whether this platform has what worker processes need.
const hasProcesses = true

// newStreams makes a connection: the end of this process, and that of a worker.
func newStreams() (ours, theirs *stream, err error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	_ = syscall.SetNonblock(fds[0], true) // waits in the poller, not in a thread
	for _, fd := range fds {
		_ = syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_SNDBUF, streamBuffer)
	}
	one, other := os.NewFile(uintptr(fds[0]), "worker"), os.NewFile(uintptr(fds[1]), "worker")
	return &stream{one, one}, &stream{other, other}, nil
}

// newMemory makes a file of size zero bytes that nobody else can open, to be mapped by several processes.
func newMemory(size int) (file *os.File, err error) {
	const unnamed = 0o20000000 | syscall.O_DIRECTORY // O_TMPFILE: gone with the processes, whenever they end
	for _, dir := range []string{"/dev/shm", os.TempDir()} {
		if file, err = os.OpenFile(dir, os.O_RDWR|unnamed, 0o600); err != nil {
			if file, err = os.CreateTemp(dir, "pipegen"); err != nil {
				continue
			}
			_ = os.Remove(file.Name())
		}
		// Not only made longer: where there is no room for it, this is an error and not a signal later.
		if err = allocate(file, size); err == nil {
			return file, nil
		}
		_ = file.Close()
	}
	return nil, err
}

// allocate makes an empty file size zero bytes long.
func allocate(file *os.File, size int) error {
	for {
		switch err := syscall.Fallocate(int(file.Fd()), 0, 0, int64(size)); {
		case errors.Is(err, errors.ErrUnsupported): // by this file system
			return writeZeros(file, size)
		case err != syscall.EINTR:
			return os.NewSyscallError("fallocate", err)
		}
	}
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

// bequeath makes cmd a process group of its own that inherits files, and returns their numbers there. It is killed
// when the thread that starts it ends.
func bequeath(cmd *exec.Cmd, files ...*os.File) []uintptr {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
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
