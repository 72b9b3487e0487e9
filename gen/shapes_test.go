package gen

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/pipegen/pipegen/spec"
)

// shapes is the package in testdata/shapes, loaded once, against which tests compile any number of specs.
type shapes struct {
	dir    string // slash-separated
	prog   *Program
	loaded *unit
	fset   *token.FileSet
	source []*ast.File
	std    types.Importer
	good   map[[sha256.Size]byte]bool // outputs that check has found good
}

var loadShapes = sync.OnceValues(func() (*shapes, error) {
	s := &shapes{dir: "testdata/shapes", fset: token.NewFileSet(), good: make(map[[sha256.Size]byte]bool)}
	s.std = importer.ForCompiler(s.fset, "gc", nil)
	file, err := parser.ParseFile(s.fset, filepath.Join("testdata", "shapes", "shapes.go"), nil, 0)
	if err != nil {
		return nil, err
	}
	s.source = append(s.source, file)

	base, diags := spec.Parse(s.dir+"/base.pipegen.yaml", []byte(shapesBase))
	if diags.HasErrors() {
		return nil, fmt.Errorf("%v", diags)
	}
	s.prog, diags, err = Load(context.Background(), LoadConfig{}, []*spec.File{base})
	if err == nil && diags.HasErrors() {
		err = fmt.Errorf("%v", diags)
	}
	if err != nil {
		return nil, err
	}
	s.loaded = s.prog.units[base]
	return s, nil
})

// shapesBase imports what the specs of tests may name.
const shapesBase = `version: 1
pipeline: base
imports: [strings, math/rand/v2]
stages:
  - source: Words
  - map: strings.TrimSpace
  - map: strconv.Atoi
  - sink: fmt.Print
`

// plan parses and plans specs, by file name.
func (s *shapes) plan(texts map[string]string) ([]*Plan, spec.Diagnostics) {
	prog := &Program{fset: s.prog.fset, units: make(map[*spec.File]*unit)}
	var files []*spec.File
	var diags spec.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		file, ds := spec.Parse(s.dir+"/"+name, []byte(texts[name]))
		diags = append(diags, ds...)
		if file == nil {
			continue
		}
		prog.units[file] = &unit{file: file, pkg: s.loaded.pkg, imports: s.loaded.imports, time: s.loaded.time}
		files = append(files, file)
	}
	plans, ds := PlanAll(prog, files)
	return plans, append(diags, ds...)
}

// compile takes specs all the way to files in memory, none where there are errors. It fails the test where
// Emit does: what was planned can be emitted.
func (s *shapes) compile(t *testing.T, texts map[string]string) ([]File, spec.Diagnostics) {
	t.Helper()
	plans, diags := s.plan(texts)
	for _, p := range plans {
		Explain(p) // has no way to fail but panicking
	}
	if diags.HasErrors() {
		return nil, diags
	}
	files, err := Emit(plans)
	if err != nil {
		t.Fatalf("what was planned cannot be emitted: %v\n%s", err, dump(texts))
	}
	return files, diags
}

// check holds generated files against what any output has to be: Go that compiles together with the package,
// with imports and directives that are planned, and nothing that only a comment or a string may contain
// anywhere else. marker is such a thing; "" for none.
func (s *shapes) check(t *testing.T, files []File, marker string, texts map[string]string) {
	t.Helper()
	sum := sha256.New()
	for _, f := range files {
		fmt.Fprintf(sum, "%q %q", f.Path, f.Content)
	}
	key := [sha256.Size]byte(sum.Sum(nil))
	if s.good[key] {
		return
	}
	parsed := slices.Clone(s.source)
	for _, f := range files {
		file, err := parser.ParseFile(s.fset, f.Path, f.Content, parser.ParseComments)
		if err != nil {
			t.Fatalf("%s does not parse: %v\n%s", f.Path, err, dump(texts))
		}
		checkFile(t, f, file, marker)
		if isForHere(t, f) {
			parsed = append(parsed, file)
		}
	}
	var errs []error
	conf := types.Config{Importer: s.std, Error: func(err error) { errs = append(errs, err) }}
	conf.Check(s.loaded.pkg.path, s.fset, parsed, nil)
	if len(errs) > 0 {
		t.Fatalf("the output does not compile: %v\n%s", errs[:min(5, len(errs))], dump(texts))
	}
	s.good[key] = !t.Failed()
}

// checkFile is the part of check that needs no types.
func checkFile(t *testing.T, f File, file *ast.File, marker string) {
	t.Helper()
	if _, ok := IsGenerated(f.Content); !ok {
		t.Errorf("%s has no header", f.Path)
	}
	if path.Dir(f.Path) != "testdata/shapes" || !IsOutputName(f.Path) {
		t.Errorf("%q is not an output of the package", f.Path)
	}
	support := strings.HasPrefix(path.Base(f.Path), "pipegen_support") // of worker processes, which share memory
	for _, imp := range file.Imports {
		if imp.Path.Value == `"unsafe"` && support {
			continue
		}
		if strings.Contains(imp.Path.Value, ".") || imp.Path.Value == `"C"` || imp.Path.Value == `"unsafe"` {
			t.Errorf("%s imports %s", f.Path, imp.Path.Value)
		}
	}
	for _, d := range file.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
			t.Errorf("%s has an init function", f.Path)
		}
	}
	var sc scanner.Scanner
	fset := token.NewFileSet()
	sc.Init(fset.AddFile("", -1, len(f.Content)), f.Content, nil, scanner.ScanComments)
	for {
		_, tok, lit := sc.Scan()
		switch tok {
		case token.EOF:
			if bad := slices.IndexFunc(bytes.Runes(f.Content), isUnprintable); bad >= 0 {
				t.Errorf("%s contains an invisible character", f.Path)
			}
			return
		case token.COMMENT:
			if directive.MatchString(lit) && !strings.HasPrefix(lit, "//go:build ") {
				t.Errorf("%s has the directive %q", f.Path, lit)
			}
		case token.STRING, token.CHAR:
		default:
			if marker != "" && strings.Contains(strings.ToLower(lit), marker) {
				t.Errorf("%s has %q as code", f.Path, lit)
			}
		}
	}
}

func isUnprintable(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) }

// dump shows the specs of a failure.
func dump(texts map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		fmt.Fprintf(&b, "-- %s --\n%s", name, texts[name])
	}
	return b.String()
}
