package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// tree is a copy of the repository in which files are changed and tests run.
type tree struct {
	root    string
	timeout time.Duration            // how long anything may take
	usual   map[string]time.Duration // how long the tests of a package take without a change
	golden  map[string][]byte        // generated files below golden, before any change
	noticed map[string]int           // changes by the package whose tests noticed them
}

// newTree copies what pipegen, its golden packages and their tests are made of.
func newTree(ctx context.Context, from string, timeout time.Duration) (*tree, error) {
	root, err := os.MkdirTemp("", "pipegen-mutate-")
	if err != nil {
		return nil, err
	}
	t := &tree{root: root, timeout: timeout, usual: make(map[string]time.Duration), noticed: make(map[string]int)}
	for _, name := range []string{"go.mod", "go.sum", "cmd", "gen", "golden", "spec", "templates"} {
		if err := ctx.Err(); err != nil {
			t.remove()
			return nil, err
		}
		if err := copyAll(t.path(name), filepath.Join(from, name)); err != nil {
			t.remove()
			return nil, err
		}
	}
	return t, nil
}

func copyAll(to, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return os.CopyFS(to, os.DirFS(from))
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}

func (t *tree) remove() { os.RemoveAll(t.root) }

func (t *tree) path(name string) string { return filepath.Join(t.root, filepath.FromSlash(name)) }

// prepare generates everything and runs all tests once without a change. A package whose tests fail can notice nothing;
// it is named and left out.
func (t *tree) prepare(ctx context.Context) error {
	if out, err := t.generate(ctx); err != nil {
		return fmt.Errorf("without a change: %w\n%s", err, out)
	}
	var err error
	if t.golden, err = t.generated(); err != nil {
		return err
	}
	for _, pkg := range append([]string{"./templates/threads", "./gen"}, t.packages(t.golden)...) {
		began := time.Now()
		if out, err := t.test(ctx, pkg, false); ctx.Err() != nil {
			return context.Cause(ctx)
		} else if err != nil {
			fmt.Fprintf(os.Stderr, "left out, fails without a change: %v\n%s\n", err, out[:min(len(out), 1000)])
			continue
		}
		t.usual[pkg] = time.Since(began)
	}
	if len(t.usual) == 0 {
		return errors.New("all tests fail without a change")
	}
	return nil
}

// limit is how long the tests of a package may take before they count as hanging.
func (t *tree) limit(pkg string, race bool) time.Duration {
	usual, ok := t.usual[pkg]
	if !ok {
		return 5 * t.timeout // not known yet
	}
	if race {
		usual *= 10
	}
	return min(t.timeout, 10*time.Second+5*usual)
}

// generated reads the generated files below golden.
func (t *tree) generated() (map[string][]byte, error) {
	files := make(map[string][]byte)
	err := filepath.WalkDir(t.path("golden"), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := d.Name(); !strings.HasSuffix(base, "_pipegen.go") && !strings.HasPrefix(base, "pipegen_support") {
			return nil
		}
		rel, err := filepath.Rel(t.root, name)
		if err == nil {
			files[filepath.ToSlash(rel)], err = os.ReadFile(name)
		}
		return err
	})
	return files, err
}

// packages are the directories of the files, those first whose tests have noticed most.
func (t *tree) packages(files map[string][]byte) []string {
	dirs := make(map[string]bool)
	for name := range files {
		dirs["./"+path.Dir(name)] = true
	}
	return slices.SortedStableFunc(slices.Values(slices.Sorted(maps.Keys(dirs))), func(a, b string) int {
		return t.noticed[b] - t.noticed[a]
	})
}

// verdict is what came of a mutant.
type verdict int

const (
	missed   verdict = iota // no test fails
	textOnly                // only the text of generated files differs
	caught
	broken // does not compile
)

// outcome is a mutant with its verdict.
type outcome struct {
	mutant
	verdict verdict
	by      string // the package whose tests noticed
	took    time.Duration
}

func (o outcome) String() string {
	what := map[verdict]string{missed: "NOT NOTICED", textOnly: "TEXT ONLY", caught: "noticed by " + o.by, broken: "does not compile"}[o.verdict]
	return fmt.Sprintf("%s: %s (%.1fs)", o.mutant, what, o.took.Seconds())
}

// try applies m, asks the tests, and puts everything back.
func (t *tree) try(ctx context.Context, m mutant) (o outcome, err error) {
	began := time.Now()
	o.mutant = m
	name := t.path(m.file)
	src, err := os.ReadFile(name)
	if err != nil {
		return o, err
	}
	if err := os.WriteFile(name, m.apply(src), 0o666); err != nil {
		return o, err
	}
	defer func() {
		err = errors.Join(err, os.WriteFile(name, src, 0o666), context.Cause(ctx))
		o.took = time.Since(began)
	}()
	own := "./" + path.Dir(m.file)
	if _, err := t.run(ctx, "go", "build", own); err != nil {
		o.verdict = broken
		return o, nil
	}
	race := m.kind == unlocks || m.kind == orders
	template := path.Dir(m.file) == "templates/threads"
	if template {
		if t.notices(ctx, own, race) {
			return t.catch(o, own), nil
		}
	}
	if _, err := t.generate(ctx); err != nil {
		return t.catch(o, "generate"), t.restore()
	}
	changed, err := t.changed()
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, t.restore()) }()
	for _, pkg := range t.packages(changed) {
		if t.notices(ctx, pkg, race) {
			return t.catch(o, pkg), nil
		}
	}
	if !template {
		if t.notices(ctx, own, false) {
			return t.catch(o, own), nil
		}
		if len(changed) > 0 {
			o.verdict = textOnly
		}
	}
	return o, nil
}

func (t *tree) catch(o outcome, by string) outcome {
	o.verdict, o.by = caught, by
	t.noticed[by]++
	return o
}

// changed are the generated files that are not what they were before the change.
func (t *tree) changed() (map[string][]byte, error) {
	now, err := t.generated()
	if err != nil {
		return nil, err
	}
	maps.DeleteFunc(now, func(name string, text []byte) bool { return bytes.Equal(text, t.golden[name]) })
	return now, nil
}

// restore puts the generated files back.
func (t *tree) restore() error {
	changed, err := t.changed()
	if err != nil {
		return err
	}
	for name := range changed {
		if text, ok := t.golden[name]; ok {
			err = errors.Join(err, os.WriteFile(t.path(name), text, 0o666))
		} else {
			err = errors.Join(err, os.Remove(t.path(name)))
		}
	}
	return err
}

// generate writes the index of the templates and all generated files anew.
func (t *tree) generate(ctx context.Context) ([]byte, error) {
	bin := t.path("pipegen.exe")
	for _, command := range [][]string{
		{"go", "generate", "./templates"},
		{"go", "build", "-o", bin, "./cmd/pipegen"},
		{bin, "generate", "./golden/..."},
	} {
		if out, err := t.run(ctx, command...); err != nil {
			return out, err
		}
	}
	return nil, nil
}

// notices runs the tests of one package on a change and says whether one fails.
func (t *tree) notices(ctx context.Context, pkg string, race bool) bool {
	if _, ok := t.usual[pkg]; !ok {
		return false
	}
	_, err := t.test(ctx, pkg, race)
	return err != nil
}

// test runs the tests of one package up to the first that fails.
func (t *tree) test(ctx context.Context, pkg string, race bool) ([]byte, error) {
	args := []string{"go", "test", "-failfast", "-vet=off", "-timeout", t.limit(pkg, race).String()}
	if race {
		args = append(args, "-race")
	}
	return t.run(ctx, append(args, pkg)...)
}

// run runs a command in the tree, for a limited time. A change may make it allocate without end,
// so where there is a shell its memory is limited too, but for the race detector, which reserves more than there is.
func (t *tree) run(ctx context.Context, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 6*t.timeout)
	defer cancel()
	if shell, err := exec.LookPath("sh"); err == nil && !slices.Contains(args, "-race") {
		args = append([]string{shell, "-c", `ulimit -v 8000000; exec "$@"`, "sh"}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = t.root
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return out, err
}
