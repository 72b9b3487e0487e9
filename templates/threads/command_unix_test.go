//go:build unix

package threads

import (
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// What a program has started goes with it, even if it holds the program's output.
func TestCommandChildren(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo") // which the child reads as long as it lives
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	alive := func() bool {
		fd, err := syscall.Open(fifo, syscall.O_WRONLY|syscall.O_NONBLOCK, 0)
		if err == nil {
			_ = syscall.Close(fd)
		}
		return err == nil
	}
	c := newCommanded(t, 1, "polite")
	if _, err := c.ask(errand{Do: "child", File: fifo}); err != nil {
		t.Fatal(err)
	}
	if !alive() {
		t.Fatal("the child does not live")
	}
	if _, err := ask[int](c.command, c.slot, 50*time.Millisecond, errand{Do: "silence"}); err == nil {
		t.Error("no error")
	}
	for alive() {
		time.Sleep(time.Millisecond)
	}
}
