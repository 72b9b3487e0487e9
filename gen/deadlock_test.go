package gen

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/pipegen/pipegen/spec"
)

// TestDeadlock holds what checkDeadlock refuses against what happens: each spec of testdata/deadlock.txtar
// is refused; generated all the same, it stands still; and once its help is followed, it is accepted and runs
// to its end.
func TestDeadlock(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/deadlock.txtar")
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.com/p\n\ngo 1.26\n")
	var refused, followed []*spec.File
	for _, f := range archive.Files {
		if !strings.HasSuffix(f.Name, SpecSuffix) {
			write(t, filepath.Join(root, f.Name), string(f.Data))
			continue
		}
		refused = append(refused, parseGood(t, f.Name, string(f.Data)))
		text := strings.Replace(string(f.Data), "    queue: 2\n", "    queue: {capacity: unlimited}\n", 1)
		text = strings.Replace(text, "pipeline: ", "pipeline: free-", 1)
		followed = append(followed, parseGood(t, "free-"+f.Name, text))
	}
	prog, diags, err := Load(context.Background(), LoadConfig{Dir: root}, append(refused, followed...))
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	for _, f := range refused {
		if _, diags := PlanAll(prog, []*spec.File{f}); len(diags) != 1 || diags[0].Code != codeDeadlock {
			t.Errorf("%s is not refused: %v", f.Name, diags)
		}
	}
	plans, diags := PlanAll(prog, followed)
	if diags.HasErrors() {
		t.Fatalf("what follows the help is refused: %v", diags)
	}
	lists := "package p\n\nimport \"context\"\n"
	list := func(name string, plans []*Plan) {
		lists += fmt.Sprintf("\nvar %s = map[string]func(context.Context) error{\n", name)
		for _, p := range plans {
			lists += fmt.Sprintf("\t%q: %s{}.Run,\n", p.Name, p.Name)
		}
		lists += "}\n"
	}
	list("followed", plans)
	var unproven []*Plan
	for _, f := range refused {
		p := newPlanner(prog, prog.units[f])
		p.unproven = true
		if p.run(); !p.complete {
			t.Fatalf("%s has other errors: %v", f.Name, p.diags)
		}
		unproven = append(unproven, p.plan)
	}
	list("refused", unproven)
	write(t, filepath.Join(root, "lists_test.go"), lists)
	files, err := Emit(append(plans, unproven...))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(t, filepath.Join(root, f.Path), string(f.Content))
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-timeout", "60s", ".")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, bytes.TrimSpace(out))
	}
}

func parseGood(t *testing.T, name, text string) *spec.File {
	t.Helper()
	file, diags := spec.Parse(name, []byte(text))
	if diags.HasErrors() {
		t.Fatalf("%s: %v", name, diags)
	}
	return file
}
