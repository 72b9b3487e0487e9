package gen

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// goScope evaluates Go expressions as if they stood in a file of the spec's package that imports what the
// spec imports.
type goScope struct {
	fset *token.FileSet
	own  *types.Package // the spec's
	pkg  *types.Package // stands for it
	vars int
}

func newGoScope(fset *token.FileSet, u *unit) *goScope {
	own := u.pkg.types
	pkg := types.NewPackage(own.Path(), own.Name()) // the same path: unexported names are in reach
	for _, name := range slices.Sorted(maps.Keys(u.imports)) {
		if _, isType := own.Scope().Lookup(name).(*types.TypeName); isType || u.imports[name].types == nil {
			continue // the spec's T.M means the type
		}
		pkg.Scope().Insert(types.NewPkgName(token.NoPos, pkg, name, u.imports[name].types))
	}
	for _, name := range own.Scope().Names() {
		pkg.Scope().Insert(own.Scope().Lookup(name))
	}
	return &goScope{fset: fset, own: own, pkg: pkg}
}

// eval type-checks expr. The info has its identifiers' uses and instances.
func (s *goScope) eval(expr ast.Expr) (types.TypeAndValue, *types.Info, error) {
	info := &types.Info{
		Types:      make(map[ast.Expr]types.TypeAndValue),
		Uses:       make(map[*ast.Ident]types.Object),
		Instances:  make(map[*ast.Ident]types.Instance),
		Selections: make(map[*ast.SelectorExpr]*types.Selection),
	}
	err := types.CheckExpr(s.fset, s.pkg, token.NoPos, expr, info)
	if e, ok := err.(types.Error); ok {
		err = errors.New(s.clean(e.Msg))
	}
	return info.Types[expr], info, err
}

// declaredAt is a machine's path in the words of go/types; itemNumber tells variables of a goScope apart.
var (
	declaredAt = regexp.MustCompile(` \(declared at [^)]*\)`)
	itemNumber = regexp.MustCompile(`·\d+`)
)

// clean makes an error of go/types one about the spec.
func (s *goScope) clean(msg string) string {
	msg = declaredAt.ReplaceAllString(msg, "")
	msg = itemNumber.ReplaceAllString(msg, "")
	return regexp.MustCompile(`\b`+s.pkg.Name()+`\.`).ReplaceAllString(msg, "")
}

// typ evaluates a type expression.
func (s *goScope) typ(text string) (types.Type, error) {
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return nil, fmt.Errorf("%s is not a Go type", text)
	}
	clearPos(expr)
	tv, _, err := s.eval(expr)
	switch {
	case err != nil:
		return nil, err
	case !tv.IsType():
		return nil, fmt.Errorf("%s is not a type", text)
	}
	if t, ok := tv.Type.(interface {
		TypeParams() *types.TypeParamList
		TypeArgs() *types.TypeList
	}); ok && t.TypeParams().Len() > t.TypeArgs().Len() {
		return nil, fmt.Errorf("cannot use generic type %s without instantiation", text)
	}
	return tv.Type, nil
}

// variable declares a variable of type t, under a name that no Go program can have, and returns it as an
// expression. Messages call it what.
func (s *goScope) variable(what string, t types.Type) ast.Expr {
	s.vars++
	name := fmt.Sprintf("%s·%d", what, s.vars)
	s.pkg.Scope().Insert(types.NewVar(token.NoPos, s.pkg, name, t))
	return ast.NewIdent(name)
}

// object looks up F, or pkg.F where pkg is not "". It is nil where there is none.
func (s *goScope) object(pkg, name string) types.Object {
	if pkg == "" {
		if obj := s.own.Scope().Lookup(name); obj != nil {
			return obj
		}
		return s.pkg.Scope().Lookup(name)
	}
	if p, ok := s.pkg.Scope().Lookup(pkg).(*types.PkgName); ok {
		return p.Imported().Scope().Lookup(name)
	}
	return nil
}

// isType says whether a spec's word before a dot is a type of its package, not an import.
func (s *goScope) isType(word string) bool {
	_, ok := s.pkg.Scope().Lookup(word).(*types.TypeName)
	return ok
}

// clearPos removes the positions that go/parser gave a lone expression: they mean nothing in our file set.
func clearPos(expr ast.Expr) {
	ast.Inspect(expr, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			id.NamePos = token.NoPos
		}
		return true
	})
}

// constant returns the Go constant that an unquoted literal names, or nil.
func (s *goScope) constant(lit spec.Literal) *types.Const {
	if lit.Kind != spec.StringLit || lit.Quoted {
		return nil
	}
	expr, err := parser.ParseExpr(lit.Text)
	if err != nil {
		return nil
	}
	switch x := expr.(type) {
	case *ast.Ident:
		c, _ := s.object("", x.Name).(*types.Const)
		return c
	case *ast.SelectorExpr:
		if pkg, ok := x.X.(*ast.Ident); ok {
			c, _ := s.object(pkg.Name, x.Sel.Name).(*types.Const)
			return c
		}
	}
	return nil
}

// typeExpr declares an alias of t, under a name that no Go program can have, and returns it as an expression.
func (s *goScope) typeExpr(t types.Type) ast.Expr {
	s.vars++
	name := fmt.Sprintf("the type·%d", s.vars)
	s.pkg.Scope().Insert(types.NewTypeName(token.NoPos, s.pkg, name, t))
	return ast.NewIdent(name)
}

// index writes type arguments behind a generic function.
func (s *goScope) index(fun ast.Expr, typeArgs []types.Type) ast.Expr {
	if len(typeArgs) == 0 {
		return fun
	}
	index := &ast.IndexListExpr{X: fun}
	for _, t := range typeArgs {
		index.Indices = append(index.Indices, s.typeExpr(t))
	}
	return index
}
