package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// checker says what compiles, without a compiler.
type checker struct {
	fset    *token.FileSet
	imports types.Importer
	parsed  map[string]*ast.File // the files of the tree, by name
}

// newChecker finds out where the compiled forms are of all that the packages import.
func newChecker(ctx context.Context, t *tree, packages ...string) (*checker, error) {
	list := append([]string{"go", "list", "-export", "-deps", "-f", "{{if .Export}}{{.ImportPath}} {{.Export}}{{end}}"}, packages...)
	out, err := t.run(ctx, list...)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	exports := make(map[string]string)
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), " ")
		exports[name] = file
	}
	c := &checker{fset: token.NewFileSet(), parsed: make(map[string]*ast.File)}
	c.imports = importer.ForCompiler(c.fset, "gc", func(name string) (io.ReadCloser, error) { return os.Open(exports[name]) })
	return c, nil
}

// check type-checks the package in dir, tests aside, with the changed files, whose names are slash-separated and
// relative to the tree, in the place of what is there.
func (c *checker) check(t *tree, dir string, changed map[string][]byte) error {
	names, err := filepath.Glob(filepath.Join(t.path(dir), "*.go"))
	if err != nil {
		return err
	}
	files := make(map[string]*ast.File)
	for _, name := range names {
		name = path.Join(dir, filepath.Base(name))
		if _, ok := changed[name]; ok || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if here, err := build.Default.MatchFile(t.path(dir), path.Base(name)); err != nil || !here {
			continue // it is for another operating system
		}
		if c.parsed[name] == nil {
			src, err := os.ReadFile(t.path(name))
			if err != nil {
				return err
			}
			if c.parsed[name], err = parser.ParseFile(c.fset, name, src, parser.SkipObjectResolution); err != nil {
				return err
			}
		}
		files[name] = c.parsed[name]
	}
	for name, src := range changed {
		if len(src) == 0 {
			continue // it is not there any more
		}
		if files[name], err = parser.ParseFile(c.fset, name, src, parser.SkipObjectResolution); err != nil {
			return err
		}
	}
	var list []*ast.File
	for _, name := range slices.Sorted(maps.Keys(files)) {
		list = append(list, files[name])
	}
	config := types.Config{Importer: c.imports}
	_, err = config.Check(path.Join(modulePath, dir), c.fset, list, nil)
	return err
}

const modulePath = "github.com/pipegen/pipegen"
