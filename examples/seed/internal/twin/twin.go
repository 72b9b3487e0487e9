// Package twin holds an example against the Python program that it does the work of.
package twin

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// programs is the environment variable that names the directory of the Python programs.
const programs = "PIPEGEN_SEED"

// A Pair is an example and a Python program that print the same.
type Pair struct {
	Go     func(context.Context) error // prints to os.Stdout
	Python string                      // the program's file name
	Env    []string                    // what Python's environment has besides
	Begin  *regexp.Regexp              // where threads print in Python: what lines begin with
	Shape  func(string) string         // leaves out what is different in each run; nil: nothing is
	Want   string                      // what both print, as Shape leaves it
	Bubble bool                        // in which the example waits without time passing; not for worker processes
}

// Test holds what the example prints against what the Python program is known to print, and, where it is at hand and
// there is a python3 to run it, against what it prints now.
func (p Pair) Test(t *testing.T) {
	if diff := cmp.Diff(p.Want, p.shape(p.Printed(t))); diff != "" {
		t.Errorf("what is printed (-Python as recorded, +Go):\n%s", diff)
	}
	t.Run("Python", func(t *testing.T) {
		if diff := cmp.Diff(p.Want, p.shape(p.python(t))); diff != "" {
			t.Errorf("what is printed (-Python as recorded, +Python):\n%s", diff)
		}
	})
}

// Printed returns what the example prints.
func (p Pair) Printed(t *testing.T) (output string) {
	if !p.Bubble {
		return Printed(t, p.Go)
	}
	synctest.Test(t, func(t *testing.T) { output = Printed(t, p.Go) })
	return output
}

func (p Pair) shape(output string) string {
	if p.Shape == nil {
		return output
	}
	return p.Shape(output)
}

// python runs the Python program and returns what it prints.
func (p Pair) python(t *testing.T) string {
	t.Helper()
	dir := os.Getenv(programs)
	if dir == "" {
		t.Skip(programs, "does not say where the Python programs are")
	}
	if err := exec.Command("python3", "-c", "import multiprocessing").Run(); err != nil {
		t.Skip("no python3:", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	program := exec.CommandContext(ctx, "python3", filepath.Join(dir, p.Python))
	program.Env = append(os.Environ(), "PYTHONUTF8=1", "PYTHONDONTWRITEBYTECODE=1")
	program.Env = append(program.Env, p.Env...)
	program.Stderr = os.Stderr
	output, err := program.Output()
	if err != nil {
		t.Fatal(err)
	}
	return p.mend(string(output))
}

// mend puts lines together that threads have printed in Python, where the end of a line is written after the line, and
// others in between.
func (p Pair) mend(output string) string {
	if p.Begin == nil {
		return output
	}
	output = p.Begin.ReplaceAllString(strings.ReplaceAll(output, "\n", ""), "\n$0")
	return strings.TrimPrefix(output, "\n") + "\n"
}

// Printed returns what run prints to os.Stdout, here and in worker processes. It is not for parallel tests.
func Printed(t *testing.T, run func(context.Context) error) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stdout")
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600) // no pipe: nothing has to read it
	if err != nil {
		t.Fatal(err)
	}
	if err := redirected(file, func() error { return run(t.Context()) }); err != nil {
		t.Errorf("the example: %v", err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	output, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(output)
}

// redirected calls run while file stands in for the standard output.
func redirected(file *os.File, run func() error) error {
	defer func(stdout *os.File) { os.Stdout = stdout }(os.Stdout)
	os.Stdout = file
	return run()
}
