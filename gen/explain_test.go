package gen

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// TestExplain holds the text of each case in testdata/explain against what Explain says of its spec, over the
// functions of testdata/shapes.
func TestExplain(t *testing.T) {
	s, err := loadShapes()
	if err != nil {
		t.Fatal(err)
	}
	cases, err := filepath.Glob("testdata/explain/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(ar.Files) != 2 || ar.Files[0].Name != "x.pipegen.yaml" || ar.Files[1].Name != "explained" {
				t.Fatal("a case has two files: x.pipegen.yaml and explained")
			}
			plans, diags := s.plan(map[string]string{"x.pipegen.yaml": string(ar.Files[0].Data)})
			if diags.HasErrors() || len(plans) != 1 {
				t.Fatalf("the spec has errors: %v", diags)
			}
			if *updatePlans {
				ar.Files[1].Data = []byte(Explain(plans[0]))
				write(t, name, string(txtar.Format(ar)))
				return
			}
			if d := cmp.Diff(string(ar.Files[1].Data), Explain(plans[0])); d != "" {
				t.Errorf("want (-) and got (+):\n%s", d)
			}
		})
	}
}
