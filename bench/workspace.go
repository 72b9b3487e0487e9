package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// A workspace is a temporary module with the packages that the G shapes generate code for, and the
// generators as binaries beside it.
type workspace struct{ root string }

// newWorkspace makes a module with this module's requirements. The caller removes it. It wants to run in
// this module's directory, as `go -C bench run .` does.
func newWorkspace() (workspace, error) {
	root, err := os.MkdirTemp("", "pipegen-bench-")
	if err != nil {
		return workspace{}, err
	}
	w := workspace{root}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(name)
		if err == nil {
			err = w.write(name, data)
		}
		if err != nil {
			w.remove()
			return workspace{}, err
		}
	}
	return w, nil
}

func (w workspace) remove() { os.RemoveAll(w.root) }

func (w workspace) path(name string) string { return filepath.Join(w.root, filepath.FromSlash(name)) }

// write makes the file and the directories above it.
func (w workspace) write(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(w.path(name)), 0o777); err != nil {
		return err
	}
	return os.WriteFile(w.path(name), data, 0o666)
}

// build builds a command of the module in dir and puts it into the workspace's bin.
func (w workspace) build(ctx context.Context, dir, pkg string) error {
	return command(ctx, dir, "go", "build", "-o", w.path("bin")+string(filepath.Separator), pkg)
}

// tool runs a built command in a directory of the workspace.
func (w workspace) tool(ctx context.Context, dir, name string, args ...string) error {
	return command(ctx, w.path(dir), w.path("bin/"+name), args...)
}

// command runs a command; what it printed is part of the error.
func command(ctx context.Context, dir, name string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), args, err, bytes.TrimSpace(out.Bytes()))
	}
	return nil
}
