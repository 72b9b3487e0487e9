package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

//go:embed _emitall/main.go
var emitall []byte

// emitters tries mutants of the emitters. What each of them makes of the golden packages is again put together: a
// package that several mutants change is compiled once, with a body for each in the functions that they change.
func (c *campaign) emitters(ctx context.Context, mutants []mutant) error {
	t, err := newTree(ctx, c.root)
	if err != nil {
		return err
	}
	defer t.remove()
	dirs, err := t.goldens()
	if err != nil {
		return err
	}
	programs, err := t.programs(ctx, dirs, false, "")
	if err != nil {
		return err
	}
	goldens, err := newGoldens(ctx, t, programs)
	if err != nil {
		return err
	}
	numbers, err := c.insert(ctx, t, mutants, "gen", "Mutant")
	if err != nil {
		return err
	}
	changes, err := t.emitAll(ctx, numbers)
	if err != nil {
		return err
	}
	var first []*emission // of each that generates the same
	like := make(map[string]*emission)
	for _, n := range numbers {
		e := changes[n]
		e.file = mutants[n-1].file
		switch {
		case e.failed:
			e.by = "generate"
		case like[e.hash] == nil:
			like[e.hash] = e
			first = append(first, e)
		}
	}
	// The more packages a mutant changes, the sooner it is noticed: few are enough for most.
	for width := 1; slices.ContainsFunc(first, (*emission).open); width *= 2 {
		if err := goldens.round(ctx, first, width); err != nil {
			return err
		}
		fmt.Fprintf(os.Stderr, "%d of %d different outputs are noticed\n", len(first)-count(first, func(e *emission) bool { return e.by == "" }), len(first))
	}
	own, err := t.programs(ctx, []string{"gen"}, false, "TestPlannedCompiles") // the one that looks at what is emitted
	if err != nil {
		return err
	}
	for _, n := range numbers {
		e, o := changes[n], outcome{mutant: mutants[n-1]}
		if !e.failed {
			e.by = like[e.hash].by
		}
		if e.by == "" {
			noticed, err := t.notices(ctx, own[0], n)
			if err != nil {
				return err
			}
			if noticed {
				e.by = own[0].dir
			}
		}
		switch {
		case e.by != "":
			o.verdict, o.by = caught, e.by
		case e.changes:
			o.verdict = textOnly
		}
		c.add(o)
	}
	return nil
}

func count[E any](all []E, is func(E) bool) int {
	n := 0
	for _, e := range all {
		if is(e) {
			n++
		}
	}
	return n
}

// emission is what a mutant makes of the golden packages.
type emission struct {
	number  int
	file    string              // of the mutant
	failed  bool                // it generates nothing
	changes bool                // something is generated otherwise
	dirs    map[string][]string // the files that it changes, by package; packages that have been tested are taken out
	hash    string              // of what it writes
	by      string              // who has noticed it
}

// open says whether there is something left to try.
func (e *emission) open() bool { return e.by == "" && len(e.left()) > 0 }

func (e *emission) left() []string { return slices.Sorted(maps.Keys(e.dirs)) }

// emitAll lets each mutant generate the golden packages.
func (t *tree) emitAll(ctx context.Context, numbers []int) (map[int]*emission, error) {
	if err := os.Mkdir(t.path("emitall"), 0o777); err != nil {
		return nil, err
	}
	if err := t.write("emitall/main.go", emitall); err != nil {
		return nil, err
	}
	program := filepath.Join(t.bin, "emitall.exe")
	if out, err := t.run(ctx, "go", "build", "-o", program, "./emitall"); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, out)
	}
	all := make(map[int]*emission)
	for len(numbers) > 0 {
		args := []string{t.path("emitted")}
		for _, n := range numbers {
			args = append(args, strconv.Itoa(n))
		}
		cmd := exec.CommandContext(ctx, program, args...)
		cmd.Dir = t.root
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		done := 0
		for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); done++ {
			what, how, _ := strings.Cut(lines.Text(), " ")
			n, e := numbers[done], &emission{number: numbers[done], failed: how != "emits"}
			if what != strconv.Itoa(n) {
				return nil, fmt.Errorf("emitall: %s, want something about %d", lines.Text(), n)
			}
			if err := t.find(e); err != nil {
				return nil, err
			}
			all[n] = e
		}
		if err != nil && done == 0 { // not even started, or killed by its first mutant
			if all[numbers[0]] = (&emission{number: numbers[0], failed: true}); len(all) == 1 {
				return nil, fmt.Errorf("emitall: %w\n%s", err, stderr.Bytes())
			}
			done = 1
		}
		numbers = numbers[done:]
	}
	return all, nil
}

// find looks for what e has written.
func (t *tree) find(e *emission) error {
	root := filepath.Join(t.path("emitted"), strconv.Itoa(e.number))
	hash := sha256.New()
	e.dirs = make(map[string][]string)
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		e.dirs[path.Dir(rel)] = append(e.dirs[path.Dir(rel)], rel)
		content, err := os.ReadFile(name)
		fmt.Fprintf(hash, "%s %d\n%s", rel, len(content), content)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	e.hash, e.changes = string(hash.Sum(nil)), len(e.dirs) > 0
	return err
}

// written returns the files of one package as e has them.
func (t *tree) written(e *emission, dir string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	for _, name := range e.dirs[dir] {
		content, err := os.ReadFile(filepath.Join(t.path("emitted"), strconv.Itoa(e.number), filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		files[name] = content
	}
	return files, nil
}
