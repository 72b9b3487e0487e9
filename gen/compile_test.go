package gen

import (
	"go/ast"
	"go/build/constraint"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"runtime"
	"strings"
	"testing"
)

// TestPlannedCompiles emits what the archives of testdata/plan plan and checks that it compiles, together
// with their packages.
func TestPlannedCompiles(t *testing.T) {
	cases, prog := loadPlanCases(t)
	fset := token.NewFileSet()
	imports := &caseImporter{std: importer.ForCompiler(fset, "gc", nil), own: make(map[string]*types.Package)}
	for _, u := range prog.units {
		for _, imp := range u.imports {
			if imp.types != nil && strings.HasPrefix(imp.path, "example.com/") {
				imports.own[imp.path] = imp.types
			}
		}
	}
	compiled := 0
	for _, c := range cases {
		plans, _ := PlanAll(prog, c.files)
		if len(plans) == 0 {
			continue
		}
		files, err := Emit(plans)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, f := range c.archive.Files {
			if strings.HasSuffix(f.Name, ".go") && !strings.Contains(f.Name, "/") && !IsOutputName(f.Name) {
				files = append(files, File{Path: path.Join(c.name, f.Name), Content: f.Data})
			}
		}
		var parsed []*ast.File
		for _, f := range files {
			if !isForHere(t, f) {
				continue
			}
			file, err := parser.ParseFile(fset, f.Path, f.Content, parser.SkipObjectResolution)
			if err != nil && IsOutputName(f.Path) {
				t.Errorf("%s: %v", c.name, err)
			}
			parsed = append(parsed, file)
		}
		conf := types.Config{Importer: imports, Error: func(err error) {
			if e := err.(types.Error); IsOutputName(path.Base(fset.Position(e.Pos).Filename)) { // other files have errors on purpose
				t.Errorf("%s: %v", c.name, err)
			}
		}}
		conf.Check("example.com/cases/"+c.name, fset, parsed, nil)
		compiled += len(plans)
	}
	if compiled < 50 {
		t.Errorf("%d plans", compiled)
	}
}

// isForHere says whether a file is built where the test runs: not a companion for another operating system.
func isForHere(t *testing.T, f File) bool {
	if !strings.HasPrefix(path.Base(f.Path), "pipegen_support_") {
		return true
	}
	for line := range strings.Lines(string(f.Content)) {
		if !constraint.IsGoBuild(line) {
			continue
		}
		expr, err := constraint.Parse(strings.TrimSpace(line))
		if err != nil {
			t.Error(err)
			return false
		}
		return expr.Eval(func(tag string) bool {
			return tag == runtime.GOOS || tag == "unix" && runtime.GOOS != "windows"
		})
	}
	t.Errorf("%s has no build constraint", f.Path)
	return false
}

// caseImporter imports what the cases import: packages of their own module, as Load has seen them, and the
// standard library.
type caseImporter struct {
	std types.Importer
	own map[string]*types.Package
}

func (i *caseImporter) Import(path string) (*types.Package, error) {
	if pkg := i.own[path]; pkg != nil {
		return pkg, nil
	}
	return i.std.Import(path)
}
