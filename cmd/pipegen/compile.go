package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// maxSpec is one byte more than the language allows: enough for the parser to refuse the file.
const maxSpec = 256<<10 + 1

// A compilation is everything that is known of a set of packages before anything is written.
type compilation struct {
	sources map[string][]byte // of specs, by the name that diagnostics give them
	files   []*spec.File      // those that are YAML at all
	prog    *gen.Program
	plans   []*gen.Plan
	diags   spec.Diagnostics
}

// compile reads, parses, loads and plans the specs of the targets.
// The error is one of the tool or the system; what is wrong with specs is in diags.
func (a *app) compile(ctx context.Context, targets []*target) (*compilation, error) {
	c := &compilation{sources: make(map[string][]byte)}
	for _, t := range targets {
		if err := c.parse(t); err != nil {
			return nil, err
		}
	}
	a.progress.say("loading the Go code of %s", count(len(targets), "package"))
	prog, diags, err := gen.Load(ctx, gen.LoadConfig{Tags: a.tags}, c.files)
	if err != nil {
		return nil, err
	}
	c.prog, c.diags = prog, append(c.diags, diags...)
	c.plans, diags = gen.PlanAll(prog, c.files)
	c.diags = append(c.diags, diags...)
	for _, p := range c.plans {
		c.diags = append(c.diags, p.Warnings...)
	}
	return c, nil
}

// parse reads the specs of one directory.
func (c *compilation) parse(t *target) error {
	root, err := openPackage(t.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, name := range t.specs {
		src, err := readSpec(root, path.Base(name))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		c.sources[name] = src
		file, diags := spec.Parse(name, src)
		c.diags = append(c.diags, diags...)
		if file != nil { // with errors too: what else is wrong is told in the same run
			c.files = append(c.files, file)
		}
	}
	return nil
}

// keepChosen drops what concerns specs that no PATH covers.
func (c *compilation) keepChosen(targets []*target) {
	chosen := make(map[string]bool)
	for _, t := range targets {
		for _, s := range t.specs {
			chosen[s] = t.chosen == nil || t.chosen[s]
		}
	}
	c.diags = slices.DeleteFunc(c.diags, func(d spec.Diagnostic) bool { return !chosen[d.File] })
	c.plans = slices.DeleteFunc(c.plans, func(p *gen.Plan) bool { return !chosen[p.File.Name] })
}

// openPackage confines file operations to a package directory, symbolic links included.
func openPackage(dir string) (*os.Root, error) { return os.OpenRoot(filepath.FromSlash(dir)) }

// readSpec reads a regular file, no more of it than the language allows.
func readSpec(root *os.Root, base string) ([]byte, error) {
	info, err := root.Stat(base)
	if err != nil {
		return nil, reason(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	f, err := root.Open(base)
	if err != nil {
		return nil, reason(err)
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxSpec))
}

// reason strips the operation and the path off an error whose path is printed already.
func reason(err error) error {
	var pathErr *os.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}
