package main

import (
	"errors"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// needPython skips a test where there is nothing to run measure.py.
func needPython(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip(err)
	}
}

// collect returns what is known of each file, and the errors.
func collect(all iter.Seq2[Stats, error]) (files []Stats, errs []error) {
	for s, err := range all {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files = append(files, s)
	}
	return files, errs
}

// Python and Go measure the same in a part of the Go distribution, in the same order.
func TestPythonIsLikeGo(t *testing.T) {
	needPython(t)
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("no go command:", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(root)), "src", "net")
	want, errs := collect(Golang{Dir: dir}.Stream(t.Context()))
	if len(want) < 100 || len(errs) > 0 {
		t.Fatalf("%d files, errors %v; want a few hundred files", len(want), errs)
	}
	var stats PythonStats
	got, errs := collect(Python{Dir: dir, Stats: &stats}.Stream(t.Context()))
	if diff := cmp.Diff(want, got); diff != "" || len(errs) > 0 {
		t.Errorf("errors %v; files (-Go +Python):\n%s", errs, diff)
	}
	if n := stats.Measure.Done(); n != int64(len(want)) {
		t.Errorf("measure counts %d files, want %d", n, len(want))
	}
}

// Odd names and contents get through, and what is wrong with one file does not hold up the others.
func TestOddFiles(t *testing.T) {
	needPython(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"empty":           "",
		"<grün> & \"so\"": "grün, vert, зелёный\n",
		"binary":          "\x00\xff\xfe a_1 \r\n a_1",
		"one line":        strings.Repeat("word ", 100_000),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Skip("this file system does not take odd names:", err)
		}
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "dangling")); err != nil {
		t.Skip(err)
	}
	want, wantErrs := collect(Golang{Dir: dir}.Stream(t.Context()))
	got, errs := collect(Python{Dir: dir}.Stream(t.Context()))
	if diff := cmp.Diff(want, got); diff != "" || len(want) != 4 {
		t.Errorf("files (-Go +Python):\n%s", diff)
	}
	var failed *PythonError
	if len(wantErrs) != 1 || len(errs) != 1 || !errors.As(errs[0], &failed) {
		t.Fatalf("errors %v and %v, want one each", wantErrs, errs)
	}
	if path := filepath.Join(dir, "dangling"); failed.Item != path || !strings.HasPrefix(failed.Err.Error(), "FileNotFoundError: ") {
		t.Errorf("error %v of %v, want that of %s", failed.Err, failed.Item, path)
	}
}

// A program that cannot be started ends the run, and does not keep it waiting.
func TestNoPython(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("programs are found in other ways")
	}
	t.Setenv("PATH", t.TempDir())
	_, errs := collect(Python{Dir: "."}.Stream(t.Context()))
	if len(errs) != 1 || !errors.Is(errs[0], exec.ErrNotFound) {
		t.Errorf("errors %v, want one: python3 is not found", errs)
	}
}
