package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"

	"golang.org/x/mod/modfile"
)

const (
	modulePath  = "github.com/pipegen/pipegen"
	commandPath = modulePath + "/cmd/pipegen"
)

// printVersion prints which pipegen this is.
func (a *app) printVersion() error {
	line := fmt.Sprintf("pipegen %s, %s, %s/%s", selfVersion(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				line += ", commit " + s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				line += " with changes"
			}
		}
	}
	_, err := fmt.Fprintln(a.stdout, line)
	return err
}

// selfVersion is this pipegen's module version; "(devel)" for one that was built from a checkout.
func selfVersion() string {
	const devel = "(devel)"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return devel
	}
	// "go tool pipegen" builds the command inside the user's module: pipegen is then a dependency.
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path == modulePath && m.Replace == nil && m.Version != "" {
			return m.Version
		}
	}
	return devel
}

// skew says where the go.mod of a stale package pins another pipegen than this one.
func skew(changes []*change) []string {
	var roots, notes []string
	for _, c := range changes {
		root := moduleRoot(c.target.dir)
		if slices.Contains(roots, root) {
			continue
		}
		roots = append(roots, root)
		pinned := pinnedVersion(filepath.Join(root, "go.mod"))
		if self := selfVersion(); pinned != "" && pinned != self {
			notes = append(notes, fmt.Sprintf("this is pipegen %s, but the go.mod of %s pins %s: %q runs that one",
				self, asPattern(c.target.dir), pinned, "go tool pipegen"))
		}
	}
	return notes
}

// pinnedVersion returns the version of pipegen that a go.mod requires; "" if it requires none, replaces it or
// cannot be read.
func pinnedVersion(gomod string) string {
	content, err := os.ReadFile(gomod)
	if err != nil {
		return ""
	}
	f, err := modfile.Parse(gomod, content, nil)
	if err != nil {
		return ""
	}
	if slices.ContainsFunc(f.Replace, func(r *modfile.Replace) bool { return r.Old.Path == modulePath }) {
		return ""
	}
	i := slices.IndexFunc(f.Require, func(r *modfile.Require) bool { return r.Mod.Path == modulePath })
	if i < 0 {
		return ""
	}
	return f.Require[i].Mod.Version
}

// moduleRoot returns the directory of the go.mod that dir belongs to, or dir itself outside modules.
func moduleRoot(dir string) string {
	abs, err := filepath.Abs(filepath.FromSlash(dir))
	if err != nil {
		return dir
	}
	for at := abs; ; {
		if info, err := os.Stat(filepath.Join(at, "go.mod")); err == nil && info.Mode().IsRegular() {
			return at
		}
		parent := filepath.Dir(at)
		if parent == at {
			return abs
		}
		at = parent
	}
}
