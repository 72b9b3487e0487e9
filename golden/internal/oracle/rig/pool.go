package rig

import (
	"slices"
	"sync"
)

// Callers calls do for each item from several goroutines at a time, with the item's index.
func Callers[T any](r *Run, in []T, do func(index int, item T)) {
	const callers = 5
	var calling sync.WaitGroup
	for c := range callers {
		calling.Go(func() {
			for i, item := range in {
				if i%callers == c {
					do(i, item)
				}
			}
		})
	}
	calling.Wait()
}

// Inputs are the caller's items.
func Inputs[T any](r *Run, t *Topology) []T {
	return slices.Collect(Input[T](r, t))
}
