package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/pipegen/pipegen/gen"
)

// generate writes what changes and says which files these are.
func (a *app) generate(ctx context.Context, paths []string) error {
	targets, err := find(paths)
	if err != nil {
		return err
	}
	_, changes, err := a.changes(ctx, targets)
	if err != nil {
		return err
	}
	return a.apply(changes)
}

// apply makes changes and says so.
func (a *app) apply(changes []*change) error {
	for _, c := range changes {
		if err := c.apply(); err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "pipegen: %s %s\n", c.verb(), c.path())
	}
	return nil
}

// changes compiles the targets and compares what comes out with the disk. It reports diagnostics; with
// an error among them it returns an exitStatus.
func (a *app) changes(ctx context.Context, targets []*target) (*compilation, []*change, error) {
	c, err := a.compile(ctx, targets)
	if err != nil {
		return nil, nil, err
	}
	changes, err := a.settle(c, targets)
	return c, changes, err
}

// settle reports what is said of a compilation and returns what would change on the disk. Its error is the exit
// status where something is wrong with a spec.
func (a *app) settle(c *compilation, targets []*target) ([]*change, error) {
	var changes []*change
	if !c.diags.HasErrors() {
		if len(c.plans) != len(c.files) {
			return nil, errors.New("internal error: a spec without errors has no plan")
		}
		files, err := gen.Emit(c.plans)
		if err != nil {
			return nil, err
		}
		found, refusals, err := compare(targets, files)
		if err != nil {
			return nil, err
		}
		changes = found
		c.diags = append(c.diags, refusals...)
	}
	if err := a.report(c); err != nil {
		return nil, err
	}
	if c.diags.HasErrors() {
		return nil, exitStatus(exitError)
	}
	return changes, nil
}
