package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// A change is one file that is not as it should be.
type change struct {
	target *target
	base   string // name in the target's directory
	kind   changeKind
	have   []byte      // nil where the file is missing
	want   []byte      // nil where it is orphaned
	mode   fs.FileMode // permissions that have has; 0 where the file is missing
}

type changeKind string

// The output families of diagnostics that only the disk can tell.
const (
	codeForeign = "PG605" // the output exists without pipegen's header
	codeOutside = "PG606" // the output is a link or otherwise no regular file of the package
)

const (
	missing  changeKind = "missing"
	differs  changeKind = "out of date"
	orphaned changeKind = "orphaned"
)

// path is the file as the user would name it.
func (c *change) path() string { return path.Join(c.target.dir, c.base) }

// compare holds the generated files against the disk. What must not be overwritten is reported in diags.
func compare(targets []*target, files []gen.File) (changes []*change, diags spec.Diagnostics, err error) {
	for _, t := range targets {
		found, refusals, err := t.compare(files)
		if err != nil {
			return nil, nil, err
		}
		changes = append(changes, found...)
		diags = append(diags, refusals...)
	}
	slices.SortFunc(changes, func(a, b *change) int { return strings.Compare(a.path(), b.path()) })
	return changes, diags, nil
}

// compare does it for one directory; files may hold those of others too.
func (t *target) compare(files []gen.File) (changes []*change, diags spec.Diagnostics, err error) {
	root, err := openPackage(t.dir)
	if err != nil {
		return nil, nil, err
	}
	defer root.Close()
	var outputs []string
	for _, f := range files {
		if path.Dir(f.Path) != t.dir {
			continue
		}
		base := path.Base(f.Path)
		outputs = append(outputs, base)
		c, refusal, err := compareFile(root, base, f.Content)
		switch {
		case err != nil:
			return nil, nil, fmt.Errorf("%s: %w", f.Path, err)
		case refusal != nil:
			refusal.File = t.specOf(base)
			diags = append(diags, *refusal)
		case c != nil:
			c.target = t
			changes = append(changes, c)
		}
	}
	for _, base := range t.outputs {
		if slices.Contains(outputs, base) {
			continue
		}
		content, err := readOutput(root, base)
		if err == nil && gen.Orphan(base, content, t.specs, outputs) {
			changes = append(changes, &change{target: t, base: base, kind: orphaned, have: content})
		}
	}
	return changes, diags, nil
}

// compareFile returns nil for a file that is fresh, and a refusal for one that is not pipegen's.
func compareFile(root *os.Root, base string, want []byte) (*change, *spec.Diagnostic, error) {
	info, err := root.Lstat(base)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &change{base: base, kind: missing, want: want}, nil, nil
	case err != nil:
		return nil, nil, reason(err)
	case !info.Mode().IsRegular():
		return nil, &spec.Diagnostic{
			Code:    codeOutside,
			Message: fmt.Sprintf("%s is %s, and pipegen writes regular files only", base, kindOf(info.Mode())),
			Help:    fmt.Sprintf("remove %s, or rename the spec", base),
		}, nil
	}
	have, err := readOutput(root, base)
	switch {
	case err != nil:
		return nil, nil, err
	case !gen.Replaceable(have):
		return nil, &spec.Diagnostic{
			Code:    codeForeign,
			Message: fmt.Sprintf("%s exists and does not carry pipegen's header", base),
			Notes:   []string{"pipegen never overwrites a file that it did not write"},
			Help:    fmt.Sprintf("move what is yours out of %s and remove it, or rename the spec", base),
		}, nil
	case gen.SameContent(have, want):
		return nil, nil, nil
	}
	return &change{base: base, kind: differs, have: have, want: want, mode: info.Mode().Perm()}, nil, nil
}

// readOutput reads a regular file of the directory, without following a link.
func readOutput(root *os.Root, base string) ([]byte, error) {
	info, err := root.Lstat(base)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s", kindOf(info.Mode()))
	}
	content, err := root.ReadFile(base)
	if err != nil {
		return nil, reason(err)
	}
	return content, nil
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a symbolic link"
	case mode.IsDir():
		return "a directory"
	}
	return "a special file"
}

// specOf returns the spec that the output belongs to; the support file belongs to all, and the first one
// stands for them.
func (t *target) specOf(output string) string {
	for _, s := range t.specs {
		if path.Base(gen.OutputName(s)) == output {
			return s
		}
	}
	return t.specs[0]
}

// diff returns the change as a unified diff that patch -p1 takes.
func (c *change) diff() []byte {
	from, to := "a/"+c.path(), "b/"+c.path()
	if c.kind == missing {
		from = os.DevNull
	}
	if c.kind == orphaned {
		to = os.DevNull
	}
	return diff.Diff(from, lf(c.have), to, lf(c.want))
}

func lf(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }
