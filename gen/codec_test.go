package gen

import (
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/pipegen/pipegen/spec"
	"github.com/pipegen/pipegen/templates"
)

// TestCodec generates the functions for the samples of testdata/codecs.txtar and runs the package's own test with
// them. PIPEGEN_CODEC_DIR keeps the module, for its benchmarks and fuzz test.
func TestCodec(t *testing.T) {
	dir := os.Getenv("PIPEGEN_CODEC_DIR")
	if dir == "" {
		dir = t.TempDir()
	}
	own := writeCodecs(t, dir)
	for _, name := range own.Scope().Names() {
		if v := own.Scope().Lookup(name); strings.HasPrefix(name, "sample") {
			if found := refusals(own, v.Type()); len(found) > 0 {
				t.Errorf("%s cannot cross: %v", name, found)
			}
		}
	}
	for _, args := range [][]string{{"vet", "."}, {"test", "-short", "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// writeCodecs unpacks the module of testdata/codecs.txtar, with the functions for its samples.
func writeCodecs(t *testing.T, dir string) *types.Package {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/codecs.txtar")
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sources := make(map[string]string)
	for _, f := range archive.Files {
		write(f.Name, f.Data)
		sources[f.Name] = string(f.Data)
	}
	im := make(testImporter)
	im.check(t, "example.com/codecs/far", sources["far/far.go"])
	own := im.check(t, "example.com/codecs", sources["own.go"])

	w := newWiring(&Plan{File: &spec.File{}, Package: own, Name: "Test"}, make(map[string]bool))
	for _, name := range own.Scope().Names() {
		if strings.HasPrefix(name, "sample") {
			w.codec(own.Scope().Lookup(name).Type(), nil)
		}
	}
	w.knownErrors()
	w.emitCodecs()
	wiring, err := w.Render(w.file)
	if err != nil {
		t.Fatal(err)
	}
	write("test_pipegen.go", wiring)
	support, err := templates.Support("codecs", [][]byte{wiring, []byte(sources["own_test.go"])}, own.Scope().Names()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range support {
		write(supportName(f.Suffix), f.Content)
	}
	return own
}
