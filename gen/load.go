package gen

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	goversion "go/version"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/pipegen/pipegen/spec"
)

// LoadConfig says where specs are and how their Go packages are built.
type LoadConfig struct {
	Dir  string // relative names of specs start here; "" is the current directory
	Tags string // build tags, comma-separated, as for go build -tags
}

// Load reads the Go declarations that the specs name, with one go/packages load for each Go module among
// them. It reads signatures only: neither a missing, stale or damaged generated file nor a mistake inside a
// function does any harm.
//
// A spec's own package is read from source, for it need not compile before its generated file exists, and
// compiling it would take longer than everything else here. What it and its spec import comes from export
// data.
//
// Diagnostics are about specs: those without a usable package have no types in the Program. The error is one
// of the go command or the system.
func Load(ctx context.Context, cfg LoadConfig, files []*spec.File) (*Program, spec.Diagnostics, error) {
	prog := &Program{fset: token.NewFileSet(), units: make(map[*spec.File]*unit)}
	var diags spec.Diagnostics
	var order []string
	modules := make(map[string][]*spec.File)
	for _, f := range files {
		dir, err := specDir(cfg.Dir, f.Name)
		if err != nil {
			return nil, nil, err
		}
		root := moduleRoot(dir)
		if root == "" {
			diags = append(diags, spec.Diagnostic{
				Code:    codeDirectory,
				File:    f.Name,
				Message: "no go.mod in the spec's directory or above it",
				Help:    "a spec belongs to a Go package: go mod init",
			})
			continue
		}
		if modules[root] == nil {
			order = append(order, root)
		}
		modules[root] = append(modules[root], f)
	}
	for _, root := range order {
		m := &module{cfg: cfg, prog: prog, root: root}
		if err := m.load(ctx, modules[root]); err != nil {
			return nil, nil, err
		}
		diags = append(diags, m.diags...)
	}
	return prog, diags, nil
}

// specDir returns the absolute directory of a spec.
func specDir(base, name string) (string, error) {
	name = filepath.FromSlash(name)
	if !filepath.IsAbs(name) {
		name = filepath.Join(base, name)
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return filepath.Dir(abs), nil
}

// moduleRoot returns the nearest directory at or above dir with a go.mod, or "".
func moduleRoot(dir string) string {
	for {
		if info, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil && info.Mode().IsRegular() {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}

// module loads the packages of the specs of one Go module.
type module struct {
	cfg   LoadConfig
	prog  *Program
	root  string // absolute
	env   *goEnv
	diags spec.Diagnostics

	loaded map[string]*packages.Package // by import path
}

func (m *module) load(ctx context.Context, files []*spec.File) error {
	var err error
	if m.env, err = readGoEnv(ctx, m.root, m.cfg.Tags); err != nil {
		return err
	}
	modPath, version, err := readModFile(filepath.Join(m.root, "go.mod"))
	if err != nil {
		return err
	}
	if goversion.Compare("go"+version, "go"+leastGo) < 0 {
		for _, f := range files {
			m.diags = append(m.diags, spec.Diagnostic{
				Code:    codeDirectory,
				File:    f.Name,
				Message: fmt.Sprintf("its module is written in Go %s, and the generated code in Go %s", version, leastGo),
				Help:    "go mod edit -go=" + leastGo,
			})
		}
	}

	pkgs := make(map[string]*goPackage) // by directory
	var units []*unit
	for _, f := range files {
		dir, err := specDir(m.cfg.Dir, f.Name)
		if err != nil {
			return err
		}
		pkg := pkgs[dir]
		if pkg == nil {
			pkg = &goPackage{dir: dir, module: m.root, path: modPath}
			if rel, err := filepath.Rel(m.root, dir); err == nil && rel != "." {
				pkg.path += "/" + filepath.ToSlash(rel)
			}
			pkgs[dir] = pkg
			if pkg.problem, err = pkg.read(m.prog.fset, m.env); err != nil {
				return err
			}
		}
		if pkg.problem != nil {
			d := *pkg.problem
			d.File = f.Name
			m.diags = append(m.diags, d)
			continue
		}
		units = append(units, &unit{file: f, pkg: pkg})
	}

	patterns := []string{"time"} // durations are time.Duration whatever the user's package imports
	for _, u := range units {
		patterns = append(patterns, u.pkg.imports...)
		for _, imp := range u.file.Imports {
			if isImportPath(imp.Path.Value) {
				patterns = append(patterns, imp.Path.Value)
			}
		}
		for _, word := range qualifiers(u.file) {
			if m.env.isStd(word) {
				patterns = append(patterns, word)
			}
		}
		if len(u.file.Shared) > 0 {
			patterns = append(patterns, "context") // methods of resources take one
		}
		if slices.ContainsFunc(u.file.Stages, u.file.InProcesses) {
			u.around = u.pkg.surroundings(m.prog.fset, modPath, m.env)
			patterns = append(patterns, u.around.siblings...)
		}
	}
	if err := m.loadImports(ctx, patterns); err != nil {
		return err
	}
	for _, u := range units {
		if u.pkg.types == nil {
			u.pkg.check(m.prog.fset, m.env, m.importPackage)
		}
		m.addImports(u)
		u.pkg.findHidden(u.file)
		m.prog.units[u.file] = u
	}
	return nil
}

// loadImports fills m.loaded. Types come from export data; a package that does not compile is read from
// source by go/packages, with what it imports.
func (m *module) loadImports(ctx context.Context, patterns []string) error {
	slices.Sort(patterns)
	patterns = slices.Compact(patterns)
	cfg := &packages.Config{
		Context:   ctx,
		Mode:      packages.NeedName | packages.NeedImports | packages.NeedTypes,
		Dir:       m.root,
		Fset:      m.prog.fset,
		ParseFile: parseSignatures,
	}
	if m.cfg.Tags != "" {
		cfg.BuildFlags = []string{"-tags=" + m.cfg.Tags}
	}
	pkgs, err := packages.Load(cfg, patterns...)
	if err != nil {
		return fmt.Errorf("loading the packages that specs use: %w", err)
	}
	m.loaded = make(map[string]*packages.Package, len(pkgs))
	for _, p := range pkgs {
		m.loaded[p.PkgPath] = p
	}
	if problem := importError(m.loaded["time"]); problem != "" {
		return fmt.Errorf("loading the standard library: %s", problem)
	}
	return nil
}

// importPackage is the importer of the specs' own packages. What is not loaded only function bodies need.
func (m *module) importPackage(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	p := m.loaded[path]
	if p == nil {
		empty := types.NewPackage(path, assumedName(path))
		empty.MarkComplete()
		return empty, nil
	}
	if problem := importError(p); problem != "" {
		return nil, errors.New(problem)
	}
	return p.Types, nil
}

// importError says why a package of the load cannot be used, or "".
func importError(p *packages.Package) string {
	switch {
	case p == nil:
		return "it was not loaded"
	case p.Name != "" && p.Types != nil && (len(p.Errors) == 0 || p.Types.Scope().Len() > 0):
		return ""
	case len(p.Errors) > 0:
		msg, _, _ := strings.Cut(p.Errors[0].Msg, "\n")
		msg, _, _ = strings.Cut(msg, "; to add it")
		return msg
	}
	return "it has no Go files"
}

// addImports fills u.imports: the packages that a spec may name, by the name before the dot.
func (m *module) addImports(u *unit) {
	u.imports = make(map[string]*goImport)
	for _, imp := range u.file.Imports {
		path := imp.Path.Value
		problem, help := "", ""
		p := m.loaded[path]
		switch {
		case !isImportPath(path):
			problem = "it is not an import path"
			help = "write it as in a Go import declaration: example.com/module/package"
		case path == u.pkg.path:
			problem = "it is the spec's own package"
			help = "name its functions without a qualifier"
		case importError(p) != "":
			problem = importError(p)
			help = "go get it, if it is another module's"
		case p.Name == "main":
			problem = "it is a program, not a package that can be imported"
		case !importable(path, u.pkg.path):
			problem = "it is internal to another part of the tree"
		case dependsOn(p, u.pkg.path, make(map[*packages.Package]bool)):
			problem = "it imports the spec's package: the generated file would close an import cycle"
			help = "move the functions that the spec names, or the spec"
		}
		if problem != "" {
			m.diags = append(m.diags, spec.Diagnostic{
				Code:    codeNoPackage,
				File:    u.file.Name,
				Span:    imp.Path.Span,
				Message: fmt.Sprintf("cannot import %q: %s", path, problem),
				Help:    help,
			})
			// Functions of the package are not reported again.
			name := imp.Alias.Value
			if name == "" {
				name = assumedName(path)
			}
			u.imports[name] = &goImport{path: path}
			u.failed = true
			continue
		}
		name, span := imp.Alias.Value, imp.Alias.Span
		if name == "" {
			name, span = p.Name, imp.Path.Span
		}
		if other := u.imports[name]; other != nil {
			m.diags = append(m.diags, spec.Diagnostic{
				Code:    codeNoPackage,
				File:    u.file.Name,
				Span:    span,
				Message: fmt.Sprintf("two imports are called %s: %q and %q", name, other.path, path),
				Help:    "use the map form: imports: {alias: path}",
			})
			u.failed = true
			continue
		}
		u.imports[name] = &goImport{path: path, types: p.Types}
	}
	for _, word := range qualifiers(u.file) {
		if p := m.loaded[word]; u.imports[word] == nil && m.env.isStd(word) && importError(p) == "" {
			u.imports[word] = &goImport{path: word, types: p.Types}
		}
	}
	u.time = m.loaded["time"].Types
}

// dependsOn says whether p imports path, directly or not.
func dependsOn(p *packages.Package, path string, seen map[*packages.Package]bool) bool {
	if seen[p] {
		return false
	}
	seen[p] = true
	for _, imp := range p.Imports {
		if imp.PkgPath == path || dependsOn(imp, path, seen) {
			return true
		}
	}
	return false
}

// parseSignatures is the ParseFile hook of go/packages, called for packages that do not compile: of
// pipegen's own output it reads the package clause, of other files all but function bodies.
func parseSignatures(fset *token.FileSet, filename string, src []byte) (*ast.File, error) {
	if !IsOutputName(filepath.Base(filename)) {
		f, err := parser.ParseFile(fset, filename, src, parser.SkipObjectResolution)
		dropBodies(f)
		return f, err
	}
	f, err := parser.ParseFile(fset, filename, src, parser.PackageClauseOnly)
	if err != nil {
		name := siblingPackage(filepath.Dir(filename))
		f, err = parser.ParseFile(fset, filename, "package "+name, parser.PackageClauseOnly)
	}
	return f, err
}

// siblingPackage returns the package name that the hand-written files of dir give.
func siblingPackage(dir string) string {
	entries, _ := os.ReadDir(dir) // the error is go/packages' to report
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || IsOutputName(name) {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, name), nil, parser.PackageClauseOnly)
		if err == nil {
			return f.Name.Name
		}
	}
	return "main"
}

// dropBodies empties every function of f.
func dropBodies(f *ast.File) {
	if f == nil {
		return
	}
	for _, decl := range f.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			fn.Body = nil
			continue
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok {
				lit.Body = &ast.BlockStmt{Lbrace: lit.Body.Lbrace, Rbrace: lit.Body.Rbrace}
			}
			return true
		})
	}
}
