package index

import (
	"bytes"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"path"
	"path/filepath"
	"sync"
)

// A Platform is an operating system, on some architecture, for which the templates are type-checked. What
// differs between systems stands in files with a build constraint, and no single check sees all of them.
type Platform struct {
	OS, arch string
	mu       sync.Mutex
	std      *std // made when it is first asked for
}

// Platforms are the systems whose standard libraries differ in what templates use. A package without build
// constraints is the same on all of them, and checked on the first.
var Platforms = []*Platform{
	{OS: "linux", arch: "amd64"},
	{OS: "darwin", arch: "arm64"},
	{OS: "freebsd", arch: "amd64"},
	{OS: "openbsd", arch: "amd64"},
	{OS: "solaris", arch: "amd64"},
	{OS: "aix", arch: "ppc64"},
	{OS: "windows", arch: "amd64"},
	{OS: "plan9", arch: "amd64"},
	{OS: "js", arch: "wasm"},
}

func (p *Platform) context() build.Context {
	c := build.Default
	c.GOOS, c.GOARCH, c.GOPATH = p.OS, p.arch, ""
	c.BuildTags, c.ToolTags, c.CgoEnabled = nil, nil, false
	return c
}

// Builds says whether a file takes part in a build for the platform, by its name and its constraint.
func (p *Platform) Builds(name string, src []byte) (bool, error) {
	c := p.context()
	c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(src)), nil }
	return c.MatchFile("", path.Base(name))
}

// Import imports a package of the standard library as it is on the platform. It is read from source, for of
// other systems than the host's there is nothing compiled.
func (p *Platform) Import(importPath string) (*types.Package, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.std == nil {
		p.std = &std{p.context(), token.NewFileSet(), map[string]*types.Package{"unsafe": types.Unsafe}}
	}
	return p.std.ImportFrom(importPath, filepath.Join(p.std.GOROOT, "src"), 0)
}

// std type-checks packages of the standard library as they are asked for, without the bodies of functions.
type std struct {
	build.Context
	fset     *token.FileSet
	packages map[string]*types.Package // by path, which for the library's own dependencies begins with vendor/
}

func (s *std) Import(importPath string) (*types.Package, error) {
	return s.ImportFrom(importPath, "", 0)
}

func (s *std) ImportFrom(importPath, dir string, _ types.ImportMode) (*types.Package, error) {
	if pkg := s.packages[importPath]; pkg != nil {
		return pkg, nil
	}
	found, err := s.Context.Import(importPath, dir, 0)
	if err != nil {
		return nil, err
	}
	if pkg := s.packages[found.ImportPath]; pkg != nil {
		return pkg, nil
	}
	var files []*ast.File
	for _, name := range found.GoFiles {
		file, err := parser.ParseFile(s.fset, filepath.Join(found.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	conf := types.Config{Importer: s, IgnoreFuncBodies: true, Sizes: types.SizesFor("gc", s.GOARCH)}
	pkg, err := conf.Check(found.ImportPath, s.fset, files, nil)
	if err != nil {
		return nil, err
	}
	s.packages[found.ImportPath] = pkg
	return pkg, nil
}
