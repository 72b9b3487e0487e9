package probe

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// NothingLeft fails the test where it leaves more behind than there was when it called: a goroutine, and on Linux a
// process, also a zombie, a descriptor, or mapped memory that is shared with other processes.
func NothingLeft(t testing.TB) {
	t.Helper()
	files, mappings, known := OpenFiles(os.Getpid()), sharedMappings(), goleak.IgnoreCurrent()
	t.Cleanup(func() {
		if err := goleak.Find(known); err != nil {
			t.Errorf("left running: %v", err)
		}
		if left := Children(os.Getpid()); len(left) > 0 {
			t.Errorf("processes left: %v", left)
		}
		if now := OpenFiles(os.Getpid()); len(now) > len(files) {
			t.Errorf("descriptors left: before %q, now %q", files, now)
		}
		if now := sharedMappings(); now > mappings {
			t.Errorf("%d shared mappings left, %d before", now, mappings)
		}
	})
}

// Children returns the processes whose parent is pid, as far as they are to be seen in /proc: with their states, Z for
// a zombie.
func Children(pid int) (found map[int]string) {
	found = make(map[int]string)
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, _ := os.ReadFile(path)
		_, rest, _ := strings.Cut(string(text), ") ") // the name before may be anything
		var state string
		var child, parent int
		if n, _ := fmt.Sscan(rest, &state, &parent); n == 2 && parent == pid {
			_, _ = fmt.Sscan(string(text), &child)
			found[child] = state
		}
	}
	return found
}

// OpenFiles returns what the descriptors of a process stand for, as far as that is to be seen in /proc.
func OpenFiles(pid int) (targets []string) {
	links, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil {
			targets = append(targets, target)
		}
	}
	slices.Sort(targets)
	return targets
}

// sharedMappings is how many files this process shares memory of with others.
func sharedMappings() (n int) {
	text, _ := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 5 && strings.HasSuffix(fields[1], "s") {
			n++
		}
	}
	return n
}
