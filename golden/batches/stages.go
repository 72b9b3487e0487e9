// Package batches has batch and unbatch: by size, by time, and with several workers.
package batches

import "github.com/pipegen/pipegen/golden/internal/probe"

func arrive(n int) error { return probe.At("arrive", n) }

func seal(batch []int) ([]int, error) { return batch, probe.At("seal", batch[0]) }

func leave(n int) error { return probe.At("leave", n) }
