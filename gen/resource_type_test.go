package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipegen/pipegen/spec"
)

// implementations are the types of the templates that a resource of a kind may be; an interface has its methods and
// no others.
var implementations = map[spec.ResourceKind][]string{
	spec.SharedCounter:   {"mappedCounter"}, // and atomic.Int64
	spec.SharedValue:     {"sharedValue", "mappedValue"},
	spec.SharedArray:     {"sharedArray"},
	spec.SharedLock:      {"mappedLock"}, // and sync.Mutex
	spec.SharedRLock:     {"reentrantLock"},
	spec.SharedSemaphore: {"sharedSemaphore"},
	spec.SharedEvent:     {"sharedEvent"},
	spec.SharedCondition: {"sharedCondition"},
	spec.SharedBarrier:   {"sharedBarrier"},
	spec.SharedMap:       {"sharedMap"},
	spec.SharedList:      {"sharedList"},
	spec.SharedQueue:     {"sharedQueue"},
	spec.SharedPipe:      {"sharedPipe"},
}

// What the language says a resource can do is what it can do: functions are checked against the one and call the
// other.
func TestResourceMethods(t *testing.T) {
	interfaces, methods := templateMethods(t)
	for _, kind := range spec.ResourceKinds() {
		want := methodTypes(t, kind)
		for _, name := range implementations[kind] {
			got := interfaces[name]
			if got == nil {
				got = methods[name]
				maps.DeleteFunc(got, func(method, _ string) bool { return want[method] == "" })
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: the language says (-), %s has (+):\n%s", kind, name, diff)
			}
		}
		if len(implementations[kind]) == 0 {
			t.Errorf("nothing implements a %s", kind)
		}
	}
	kinds, err := resourceKinds(testImporter{})
	if err != nil {
		t.Fatal(err)
	}
	for _, std := range []struct {
		kind       spec.ResourceKind
		path, name string
	}{{spec.SharedLock, "sync", "Mutex"}, {spec.SharedCounter, "sync/atomic", "Int64"}} {
		pkg, err := testImporter{}.Import(std.path)
		if err != nil {
			t.Fatal(err)
		}
		want := kinds.Scope().Lookup(resourceTypeName(std.kind)).Type().Underlying().(*types.Interface)
		if got := types.NewPointer(pkg.Scope().Lookup(std.name).Type()); !types.Implements(got, want) {
			t.Errorf("%s has not the methods of a %s", got, std.kind)
		}
	}
}

// methodTypes are the methods of a kind by name, with their types alone.
func methodTypes(t *testing.T, kind spec.ResourceKind) map[string]string {
	src := "package p; type x interface {" + strings.Join(kind.Methods(), ";") + "}"
	f, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	list := make(map[string]string)
	addMethods(list, interfaceTypes(f)["x"])
	return list
}

func addMethods(list map[string]string, i *ast.InterfaceType) {
	for _, m := range i.Methods.List {
		for _, name := range m.Names { // none of an embedded one
			list[name.Name] = typesOf(m.Type)
		}
	}
}

// typesOf writes a function type without names of parameters.
func typesOf(e ast.Expr) string {
	f, ok := e.(*ast.FuncType)
	if !ok {
		return types.ExprString(e)
	}
	of := func(list *ast.FieldList) string {
		var all []string
		if list != nil {
			for _, field := range list.List {
				all = append(all, slices.Repeat([]string{typesOf(field.Type)}, max(1, len(field.Names)))...)
			}
		}
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("func(%s) (%s)", of(f.Params), of(f.Results))
}

// templateMethods returns the methods of the interfaces in templates/threads, and the exported ones of other types.
func templateMethods(t *testing.T) (interfaces, methods map[string]map[string]string) {
	interfaces, methods = make(map[string]map[string]string), make(map[string]map[string]string)
	names, err := filepath.Glob("../templates/threads/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range f.Decls {
			if fun, ok := decl.(*ast.FuncDecl); ok && fun.Recv != nil && fun.Name.IsExported() {
				recv := receiver(fun)
				if methods[recv] == nil {
					methods[recv] = make(map[string]string)
				}
				methods[recv][fun.Name.Name] = typesOf(fun.Type)
			}
		}
		for name, i := range interfaceTypes(f) {
			interfaces[name] = make(map[string]string)
			addMethods(interfaces[name], i)
		}
	}
	return interfaces, methods
}

// interfaceTypes returns the interfaces that a file declares.
func interfaceTypes(f *ast.File) map[string]*ast.InterfaceType {
	list := make(map[string]*ast.InterfaceType)
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.TypeSpec); ok {
			if i, ok := s.Type.(*ast.InterfaceType); ok {
				list[s.Name.Name] = i
			}
		}
		return true
	})
	return list
}

// receiver is the name of the type that a method belongs to.
func receiver(decl *ast.FuncDecl) string {
	e := decl.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if index, ok := e.(*ast.IndexExpr); ok {
		e = index.X
	}
	if index, ok := e.(*ast.IndexListExpr); ok {
		e = index.X
	}
	return e.(*ast.Ident).Name
}
