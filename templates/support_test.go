package templates

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/pipegen/pipegen/templates/internal/index"
)

func TestTemplatesCanBeCopied(t *testing.T) {
	if err := index.Lint(os.DirFS("."), "threads"); err != nil {
		t.Error(err)
	}
}

func TestIndexIsFresh(t *testing.T) {
	want, err := index.Write(os.DirFS("."), "threads")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("index_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Error("the index of the support templates is stale: run go generate ./templates")
	}
}

// toyFiles is a package with one of each kind of declaration.
var toyFiles = fstest.MapFS{
	"toy/a.go": {Data: []byte(`// Package toy is not copied.
package toy

import (
	"context"
	"errors"
	"sync"
)

// A comment between declarations is not copied.

// queue holds items of a [run].
type queue[T any] struct {
	mu    sync.Mutex // guards items
	items []T
	owner *run
}

// newQueue makes a queue.
func newQueue[T any](r *run) *queue[T] { return &queue[T]{owner: r} }

// push adds v.
func (q *queue[T]) push(v T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(q.items, v)
	if len(q.items) > limit {
		q.owner.fail(errFull)
	}
}

// drop is for those who call it.
func (q *queue[T]) drop() { q.items = nil; dropped() }

func dropped() {}

// Sizes of queues.
const (
	limit = 10 // items
	unlim = 0
)

// Errors of queues.
var (
	// errFull says that there is no room.
	errFull = errors.New("full")
	errGone = errors.New("gone")
)

// The states.
type state int

const (
	// idle is the first.
	idle state = iota
	busy
	_
	gone
)

// run is a run.
type run struct {
	ctx context.Context
	err error
}

func (r *run) fail(err error) { r.err = &failure{err, busy} }
func (r *run) forgotten()     { _ = errGone }

// failure is an error.
type failure struct {
	error
	at state
}

// Unwrap is called by the standard library.
func (f *failure) Unwrap() error { return f.error }
func (f *failure) report() string { return f.Error() }
`)},
	"toy/b.go": {Data: []byte(`package toy

type (
	// stopper is what stops.
	stopper interface{ halt() }
	// clock is one of two types in a group.
	clock struct{ *timer }
)

type timer struct{ left int }

func (t *timer) halt() { t.left = 0 }
func (t *timer) tick() { t.left-- }

func (t *timer) drop() { t.left = 0 }

func stop(s stopper) { s.halt() }
func reset(t *timer) { t.drop() }

func (c clock) total() int {
	return c.timer.left + (clock{timer: nil}).left
}

var _ stopper = clock{}
`)},
}

func toyLibrary(t *testing.T) *library {
	t.Helper()
	decls, err := index.Build(toyFiles, "toy")
	if err != nil {
		t.Fatal(err)
	}
	return newLibrary(decls, toyFiles)
}

// wiring is a file that mentions names in the given way.
func wiring(body string) [][]byte {
	return [][]byte{[]byte("package p\nfunc f() {\n" + body + "\n}\n")}
}

// checkCopy type-checks support files on a platform for each set of them that is built, beside an optional file of the
// user's, and says what they declare, without repetition.
func checkCopy(t *testing.T, copied []File, user string) []string {
	t.Helper()
	var names []string
	for _, f := range copied {
		if formatted, err := format.Source(f.Content); err != nil || !bytes.Equal(formatted, f.Content) {
			t.Errorf("the copy is not gofmt-clean (%v)", err)
		}
		for _, decl := range parsed(t, f).Decls {
			for _, name := range declaredOrMethod(decl) {
				if !slices.Contains(names, name) || name == "_" {
					names = append(names, name)
				}
			}
		}
	}
	for _, name := range names {
		if !strings.HasPrefix(name, index.Prefix) && name != "_" {
			t.Errorf("the copy declares %s, without the prefix", name)
		}
	}
	checked := make(map[string]bool) // by the files that a platform builds
	for _, p := range index.Platforms {
		built := ""
		fset := token.NewFileSet()
		var files []*ast.File
		add := func(name string, src []byte) {
			file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
			if err != nil {
				t.Fatalf("%v\n%s", err, src)
			}
			files = append(files, file)
		}
		for _, f := range copied {
			name := "pipegen_support_" + f.Suffix + ".go"
			builds, err := p.Builds(name, f.Content)
			if err != nil {
				t.Fatal(err)
			}
			if builds {
				built += name
				add(name, f.Content)
			}
		}
		if checked[built] {
			continue
		}
		checked[built] = true
		if user != "" {
			add("user.go", []byte(user))
		}
		conf := types.Config{Importer: p, Error: func(err error) { t.Errorf("the copy does not compile for %s: %v", p.OS, err) }}
		_, _ = conf.Check("p", fset, files, nil)
	}
	if t.Failed() {
		t.Fatalf("%s", text(copied))
	}
	return names
}

// text is all files one after the other.
func text(files []File) string {
	var b strings.Builder
	for _, f := range files {
		b.Write(f.Content)
	}
	return b.String()
}

func parsed(t *testing.T, f File) *ast.File {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), f.Suffix, f.Content, parser.SkipObjectResolution)
	if err != nil {
		t.Fatalf("%v\n%s", err, f.Content)
	}
	return file
}

// declaredOrMethod returns what a declaration declares, T.m for a method.
func declaredOrMethod(decl ast.Decl) []string {
	if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil {
		recv := types.ExprString(f.Recv.List[0].Type)
		recv, _, _ = strings.Cut(strings.TrimPrefix(recv, "*"), "[")
		return []string{recv + "." + f.Name.Name}
	}
	return declaredBy(decl)
}

func TestSelection(t *testing.T) {
	run := []string{"pipegenState", "pipegenIdle", "pipegenBusy", "_", "pipegenGone", "pipegenRun", "pipegenRun.fail",
		"pipegenFailure", "pipegenFailure.Unwrap"}
	tests := []struct {
		name, wiring string
		want         []string
	}{
		{"constant of a group", "_ = pipegenUnlim", []string{"pipegenUnlim"}},
		{"whole iota group", "_ = pipegenGone", []string{"pipegenState", "pipegenIdle", "pipegenBusy", "_", "pipegenGone"}},
		{"type without methods anyone calls", "var _ pipegenTimer", []string{"pipegenTimer"}},
		{"methods by selector", "var t pipegenTimer; t.tick()", []string{"pipegenTimer", "pipegenTimer.tick"}},
		{"selector of something else keeps no function", "x.dropped()\n_ = pipegenUnlim", []string{"pipegenUnlim"}},
		// An interface's method is kept where the type is; a struct keeps the types of its fields.
		{"method of that type alone", "var q pipegenQueue[int]; pipegenReset(nil)",
			[]string{"pipegenQueue", "pipegenRun", "pipegenTimer", "pipegenTimer.drop", "pipegenReset"}},
		{"methods by interface", "pipegenStop(&pipegenClock{})",
			[]string{"pipegenStopper", "pipegenClock", "pipegenTimer", "pipegenTimer.halt", "pipegenStop"}},
		// queue's owner keeps run; nothing calls fail, push or drop.
		{"type of a generic function", "pipegenNewQueue[int](nil)", []string{"pipegenQueue", "pipegenNewQueue", "pipegenRun"}},
		// push calls fail, which makes a failure, whose Unwrap errors.Is may call. report and drop are nobody's.
		{"method chains", "var q pipegenQueue[int]; q.push(1)",
			slices.Concat([]string{"pipegenQueue", "pipegenQueue.push", "pipegenLimit", "pipegenErrFull"}, run)},
		{"functions called from a method", "var q pipegenQueue[int]; q.drop()",
			[]string{"pipegenQueue", "pipegenQueue.drop", "pipegenDropped", "pipegenRun"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			src, err := toyLibrary(t).support("p", wiring(test.wiring), nil)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, checkCopy(t, src, "")); diff != "" {
				t.Errorf("declarations differ (-want +got):\n%s\n%s", diff, text(src))
			}
		})
	}
}

func TestText(t *testing.T) {
	src, err := toyLibrary(t).support("p", wiring("var q pipegenQueue[int]; q.push(1); _ = pipegenErrGone; var c pipegenClock; c.total()"), nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = `// Code generated by pipegen; DO NOT EDIT.

package p

import (
	"context"
	"errors"
	"sync"
)

// pipegenQueue holds items of a [pipegenRun].
type pipegenQueue[T any] struct {
	mu    sync.Mutex // guards items
	items []T
	owner *pipegenRun
}

// push adds v.
func (q *pipegenQueue[T]) push(v T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.items = append(q.items, v)
	if len(q.items) > pipegenLimit {
		q.owner.fail(pipegenErrFull)
	}
}

// Sizes of queues.
const pipegenLimit = 10 // items

// Errors of queues.
var (
	// pipegenErrFull says that there is no room.
	pipegenErrFull = errors.New("full")
	pipegenErrGone = errors.New("gone")
)

// The states.
type pipegenState int

const (
	// pipegenIdle is the first.
	pipegenIdle pipegenState = iota
	pipegenBusy
	_
	pipegenGone
)

// pipegenRun is a run.
type pipegenRun struct {
	ctx context.Context
	err error
}

func (r *pipegenRun) fail(err error) { r.err = &pipegenFailure{err, pipegenBusy} }

// pipegenFailure is an error.
type pipegenFailure struct {
	error
	at pipegenState
}

// Unwrap is called by the standard library.
func (f *pipegenFailure) Unwrap() error { return f.error }

// pipegenClock is one of two types in a group.
type pipegenClock struct{ *pipegenTimer }

type pipegenTimer struct{ left int }

func (c pipegenClock) total() int {
	return c.pipegenTimer.left + (pipegenClock{pipegenTimer: nil}).left
}
`
	if diff := cmp.Diff(want, text(src)); diff != "" {
		t.Errorf("text differs (-want +got):\n%s", diff)
	}
}

// Each declaration on its own, and all together, yield a copy that compiles and has nothing beside what the
// root refers to, found again from the copy alone.
func TestEveryRoot(t *testing.T) {
	libraries := map[string]func() *library{
		"toy":     func() *library { return toyLibrary(t) },
		"systems": func() *library { return systemLibrary(t) },
		"threads": func() *library { return newLibrary(decls, sources) },
	}
	for name, newOne := range libraries {
		t.Run(name, func(t *testing.T) {
			var all []string
			for copied := range newOne().copies {
				all = append(all, copied)
			}
			slices.Sort(all)
			for _, root := range all {
				src, err := newOne().support("p", wiring("_ = "+root), nil)
				if err != nil {
					t.Fatalf("%s: %v", root, err)
				}
				checkCopy(t, src, "")
				if extra := unreachable(t, src, root); len(extra) > 0 {
					t.Errorf("%s alone keeps %v, which it does not use", root, extra)
				}
			}
			src, err := newOne().support("p", wiring("_ = "+strings.Join(all, "\n_ = ")), nil)
			if err != nil {
				t.Fatal(err)
			}
			got := checkCopy(t, src, "")
			for _, root := range all {
				if !slices.Contains(got, root) {
					t.Errorf("%s is a root, and not in the copy", root)
				}
			}
		})
	}
}

// unreachable returns what root does not refer to, directly or through others. A method belongs to its
// receiver's type, a group of constants to each of its members.
func unreachable(t *testing.T, copied []File, root string) []string {
	t.Helper()
	var declared []string
	uses := make(map[string]map[string]bool)
	add := func(from string, node ast.Node) {
		declared = append(declared, from)
		if uses[from] == nil {
			uses[from] = make(map[string]bool)
		}
		ast.Inspect(node, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				uses[from][id.Name] = true
			}
			return true
		})
	}
	for _, f := range copied {
		for _, decl := range parsed(t, f).Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				from, _, _ := strings.Cut(declaredOrMethod(d)[0], ".")
				add(from, d)
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					for _, name := range declaredBy(&ast.GenDecl{Specs: []ast.Spec{spec}}) {
						if d.Tok == token.CONST {
							add(name, d)
						} else {
							add(name, spec)
						}
					}
				}
			}
		}
	}
	reached := map[string]bool{root: true}
	for before := 0; before != len(reached); {
		before = len(reached)
		for name := range maps.Clone(reached) {
			maps.Copy(reached, uses[name])
		}
	}
	return slices.DeleteFunc(declared, func(name string) bool { return reached[name] || name == "_" })
}

// A checkout that turned the sources' line endings changes neither the index nor the copy.
func TestLineEndings(t *testing.T) {
	crlf := make(fstest.MapFS)
	for name, file := range toyFiles {
		crlf[name] = &fstest.MapFile{Data: bytes.ReplaceAll(file.Data, []byte("\n"), []byte("\r\n"))}
	}
	const body = "var q pipegenQueue[int]; q.push(1)"
	want, err := toyLibrary(t).support("p", wiring(body), nil)
	if err != nil {
		t.Fatal(err)
	}
	decls, err := index.Build(crlf, "toy")
	if err != nil {
		t.Fatal(err)
	}
	got, err := newLibrary(decls, crlf).support("p", wiring(body), nil)
	if err != nil || text(got) != text(want) {
		t.Errorf("%v\n%s", err, text(got))
	}
}

func TestNothingUsed(t *testing.T) {
	for _, wirings := range [][][]byte{nil, wiring("println()")} {
		src, err := Support("p", wirings)
		if src != nil || err != nil {
			t.Errorf("Support = %q, %v; want nothing", src, err)
		}
	}
}

// The union of several files is one copy, the same whatever the order of the files.
func TestSeveralWirings(t *testing.T) {
	a, b := wiring("var q pipegenQueue[int]")[0], wiring("q.drop()")[0]
	var texts []string
	for _, wirings := range [][][]byte{{a, b}, {b, a}} {
		src, err := toyLibrary(t).support("p", wirings, nil)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(checkCopy(t, src, ""), "pipegenQueue.drop") {
			t.Errorf("drop is selected in the other file, and not kept")
		}
		texts = append(texts, text(src))
	}
	if texts[0] != texts[1] {
		t.Error("the order of the files changes the copy")
	}
}

func TestRefusedWirings(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"syntax", "package p\nfunc {", "wiring does not parse"},
		{"unknown name", "package p\nvar x = pipegenNothing", "wiring uses pipegenNothing, which no support template declares"},
	}
	for _, test := range tests {
		if _, err := toyLibrary(t).support("p", [][]byte{[]byte(test.src)}, nil); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
	}
	if _, err := toyLibrary(t).support("p", [][]byte{[]byte("package p\nvar pipegenOwn = 1\nvar _ = pipegenOwn")}, nil); err != nil {
		t.Errorf("a name that the wiring itself declares: %v", err)
	}
}

// The user's package may declare what the support imports, but not what the language predeclares.
func TestDeclaredNames(t *testing.T) {
	const body = "var q pipegenQueue[int]; q.push(1)"
	const user = "package p\nfunc context() {}\nvar sync, stdsync int"
	src, err := toyLibrary(t).support("p", wiring(body), []string{"context", "sync", "stdsync"})
	if err != nil {
		t.Fatal(err)
	}
	checkCopy(t, src, user)
	for _, want := range []string{"stdcontext \"context\"", "stdstdsync \"sync\"", "\n\t\"errors\"\n", "ctx stdcontext.Context"} {
		if !strings.Contains(text(src), want) {
			t.Errorf("no %q in\n%s", want, text(src))
		}
	}
	_, err = toyLibrary(t).support("p", wiring(body), []string{"append"})
	if want := "package p declares append, which hides"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
	if _, err := toyLibrary(t).support("p", wiring(body), []string{"copy"}); err != nil {
		t.Errorf("copy is declared, but nothing uses it: %v", err)
	}
}

// What a library remembers of one package does not reach another that needs something else.
func TestSupportOfManyPackages(t *testing.T) {
	shared := toyLibrary(t)
	for _, pkg := range []struct {
		name, body string
		declared   []string
	}{
		{"a", "var q pipegenQueue[int]; q.push(1)", nil},
		{"b", "var q pipegenQueue[int]; q.push(1)", nil},
		{"c", "var q pipegenQueue[int]; q.push(1)", []string{"context"}},
		{"d", "var c pipegenClock; c.total()", nil},
		{"e", "var q pipegenQueue[int]; q.push(1)", nil},
	} {
		want, err := toyLibrary(t).support(pkg.name, wiring(pkg.body), pkg.declared)
		if err != nil {
			t.Fatal(err)
		}
		got, err := shared.support(pkg.name, wiring(pkg.body), pkg.declared)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(text(want), text(got)); diff != "" {
			t.Errorf("package %s (-alone +after others):\n%s", pkg.name, diff)
		}
	}
	if _, err := shared.support("f", wiring("var q pipegenQueue[int]; q.push(1)"), []string{"append"}); err == nil {
		t.Error("a package that declares append is not refused")
	}
}

func ExampleSupport() {
	src, err := Support("shop", [][]byte{[]byte("package shop\n\nfunc f() {}\n")})
	fmt.Println(len(src), err)
	// Output: 0 <nil>
}
