package gen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/modfile"
)

// goEnv is what the go command would build with in a directory.
type goEnv struct {
	build.Context
	sizes types.Sizes
	std   map[string]bool // answers of isStd
}

// readGoEnv asks the go command, which knows more than the environment: its own settings file, the
// toolchain that go.mod selects, whether there is a C compiler.
func readGoEnv(ctx context.Context, dir, tags string) (*goEnv, error) {
	cmd := exec.CommandContext(ctx, "go", "env", "-json", "GOOS", "GOARCH", "GOROOT", "GOVERSION", "GOFLAGS", "CGO_ENABLED")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if msg := strings.TrimSpace(stderr.String()); msg != "" {
			err = errors.New(msg)
		}
		return nil, fmt.Errorf("go env: %w", err)
	}
	var vars map[string]string
	if err := json.Unmarshal(out, &vars); err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	env := &goEnv{Context: build.Default, std: make(map[string]bool)}
	env.GOOS, env.GOARCH, env.GOROOT = vars["GOOS"], vars["GOARCH"], vars["GOROOT"]
	env.CgoEnabled = vars["CGO_ENABLED"] == "1"
	env.sizes = types.SizesFor("gc", env.GOARCH)
	if tags == "" {
		tags = tagsOf(vars["GOFLAGS"])
	}
	env.BuildTags = strings.FieldsFunc(tags, func(r rune) bool { return r == ',' || r == ' ' })
	if minor := goMinor(vars["GOVERSION"]); minor > 0 {
		env.ReleaseTags = nil
		for i := 1; i <= minor; i++ {
			env.ReleaseTags = append(env.ReleaseTags, "go1."+strconv.Itoa(i))
		}
	}
	return env, nil
}

// tagsOf returns the value of -tags in GOFLAGS.
func tagsOf(goflags string) string {
	tags := ""
	for _, flag := range strings.Fields(goflags) {
		flag = strings.Trim(flag, `'"`)
		if value, ok := strings.CutPrefix(strings.TrimPrefix(flag, "-"), "-tags="); ok {
			tags = value
		} else if value, ok := strings.CutPrefix(flag, "-tags="); ok {
			tags = value
		}
	}
	return tags
}

// goMinor returns 26 for go1.26.1, and for a development version before it; 0 where it cannot tell.
func goMinor(version string) int {
	_, rest, _ := strings.Cut(version, "go1.")
	digits := rest
	if i := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits = rest[:i]
	}
	minor, _ := strconv.Atoi(digits)
	return minor
}

// isStd says whether a one-word path is a package of the standard library.
func (e *goEnv) isStd(word string) bool {
	if ok, known := e.std[word]; known {
		return ok
	}
	ok := false
	if word != "internal" && word != "cmd" && word != "vendor" && word != "builtin" {
		matches, _ := filepath.Glob(filepath.Join(e.GOROOT, "src", word, "*.go"))
		ok = len(matches) > 0
	}
	e.std[word] = ok
	return ok
}

// leastGo is the version of the language that generated code is written in: it ranges over functions.
const leastGo = "1.23"

// readModFile returns the path that a go.mod declares, and the version of the language.
func readModFile(file string) (path, version string, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	mod, err := modfile.ParseLax(file, content, nil)
	if err != nil {
		return "", "", err
	}
	if mod.Module == nil {
		return "", "", fmt.Errorf("%s: no module directive", file)
	}
	version = "1.16" // as the go command has it
	if mod.Go != nil {
		version = mod.Go.Version
	}
	return mod.Module.Mod.Path, version, nil
}
