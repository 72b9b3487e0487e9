// Package golden holds one directory for each feature of the language: a real package with its spec, its
// generated files, and a test that runs them under the promises of docs/promises.md. This test regenerates every
// one of them in memory and compares.
//
//	go test ./golden            compares
//	go test ./golden -update    writes the generated files and the expected diagnostics of testdata/errors
package golden

import (
	"bytes"
	"context"
	"flag"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

var update = flag.Bool("update", false, "write what is generated instead of comparing")

// specs returns the paths of all specs below dir, slash-separated.
func specs(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*", "*"+gen.SpecSuffix))
	if err != nil {
		t.Fatal(err)
	}
	for i := range found {
		found[i] = filepath.ToSlash(found[i])
	}
	return found
}

// planned is what the specs of a test come to.
type planned struct {
	plans   []*gen.Plan
	diags   spec.Diagnostics // sorted, without what the specs silence
	sources map[string][]byte
}

// plan goes from specs, whose names are relative to dir, to plans.
func plan(t *testing.T, dir string, names []string) planned {
	t.Helper()
	p := planned{sources: make(map[string][]byte)}
	var files []*spec.File
	for _, name := range names {
		src, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		p.sources[name] = src
		file, diags := spec.Parse(name, src)
		p.diags = append(p.diags, diags...)
		if file != nil && !diags.HasErrors() {
			files = append(files, file)
		}
	}
	prog, diags, err := gen.Load(context.Background(), gen.LoadConfig{Dir: dir}, files)
	if err != nil {
		t.Fatal(err)
	}
	p.diags = append(p.diags, diags...)
	p.plans, diags = gen.PlanAll(prog, files)
	p.diags = append(p.diags, diags...)
	for _, plan := range p.plans {
		p.diags = append(p.diags, plan.Warnings...)
	}
	for _, f := range files {
		p.diags = f.Silence(p.diags)
	}
	p.diags.Sort()
	return p
}

// emit returns the generated files by path.
func emit(t *testing.T, plans []*gen.Plan) map[string][]byte {
	t.Helper()
	files, err := gen.Emit(plans)
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string][]byte)
	for _, f := range files {
		if _, twice := all[f.Path]; twice {
			t.Errorf("%s is generated twice", f.Path)
		}
		all[f.Path] = f.Content
	}
	return all
}

// human renders diagnostics as a terminal without colours shows them.
func human(t *testing.T, diags spec.Diagnostics, sources map[string][]byte) string {
	t.Helper()
	var b strings.Builder
	if err := diags.WriteHuman(&b, sources, false); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// generated returns the paths of generated files on disk.
func generated(t *testing.T) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "testdata":
			return fs.SkipDir
		case gen.IsOutputName(name):
			found = append(found, filepath.ToSlash(name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// Every generated file is what the generator makes of its spec, and there is no other.
func TestGenerated(t *testing.T) {
	names := specs(t, ".")
	p := plan(t, ".", names)
	if len(p.diags) > 0 {
		t.Errorf("the specs are not clean:\n%s", human(t, p.diags, p.sources))
	}
	want := emit(t, p.plans)
	if *update {
		for name, content := range want {
			if old, err := os.ReadFile(name); err == nil && bytes.Equal(old, content) {
				continue
			}
			if err := os.WriteFile(name, content, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Error(err)
		} else if !gen.SameContent(got, want[name]) {
			t.Errorf("%s is stale (-disk +generated):\n%s", name, cmp.Diff(lines(got), lines(want[name])))
		}
	}
	for _, name := range generated(t) {
		if _, ok := want[name]; ok {
			continue
		}
		if !*update {
			t.Errorf("%s belongs to no spec", name)
		} else if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

func lines(b []byte) []string { return strings.Split(string(b), "\n") }

// The same specs give the same bytes in any order and seen from any directory.
func TestPromise20_SameBytes(t *testing.T) {
	want := make(map[string][]byte)
	for _, name := range generated(t) {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		want[name] = content
	}
	names := specs(t, ".")
	for i := range names {
		names[i] = path.Join("golden", names[i])
	}
	slices.Reverse(names)
	got := emit(t, plan(t, "..", names).plans)
	if len(got) != len(want) {
		t.Errorf("%d files generated from the directory above, %d on disk", len(got), len(want))
	}
	for name, content := range got {
		if !gen.SameContent(content, want[strings.TrimPrefix(name, "golden/")]) {
			t.Errorf("%s differs when it is generated from the directory above", name)
		}
	}
}
