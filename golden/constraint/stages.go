//go:build !pipegen_without

// Package constraint has a pipeline under a build constraint, and a doc of several lines.
package constraint

import "github.com/pipegen/pipegen/golden/internal/probe"

func double(n int) (int, error) { return 2 * n, probe.At("double", n) }
