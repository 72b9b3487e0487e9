package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

const supportDir = "templates/threads"

// support tries mutants of the run-time support. All of them are put into the templates, from where they come into the
// generated files of the golden packages: one build holds them all.
func (c *campaign) support(ctx context.Context, mutants []mutant, race bool) error {
	t, err := newTree(ctx, c.root)
	if err != nil {
		return err
	}
	defer t.remove()
	numbers, err := c.insert(ctx, t, mutants, "threads", "mutant")
	if err != nil {
		return err
	}
	if err := t.generate(ctx); err != nil {
		return err
	}
	dirs, err := t.goldens()
	if err != nil {
		return err
	}
	held := make(map[string]map[int]bool)
	for _, dir := range append(dirs, supportDir) {
		if held[dir], err = t.held(dir); err != nil {
			return err
		}
		if len(held[dir]) == 0 {
			delete(held, dir)
		}
	}
	programs, err := t.programs(ctx, slices.Sorted(maps.Keys(held)), race, "")
	if err != nil {
		return err
	}
	programs = t.split(ctx, programs)
	for _, p := range programs {
		p.holds = held[p.dir]
	}
	// Most mutants are noticed soon. What is not, is named before all other tests take their time for it.
	const soon = 12
	tried := make(map[int]map[*program]bool)
	for _, most := range []int{soon, len(programs)} {
		var left []int
		for _, n := range numbers {
			if tried[n] == nil {
				tried[n] = make(map[*program]bool)
			}
			by, err := t.firstToNotice(ctx, mutants[n-1], n, programs, tried[n], most)
			switch {
			case err != nil:
				return fmt.Errorf("%s: %w", mutants[n-1], err)
			case by != "":
				c.add(outcome{mutant: mutants[n-1], verdict: caught, by: by})
			case most == len(programs):
				c.add(outcome{mutant: mutants[n-1]})
			default:
				fmt.Fprintf(os.Stderr, "not noticed so far: %s\n", mutants[n-1])
				left = append(left, n)
			}
		}
		numbers = left
	}
	return nil
}

// insert puts the mutants into the package that they belong to, each with its place in the list, counted from 1, as
// its number. It returns the numbers of those that compile; the others it reports.
func (c *campaign) insert(ctx context.Context, t *tree, mutants []mutant, pkg, selected string) ([]int, error) {
	dir := path.Dir(mutants[0].file)
	check, err := newChecker(ctx, t, "./"+dir)
	if err != nil {
		return nil, err
	}
	var numbers []int
	files := make(map[string]*goFile)
	variants := make(map[string][]variant)
	for i, m := range mutants {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if files[m.file] == nil {
			src, err := t.read(m.file)
			if err != nil {
				return nil, err
			}
			if files[m.file], err = parse(m.file, src); err != nil {
				return nil, err
			}
		}
		f := files[m.file]
		if check.check(t, dir, map[string][]byte{m.file: m.apply(f.src)}) != nil {
			c.add(outcome{mutant: m, verdict: broken})
			continue
		}
		numbers = append(numbers, i+1)
		variants[m.file] = append(variants[m.file], f.mutantVariant(i+1, m))
	}
	for name, f := range files {
		if err := t.write(name, f.merge(selected, variants[name])); err != nil {
			return nil, err
		}
	}
	return numbers, t.write(path.Join(dir, "mutant.go"), selector(pkg, selected, ""))
}

// held returns which mutants the files of the package in dir hold.
func (t *tree) held(dir string) (map[int]bool, error) {
	names, err := filepath.Glob(filepath.Join(t.path(dir), "*.go"))
	if err != nil {
		return nil, err
	}
	all := make(map[int]bool)
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		for _, match := range caseNumber.FindAllSubmatch(src, -1) {
			if n, err := strconv.Atoi(string(match[1])); err == nil {
				all[n] = true
			}
		}
	}
	return all, nil
}

var caseNumber = regexp.MustCompile(`\bcase (\d+): ` + variantMark)

// firstToNotice asks at most so many of the programs that hold a mutant and have not been tried, one after the other,
// until one notices it, and returns the directory of that one.
func (t *tree) firstToNotice(ctx context.Context, m mutant, number int, programs []*program, tried map[*program]bool, most int) (string, error) {
	byPromise(programs, m.file)
	for _, p := range programs {
		if most == 0 {
			break
		}
		if !p.holds[number] || tried[p] {
			continue
		}
		noticed, err := t.notices(ctx, p, number)
		if err != nil {
			return "", err
		}
		if p.count(m.file, noticed); noticed {
			return p.dir, nil
		}
		tried[p] = true
		most--
	}
	return "", nil
}
