package shared

import (
	"errors"
	"strings"
	"syscall"
	"testing"
)

// New does not fail where the system has no memory that can be shared: the run says so, and starts nothing.
func TestNoMemory(t *testing.T) {
	begin(t)
	var usual syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &usual); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 0, Max: usual.Max}); err != nil {
		t.Fatal(err)
	}
	sh := NewCountsApartShared()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &usual); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sh.Close() }()
	sh.Found.Add(2)
	want(t, "found, in the process's own memory", sh.Found.Load(), 2)
	var errs []error
	for _, err := range (CountsApart{Shared: sh}).Stream(t.Context(), upTo(3)) {
		errs = append(errs, err)
	}
	if len(errs) != 1 || !errors.Is(errs[0], syscall.EMFILE) || !strings.HasPrefix(errs[0].Error(), "counts-apart: shared memory: ") {
		t.Errorf("the errors are %v, want one of the shared memory: %v", errs, syscall.EMFILE)
	}
}
