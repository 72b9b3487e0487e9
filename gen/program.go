package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// Program is the Go side of a set of specs: what their packages and imports declare. It is complete after
// Load; planning reads it and touches neither the disk nor the go command.
type Program struct {
	fset  *token.FileSet
	units map[*spec.File]*unit
}

// unit is what one spec can refer to.
type unit struct {
	file    *spec.File
	pkg     *goPackage
	imports map[string]*goImport // by the name before the dot
	time    *types.Package
	around  surroundings // of a spec with worker processes
	failed  bool         // Load reported an error
}

// goImport is a package that a spec may name. Without types it is one that could not be loaded, which has
// been reported.
type goImport struct {
	path  string
	types *types.Package
}

// position returns where obj is declared, its file relative to the package's directory. Outside the
// module, and for what Go predeclares, it is the zero Position: other places differ between machines.
func (p *Program) position(pkg *goPackage, obj types.Object) token.Position {
	pos := p.fset.Position(obj.Pos())
	if !pos.IsValid() || !filepath.IsAbs(pos.Filename) {
		return token.Position{}
	}
	inside, err := filepath.Rel(pkg.module, pos.Filename)
	if err != nil || inside == ".." || strings.HasPrefix(inside, ".."+string(filepath.Separator)) {
		return token.Position{}
	}
	rel, err := filepath.Rel(pkg.dir, pos.Filename)
	if err != nil {
		return token.Position{}
	}
	pos.Filename, pos.Offset = filepath.ToSlash(rel), 0
	if obj.Pkg() != pkg.types {
		pos.Column = 0 // export data has lines only
	}
	return pos
}

// refs returns every function reference of a spec.
func refs(f *spec.File) []spec.Ref {
	var all []spec.Ref
	fanOut := func(o *spec.FanOut) {
		if o != nil {
			all = append(all, o.Hash)
		}
	}
	for _, s := range f.Stages {
		all = append(all, s.Func, s.Partition)
		fanOut(s.FanOut)
		if r := s.Reduce; r != nil {
			all = append(all, r.Add, r.Init, r.Merge, r.Key)
		}
		if j := s.Join; j != nil {
			all = append(all, j.Left.Key, j.Right.Key)
		}
		if q := s.Queue; q != nil {
			all = append(all, q.Key)
		}
		if r := s.Retry; r != nil {
			all = append(all, r.When)
		}
		if r := s.Rate; r != nil {
			all = append(all, r.Key)
		}
		if st := s.State; st != nil {
			all = append(all, st.New)
		}
	}
	for _, q := range f.Queues {
		all = append(all, q.Key)
		fanOut(q.FanOut)
	}
	for _, r := range f.Retries {
		all = append(all, r.When)
	}
	if f.Dead != nil {
		all = append(all, f.Dead.Func)
	}
	return slices.DeleteFunc(all, func(r spec.Ref) bool { return r.Name == "" })
}

// literals returns every value of a spec that may be the name of a Go constant.
func literals(f *spec.File) []spec.Literal {
	var all []spec.Literal
	args := func(list []spec.Arg) {
		for _, a := range list {
			all = append(all, a.Value)
		}
	}
	for _, s := range f.Stages {
		args(s.Args)
		if s.State != nil {
			args(s.State.Args)
		}
		if s.Switch != nil {
			for _, c := range s.Switch.Cases {
				all = append(all, c.Value)
			}
		}
	}
	if f.Dead != nil {
		args(f.Dead.Args)
	}
	return all
}

// qualifiers returns the words that a spec writes before a dot, where a package may stand: sorted, once each.
func qualifiers(f *spec.File) []string {
	var words []string
	expr := func(text string) { words = append(words, qualifiersOf(text)...) }
	for _, ref := range refs(f) {
		if ref.Pkg != "" {
			words = append(words, ref.Pkg)
		}
		expr(ref.Recv)
		for _, arg := range ref.TypeArgs {
			expr(arg)
		}
	}
	for _, p := range f.Params {
		expr(p.Type.Value)
	}
	for _, r := range f.Shared {
		expr(r.Key.Value)
		expr(r.Elem.Value)
	}
	for _, v := range literals(f) {
		if v.Kind == spec.StringLit && !v.Quoted {
			expr(v.Text)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

// qualifiersOf returns the words that an expression has before a dot; none if it is not Go.
func qualifiersOf(text string) []string {
	var words []string
	e, err := parser.ParseExpr(text)
	if err != nil {
		return nil
	}
	ast.Inspect(e, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				words = append(words, x.Name)
			}
		}
		return true
	})
	return words
}

// isImportPath says whether a string can stand in an import declaration of generated code and be a pattern
// that means one package.
func isImportPath(path string) bool {
	if path == "" || path == "C" || path == "unsafe" || path[0] == '-' || path[0] == '/' || strings.HasSuffix(path, "/") ||
		strings.Contains(path, "//") || strings.Contains(path, "...") {
		return false
	}
	for elem := range strings.SplitSeq(path, "/") {
		if elem == "." || elem == ".." {
			return false
		}
	}
	return !strings.ContainsFunc(path, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r >= 0x80 || strings.ContainsRune("!\"#$%&'()*,:;<=>?[\\]^`{|}@", r)
	})
}
