//go:build !pipegen_without

package constraint

import (
	"go/ast"
	"go/build/constraint"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Constraint", New: func(drain <-chan struct{}) probe.Ends {
		p := Constraint{Drain: drain, Stats: new(ConstraintStats)}
		return probe.Open[*ConstraintError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// The constraint stands where the go command looks for it, and the doc where go doc does.
func TestGeneratedText(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "constraint_pipegen.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, group := range file.Comments {
		for _, c := range group.List {
			if constraint.IsGoBuild(c.Text) && c.Pos() < file.Package {
				lines = append(lines, c.Text)
			}
		}
	}
	if len(lines) != 1 || lines[0] != "//go:build go1.26 && !pipegen_without" {
		t.Errorf("build constraints %q", lines)
	}
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE && d.Specs[0].(*ast.TypeSpec).Name.Name == "Constraint" {
			for _, want := range []string{"\nConstraint is built only with its build constraint.\n", "\nIts doc has \"quotes\" and several lines, of which one ends a comment: "} {
				if !strings.Contains(d.Doc.Text(), want) {
					t.Errorf("the doc comment lacks %q:\n%s", want, d.Doc.Text())
				}
			}
			return
		}
	}
	t.Error("no type Constraint")
}
