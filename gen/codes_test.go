package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/pipegen/pipegen/spec"
)

// ofText are the codes of other families that the text of a spec has.
var ofText = []string{spec.CodeFeedbackBlocks, spec.CodePipelineState, spec.CodeFork, spec.CodeCommandKey, spec.CodeNoProcesses}

// TestCodes holds the codes of this package against the table that explains them: no code is missing on
// either side, and each one has a case in testdata/plan that shows it, with the severity of the table.
func TestCodes(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ours := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok {
			id, _ := strconv.Unquote(lit.Value)
			if ours[id] {
				t.Errorf("%s is used for two problems", id)
			}
			ours[id] = true
		}
		return true
	})

	var wants strings.Builder
	names, _ := filepath.Glob("testdata/plan/*.txtar")
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, want, _ := strings.Cut(string(content), "-- want --\n")
		wants.WriteString(want)
	}
	for _, c := range spec.Codes() {
		if c.ID < "PG2" || c.ID > codePredeclared || slices.Contains(ofText, c.ID) {
			continue // about the text alone, or about files on disk
		}
		if !ours[c.ID] {
			t.Errorf("nothing reports %s, which is explained", c.ID)
		}
		delete(ours, c.ID)
		if c.ID == codeAssigned || c.ID == codeHeld {
			continue // of Vet, which has a test of its own
		}
		if shown := c.Severity.String() + "[" + c.ID + "] "; !strings.Contains(wants.String(), shown) {
			t.Errorf("no case of testdata/plan shows %s", shown)
		}
	}
	for id := range ours {
		t.Errorf("%s is not explained", id)
	}
}
