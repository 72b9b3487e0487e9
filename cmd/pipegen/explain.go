package main

import (
	"context"
	"fmt"

	"github.com/pipegen/pipegen/gen"
)

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
