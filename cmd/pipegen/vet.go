package main

import "context"

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
