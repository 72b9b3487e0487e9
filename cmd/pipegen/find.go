package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pipegen/pipegen/gen"
)

// A target is a package directory that a PATH selects.
type target struct {
	dir     string          // slash-separated, as the user gave it, cleaned
	specs   []string        // every spec of the directory: dir/name, sorted
	chosen  map[string]bool // the specs a PATH named one by one; nil: all
	outputs []string        // base names of files that are named like pipegen's output, sorted; without specs, of those that are
}

// A noSpecError says that a pattern selects nothing.
type noSpecError struct{ pattern string }

func (e *noSpecError) Error() string {
	where := e.pattern
	try := path.Join(strings.TrimSuffix(where, "/..."), "...")
	switch {
	case strings.HasSuffix(where, "..."):
		return fmt.Sprintf("no *%s under %s", gen.SpecSuffix, where)
	case !filepath.IsAbs(where) && !strings.HasPrefix(where, "../"):
		try = "./" + try
	}
	return fmt.Sprintf("no *%s under %s; try %s", gen.SpecSuffix, where, try)
}

// find resolves PATHs to package directories, sorted. Every pattern has to select something.
func find(patterns []string) ([]*target, error) {
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	found := map[string]*target{} // by absolute directory
	var errs []error
	for _, pattern := range patterns {
		targets, err := findOne(filepath.ToSlash(pattern))
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, t := range targets {
			abs, err := filepath.Abs(filepath.FromSlash(t.dir))
			if err != nil {
				return nil, err
			}
			known, ok := found[abs]
			switch {
			case !ok:
				found[abs] = t
			case known.chosen != nil && t.chosen != nil:
				// The two may spell the directory in two ways; the first is kept.
				for spec := range t.chosen {
					known.chosen[path.Join(known.dir, path.Base(spec))] = true
				}
			default:
				known.chosen = nil
			}
		}
	}
	var all []*target
	for _, t := range found {
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *target) int { return strings.Compare(a.dir, b.dir) })
	return all, errors.Join(errs...)
}

// findOne resolves one slash-separated pattern.
func findOne(pattern string) ([]*target, error) {
	if pattern == "..." || strings.HasSuffix(pattern, "/...") {
		return findTree(pattern)
	}
	name := path.Clean(pattern)
	info, err := os.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		switch base := path.Base(name); {
		case !strings.HasSuffix(base, gen.SpecSuffix):
			return nil, notSpec(pattern)
		case isHidden(base):
			return nil, fmt.Errorf("%s: the name of a spec begins with a letter or a digit", pattern)
		}
		t, err := readTarget(path.Dir(name))
		if err != nil {
			return nil, err
		}
		t.chosen = map[string]bool{name: true}
		return []*target{t}, nil
	}
	t, err := readTarget(name)
	if err != nil {
		return nil, err
	}
	if t.isEmpty() {
		if short, _ := filepath.Glob(filepath.Join(filepath.FromSlash(name), "*.pipegen.yml")); len(short) > 0 {
			return nil, notSpec(filepath.ToSlash(short[0]))
		}
		return nil, &noSpecError{pattern}
	}
	return []*target{t}, nil
}

// notSpec says that a file is named like no spec.
func notSpec(name string) error {
	return fmt.Errorf("%s is not a spec: a spec's name ends in %s", name, gen.SpecSuffix)
}

// findTree walks the directory before "/...".
func findTree(pattern string) ([]*target, error) {
	root := path.Clean(strings.TrimSuffix(strings.TrimSuffix(pattern, "..."), "/") + "/.")
	if strings.HasPrefix(pattern, "/...") {
		root = "/"
	} else if pattern == "..." {
		root = "."
	}
	var targets []*target
	err := filepath.WalkDir(filepath.FromSlash(root), func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return nil
		}
		slash := filepath.ToSlash(name)
		if slash != root && isSkipped(d.Name()) {
			return filepath.SkipDir
		}
		t, err := readTarget(slash)
		if err != nil {
			return err
		}
		if !t.isEmpty() {
			targets = append(targets, t)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(targets) == 0 {
		return nil, &noSpecError{pattern}
	}
	return targets, nil
}

// isSkipped says which directories "dir/..." does not enter, as the go command's "./..." does.
func isSkipped(base string) bool {
	return base == "vendor" || base == "testdata" || isHidden(base)
}

// isHidden says whether the go command looks away from a file or directory. What came of such a spec would be
// no Go file.
func isHidden(base string) bool { return strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") }

// checkName refuses names that could not stand in a generated file's header.
func checkName(name string) error {
	odd := func(r rune) bool { return !unicode.IsPrint(r) || r == '\\' || r == utf8.RuneError }
	if strings.ContainsFunc(path.Base(name), odd) {
		return fmt.Errorf("%q: the name of a spec has printable characters and no backslash", name)
	}
	return nil
}

// isEmpty says whether there is nothing to do in the directory.
func (t *target) isEmpty() bool { return len(t.specs) == 0 && len(t.outputs) == 0 }

// readTarget lists a directory's specs and what may be pipegen's output there.
func readTarget(dir string) (*target, error) {
	entries, err := os.ReadDir(filepath.FromSlash(dir))
	if err != nil {
		return nil, err
	}
	t := &target{dir: dir}
	for _, e := range entries {
		switch base := e.Name(); {
		case e.IsDir():
		case strings.HasSuffix(base, gen.SpecSuffix) && !isHidden(base):
			name := path.Join(dir, base)
			if err := checkName(name); err != nil {
				return nil, err
			}
			t.specs = append(t.specs, name)
		case gen.IsOutputName(base):
			t.outputs = append(t.outputs, base)
		}
	}
	if len(t.specs) == 0 && len(t.outputs) > 0 {
		// The directory concerns pipegen only if it made one of them.
		root, err := openPackage(dir)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		t.outputs = slices.DeleteFunc(t.outputs, func(base string) bool {
			content, err := readOutput(root, base)
			_, ok := gen.IsGenerated(content)
			return err != nil || !ok
		})
	}
	return t, nil
}
