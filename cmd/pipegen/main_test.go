package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pipegen": main})
}

// TestScripts runs the contract of every command. The scripts know three commands besides the usual ones:
//
//	exits N COMMAND [ARGS...]   run a command that must exit with status N
//	snapshot DIR                remember names, modes, times and contents of a tree
//	unchanged DIR               fail if a tree is not as the snapshot says
func TestScripts(t *testing.T) {
	goEnv, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	caches := strings.Fields(string(goEnv))
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("GOCACHE", caches[0])
			e.Setenv("GOMODCACHE", caches[1])
			e.Setenv("GOPROXY", "off")
			e.Setenv("GOFLAGS", "")
			e.Setenv("GOWORK", "off")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":     exits,
			"snapshot":  snapshot,
			"unchanged": unchanged,
		},
	})
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits N command [args...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func snapshot(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv("SNAPSHOT", describeTree(ts, args))
}

func unchanged(ts *testscript.TestScript, _ bool, args []string) {
	before, after := ts.Getenv("SNAPSHOT"), describeTree(ts, args)
	if before == "" {
		ts.Fatalf("unchanged without a snapshot")
	}
	if before != after {
		ts.Fatalf("the tree has changed:\n%s", diff.Diff("before", []byte(before), "after", []byte(after)))
	}
}

// describeTree gives each file of a tree one line, which differs when anything about the file does.
func describeTree(ts *testscript.TestScript, args []string) string {
	if len(args) != 1 {
		ts.Fatalf("usage: snapshot dir")
	}
	var lines []string
	err := filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if path == ts.MkAbs(".tmp") {
			return filepath.SkipDir // $TMPDIR of the go command
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		line := fmt.Sprintf("%s %v %v", path, info.Mode(), info.ModTime().UnixNano())
		if d.Type().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			line += fmt.Sprintf(" %q", content)
		}
		lines = append(lines, line)
		return nil
	})
	ts.Check(err)
	return strings.Join(lines, "\n") + "\n"
}

// TestCommandsAreDocumentedAndTested holds the command table against the manual and the scripts: all
// three name the same set.
func TestCommandsAreDocumentedAndTested(t *testing.T) {
	names := commandNames()
	if !slices.IsSorted(names) {
		t.Errorf("the command table is not sorted: %v", names)
	}

	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for line := range strings.Lines(string(manual)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "## pipegen "); ok {
			documented = append(documented, name)
		}
	}
	slices.Sort(documented)
	if !slices.Equal(documented, names) {
		t.Errorf("docs/commands.md has sections for %v, the table has %v", documented, names)
	}

	scripts, err := filepath.Glob(filepath.Join("testdata", "script", "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	var tested []string
	for _, s := range scripts {
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(s), ".txtar"), "_")
		if !slices.Contains(tested, name) && name != "pipegen" {
			tested = append(tested, name)
		}
	}
	slices.Sort(tested)
	if !slices.Equal(tested, names) {
		t.Errorf("scripts are named after %v, the table has %v (what concerns no single command is pipegen_*)", tested, names)
	}
}

// TestFlagsAreDocumented does the same for flags.
func TestFlagsAreDocumented(t *testing.T) {
	manual, err := os.ReadFile(filepath.Join("..", "..", "docs", "commands.md"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	used := make(map[string]bool)
	for _, c := range commands {
		for _, f := range c.flags {
			used[f] = true
		}
	}
	for _, f := range flagTable {
		if !strings.Contains(string(manual), "| `-"+f.name) {
			t.Errorf("docs/commands.md has no row for -%s", f.name)
		}
		if !strings.Contains(string(doc), "\n\t-"+f.name) {
			t.Errorf("doc.go has no line for -%s", f.name)
		}
		if !used[f.name] {
			t.Errorf("no command takes -%s", f.name)
		}
	}
}
