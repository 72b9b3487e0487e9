//go:build unix

package processfaults

import (
	"os"
	"syscall"
)

// take takes so many bytes of memory: of the system, so that it is no more under the race detector.
func take(n int) ([]byte, error) {
	block, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	for i := 0; i < len(block); i += os.Getpagesize() {
		block[i] = 1
	}
	return block, err
}
