package index

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func toy(src string) fstest.MapFS {
	return fstest.MapFS{"toy/a.go": {Data: []byte("package toy\n" + src)}}
}

func TestLint(t *testing.T) {
	tests := []struct {
		name, src, want string // want "": accepted
	}{
		{"plain", "func f() { g() }\nfunc g() {}", ""},
		{"init", "func init() {}", "an init function"},
		{"named import", "import c \"context\"\nvar _ c.Context", "the import of context has a name of its own"},
		{"dot import", "import . \"context\"\nvar _ Context", "the import of context has a name of its own"},
		{"blank import", "import _ \"context\"", "the import of context has a name of its own"},
		{"reflect", "import \"reflect\"\nfunc f() { _ = reflect.TypeOf(1) }", "reflect sees the names"},
		{"another module", "import \"golang.org/x/tools/txtar\"\nvar _ txtar.File", "could not import golang.org/x/tools/txtar"},
		{"directive", "//go:noinline\nfunc f() {}", "a directive"},
		{"line directive", "//line x.go:1\nfunc f() {}", "a directive"},
		{"build constraint", "// +build linux\n\nfunc f() {}", "a directive"},
		{"local hides type", "type queue int\nfunc f() { queue := 1; _ = queue }", "a.go:3:12: the local queue hides the package's"},
		{"parameter hides function", "func g() {}\nfunc f(g int) {}", "the local g hides the package's"},
		{"result hides function", "func g() {}\nfunc f() (g int) { return }", "the local g hides the package's"},
		{"receiver hides function", "type t int\nfunc g() {}\nfunc (g t) f() {}", "the local g hides the package's"},
		{"type parameter hides type", "type T int\nfunc f[T any]() {}", "the local T hides the package's"},
		{"range variable hides function", "func g() {}\nfunc f() { for g := range 3 { _ = g } }", "the local g hides the package's"},
		{"type switch symbol hides function", "func g() {}\nfunc f(x any) { switch g := x.(type) { case int: _ = g } }", "the local g hides the package's"},
		{"local type hides function", "func g() {}\nfunc f() { type g int }", "the local g hides the package's"},
		{"local hides import", "import \"context\"\nvar _ context.Context\nfunc f() { context := 1; _ = context }", "the local context hides an import"},
		{"field and method may", "type queue struct { run int }\nfunc run() {}\ntype t struct{}\nfunc (t) run() {}", ""},
		{"prefixed declaration", "func pipegenRun() {}", "pipegenRun begins with pipegen"},
		{"prefixed local", "func f() { pipegenRun := 1; _ = pipegenRun }", "pipegenRun begins with pipegen"},
		{"same copy", "func run() {}\nfunc Run() {}", "have the same copy"},
		{"computed variable", "func f() int { return 1 }\nvar x = f()", "a variable whose initial value is computed"},
		{"computed inside a composite", "func f() int { return 1 }\nvar x = []int{f()}", "a variable whose initial value is computed"},
		{"receive in a variable", "var c chan int\nvar x = <-c", "a variable whose initial value is computed"},
		{"inert variables", `import "errors"
type s struct { f func() int; p *int; m map[string]int }
var (
	err = errors.New("x")
	a   = s{f: func() int { return 1 }, p: new(int), m: map[string]int{"a": 1}}
	b   = &a
	c   = int64(3)
	d   = make(chan struct{})
	e   any = nil
)`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := Lint(toy(test.src), "toy")
			switch {
			case test.want == "" && err != nil:
				t.Fatal(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// Two packages of one name in two files would meet in the one import block of the copy.
func TestLintImportsOfTwoFiles(t *testing.T) {
	fsys := fstest.MapFS{
		"toy/a.go": {Data: []byte("package toy\nimport \"crypto/rand\"\nfunc f() { _ = rand.Text() }")},
		"toy/b.go": {Data: []byte("package toy\nimport \"math/rand/v2\"\nfunc g() { _ = rand.Int() }")},
	}
	err := Lint(fsys, "toy")
	if err == nil || !strings.Contains(err.Error(), "are both named rand") {
		t.Fatalf("error %v, want the two rand", err)
	}
}

func TestBuildRefusesTypeErrors(t *testing.T) {
	_, err := Build(toy("func f() { g(); h() }"), "toy")
	if err == nil || !strings.Contains(err.Error(), "undefined: g") || !strings.Contains(err.Error(), "undefined: h") {
		t.Fatalf("error %v, want both undefined names", err)
	}
}

func TestBuildLeavesTestsOut(t *testing.T) {
	fsys := toy("func f() {}")
	fsys["toy/a_test.go"] = &fstest.MapFile{Data: []byte("package toy\nfunc init() {}")}
	decls, err := Build(fsys, "toy")
	if err != nil || len(decls) != 1 {
		t.Fatalf("%d declarations, error %v; want f alone", len(decls), err)
	}
}

// at returns what the index says of each recorded offset: the text of the declaration there.
func at(src string, d Decl, names map[int]string) []string {
	var out []string
	for off, name := range names {
		if got := src[d.Start+off : d.Start+off+len(name)]; got != name {
			out = append(out, "offset of "+name+" points at "+got)
			continue
		}
		out = append(out, name)
	}
	return out
}

func TestRefs(t *testing.T) {
	const src = `package toy

import "sync"

// queue is the [run]'s, not the [array]. A queue [i] is indexed[run].
type queue[T any] struct {
	*run  // embedded, so that the field is renamed
	sync.Mutex
	queue []T // a field of that name
	next  *queue[T]
}

type run struct{ stop bool }

func (q *queue[T]) push(v T) {
	q.queue = append(q.queue, v)
	q.run.stop = true
	_ = queue[T]{run: &run{}, queue: nil}
	q.Lock()
}
`
	decls, err := Build(fstest.MapFS{"toy/a.go": {Data: []byte(src)}}, "toy")
	if err != nil {
		t.Fatal(err)
	}
	counts := func(names []string) map[string]int {
		m := map[string]int{}
		for _, name := range names {
			m[name]++
		}
		return m
	}
	type entry struct {
		Name         string
		Refs, Words  map[string]int
		ImportedFrom []string
	}
	var got []entry
	for _, d := range decls {
		e := entry{Name: d.Names[0], Refs: counts(at(src, d, d.Refs)), Words: counts(at(src, d, d.Words))}
		for _, path := range d.Imports {
			e.ImportedFrom = append(e.ImportedFrom, path)
		}
		got = append(got, e)
	}
	want := []entry{
		// Refs: the name itself, next's type. The field queue stays. Words: the subject, [run]; [array] and
		// [i] are nothing here, and indexed[run] is no link.
		{"queue", map[string]int{"queue": 2, "run": 1}, map[string]int{"queue": 1, "run": 1}, []string{"sync"}},
		{"run", map[string]int{"run": 1}, map[string]int{}, nil},
		// The receiver's type, the composite's; q.run, the key run, the type run.
		{"push", map[string]int{"queue": 2, "run": 3}, map[string]int{}, nil},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSpliced(t *testing.T) {
	for name, want := range map[string]string{"queue": "pipegenQueue", "newRun": "pipegenNewRun", "éa": "pipegenÉa"} {
		if got := Spliced(name); got != want {
			t.Errorf("Spliced(%q) = %q, want %q", name, got, want)
		}
	}
}

// What stands in files with build constraints is checked, and linted, for every platform.
func TestPlatforms(t *testing.T) {
	const linux, rest = "//go:build linux\n\npackage toy\n", "//go:build !linux\n\npackage toy\n"
	tests := []struct {
		name        string
		linux, rest string            // sources of f_linux.go and f_rest.go
		more        map[string]string // other files
		want        string            // "": accepted
	}{
		{"both", linux + "func g() {}", rest + "func g() {}", nil, ""},
		{"missing on some", linux + "func g() {}", rest, nil, "building for darwin: toy/a.go:2:12: undefined: g"},
		{"twice on some", linux + "func g() {}", "//go:build unix\n\npackage toy\nfunc g() {}", nil, "building for linux: toy/f_rest.go:4:6: g redeclared"},
		{"nothing of that name on some", linux + "func g() {}",
			rest + "import \"syscall\"\nfunc g() { _ = syscall.SIGSTOP }", nil, "building for windows: toy/f_rest.go:5:24: undefined: syscall.SIGSTOP"},
		{"init on some", linux + "func g() {}", rest + "func g() {}\nfunc init() {}", nil, "f_rest.go:5:1: an init function"},
		{"hidden on some", linux + "func g() {}", rest + "func g() { h := 1; _ = h }\nfunc h() {}", nil, "f_rest.go:4:12: the local h hides the package's"},
		{"a second constraint", linux + "func g() {}", rest + "//go:build windows\nfunc g() {}", nil, "f_rest.go:4:1: a directive"},
		{"constraint by name alone", "package toy\nfunc g() {}", rest + "func g() {}", nil, "f_linux.go: its name is a build constraint, and it has no //go:build line"},
		{"constraint without a name", linux + "func g() {}", rest + "func g() {}",
			map[string]string{"toy/x.go": linux}, "toy/x.go: it has a build constraint, and its name no suffix"},
		{"one suffix, two constraints", linux + "func g() {}", rest + "func g() {}",
			map[string]string{"toy/x_rest.go": "//go:build windows\n\npackage toy\n"}, "toy/x_rest.go: rest is built if windows, other files with that suffix if !linux"},
		{"never built", linux + "func g() {}", rest + "func g() {}",
			map[string]string{"toy/x_race.go": "//go:build race\n\npackage toy\n"}, "toy/x_race.go: no platform builds it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fsys := toy("func f() { g() }")
			fsys["toy/f_linux.go"] = &fstest.MapFile{Data: []byte(test.linux)}
			fsys["toy/f_rest.go"] = &fstest.MapFile{Data: []byte(test.rest)}
			for name, src := range test.more {
				fsys[name] = &fstest.MapFile{Data: []byte(src)}
			}
			err := Lint(fsys, "toy")
			switch {
			case test.want == "" && err != nil:
				t.Fatal(err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Fatalf("error %v, want one with %q", err, test.want)
			case test.want != "":
				_, text, _ := strings.Cut(test.want, ": ")
				if strings.Count(err.Error(), text) > 1 {
					t.Errorf("said more than once: %v", err)
				}
			}
		})
	}
}

// A declaration of the common code refers to what it refers to on any platform: here to the methods of two types
// behind one name.
func TestBuildMergesPlatforms(t *testing.T) {
	fsys := toy("type bell struct{}\nfunc (bell) ring() {}\ntype horn struct{}\nfunc (horn) ring() {}\nfunc alarm(a *alert) { a.ring() }")
	fsys["toy/f_linux.go"] = &fstest.MapFile{Data: []byte("//go:build linux\n\npackage toy\ntype alert = bell")}
	fsys["toy/f_rest.go"] = &fstest.MapFile{Data: []byte("//go:build !linux\n\npackage toy\ntype alert = horn")}
	decls, err := Build(fsys, "toy")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range decls {
		if d.Names[0] == "alarm" {
			got = d.Methods
		}
		if d.Names[0] == "alert" {
			got = append(got, d.File+" if "+d.Build)
		}
	}
	want := []string{"bell.ring", "horn.ring", "toy/f_linux.go if linux", "toy/f_rest.go if !linux"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
