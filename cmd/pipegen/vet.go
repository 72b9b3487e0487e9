package main

import (
	"context"

	"github.com/pipegen/pipegen/gen"
)

// vet reports what is wrong with specs and writes nothing.
func (a *app) vet(ctx context.Context, paths []string) error {
	targets, err := find(paths)
	if err != nil {
		return err
	}
	c, err := a.compile(ctx, targets)
	if err != nil {
		return err
	}
	c.diags = append(c.diags, gen.Vet(c.prog, c.plans)...)
	if _, err := a.settle(c, targets); err != nil {
		return err
	}
	if a.werror && len(c.diags) > 0 {
		return exitStatus(exitStale)
	}
	return nil
}
