package index

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

// Lint returns an error for everything in the package in dir that could mean something else in its copy, or
// do something in a program that never asked for it:
//
//   - init functions, and variables whose initial value is more than data or a function;
//   - imports with a name of their own, and reflect, whose answers would depend on names (what is not in
//     the standard library is not even found);
//   - directives to the compiler, other than the one build constraint of a file whose name says so;
//   - a parameter, local or type parameter named like a declaration or an import: a reader, or a tool that
//     sees only names, takes the one for the other;
//   - names that begin with the prefix of the copies, and two names with the same copy.
func Lint(fsys fs.FS, dir string) error {
	builders, err := load(fsys, dir)
	if err != nil {
		return err
	}
	var errs []error
	said := make(map[string]bool)
	for _, b := range builders {
		for _, err := range lint(b) {
			if !said[err.Error()] {
				said[err.Error()] = true
				errs = append(errs, err)
			}
		}
	}
	return errors.Join(errs...)
}

// lint does it for the files of one platform.
func lint(b *builder) []error {
	l := &linter{builder: b, imports: make(map[string]string)}
	for _, file := range b.files {
		l.fileImports(file.File)
	}
	copies := make(map[string]string)
	for _, name := range b.pkg.Scope().Names() {
		obj := b.pkg.Scope().Lookup(name)
		if strings.HasPrefix(strings.ToLower(name), Prefix) {
			l.errorf(obj.Pos(), "%s begins with %s, like the copies", name, Prefix)
		}
		if other, ok := copies[Spliced(name)]; ok {
			l.errorf(obj.Pos(), "%s and %s have the same copy", name, other)
		}
		copies[Spliced(name)] = name
	}
	for _, file := range b.files {
		l.file(file)
	}
	return l.errs
}

type linter struct {
	*builder
	imports map[string]string // name → path
	errs    []error
}

func (l *linter) errorf(pos token.Pos, format string, args ...any) {
	l.errs = append(l.errs, fmt.Errorf("%s: %s", l.fset.Position(pos), fmt.Sprintf(format, args...)))
}

// ImportName is the name of a package of the standard library.
func ImportName(importPath string) string {
	name := path.Base(importPath)
	if version.MatchString(name) {
		name = path.Base(path.Dir(importPath))
	}
	return name
}

var version = regexp.MustCompile(`^v[0-9]+$`)

func (l *linter) fileImports(file *ast.File) {
	for _, spec := range file.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		switch {
		case spec.Name != nil:
			l.errorf(spec.Pos(), "the import of %s has a name of its own", importPath)
		case importPath == "reflect":
			l.errorf(spec.Pos(), "reflect sees the names that copying changes")
		}
		name := ImportName(importPath)
		if other, ok := l.imports[name]; ok && other != importPath {
			l.errorf(spec.Pos(), "%s and %s are both named %s", other, importPath, name)
		}
		l.imports[name] = importPath
		for _, p := range l.pkg.Imports() {
			if p.Path() == importPath && p.Name() != name {
				l.errorf(spec.Pos(), "%s is package %s, not %s", importPath, p.Name(), name)
			}
		}
	}
}

var directive = regexp.MustCompile(`^(//line |/\*line |//export |//extern |//[a-z0-9]+:[a-z0-9]|// *\+build\b)`)

func (l *linter) file(file *source) {
	for _, group := range file.Comments {
		for _, c := range group.List {
			if directive.MatchString(c.Text) && c.Text != "//go:build "+file.build {
				l.errorf(c.Pos(), "a directive")
			}
		}
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				l.errorf(d.Pos(), "an init function")
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && d.Tok == token.VAR {
					for _, value := range v.Values {
						l.inert(value)
					}
				}
			}
		}
	}
	ast.Inspect(file.File, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			l.ident(n)
		case *ast.TypeSwitchStmt: // its symbol has no object of its own
			if assign, ok := n.Assign.(*ast.AssignStmt); ok {
				l.local(assign.Lhs[0].(*ast.Ident))
			}
		}
		return true
	})
}

func (l *linter) ident(id *ast.Ident) {
	obj := l.info.Defs[id]
	if obj == nil || obj.Parent() == nil || obj.Parent() == l.pkg.Scope() {
		return // no definition, or one of a field, a method, a package-level name
	}
	l.local(id)
}

// local refuses the definition of a local whose name has another meaning outside.
func (l *linter) local(id *ast.Ident) {
	switch {
	case id.Name == "_":
	case l.pkg.Scope().Lookup(id.Name) != nil:
		l.errorf(id.Pos(), "the local %s hides the package's", id.Name)
	case l.imports[id.Name] != "":
		l.errorf(id.Pos(), "the local %s hides an import", id.Name)
	case strings.HasPrefix(id.Name, Prefix):
		l.errorf(id.Pos(), "%s begins with %s, like the copies", id.Name, Prefix)
	}
}

// inert refuses a variable's initial value that does something: all but constants, functions, composites
// of such values, and errors.New.
func (l *linter) inert(e ast.Expr) {
	if tv := l.info.Types[e]; tv.Value != nil || tv.IsNil() || tv.IsType() {
		return
	}
	switch e := e.(type) {
	case *ast.FuncLit, *ast.Ident, *ast.SelectorExpr:
		return
	case *ast.ParenExpr:
		l.inert(e.X)
		return
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			l.inert(e.X)
			return
		}
	case *ast.KeyValueExpr:
		if _, ok := e.Key.(*ast.Ident); !ok {
			l.inert(e.Key)
		}
		l.inert(e.Value)
		return
	case *ast.CompositeLit:
		for _, elt := range e.Elts {
			l.inert(elt)
		}
		return
	case *ast.CallExpr:
		if l.inertCall(e) {
			for _, arg := range e.Args {
				l.inert(arg)
			}
			return
		}
	}
	l.errorf(e.Pos(), "a variable whose initial value is computed")
}

func (l *linter) inertCall(e *ast.CallExpr) bool {
	fun := l.info.Types[e.Fun]
	if fun.IsType() {
		return true
	}
	switch f := e.Fun.(type) {
	case *ast.Ident:
		return fun.IsBuiltin() && (f.Name == "new" || f.Name == "make")
	case *ast.SelectorExpr:
		fn, ok := l.info.Uses[f.Sel].(*types.Func)
		return ok && fn.FullName() == "errors.New"
	}
	return false
}
