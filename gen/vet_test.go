package gen

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pipegen/pipegen/spec"
)

// TestVet looks into bodies: what is assigned to package variables, by whom, and what only looks like it; where a
// lock may be held that an item is handed out.
func TestVet(t *testing.T) {
	for _, name := range []string{"vet", "vet-locks"} {
		t.Run(name, func(t *testing.T) { vetArchive(t, "testdata/"+name+".txtar") })
	}
}

func vetArchive(t *testing.T, name string) {
	archive, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	var files []*spec.File
	want := ""
	for _, f := range archive.Files {
		if f.Name == "want" {
			want = string(f.Data)
			continue
		}
		write(t, filepath.Join(root, filepath.FromSlash(f.Name)), string(f.Data))
		if strings.HasSuffix(f.Name, SpecSuffix) {
			file, diags := spec.Parse(f.Name, f.Data)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			files = append(files, file)
		}
	}
	prog, diags, err := Load(context.Background(), LoadConfig{Dir: root}, files)
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	plans, diags := PlanAll(prog, files)
	if len(diags) > 0 || len(plans) != len(files) {
		t.Fatalf("%d plans, %v", len(plans), diags)
	}
	var b strings.Builder
	for _, d := range Vet(prog, plans) {
		dumpDiagnostic(&b, d)
		if c, ok := spec.LookupCode(d.Code); !ok || c.Severity != d.Severity {
			fmt.Fprintf(&b, "severity %s\n", d.Severity)
		}
	}
	if *updatePlans {
		archive.Files[len(archive.Files)-1].Data = []byte(b.String())
		write(t, name, string(txtar.Format(archive)))
		return
	}
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
