package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"
)

var perRunMs = []metric{{unit: "ms", of: func(elapsed time.Duration, _ int) (float64, error) {
	return float64(elapsed.Microseconds()) / 1e3, nil
}}}

// generators is G1: one small package, one file to generate, the build cache warm. Every generator has a
// copy of the package to itself, and its output is removed before it runs.
func generators() shape {
	var w workspace
	tool := func(name, module, output string, atMost float64, args ...string) side {
		return side{name: name, module: module, target: target{atMost: atMost}, variants: []variant{{"", func(ctx context.Context, _ int) error {
			out := w.path(name + "/" + output)
			if err := os.Remove(out); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			if err := w.tool(ctx, name, name, args...); err != nil {
				return err
			}
			_, err := os.Stat(out)
			return err
		}}}}
	}
	s := shape{
		id: "G1", title: "generate: one spec of a small package, build cache warm", metrics: perRunMs, check: noItems,
		sides: []side{
			tool("pipegen", "", "small_pipegen.go", 0, "generate", "."),
			tool("stringer", "golang.org/x/tools", "color_string.go", 1, "-type", "Color"),
			tool("moq", "github.com/matryer/moq", "store_moq.go", 1, "-out", "store_moq.go", ".", "Store"),
			tool("wire", "github.com/google/wire", "wire_gen.go", 1, "gen", "."),
		},
	}
	s.prepare = func(ctx context.Context) (cleanup func(), err error) {
		if w, err = newWorkspace(); err != nil {
			return nil, err
		}
		for _, side := range s.sides {
			err = errors.Join(err, os.CopyFS(w.path(side.name), os.DirFS("testdata/small")))
		}
		return w.remove, errors.Join(err,
			w.build(ctx, "..", "./cmd/pipegen"),
			w.build(ctx, ".", "golang.org/x/tools/cmd/stringer"),
			w.build(ctx, ".", "github.com/matryer/moq"),
			w.build(ctx, ".", "github.com/google/wire/cmd/wire"))
	}
	return s
}

// noItems is the check of the shapes in which a command's exit status says all.
func noItems(int) error { return nil }
