package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// manyStages is G3: the time to generate grows with the number of stages and no faster.
func manyStages() shape {
	const many = 1000
	var w workspace
	generate := func(stages int) func(ctx context.Context, _ int) error {
		return func(ctx context.Context, _ int) error {
			dir := fmt.Sprintf("s%d", stages)
			if err := w.write(dir+"/long_pipegen.go", nil); err != nil { // an unchanged file is not written
				return err
			}
			return w.tool(ctx, dir, "pipegen", "generate", ".")
		}
	}
	return shape{
		id: "G3", title: fmt.Sprintf("generate: a spec of %d stages", many), metrics: perRunMs, check: noItems,
		sides: []side{
			pipegen(generate(many)),
			{name: "pipegen, half as many stages", target: target{atMost: 2}, variants: []variant{{"", generate(many / 2)}}},
		},
		prepare: func(ctx context.Context) (cleanup func(), err error) {
			if w, err = newWorkspace(); err != nil {
				return nil, err
			}
			for _, n := range []int{many, many / 2} {
				err = errors.Join(err, w.write(fmt.Sprintf("s%d/long.pipegen.yaml", n), longSpec(n)), w.write(fmt.Sprintf("s%d/long.go", n), []byte(longGo)))
			}
			return w.remove, errors.Join(err, w.build(ctx, "..", "./cmd/pipegen"))
		},
	}
}

const longGo = `package long

func Numbers() []int   { return []int{1, 2, 3} }
func Next(n int) int   { return n + 1 }
func Print(n int)      {}
`

// longSpec is a chain of n stages.
func longSpec(n int) []byte {
	var b bytes.Buffer
	b.WriteString("version: 1\npipeline: long\nstages:\n  - source: Numbers\n")
	for range n - 2 {
		b.WriteString("  - map: Next\n")
	}
	b.WriteString("  - sink: Print\n")
	return b.Bytes()
}
