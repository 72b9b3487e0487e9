package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// goTree is a small part of the Go distribution: a hundred files, text and archives.
func goTree(t *testing.T) string {
	t.Helper()
	src, err := directory(nil)
	if err != nil {
		t.Skip("no go command:", err)
	}
	return filepath.Join(src, "archive")
}

// oddTree has what a careless reader of words gets wrong: no newline at the end, letters at both ends,
// bytes that are no text, an empty file, letters that are not ASCII, a symbolic link, a directory in it.
func oddTree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"ends":      "word and Word\nwordy word",
		"binary":    "\x00word\xff\xfewörd\x80telling\x00",
		"empty":     "",
		"deep/down": "some func some return SOME_THING some2some\r\n",
		"unicode":   "größer Kelvin \u212Aelvin ſtraße",
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("ends", filepath.Join(root, "link")); err != nil {
		t.Log("no symbolic links here:", err)
	}
	return root
}

// shellCounts is the same count by the tools of the shell.
func shellCounts(t *testing.T, root string) map[string]int {
	t.Helper()
	script := `find "$1" -type f -exec sh -c 'for f; do cat "$f"; echo; done' sh {} + |
		tr -cs 'A-Za-z' '\n' | tr 'A-Z' 'a-z' | grep -x '.\{4,\}' |
		grep -vxE 'break|default|func|interface|select|case|defer|go|map|struct|chan|else|goto|package|switch|const|fallthrough|if|range|type|continue|for|import|return|var' |
		sort | uniq -c`
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell:", err)
	}
	command := exec.Command("sh", "-c", script, "sh", root)
	command.Env = append(os.Environ(), "LC_ALL=C")
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	counts := make(map[string]int)
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		n, err := strconv.Atoi(fields[0])
		if err != nil || len(fields) != 2 {
			t.Fatalf("uniq -c printed %q", line)
		}
		counts[fields[1]] = n
	}
	return counts
}

var words = regexp.MustCompile(`[A-Za-z]+`)

// sequentialCounts is the same count by one goroutine, written without the stage functions.
func sequentialCounts(t *testing.T, root string) map[string]int {
	t.Helper()
	counts := make(map[string]int)
	tree := os.DirFS(root)
	err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := fs.ReadFile(tree, path)
		for _, word := range words.FindAll(text, -1) {
			if c := (Count{Word: string(bytes.ToLower(word))}); Telling(c) {
				counts[c.Word]++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return counts
}

func TestCountsAgree(t *testing.T) {
	for name, tree := range map[string]func(*testing.T) string{"go": goTree, "odd": oddTree} {
		t.Run(name, func(t *testing.T) {
			root := tree(t)
			got, err := count(t.Context(), root)
			if err != nil {
				t.Fatal(err)
			}
			if want := sequentialCounts(t, root); !maps.Equal(got, want) {
				t.Errorf("differs from the sequential count (-want +got):\n%s", cmp.Diff(want, got))
			}
			if want := shellCounts(t, root); !maps.Equal(got, want) {
				t.Errorf("differs from the shell's count (-want +got):\n%s", cmp.Diff(want, got))
			}
		})
	}
}

func TestEmptyTree(t *testing.T) {
	got, err := count(t.Context(), t.TempDir())
	if err != nil || got == nil || len(got) != 0 {
		t.Errorf("count of an empty tree = %v, %v; want an empty map", got, err)
	}
}

func TestErrors(t *testing.T) {
	if _, err := count(t.Context(), filepath.Join(t.TempDir(), "missing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("count of a missing directory: %v; want that it does not exist", err)
	}
	if _, err := count(t.Context(), ""); err == nil || !strings.Contains(err.Error(), "root") {
		t.Errorf("count without a root: %v; want an error that names the param", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := count(ctx, oddTree(t)); err != context.Canceled {
		t.Errorf("count after cancel: %v; want %v", err, context.Canceled)
	}
}

func TestReport(t *testing.T) {
	var out strings.Builder
	if err := report(t.Context(), &out, oddTree(t)); err != nil {
		t.Fatal(err)
	}
	want := `         5 some
         4 word
         1 elvin
         1 kelvin
         1 telling
         1 thing
         1 wordy
14 words, 7 different ones, in `
	if !strings.HasPrefix(out.String(), want) {
		t.Errorf("report begins\n%s\nwant\n%s", out.String(), want)
	}
}
