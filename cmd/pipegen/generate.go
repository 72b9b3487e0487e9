package main

import (
	"context"
	"fmt"

	"github.com/pipegen/pipegen/gen"
)

// generate writes what changes and says which files these are.
func (a *app) generate(ctx context.Context, paths []string) error {
	targets, err := find(paths)
	if err != nil {
		return err
	}
	_, err = a.write(ctx, targets)
	return err
}

// write brings the generated files of the targets up to date, or none of them where a spec has an error.
func (a *app) write(ctx context.Context, targets []*target) (*compilation, error) {
	c, changes, err := a.changes(ctx, targets)
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		if err := change.apply(); err != nil {
			return nil, err
		}
		fmt.Fprintf(a.stderr, "pipegen: %s %s\n", change.verb(), change.path())
	}
	return c, nil
}

// changes compiles the targets and compares what comes out with the disk. It reports diagnostics; with
// an error among them it returns an exitStatus.
func (a *app) changes(ctx context.Context, targets []*target) (*compilation, []*change, error) {
	c, err := a.compile(ctx, targets)
	if err != nil {
		return nil, nil, err
	}
	var changes []*change
	if !c.diags.HasErrors() {
		files, err := gen.Emit(c.plans)
		if err != nil {
			return nil, nil, err
		}
		found, refusals, err := compare(targets, files)
		if err != nil {
			return nil, nil, err
		}
		changes = found
		c.diags = append(c.diags, refusals...)
	}
	if err := a.report(c); err != nil {
		return nil, nil, err
	}
	if c.diags.HasErrors() {
		return nil, nil, exitStatus(exitError)
	}
	return c, changes, nil
}

// vet reports what is wrong with specs and writes nothing.
func (a *app) vet(ctx context.Context, paths []string) error {
	targets, err := find(paths)
	if err != nil {
		return err
	}
	c, _, err := a.changes(ctx, targets)
	if err != nil {
		return err
	}
	if a.werror && len(c.diags) > 0 {
		return exitStatus(exitStale)
	}
	return nil
}

// explain prints the plans of specs in words.
func (a *app) explain(ctx context.Context, paths []string) error {
	if len(paths) == 0 {
		return usageError("explain needs a spec: pipegen explain SPEC")
	}
	targets, err := find(paths)
	if err != nil {
		return err
	}
	c, err := a.compile(ctx, targets)
	if err != nil {
		return err
	}
	// A sibling was read because names may clash; what is wrong with itself is no concern here.
	c.keepChosen(targets)
	if err := a.report(c); err != nil {
		return err
	}
	if c.diags.HasErrors() {
		return exitStatus(exitError)
	}
	for i, p := range c.plans {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprint(a.stdout, gen.Explain(p))
	}
	return nil
}
