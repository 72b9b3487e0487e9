package main

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// freshSpecs is G2: check has to look at 50 packages, and the go command alone takes its time for that.
func freshSpecs() shape {
	const packages = 50
	var w workspace
	return shape{
		id: "G2", title: fmt.Sprintf("check: %d fresh specs in %d packages", packages, packages), metrics: perRunMs, check: noItems,
		sides: []side{
			pipegen(func(ctx context.Context, _ int) error { return w.tool(ctx, ".", "pipegen", "check", "./...") }),
			{name: "go list -e -export -deps -json", target: target{atMost: 1.2}, variants: []variant{{"", func(ctx context.Context, _ int) error {
				return command(ctx, w.root, "go", "list", "-e", "-export", "-deps", "-json", "./...")
			}}}},
		},
		prepare: func(ctx context.Context) (cleanup func(), err error) {
			if w, err = newWorkspace(); err != nil {
				return nil, err
			}
			for i := range packages {
				err = errors.Join(err, os.CopyFS(w.path(fmt.Sprintf("p%02d", i)), os.DirFS("testdata/small")))
			}
			return w.remove, errors.Join(err,
				w.build(ctx, "..", "./cmd/pipegen"),
				w.tool(ctx, ".", "pipegen", "generate", "./..."))
		},
	}
}
