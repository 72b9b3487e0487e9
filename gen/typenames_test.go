package gen

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os/exec"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
)

// testImporter serves packages written in a test, and the standard library.
type testImporter map[string]*types.Package

func (im testImporter) Import(path string) (*types.Package, error) {
	if pkg := im[path]; pkg != nil {
		return pkg, nil
	}
	return stdImporter.Import(path)
}

var (
	testFset    = token.NewFileSet()
	stdImporter = importer.ForCompiler(testFset, "gc", nil)
)

// check type-checks sources as one package and adds it to the importer.
func (im testImporter) check(t *testing.T, path string, sources ...string) *types.Package {
	t.Helper()
	var files []*ast.File
	for i, src := range sources {
		file, err := parser.ParseFile(testFset, fmt.Sprintf("%s/%d.go", path, i), src, parser.SkipObjectResolution)
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		files = append(files, file)
	}
	pkg, err := (&types.Config{Importer: im}).Check(path, testFset, files, nil)
	if err != nil {
		t.Fatalf("%v\n%s", err, sources[len(sources)-1])
	}
	im[path] = pkg
	return pkg
}

const otherSource = `package store // not what its path says

import "context"

type (
	Page          struct{ url string }
	Pair[K comparable, V any] struct { Key K; Value V }
	Hidden        = hidden
	Alias         = map[string]Page
	GenericAlias[T any] = []Pair[string, T]
	hidden        struct{}
	open          = Page
	Number        interface{ ~int | ~float64 }
)

var Unexported hidden
var Open open
var WithField struct{ x int }
var WithMethod interface{ m() }
var WithEmbedded struct{ open }
func Local() any { return nil }
var Ctx context.Context
`

// typeTable is written into a user's package: one type a line.
const typeTable = `bool
string
int8
uintptr
complex64
byte
rune
[]byte
error
any
unsafe.Pointer
interface{}
own
*own
**own
ownAlias
list[int]
list[list[*own]]
pair[string, func(int) error]
ownGenericAlias[own]
store.Page
[]*store.Page
store.Pair[string, []store.Page]
store.Hidden
store.Alias
store.GenericAlias[int]
context.Context
yaml.Node
rand.Rand
tmpl.Template
template.Template
[3]int
[0]struct{}
[1 << 40]struct{}
map[string]map[own][]int
map[[2]string]chan int
chan int
chan<- int
<-chan int
chan chan int
chan (<-chan int)
chan<- (<-chan int)
chan<- (chan<- int)
<-chan (<-chan int)
<-chan (chan<- int)
chan (<-chan (<-chan int))
chan func() <-chan int
[]<-chan int
func()
func(int, string)
func(a int, b ...string)
func(...<-chan int)
func() int
func() (int, error)
func() func() func()
func(func(...int)) (a, b int)
func() <-chan int
*func()
[]func(context.Context, own) (store.Page, error)
iter.Seq2[own, error]
struct{}
struct{ A, B int; c string }
struct{ A int ` + "`json:\"a,omitempty\" x:\"y\"`" + ` }
struct{ A int "a` + "`" + `quote" }
struct{ own }
struct{ *own; context.Context; ownAlias }
struct{ list[int] }
struct{ store.Page; _ int; _ string }
struct{ A struct{ B struct{ C []struct{ D int } } } }
interface{ M() }
interface{ M(int) (string, error); m(...own) }
interface{ error; M() }
interface{ fmt.Stringer; io.Reader }
interface{ Embedded(interface{ Inner() }) interface{ Result() } }
map[interface{ M() }]struct{ X <-chan interface{ N() } }
`

const userHead = `package user

import (
	"context"
	"fmt"
	"html/template"
	"io"
	"iter"
	"math/rand/v2"
	tmpl "text/template"
	"unsafe"

	"example.com/go-store/v2"
	"gopkg.in/yaml.v3"
)

var _ context.Context
var _ fmt.Stringer
var _ template.Template
var _ io.Reader
var _ iter.Seq[int]
var _ rand.Rand
var _ tmpl.Template
var _ unsafe.Pointer
var _ store.Page
var _ yaml.Node

type own struct{ x int }
type ownAlias = own
type list[T any] []T
type pair[K comparable, V any] struct { k K; v V }
type ownGenericAlias[T any] = map[string]T
type own2 int
`

func TestTypeRoundTrip(t *testing.T) {
	im := testImporter{}
	im.check(t, "example.com/go-store/v2", otherSource)
	im.check(t, "gopkg.in/yaml.v3", "package yaml\ntype Node struct{}")
	var src strings.Builder
	src.WriteString(userHead)
	lines := strings.Split(strings.TrimSpace(typeTable), "\n")
	for i, line := range lines {
		fmt.Fprintf(&src, "var v%d %s\n", i, line)
	}
	user := im.check(t, "example.com/user", src.String())

	n := newNames(user)
	f := n.File()
	for i := range lines {
		f.Var().Id(fmt.Sprintf("g%d", i)).Add(n.Type(user.Scope().Lookup(fmt.Sprintf("v%d", i)).Type()))
	}
	out, err := n.Render(f)
	if err != nil {
		t.Fatal(err)
	}
	// One check of both files, so that their types are comparable.
	both := im.check(t, "example.com/user", src.String(), string(out))
	for i, line := range lines {
		want := both.Scope().Lookup(fmt.Sprintf("v%d", i)).Type()
		got := both.Scope().Lookup(fmt.Sprintf("g%d", i)).Type()
		if !types.Identical(want, got) {
			t.Errorf("%s came out as %v", line, got)
		}
	}
	for _, want := range []string{
		"\t\"unsafe\"\n\n\t\"example.com/go-store/v2\"\n\t\"gopkg.in/yaml.v3\"\n)", // two groups, no needless name
		"g15 ownAlias", "g24 store.Alias", // aliases keep their names
	} {
		if !strings.Contains(strings.Join(strings.Fields(string(out)), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	census := CensusWant{Package: "user", Imports: n.ImportPaths(), Header: "package user"}
	for i := range lines {
		census.Decls = append(census.Decls, fmt.Sprintf("g%d", i))
	}
	if err := Census(out, census); err != nil {
		t.Error(err)
	}
}

// Constraints are no types of variables, but may stand in generic code.
func TestConstraintsRoundTrip(t *testing.T) {
	im := testImporter{}
	src := `package user
type c0 interface{ ~int | ~string | own }
type c1 interface{ comparable; M() }
type c2 interface{ ~[]byte; c1 }
type own bool
func f[T any, P interface{ *T; M(T) }](T, []P, map[string]func(P) T) {}
`
	user := im.check(t, "example.com/user", src)
	n := newNames(user)
	f := n.File()
	for i := range 3 {
		f.Type().Id(fmt.Sprintf("g%d", i)).Add(n.Type(user.Scope().Lookup(fmt.Sprintf("c%d", i)).Type().Underlying()))
	}
	sig := user.Scope().Lookup("f").Type().(*types.Signature)
	var params []jen.Code
	for p := range sig.TypeParams().TypeParams() {
		params = append(params, n.Type(p).Add(n.Type(p.Constraint())))
	}
	f.Func().Id("g").Types(params...).Add(n.signature(sig)).Block()
	out, err := n.Render(f)
	if err != nil {
		t.Fatal(err)
	}
	both := im.check(t, "example.com/user", src, string(out))
	lookup := func(name string) types.Type { return both.Scope().Lookup(name).Type() }
	for i := range 3 {
		c, g := lookup(fmt.Sprintf("c%d", i)), lookup(fmt.Sprintf("g%d", i))
		if !types.Identical(c.Underlying(), g.Underlying()) {
			t.Errorf("%v came out as %v", c.Underlying(), g.Underlying())
		}
	}
	if !types.Identical(lookup("f"), lookup("g")) {
		t.Errorf("%v came out as %v", lookup("f"), lookup("g"))
	}
}

func TestTypesThatHaveNoName(t *testing.T) {
	im := testImporter{}
	store := im.check(t, "example.com/go-store/v2", otherSource)
	internal := im.check(t, "example.com/x/internal/deep", "package deep\ntype T int")
	program := im.check(t, "example.com/program", "package main\ntype T int\nfunc main() {}")
	user := im.check(t, "example.com/user", "package user\nvar x = func() any { type local int; return local(1) }\nfunc f() { type local int }")
	variable := func(pkg *types.Package, name string) types.Type { return pkg.Scope().Lookup(name).Type() }
	tests := []struct {
		name string
		typ  types.Type
		want string // "": can be written
	}{
		{"unexported", variable(store, "Unexported"), "example.com/go-store/v2.hidden cannot be named outside its package"},
		{"exported alias of it", types.NewPointer(variable(store, "Hidden")), ""},
		{"unexported alias of an exported type", variable(store, "Open"), ""},
		{"unexported field", variable(store, "WithField"), "unexported member x of example.com/go-store/v2"},
		{"unexported method", variable(store, "WithMethod"), "unexported member m of example.com/go-store/v2"},
		{"embedded unexported alias", variable(store, "WithEmbedded"), "the embedded field open"},
		{"internal", variable(internal, "T"), "example.com/x/internal/deep.T cannot be named"},
		{"main package", variable(program, "T"), "example.com/program.T is declared in a main package"},
		{"untyped", types.Typ[types.UntypedNil], "untyped nil is no type"},
		{"invalid", types.Typ[types.Invalid], "invalid type is no type"},
		{"tuple", types.NewTuple(), "cannot be written"},
		{"deep inside", types.NewMap(types.Typ[types.Int], types.NewSlice(variable(store, "Unexported"))), "hidden cannot be named"},
	}
	for _, test := range tests {
		n := newNames(user)
		f := n.File()
		f.Var().Id("_").Add(n.Type(test.typ))
		_, err := n.Render(f)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	// The same internal package, seen from where it may be imported.
	inside := im.check(t, "example.com/x/user", "package user")
	n := newNames(inside)
	f := n.File()
	f.Var().Id("v").Add(n.Type(variable(internal, "T")))
	if _, err := n.Render(f); err != nil {
		t.Error(err)
	}
}

func TestLocalTypeHasNoName(t *testing.T) {
	im := testImporter{}
	src := "package user\nfunc f() { type local int; var v local; _ = v }"
	file, err := parser.ParseFile(testFset, "local.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: make(map[*ast.Ident]types.Object)}
	user, err := (&types.Config{Importer: im}).Check("example.com/user", testFset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	for id, obj := range info.Defs {
		if id.Name == "v" {
			n := newNames(user)
			n.Type(obj.Type())
			if _, err := n.Render(n.File()); err == nil {
				t.Error("a type declared in a function was named")
			}
			return
		}
	}
	t.Fatal("v is not there")
}

// Every exported name of a part of the standard library whose type can be named at all.
func TestStandardLibraryTypes(t *testing.T) {
	im := testImporter{}
	user := im.check(t, "example.com/user", "package user")
	written := 0
	for _, path := range []string{"bytes", "context", "crypto/tls", "database/sql", "encoding/json", "go/ast", "go/types",
		"html/template", "image", "io", "io/fs", "iter", "log/slog", "maps", "math/rand/v2", "net", "net/http", "net/url", "os",
		"reflect", "regexp", "slices", "sync", "sync/atomic", "testing", "text/template", "time", "unsafe"} {
		pkg, err := stdImporter.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		n := newNames(user)
		f := n.File()
		var objs []types.Object
		for _, name := range pkg.Scope().Names() {
			obj := pkg.Scope().Lookup(name)
			if !obj.Exported() || !isVariableType(obj.Type()) {
				continue
			}
			trial := newNames(user)
			trial.Type(obj.Type())
			if len(trial.errs) > 0 {
				continue
			}
			f.Var().Id(fmt.Sprintf("v%d", len(objs))).Add(n.Type(obj.Type()))
			objs = append(objs, obj)
		}
		out, err := n.Render(f)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		again := im.check(t, "example.com/user", string(out))
		for i, obj := range objs {
			if got := again.Scope().Lookup(fmt.Sprintf("v%d", i)).Type(); !types.Identical(obj.Type(), got) {
				t.Errorf("%v came out as %v", obj, got)
			}
		}
		written += len(objs)
	}
	if written < 1000 {
		t.Errorf("only %d types were written", written)
	}
}

// isVariableType says whether a variable can have type t: no constraint, nothing generic, nothing untyped.
func isVariableType(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind() != types.Invalid && t.Info()&types.IsUntyped == 0
	case *types.Named:
		if t.TypeParams().Len() > t.TypeArgs().Len() {
			return false
		}
	case *types.Alias:
		if t.TypeParams().Len() > t.TypeArgs().Len() {
			return false
		}
	case *types.Signature:
		return t.TypeParams().Len() == 0
	}
	i, ok := t.Underlying().(*types.Interface)
	return !ok || i.IsMethodSet() && !i.IsComparable()
}

// The name that Std assumes is the real one, for the whole standard library.
func TestStandardLibraryNames(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Name}}", "std").Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	for _, line := range lines {
		path, name, _ := strings.Cut(line, " ")
		if assumedName(path) != name && importable(path, "example.com/user") && name != "main" {
			t.Errorf("assumedName(%q) = %q, it is %q", path, assumedName(path), name)
		}
	}
	if len(lines) < 150 {
		t.Errorf("only %d packages", len(lines))
	}
}
