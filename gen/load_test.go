package gen

import (
	"context"
	"errors"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/pipegen/pipegen/spec"
)

// loadTree writes archive into a directory, parses its specs, and loads and plans them.
func loadTree(t *testing.T, archive, tags string) ([]*Plan, spec.Diagnostics) {
	t.Helper()
	root := t.TempDir()
	var files []*spec.File
	for _, f := range txtar.Parse([]byte(archive)).Files {
		write(t, filepath.Join(root, f.Name), string(f.Data))
		if strings.HasSuffix(f.Name, SpecSuffix) {
			file, diags := spec.Parse(f.Name, f.Data)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			files = append(files, file)
		}
	}
	prog, diags, err := Load(context.Background(), LoadConfig{Dir: root, Tags: tags}, files)
	if err != nil {
		t.Fatal(err)
	}
	plans, more := PlanAll(prog, files)
	return plans, append(diags, more...)
}

// wantPlans fails the test unless the archive's specs have plans of these names and no error.
func wantPlans(t *testing.T, archive, tags string, names ...string) []*Plan {
	t.Helper()
	plans, diags := loadTree(t, archive, tags)
	for _, d := range diags {
		t.Errorf("%s: %s %s %q", d.File, d.Code, d.Message, d.Notes)
	}
	if len(plans) != len(names) {
		t.Fatalf("%d plans, want %d", len(plans), len(names))
	}
	for i, p := range plans {
		if p.Name != names[i] {
			t.Errorf("plan %d is %s, want %s", i, p.Name, names[i])
		}
	}
	return plans
}

const intsSpec = `version: 1
pipeline: numbers
stages:
  - source: Ints
`

// A spec belongs to the nearest go.mod. Each module is loaded on its own, with its own dependencies.
func TestLoadNestedModules(t *testing.T) {
	plans := wantPlans(t, `
-- go.mod --
module example.com/outer // comment

go 1.26
-- a/a.go --
package a

func Ints() []int { return nil }
-- a/x.pipegen.yaml --
`+intsSpec+`
-- nested/go.mod --
module "example.com/inner"

go 1.26
-- nested/x.pipegen.yaml --
`+intsSpec+`
-- nested/n.go --
package n

func Ints() []string { return nil }
`, "", "Numbers", "Numbers")
	if got := plans[0].Package.Path(); got != "example.com/outer/a" {
		t.Errorf("package path %q", got)
	}
	if got := plans[1].Package.Path(); got != "example.com/inner" {
		t.Errorf("package path %q", got)
	}
	if plans[0].Dir != "a" || plans[1].Dir != "nested" {
		t.Errorf("directories %q and %q", plans[0].Dir, plans[1].Dir)
	}
}

// Files that only some tags build take part when they are given, as flag or in GOFLAGS; the flag wins.
func TestLoadTags(t *testing.T) {
	archive := `
-- go.mod --
module example.com/tags

go 1.26
-- a.go --
package a
-- b.go --
//go:build special

package a

func Ints() []int { return nil }
-- c_plan9.go --
package a

func Ints() []string { return nil }
-- x.pipegen.yaml --
` + intsSpec
	for _, tc := range []struct {
		flag, goflags string
		found         bool
	}{
		{"", "", false},
		{"special", "", true},
		{"other,special", "", true},
		{"", "-tags=special", true},
		{"", "-mod=mod --tags=special,other", true},
		{"other", "-tags=special", false},
	} {
		t.Setenv("GOFLAGS", tc.goflags)
		_, diags := loadTree(t, archive, tc.flag)
		if found := !diags.HasErrors(); found != tc.found {
			t.Errorf("-tags=%q GOFLAGS=%q: found %v, want %v: %v", tc.flag, tc.goflags, found, tc.found, diags)
		}
	}
}

// Packages with specs may use each other before any of them has been generated, although they do not compile
// until then.
func TestLoadBeforeGeneration(t *testing.T) {
	for _, generated := range []struct{ name, content string }{
		{"missing", ""},
		{"empty", "-- lib/x_pipegen.go --\n"},
		{"conflict", "-- lib/x_pipegen.go --\n<<<<<<< HEAD\npackage lib\n"},
		{"stale", "-- lib/x_pipegen.go --\npackage lib\n\ntype Item struct{}\n\nfunc (Numbers) Lost() Gone { return 1 }\n"},
		{"renamed", "-- lib/x_pipegen.go --\npackage other\n"},
	} {
		t.Run(generated.name, func(t *testing.T) {
			wantPlans(t, generated.content+`
-- go.mod --
module example.com/before

go 1.26
-- lib/lib.go --
package lib

type Item struct{ N int }

func Ints() []Item    { return Numbers{}.Collect() }
func Show(i Item)     {}
-- lib/x.pipegen.yaml --
`+intsSpec+`
-- between/b.go --
package between

import "example.com/before/lib"

func Wrap(i lib.Item) *lib.Item { _ = lib.Numbers{}; return &i }
-- main.go --
package main

import (
	"example.com/before/between"
	"example.com/before/lib"
)

func Unwrap(i *lib.Item) lib.Item { _ = between.Wrap; return *i }

func main() { _ = Outer{}.Run(nil) }
-- x.pipegen.yaml --
version: 1
pipeline: outer
imports: [example.com/before/between, example.com/before/lib]
stages:
  - source: lib.Ints
  - map: between.Wrap
  - map: Unwrap
  - sink: lib.Show
`, "", "Numbers", "Outer")
		})
	}
}

// The methods of resources take contexts, which neither the package nor what it imports needs to know.
func TestLoadSharedWithoutContext(t *testing.T) {
	wantPlans(t, `
-- go.mod --
module example.com/m

go 1.26
-- x.pipegen.yaml --
version: 1
pipeline: counts
shared: {found: counter}
stages:
  - map: Count
    args: {found: $found}
-- x.go --
package m

func Count(n int, found interface{ Add(int64) int64 }) int { return n }
`, "", "Counts")
}

// A cgo package needs no C compiler to be read.
func TestLoadCgo(t *testing.T) {
	t.Setenv("CGO_ENABLED", "1")
	wantPlans(t, `
-- go.mod --
module example.com/cgo

go 1.26
-- a.go --
package a

// int f(void);
import "C"

func Ints() []int { return []int{int(C.f())} }
-- x.pipegen.yaml --
`+intsSpec, "", "Numbers")
}

// Where the module is of an older Go than the generated code, that would not compile.
func TestLoadOldGo(t *testing.T) {
	for _, line := range []string{"", "go 1.22.5\n"} {
		_, diags := loadTree(t, "-- go.mod --\nmodule example.com/old\n"+line+`
-- a.go --
package a

func Ints() []int { return nil }
-- x.pipegen.yaml --
`+intsSpec, "")
		if len(diags) != 1 || diags[0].Code != codeDirectory || !strings.Contains(diags[0].Message, "Go 1.23") {
			t.Errorf("%q: diagnostics %v, want one about the version", line, diags)
		}
	}
}

func TestLoadNoModule(t *testing.T) {
	_, diags := loadTree(t, `
-- a.go --
package a

func Ints() []int { return nil }
-- x.pipegen.yaml --
`+intsSpec, "")
	if len(diags) != 1 || diags[0].Code != codeDirectory || !strings.Contains(diags[0].Message, "go.mod") {
		t.Errorf("diagnostics %v, want one about go.mod", diags)
	}
}

// A directory outside of what the go command can read is an error of the system, not of the spec.
func TestLoadErrors(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.com/x\n\ngo 1.26\n")
	file, _ := spec.Parse("missing/x.pipegen.yaml", []byte(intsSpec))
	if _, _, err := Load(context.Background(), LoadConfig{Dir: root}, []*spec.File{file}); err == nil {
		t.Error("no error for a directory that does not exist")
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("enough")
	cancel(reason)
	write(t, filepath.Join(root, "missing", "a.go"), "package a\n")
	if _, _, err := Load(ctx, LoadConfig{Dir: root}, []*spec.File{file}); !errors.Is(err, reason) {
		t.Errorf("error %v, want the context's cause", err)
	}
}

func TestModulePath(t *testing.T) {
	for _, tc := range []struct{ content, want string }{
		{"module example.com/a\n", "example.com/a"},
		{"// comment\n\nmodule\texample.com/a // comment\r\n", "example.com/a"},
		{"go 1.26\nmodule \"example.com/a\"\n", "example.com/a"},
		{"modulex example.com/a\n", ""},
		{"", ""},
	} {
		name := filepath.Join(t.TempDir(), "go.mod")
		write(t, name, tc.content)
		got, _, err := readModFile(name)
		if got != tc.want || (err == nil) != (tc.want != "") {
			t.Errorf("%q: %q, %v; want %q", tc.content, got, err, tc.want)
		}
	}
}

// BenchmarkLoad loads a small package that imports net/http.
func BenchmarkLoad(b *testing.B) {
	root := b.TempDir()
	write(b, filepath.Join(root, "go.mod"), "module example.com/x\n\ngo 1.26\n")
	write(b, filepath.Join(root, "a.go"), `package a

import "net/http"

func Ints() []*http.Request { return nil }
`)
	file, _ := spec.Parse("x.pipegen.yaml", []byte(intsSpec))
	for b.Loop() {
		if _, _, err := Load(context.Background(), LoadConfig{Dir: root}, []*spec.File{file}); err != nil {
			b.Fatal(err)
		}
	}
}

// Of a file's imports only those are loaded that its declarations need: bodies are not looked at.
func TestNeededImports(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "a.go", `package a

import (
	"C"
	. "example.com/dot"
	_ "example.com/blank"
	alias "example.com/renamed"
	unused "example.com/unused"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"unsafe"
)

var lit = func() { http.Get("") }

func F(ctx context.Context) alias.T { fmt.Println(); return rand.N }
`, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"example.com/dot", "example.com/renamed", "context"}
	if got := neededImports(f); !slices.Equal(got, want) {
		t.Errorf("needed %q, want %q", got, want)
	}
	// A name that no import accounts for may be that of any other package.
	f, err = parser.ParseFile(token.NewFileSet(), "a.go", `package a

import (
	"example.com/go-thing"
	"fmt"
	"io"
)

var X thing.T
var Y io.Reader
`, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	want = []string{"io", "example.com/go-thing", "fmt"}
	if got := neededImports(f); !slices.Equal(got, want) {
		t.Errorf("needed %q, want %q", got, want)
	}
}
