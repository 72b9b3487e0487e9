package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// resourceKinds declares an interface for each kind of shared resource, generic in the types that it holds, from
// the methods that the language gives it. context is looked up where the user's package has it from, so that
// its types are the same.
func resourceKinds(importer types.Importer) (*types.Package, error) {
	var src strings.Builder
	src.WriteString("package shared\nimport \"context\"\nvar _ context.Context\n")
	for _, kind := range spec.ResourceKinds() {
		fmt.Fprintf(&src, "type %s%s interface {\n\t%s\n}\n", resourceTypeName(kind), typeParamsOf(kind), strings.Join(kind.Methods(), "\n\t"))
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "shared.go", src.String(), parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	conf := types.Config{Importer: importer}
	return conf.Check("shared", fset, []*ast.File{file}, nil)
}

// resourceTypeName is the name of a kind's interface; map is none that Go allows.
func resourceTypeName(kind spec.ResourceKind) string { return "shared" + spec.GoName(string(kind)) }

// typeParamsOf declares the type parameters of a kind's interface.
func typeParamsOf(kind spec.ResourceKind) string {
	switch {
	case kind == spec.SharedMap:
		return "[K comparable, V any]"
	case kind.Holds():
		return "[T any]"
	}
	return ""
}

// resourceType returns a type with the methods of a resource that holds elements, by key where it is a map.
func (p *planner) resourceType(kind spec.ResourceKind, key, elem types.Type) (types.Type, error) {
	if p.kinds == nil {
		kinds, err := resourceKinds(p.unit.pkg.importer)
		if err != nil {
			return nil, err
		}
		p.kinds = kinds
	}
	generic := p.kinds.Scope().Lookup(resourceTypeName(kind)).Type()
	switch {
	case kind == spec.SharedMap:
		return types.Instantiate(nil, generic, []types.Type{key, elem}, false)
	case kind.Holds():
		return types.Instantiate(nil, generic, []types.Type{elem}, false)
	}
	return generic, nil
}

// method writes a method as it stands in an interface: Add(delta int64) int64.
func (p *planner) method(m *types.Func) string {
	return m.Name() + strings.TrimPrefix(p.typ(m.Type()), "func")
}

// methods returns the methods of an interface, in the order of their names.
func methods(t types.Type) []*types.Func {
	var list []*types.Func
	for m := range t.Underlying().(*types.Interface).Methods() {
		list = append(list, m)
	}
	return list
}

// lookUpMethod returns the method of an interface with the given name, or nil.
func lookUpMethod(t types.Type, name string) *types.Func {
	for _, m := range methods(t) {
		if m.Name() == name {
			return m
		}
	}
	return nil
}

// isResource says whether t is the type of a shared resource, which no code can name.
func (p *planner) isResource(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && p.kinds != nil && named.Obj().Pkg() == p.kinds
}
