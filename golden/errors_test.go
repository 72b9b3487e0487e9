package golden

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// Each archive of testdata/errors is a package with its specs and, in the file want, everything that is said
// about them. All packages are loaded at once, as one module, each in a directory of the archive's name.
func TestErrors(t *testing.T) {
	archives, err := filepath.Glob("testdata/errors/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	writeFile(t, filepath.Join(root, "go.mod"), "module example.com/errors\n\ngo 1.26\n")
	parsed := make(map[string]*txtar.Archive)
	var names []string
	for _, name := range archives {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		dir := strings.TrimSuffix(filepath.Base(name), ".txtar")
		parsed[dir] = archive
		for _, f := range archive.Files {
			if f.Name == "want" {
				continue
			}
			writeFile(t, filepath.Join(root, dir, filepath.FromSlash(f.Name)), string(f.Data))
			if strings.HasSuffix(f.Name, gen.SpecSuffix) {
				names = append(names, dir+"/"+f.Name)
			}
		}
	}
	all := diagnose(t, root, names)
	shown := make(map[string]bool)
	for i, name := range archives {
		dir := strings.TrimSuffix(filepath.Base(name), ".txtar")
		t.Run(dir, func(t *testing.T) {
			code, _, _ := strings.Cut(strings.ToUpper(dir), "_")
			if _, known := spec.LookupCode(code); !known {
				t.Errorf("%s is no code", code)
			}
			got := all[dir]
			if strings.Contains(got, "["+code+"]") {
				shown[code] = true
			} else {
				t.Errorf("nothing has the code %s", code)
			}
			archive := parsed[dir]
			at := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
			if at < 0 {
				t.Fatal("no file want")
			}
			if want := string(archive.Files[at].Data); *update && want != got {
				archive.Files[at].Data = []byte(got)
				writeFile(t, archives[i], string(txtar.Format(archive)))
			} else if want != got {
				t.Errorf("(-want +got):\n%s", cmp.Diff(lines([]byte(want)), lines([]byte(got))))
			}
		})
	}
	for _, code := range spec.Codes() {
		if !shown[code.ID] && !slices.Contains(elsewhere, code.ID) {
			t.Errorf("no archive shows %s, %s", code.ID, code.Title)
		}
	}
}

// elsewhere are the codes of problems that only the command sees, which looks at the files on disk and, for vet,
// into functions; its own scripts show them.
var elsewhere = []string{"PG426", "PG508", "PG605", "PG606"}

// diagnose returns what is said about the specs of each directory below root.
func diagnose(t *testing.T, root string, names []string) map[string]string {
	p := plan(t, root, names)
	byDir := make(map[string]spec.Diagnostics)
	for _, d := range p.diags {
		dir, _, _ := strings.Cut(d.File, "/")
		byDir[dir] = append(byDir[dir], d)
	}
	all := make(map[string]string)
	for dir, diags := range byDir {
		// Not in import paths, which have a slash before it.
		inPath := regexp.MustCompile(`(^|[^/])\b` + dir + "/")
		all[dir] = inPath.ReplaceAllString(human(t, diags, p.sources), "$1")
	}
	return all
}

func writeFile(t *testing.T, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}
