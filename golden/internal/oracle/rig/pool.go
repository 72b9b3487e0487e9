package rig

import (
	"iter"
	"slices"
	"sync"
)

// Callers calls do for each item from several goroutines at a time, with the item's index.
func Callers[T any](in []T, do func(index int, item T)) {
	const callers = 5
	var calling sync.WaitGroup
	for c := range callers {
		calling.Go(func() {
			for i := c; i < len(in); i += callers {
				do(i, in[i])
			}
		})
	}
	calling.Wait()
}

// Collect is slices.Collect.
func Collect[T any](seq iter.Seq[T]) []T { return slices.Collect(seq) }
