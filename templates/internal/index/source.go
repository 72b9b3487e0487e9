package index

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// source is a file of the templates.
type source struct {
	*ast.File
	name      string
	build     string      // the expression of its //go:build line; "" for none
	platforms []*Platform // those that build it
}

// Files returns the names of dir's Go files without its tests, with dir, sorted.
func Files(fsys fs.FS, dir string) ([]string, error) {
	names, err := fs.Glob(fsys, path.Join(dir, "*.go"))
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") }), err
}

// ReadFile reads a source as the index counts it: with line feeds, whatever a checkout has made of them.
func ReadFile(fsys fs.FS, name string) ([]byte, error) {
	src, err := fs.ReadFile(fsys, name)
	return bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n")), err
}

// Suffix returns what the name of a file with a build constraint ends in, linux for process_linux.go, "" for
// process.go. All such files with one suffix have one constraint; it is the suffix of the file that their copies
// stand in.
func Suffix(name string) string {
	stem := strings.TrimSuffix(path.Base(name), ".go")
	return stem[strings.LastIndexByte(stem, '_')+1:]
}

// load parses the package and type-checks it for every platform, or for one if it is the same on all.
func load(fsys fs.FS, dir string) ([]*builder, error) {
	names, err := Files(fsys, dir)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s: no Go files", dir)
	}
	fset := token.NewFileSet()
	var sources []*source
	constraints := make(map[string]string) // suffix → constraint
	platforms := Platforms[:1]
	for _, name := range names {
		s, err := readSource(fset, fsys, name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, s)
		if s.build == "" {
			continue
		}
		platforms = Platforms
		suffix := Suffix(name)
		if other, ok := constraints[suffix]; ok && other != s.build {
			return nil, fmt.Errorf("%s: %s is built if %s, other files with that suffix if %s", name, suffix, s.build, other)
		}
		constraints[suffix] = s.build
	}
	var builders []*builder
	var errs []error
	said := make(map[string]bool)
	for _, p := range platforms {
		builders = append(builders, check(fset, dir, sources, p, func(err error) {
			if !said[err.Error()] { // of the first platform alone
				said[err.Error()] = true
				errs = append(errs, fmt.Errorf("building for %s: %w", p.OS, err))
			}
		}))
	}
	return builders, errors.Join(errs...)
}

// readSource parses one file. One that not every platform builds must have a constraint that says so, and be
// named for it.
func readSource(fset *token.FileSet, fsys fs.FS, name string) (*source, error) {
	src, err := ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	s := &source{name: name}
	if s.File, err = parser.ParseFile(fset, name, src, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		return nil, err
	}
	for _, group := range s.Comments {
		for _, c := range group.List {
			if c.Pos() < s.Package && constraint.IsGoBuild(c.Text) {
				s.build = strings.TrimSpace(strings.TrimPrefix(c.Text, "//go:build"))
			}
		}
	}
	for _, p := range Platforms {
		builds, err := p.Builds(name, src)
		if err != nil {
			return nil, err
		}
		if builds {
			s.platforms = append(s.platforms, p)
		}
	}
	switch {
	case len(s.platforms) == 0:
		return nil, fmt.Errorf("%s: no platform builds it", name)
	case s.build == "" && len(s.platforms) < len(Platforms):
		return nil, fmt.Errorf("%s: its name is a build constraint, and it has no //go:build line", name)
	case s.build != "" && !strings.Contains(path.Base(name), "_"):
		return nil, fmt.Errorf("%s: it has a build constraint, and its name no suffix that says so", name)
	}
	return s, nil
}
