package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// oddTree has files whose names sha256sum escapes, and some that only look as if it did.
func oddTree(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{
		"plain":                 "text\n",
		"empty":                 "",
		"two words":             "blank in the name",
		"back\\slash":           "backslash",
		"new\nline":             "newline",
		"carriage\rreturn":      "carriage return",
		"all\\of\nthem\r\\\\":   "all",
		"\\n":                   "an escape that is none",
		"tab\tand\x01control":   "control characters",
		"grün":                  "not ASCII",
		"\xff\xfe":              "no UTF-8",
		"-leading":              "looks like a flag",
		" blank ":               "blanks around",
		"deep/er/and/\\er/file": "escaped because of its directory",
		"large":                 strings.Repeat("0123456789abcdef", 64<<10),
		"buffer":                strings.Repeat("b", len(hasher{}.buffer)),
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Skip("this file system does not take odd names:", err)
		}
	}
	return root
}

// goTree is a small part of the Go distribution.
func goTree(t *testing.T) string {
	t.Helper()
	src, err := directory(nil)
	if err != nil {
		t.Skip("no go command:", err)
	}
	return filepath.Join(src, "net")
}

// sha256sum is what the command of that name prints for the files below root, in the pipeline's order.
func sha256sum(t *testing.T, root string) string {
	t.Helper()
	if _, err := exec.LookPath("sha256sum"); err != nil {
		t.Skip("no sha256sum:", err)
	}
	var files []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command("xargs", "-0", "sha256sum", "--")
	command.Stdin = strings.NewReader(strings.Join(files, "\x00"))
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(output)
}

func TestSameBytesAsSha256sum(t *testing.T) {
	for name, tree := range map[string]func(*testing.T) string{"odd": oddTree, "go": goTree} {
		t.Run(name, func(t *testing.T) {
			root := tree(t)
			var out bytes.Buffer
			if err := checksums(t.Context(), &out, root); err != nil {
				t.Fatal(err)
			}
			got, want := out.String(), sha256sum(t, root)
			if got == want {
				return
			}
			gotLines, wantLines := strings.SplitAfter(got, "\n"), strings.SplitAfter(want, "\n")
			for i := range min(len(gotLines), len(wantLines)) {
				if gotLines[i] != wantLines[i] {
					t.Fatalf("line %d is %q; want %q", i+1, gotLines[i], wantLines[i])
				}
			}
			t.Fatalf("%d lines; want %d", len(gotLines)-1, len(wantLines)-1)
		})
	}
}

func TestErrors(t *testing.T) {
	err := checksums(t.Context(), &bytes.Buffer{}, filepath.Join(t.TempDir(), "missing"))
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("checksums of a missing directory: %v; want that it does not exist", err)
	}
	err = checksums(t.Context(), failingWriter{}, goTree(t))
	if !errors.Is(err, errFull) {
		t.Errorf("checksums into a full disk: %v; want %v", err, errFull)
	}
	err = Checksum{Root: t.TempDir()}.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "out") {
		t.Errorf("checksums to nowhere: %v; want an error that names the param", err)
	}
}

var errFull = errors.New("disk full")

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }
