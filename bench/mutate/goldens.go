package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// goldens tries what the emitters' mutants make of the golden packages.
type goldens struct {
	*tree
	check    *checker
	programs map[string]*program // without a mutant
	dirs     []string            // those whose tests can notice something
	files    map[string]*goFile  // generated ones, without a mutant
}

func newGoldens(ctx context.Context, t *tree, programs []*program) (*goldens, error) {
	g := &goldens{tree: t, programs: make(map[string]*program), files: make(map[string]*goFile)}
	for _, p := range programs {
		g.programs[p.dir] = p
		g.dirs = append(g.dirs, p.dir)
	}
	var err error
	g.check, err = newChecker(ctx, t, "./golden/...")
	return g, err
}

// round tries every open emission in so many of the packages that are left, the most promising ones.
func (g *goldens) round(ctx context.Context, all []*emission, width int) error {
	type trial struct {
		*emission
		separate bool // not in the common program
	}
	trials := make(map[string][]*trial)
	for _, e := range all {
		var programs []*program
		for _, dir := range e.left() {
			if p := g.programs[dir]; p != nil {
				programs = append(programs, p)
			} else {
				delete(e.dirs, dir)
			}
		}
		if e.by != "" {
			continue
		}
		byPromise(programs, e.file)
		for _, p := range programs[:min(width, len(programs))] {
			trials[p.dir] = append(trials[p.dir], &trial{emission: e})
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(trials)) {
		var variants []*trial
		together := make(map[string][]variant)
		for _, tr := range trials[dir] {
			if tr.by != "" {
				continue
			}
			files, err := g.written(tr.emission, dir)
			if err != nil {
				return err
			}
			if g.check.check(g.tree, dir, files) != nil {
				tr.by = dir
				continue
			}
			bodies, ok, err := g.variants(files)
			if err != nil {
				return err
			}
			if tr.separate = !ok; ok {
				for name, b := range bodies {
					together[name] = append(together[name], variant{tr.number, b})
				}
			}
			variants = append(variants, tr)
		}
		common := *g.programs[dir]
		if len(together) > 0 {
			var err error
			if common.binary, err = g.compile(ctx, dir, false, g.merged(dir, together)); err != nil {
				if ctx.Err() != nil {
					return context.Cause(ctx)
				}
				fmt.Fprintln(os.Stderr, "one by one:", err)
				for _, tr := range variants {
					tr.separate = true
				}
			}
		}
		for _, tr := range variants {
			p := common
			if tr.separate {
				files, err := g.written(tr.emission, dir)
				if err != nil {
					return err
				}
				if p.binary, err = g.compile(ctx, dir, false, files); err != nil {
					if ctx.Err() != nil {
						return context.Cause(ctx)
					}
					tr.by = dir // its tests do not compile
					continue
				}
			}
			noticed, err := g.notices(ctx, &p, tr.number)
			if err != nil {
				return err
			}
			if g.programs[dir].count(tr.file, noticed); noticed {
				tr.by = dir
			}
			if tr.separate {
				os.Remove(p.binary)
			}
		}
		if common.binary != g.programs[dir].binary {
			os.Remove(common.binary)
		}
		for _, tr := range trials[dir] {
			delete(tr.dirs, dir)
		}
	}
	return nil
}

// variants returns the functions' bodies that the changed files have otherwise, by file, if there is no other change.
func (g *goldens) variants(changed map[string][]byte) (map[string]map[string]string, bool, error) {
	bodies := make(map[string]map[string]string)
	for name, content := range changed {
		if g.files[name] == nil {
			src, err := g.read(name)
			if err != nil {
				return nil, false, nil // there is no such file without the mutant
			}
			if g.files[name], err = parse(name, src); err != nil {
				return nil, false, err
			}
		}
		f, err := parse(name, content)
		if err != nil {
			return nil, false, nil
		}
		support := strings.HasPrefix(path.Base(name), "pipegen_support")
		differ, ok := g.files[name].differences(f, support)
		if !ok {
			return nil, false, nil
		}
		bodies[name] = differ
	}
	return bodies, true, nil
}

// merged are the files of a package with all their variants.
func (g *goldens) merged(dir string, variants map[string][]variant) map[string][]byte {
	const selected = "pipegenMutant"
	files := make(map[string][]byte)
	for name, list := range variants {
		files[name] = g.files[name].merge(selected, list)
		files[path.Join(dir, "mutant.go")] = selector(g.files[name].Name.Name, selected, "pipegen")
	}
	return files
}
