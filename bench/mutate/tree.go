package main

import (
	"context"
	"encoding/json"
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
	root string
	bin  string // test programs, and whatever else does not belong to the repository
}

// newTree copies what pipegen, its golden packages and their tests are made of.
func newTree(ctx context.Context, from string) (*tree, error) {
	root, err := os.MkdirTemp("", "pipegen-mutate-")
	if err != nil {
		return nil, err
	}
	t := &tree{root: root, bin: filepath.Join(root, "bin")}
	if err := os.Mkdir(t.bin, 0o777); err != nil {
		return nil, err
	}
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

// path is where a file with a slash-separated name is.
func (t *tree) path(name string) string { return filepath.Join(t.root, filepath.FromSlash(name)) }

func (t *tree) read(name string) ([]byte, error) { return os.ReadFile(t.path(name)) }

func (t *tree) write(name string, content []byte) error {
	return os.WriteFile(t.path(name), content, 0o666)
}

// goldens are the directories of the golden packages: those with generated files.
func (t *tree) goldens() ([]string, error) {
	dirs := make(map[string]bool)
	err := filepath.WalkDir(t.path("golden"), func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, "_pipegen.go") {
			rel, err := filepath.Rel(t.root, filepath.Dir(name))
			dirs[filepath.ToSlash(rel)] = true
			return err
		}
		return err
	})
	return slices.Sorted(maps.Keys(dirs)), err
}

// generate writes the index of the templates and all generated files anew.
func (t *tree) generate(ctx context.Context) error {
	bin := filepath.Join(t.bin, "pipegen.exe")
	for _, command := range [][]string{
		{"go", "generate", "./templates"},
		{"go", "build", "-o", bin, "./cmd/pipegen"},
		{bin, "generate", "./golden/..."},
	} {
		if out, err := t.run(ctx, command...); err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
	}
	return nil
}

// compile makes the test program of the package in dir, with changed files in the place of what is there; one without
// content is not there any more.
func (t *tree) compile(ctx context.Context, dir string, race bool, changed map[string][]byte) (string, error) {
	overlay := struct{ Replace map[string]string }{make(map[string]string)}
	for name, content := range changed {
		overlay.Replace[t.path(name)] = ""
		if len(content) > 0 {
			file, err := os.CreateTemp(t.bin, "*.go")
			if err != nil {
				return "", err
			}
			overlay.Replace[t.path(name)] = file.Name()
			defer os.Remove(file.Name())
			if _, err = file.Write(content); err != nil {
				return "", err
			}
			if err := file.Close(); err != nil {
				return "", err
			}
		}
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	program, err := os.CreateTemp(t.bin, path.Base(dir)+"-*.exe")
	if err != nil {
		return "", err
	}
	program.Close()
	replace := program.Name() + ".json"
	if err := os.WriteFile(replace, list, 0o666); err != nil {
		return "", err
	}
	defer os.Remove(replace)
	args := []string{"go", "test", "-c", "-vet=off", "-overlay", replace, "-o", program.Name()}
	if race {
		args = append(args, "-race")
	}
	if out, err := t.run(ctx, append(args, "./"+dir)...); err != nil {
		return "", fmt.Errorf("%w\n%s", err, out)
	}
	return program.Name(), nil
}

// run runs a command in the tree.
func (t *tree) run(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = t.root
	cmd.WaitDelay = 10 * time.Second
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return out, err
}
