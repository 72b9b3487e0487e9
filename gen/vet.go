package gen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// Vet warns of what only function bodies show, which planning never looks at: functions that run in worker
// processes and assign package variables, themselves or through functions of their package that they call; and
// functions that hand out items while they hold a shared lock. The plans must come of prog. Bodies of other packages than the specs' own are read from the disk, where they belong
// to the same module; those that cannot be read or parsed are passed over.
func Vet(prog *Program, plans []*Plan) spec.Diagnostics {
	v := &vetter{prog: prog, packages: make(map[string]*vetted)}
	var diags spec.Diagnostics
	for _, p := range plans {
		u := prog.units[p.File]
		if u == nil {
			continue
		}
		var found spec.Diagnostics
		for _, s := range p.Stages {
			if s.Call == nil || s.commanded() {
				continue
			}
			found = append(found, v.held(u, s)...)
			if s.Process != nil {
				found = append(found, v.assigned(u, s)...)
			}
		}
		for i := range found {
			found[i].File = p.File.Name
		}
		diags = append(diags, p.File.UnusedIgnores(found, isOfVet)...)
		diags = append(diags, p.File.Silence(found)...)
	}
	diags.Sort()
	return diags
}

// isOfVet says whether only Vet warns with the code.
func isOfVet(code string) bool { return code == codeHeld || code == codeAssigned }

// A vetter looks into function bodies, each package type-checked once.
type vetter struct {
	prog     *Program
	packages map[string]*vetted // by directory; nil where there is nothing to see
}

// A vetted package has its bodies checked, as far as they can be.
type vetted struct {
	types  *types.Package
	info   *types.Info
	bodies map[string]functionBody // functions and func variables, by funcKey
}

// A functionBody is a function as it is written.
type functionBody struct {
	typ  *ast.FuncType
	body *ast.BlockStmt
}

// packageOf returns the package that declares obj, or nil where its bodies are out of reach.
func (v *vetter) packageOf(u *unit, obj types.Object) *vetted {
	if pos := v.prog.position(u.pkg, obj); !pos.IsValid() {
		return nil // outside the module
	}
	return v.load(u, filepath.Dir(v.prog.fset.Position(obj.Pos()).Filename), obj.Pkg().Path())
}

// assigned warns of package variables that the function of a stage, which runs in worker processes, assigns.
func (v *vetter) assigned(u *unit, s *Stage) []spec.Diagnostic {
	pkg := v.packageOf(u, s.Call.Object)
	if pkg == nil {
		return nil
	}
	found := pkg.assigned(funcKey(s.Call.Object))
	if len(found) == 0 {
		return nil
	}
	var names []string
	for _, a := range found {
		if !slices.Contains(names, a.variable) {
			names = append(names, a.variable)
		}
	}
	what := "the package variable " + names[0]
	if len(names) > 1 {
		what = "the package variables " + andList(names)
	}
	d := spec.Diagnostic{
		Code:     codeAssigned,
		Severity: spec.Warning,
		Span:     s.Spec.Func.Span,
		Message:  fmt.Sprintf("%s assigns %s in a worker process, which no other process sees", s.Spec.Func.Text, what),
		Label:    "assigns " + found[0].variable,
		Where:    where(v.relative(u, found[0].pos)),
		Help:     "return what is to be known, or take it from `shared`; if it is a cache, say so: # pipegen:ignore PG508 a cache",
	}
	for _, a := range found {
		if a.in != funcKey(s.Call.Object) {
			d.Notes = append(d.Notes, fmt.Sprintf("%s: %s, which it calls, assigns %s", v.relative(u, a.pos), strings.TrimPrefix(a.in, "."), a.variable))
		}
	}
	return []spec.Diagnostic{d}
}

// relative returns a position with its file relative to the directory of the spec.
func (v *vetter) relative(u *unit, at token.Pos) token.Position {
	pos := v.prog.fset.Position(at)
	if rel, err := filepath.Rel(u.pkg.dir, pos.Filename); err == nil {
		pos.Filename = filepath.ToSlash(rel)
	}
	pos.Offset = 0
	return pos
}

// load type-checks the bodies of the package in a directory.
func (v *vetter) load(u *unit, dir, path string) *vetted {
	if pkg, seen := v.packages[dir]; seen {
		return pkg
	}
	v.packages[dir] = nil
	files, importer := u.pkg.files, u.pkg.importer
	if dir != u.pkg.dir {
		files, importer = v.parse(u, dir), emptyImporter
	}
	if len(files) == 0 {
		return nil
	}
	pkg := &vetted{
		info:   &types.Info{Defs: make(map[*ast.Ident]types.Object), Uses: make(map[*ast.Ident]types.Object)},
		bodies: make(map[string]functionBody),
	}
	conf := types.Config{
		Importer:                 importer,
		Sizes:                    u.pkg.env.sizes,
		FakeImportC:              true,
		DisableUnusedImportCheck: true,
		Error:                    func(error) {}, // bodies may mention what is not generated yet
	}
	pkg.types, _ = conf.Check(path, v.prog.fset, files, pkg.info)
	for _, f := range files {
		for _, decl := range f.Decls {
			pkg.collect(decl)
		}
	}
	v.packages[dir] = pkg
	return pkg
}

// parse reads the files of another package, as the module is built.
func (v *vetter) parse(u *unit, dir string) []*ast.File {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var files []*ast.File
	for _, e := range entries {
		name := e.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			continue
		}
		if match, err := u.pkg.env.MatchFile(dir, name); !match || err != nil {
			continue
		}
		if f, _ := parser.ParseFile(v.prog.fset, filepath.Join(dir, name), nil, parser.SkipObjectResolution); f != nil {
			files = append(files, f)
		}
	}
	return files
}

// emptyImporter gives packages that declare nothing: what a package itself declares is known all the same.
var emptyImporter = importerFunc(func(path string) (*types.Package, error) {
	pkg := types.NewPackage(path, assumedName(path))
	pkg.MarkComplete()
	return pkg, nil
})

// collect files the bodies that a declaration has.
func (pkg *vetted) collect(decl ast.Decl) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if obj := pkg.info.Defs[decl.Name]; obj != nil && decl.Body != nil {
			pkg.bodies[funcKey(obj)] = functionBody{decl.Type, decl.Body}
		}
	case *ast.GenDecl:
		for _, s := range decl.Specs {
			values, ok := s.(*ast.ValueSpec)
			if !ok || len(values.Values) != len(values.Names) {
				continue
			}
			for i, name := range values.Names {
				if lit, ok := ast.Unparen(values.Values[i]).(*ast.FuncLit); ok {
					pkg.bodies["."+name.Name] = functionBody{lit.Type, lit.Body}
				}
			}
		}
	}
}

// funcKey names a function, method or func variable of a package: ".Work", "Resizer.Work".
func funcKey(obj types.Object) string {
	recv := ""
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		t := f.Signature().Recv().Type()
		if ptr, ok := t.(*types.Pointer); ok {
			t = ptr.Elem()
		}
		if named, ok := types.Unalias(t).(*types.Named); ok {
			recv = named.Obj().Name()
		}
	}
	return recv + "." + obj.Name()
}

// An assignment gives a package variable, or a part of one, another value.
type assignment struct {
	variable string
	in       string // the funcKey of the function that does it
	pos      token.Pos
}

// assigned returns what a function assigns, and then what those do that it calls.
func (pkg *vetted) assigned(key string) []assignment {
	var found []assignment
	todo, seen := []string{key}, map[string]bool{key: true}
	for len(todo) > 0 {
		key, todo = todo[0], todo[1:]
		body := pkg.bodies[key].body
		if body == nil {
			continue
		}
		var here []assignment
		pkg.inspect(body, func(e ast.Expr) {
			if name := pkg.variable(e); name != "" {
				here = append(here, assignment{name, key, e.Pos()})
			}
		}, func(f types.Object) {
			if k := funcKey(f); !seen[k] {
				seen[k] = true
				todo = append(todo, k)
			}
		})
		slices.SortFunc(here, func(a, b assignment) int {
			return cmp.Or(strings.Compare(a.variable, b.variable), cmp.Compare(a.pos, b.pos))
		})
		here = slices.CompactFunc(here, func(a, b assignment) bool { return a.variable == b.variable })
		slices.SortFunc(here, func(a, b assignment) int { return cmp.Compare(a.pos, b.pos) })
		found = append(found, here...)
	}
	return found
}

// inspect calls assigns for each expression of a body that gets another value, and calls for each function of the
// package that it calls.
func (pkg *vetted) inspect(body ast.Node, assigns func(ast.Expr), calls func(types.Object)) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				for _, e := range n.Lhs {
					assigns(e)
				}
			}
		case *ast.IncDecStmt:
			assigns(n.X)
		case *ast.RangeStmt:
			if n.Tok == token.ASSIGN {
				assigns(n.Key)
				if n.Value != nil {
					assigns(n.Value)
				}
			}
		case *ast.CallExpr:
			pkg.call(n, assigns, calls)
		}
		return true
	})
}

// call looks at a call: of a builtin or atomic operation that changes its first argument or its receiver, or of
// another function of the package.
func (pkg *vetted) call(n *ast.CallExpr, assigns func(ast.Expr), calls func(types.Object)) {
	fun := ast.Unparen(n.Fun)
	switch index := fun.(type) { // an instance
	case *ast.IndexExpr:
		fun = index.X
	case *ast.IndexListExpr:
		fun = index.X
	}
	sel, selected := fun.(*ast.SelectorExpr)
	ident, _ := fun.(*ast.Ident)
	if selected {
		ident = sel.Sel
	}
	if ident == nil {
		return
	}
	obj := pkg.info.Uses[ident]
	switch obj := obj.(type) {
	case *types.Builtin:
		if changing := obj.Name() == "delete" || obj.Name() == "clear" || obj.Name() == "copy"; changing && len(n.Args) > 0 {
			assigns(n.Args[0])
		}
		return
	case *types.Func, *types.Var:
		if obj.Pkg() == pkg.types {
			calls(obj)
			return
		}
	}
	if !selected || !changesAtomically(ident.Name) {
		return
	}
	if x, ok := sel.X.(*ast.Ident); ok {
		if imported, ok := pkg.info.Uses[x].(*types.PkgName); ok {
			if address, ok := firstArg(n).(*ast.UnaryExpr); ok && address.Op == token.AND && imported.Imported().Path() == "sync/atomic" {
				assigns(address.X)
			}
			return
		}
	}
	if f, ok := obj.(*types.Func); ok && f.Pkg() != nil && f.Pkg().Path() == "sync/atomic" {
		assigns(sel.X)
	}
}

func firstArg(n *ast.CallExpr) ast.Expr {
	if len(n.Args) == 0 {
		return nil
	}
	return ast.Unparen(n.Args[0])
}

// changesAtomically says whether a function or method of sync/atomic changes what it is called for.
func changesAtomically(name string) bool {
	return slices.ContainsFunc([]string{"Add", "Store", "Swap", "CompareAndSwap", "And", "Or"}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}

// variable returns the package variable that e is, or is a part of, as the body names it; "" for none.
func (pkg *vetted) variable(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.ParenExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			if name, ok := x.X.(*ast.Ident); ok {
				if _, ok := pkg.info.Uses[name].(*types.PkgName); ok {
					return name.Name + "." + x.Sel.Name
				}
			}
			e = x.X
		case *ast.Ident:
			v, ok := pkg.info.Uses[x].(*types.Var)
			if !ok || v.Parent() == nil || v.Parent() != pkg.types.Scope() {
				return ""
			}
			return v.Name()
		default:
			return ""
		}
	}
}
