//go:build unix

package processfaults

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// parent is what this program does as the parent that a test kills. Jobs say where they are by files in a directory.
func parent(verb string) {
	verb, dir, _ := strings.Cut(verb, " ")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	drain := make(chan struct{})
	context.AfterFunc(ctx, func() { close(drain) })
	ready := func() { _ = os.WriteFile(filepath.Join(dir, "ready"), nil, 0o600) }
	setup, words := "", []string{"begin " + filepath.Join(dir, "0"), "begin " + filepath.Join(dir, "1")}
	switch verb {
	case "start":
		setup = "slow"
		ready()
	case "stopped":
		words = []string{"begin " + filepath.Join(dir, "0"), "stop"}
	case "idle":
		words = nil
	case "large":
		words = slices.Repeat([]string{"large 1000000"}, 1000)
		ready()
	case "interrupted":
		words = []string{"", ""}
	}
	err := error(nil)
	for d, failed := range (Work{Setup: setup, Drain: drain}).Stream(context.Background(), func(yield func(Job) bool) {
		for n, word := range words {
			if !yield(Job{N: n, Do: word}) {
				return
			}
		}
		if verb == "idle" || verb == "interrupted" {
			ready()
			<-drain
			yield(Job{N: 2})
		}
	}) {
		err = failed
		fmt.Println("done", d.N)
		if verb == "large" {
			time.Sleep(10 * time.Millisecond)
		}
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	os.Exit(0)
}

// startParent starts this program as a parent, and waits until it has come to where verb says.
func startParent(t *testing.T, verb string) (cmd *exec.Cmd, mark string) {
	t.Helper()
	dir := t.TempDir()
	mark = "TEST_PARENT=" + verb + " " + dir
	cmd = exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), mark)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out, err := os.Create(filepath.Join(dir, "output"))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = out.Close()
	t.Cleanup(func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	eventually(t, "the parent is ready", func() bool {
		_, begun := os.Stat(filepath.Join(dir, "0"))
		_, ready := os.Stat(filepath.Join(dir, "ready"))
		return begun == nil || ready == nil
	})
	return cmd, mark
}

// alive are the processes, zombies aside, whose environment has the variable.
func alive(variable string) (pids []int) {
	paths, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range paths {
		if text, _ := os.ReadFile(path); strings.Contains("\x00"+string(text), "\x00"+variable+"\x00") {
			pid, _ := strconv.Atoi(strings.Split(path, "/")[2])
			pids = append(pids, pid)
		}
	}
	return pids
}

// When the parent is killed, wherever it is, its workers are gone within a second, also those that are in the middle
// of an item, or stopped.
func TestParentKilled(t *testing.T) {
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip(err)
	}
	for _, phase := range []string{"start", "item", "stopped", "idle", "large"} {
		t.Run(phase, func(t *testing.T) {
			begin(t)
			cmd, mark := startParent(t, phase)
			eventually(t, "there are workers", func() bool { return len(alive(mark)) > 1 })
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			killed := time.Now()
			eventually(t, "the workers are gone", func() bool { return len(alive(mark)) == 0 })
			if took := time.Since(killed); took > time.Second {
				t.Errorf("they took %v", took)
			}
		})
	}
}

// An interrupt from the terminal is the program's to deal with: its workers finish what it wants to be finished.
func TestInterrupt(t *testing.T) {
	begin(t)
	cmd, mark := startParent(t, "interrupted")
	eventually(t, "there are workers", func() bool { return len(alive(mark)) > 1 })
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	dir := strings.TrimPrefix(mark, "TEST_PARENT=interrupted ")
	if text, _ := os.ReadFile(filepath.Join(dir, "output")); strings.Count(string(text), "done ") != 3 {
		t.Errorf("it wrote %s", text)
	}
	if left := alive(mark); len(left) > 0 {
		t.Errorf("processes left: %v", left)
	}
}
