//go:build linux

package chaos

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// children are the processes whose parent is pid, those that are dead and have not been waited for included.
func children(pid int) (found []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, _ := os.ReadFile("/proc/" + e.Name() + "/stat")
		if i := strings.LastIndex(string(stat), ") "); i >= 0 && strings.Fields(string(stat[i+2:]))[1] == strconv.Itoa(pid) {
			found = append(found, child)
		}
	}
	return found
}

// relatives are the other processes with a variable in their environment, as those have that a process with it has
// started, and those that these have.
func relatives(variable string) (found []string) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		environ, _ := os.ReadFile("/proc/" + e.Name() + "/environ")
		if e.Name() != strconv.Itoa(os.Getpid()) && slices.Contains(strings.Split(string(environ), "\x00"), variable) {
			found = append(found, e.Name())
		}
	}
	return found
}

// isWorker says whether a process has come so far as to be the program that it is to run.
func isWorker(pid int) bool {
	environ, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return strings.Contains(string(environ), "PIPEGEN_DEPTH=")
}

// descriptors are the open files of this process, except for those of the runtime.
func descriptors() (open []string) {
	entries, _ := os.ReadDir("/proc/self/fd")
	for _, e := range entries {
		target, err := os.Readlink("/proc/self/fd/" + e.Name())
		if err == nil && !strings.HasPrefix(target, "anon_inode:") && !strings.HasPrefix(target, "/proc/") {
			open = append(open, e.Name()+" "+target)
		}
	}
	return open
}

// mapped are the files that nobody can open and this process has in its memory.
func mapped() (found []string) {
	maps, _ := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(maps)) {
		if strings.HasPrefix(line[strings.LastIndex(line, " ")+1:], "(deleted)") || strings.Contains(line, "/dev/shm/") {
			found = append(found, line)
		}
	}
	return found
}

// shared are the files of pipelines in the directories of shared memory.
func shared() (found []string) {
	for _, dir := range []string{"/dev/shm", os.TempDir()} {
		entries, _ := os.ReadDir(dir)
		for _, e := range entries {
			if name, ok := strings.CutPrefix(e.Name(), "pipegen"); ok && strings.Trim(name, "0123456789") == "" && name != "" {
				found = append(found, dir+"/"+e.Name())
			}
		}
	}
	return found
}

// leavesNothing fails t at its end where anything is left that runs have made.
func leavesNothing(t *testing.T) {
	before := descriptors()
	t.Cleanup(func() {
		if left := children(os.Getpid()); len(left) > 0 {
			t.Errorf("processes are left: %v", left)
		}
		if left := relatives(family); len(left) > 0 {
			t.Errorf("processes of processes are left: %v", left)
		}
		if now := descriptors(); len(now) > len(before) {
			t.Errorf("descriptors are left:\n%s\nof before:\n%s", strings.Join(now, "\n"), strings.Join(before, "\n"))
		}
		if left := append(mapped(), shared()...); len(left) > 0 {
			t.Errorf("memory is left: %v", left)
		}
	})
}

// eventually fails t where ok does not come true within d.
func eventually(t *testing.T, d time.Duration, what string, ok func() bool) {
	t.Helper()
	for began := time.Now(); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > d {
			t.Errorf("after %v: %s", d, what)
			return
		}
	}
}
