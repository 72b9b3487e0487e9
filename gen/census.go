package gen

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// CensusWant is what the plan says a generated file consists of.
type CensusWant struct {
	Header  string            // the first line
	Build   string            // the expression of its //go:build line; "" for none
	Package string            //
	Imports map[string]string // path → name; one that the code does not need may be absent
	Decls   []string          // package-level names in any order, methods as T.m; "_" as often as planned
}

// Census counts what stands in a generated file and compares it with the plan. Names and texts of a spec
// reach the output in places meant for them; should one ever escape its place, it changes the census.
// Errors name what is wrong, but never quote the file.
func Census(content []byte, want CensusWant) error {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", content, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return errors.New("census: the output does not parse")
	}
	c := &census{fset: fset}
	if line, _, _ := strings.Cut(string(content), "\n"); line != want.Header {
		c.errorf("the first line is not the header")
	}
	if file.Name.Name != want.Package {
		c.errorf("the package clause names another package")
	}
	c.directives(file, want.Build)
	c.imports(file, want.Imports)
	c.decls(file, want.Decls)
	return errors.Join(c.errs...)
}

type census struct {
	fset *token.FileSet
	errs []error
}

func (c *census) errorf(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("census: "+format, args...))
}

func (c *census) line(p token.Pos) int { return c.fset.PositionFor(p, false).Line }

// directive matches comments that the compiler, the go command or cgo act on: //line and /*line, //export
// and //extern, and everything of the form //tool:word.
var directive = regexp.MustCompile(`^(//line |/\*line |//export |//extern |//[a-z0-9]+:[a-z0-9]|// *\+build\b)|(?m:^(//|/\*)?[ \t]*#cgo\b)`)

func (c *census) directives(file *ast.File, build string) {
	found := 0
	for _, group := range file.Comments {
		for _, comment := range group.List {
			if !directive.MatchString(comment.Text) {
				continue
			}
			if build != "" && comment.Text == "//go:build "+build && comment.End() < file.Package {
				found++
				continue
			}
			c.errorf("line %d: a directive that is not planned", c.line(comment.Pos()))
		}
	}
	if build != "" && found != 1 {
		c.errorf("%d build constraints where one is planned", found)
	}
}

func (c *census) imports(file *ast.File, want map[string]string) {
	seen := make(map[string]bool)
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		name, planned := want[path]
		switch {
		case err != nil || !planned || path == "C":
			c.errorf("line %d: an import that is not planned", c.line(spec.Pos()))
		case seen[path]:
			c.errorf("line %d: a package is imported twice", c.line(spec.Pos()))
		case spec.Name != nil && spec.Name.Name != name, spec.Name == nil && assumedName(path) != name:
			c.errorf("line %d: an import has another name than planned", c.line(spec.Pos()))
		}
		seen[path] = true
	}
}

func (c *census) decls(file *ast.File, want []string) {
	left := make(map[string]int)
	for _, name := range want {
		left[name]++
	}
	count := func(name string, pos token.Pos) {
		if left[name] == 0 {
			c.errorf("line %d: a declaration that is not planned", c.line(pos))
			return
		}
		left[name]--
	}
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				c.errorf("line %d: an init function", c.line(d.Pos()))
				continue
			}
			if d.Body == nil {
				c.errorf("line %d: a function without a body", c.line(d.Pos()))
			}
			count(declName(d), d.Pos())
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					count(s.Name.Name, s.Pos())
				case *ast.ValueSpec:
					for _, id := range s.Names {
						count(id.Name, id.Pos())
					}
				}
			}
		}
	}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(want))) {
		if left[name] > 0 {
			c.errorf("%s is planned and not declared", name)
		}
	}
}

// declName returns f's name, T.m for a method.
func declName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) != 1 {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	for {
		switch e := t.(type) {
		case *ast.ParenExpr:
			t = e.X
		case *ast.StarExpr:
			t = e.X
		case *ast.IndexExpr:
			t = e.X
		case *ast.IndexListExpr:
			t = e.X
		case *ast.Ident:
			return e.Name + "." + f.Name.Name
		default:
			return "?." + f.Name.Name
		}
	}
}
