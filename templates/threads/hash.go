package threads

import (
	"hash/maphash"
	"runtime/debug"
)

// hashBy returns the hash of what key returns, a user's function that a writer calls on behalf of stage. Where
// it panics or calls Goexit the run ends with that as the stage's error, and ok is false.
func hashBy[K comparable](r *run, stage string, key func() K) (hash uint64, ok bool) {
	defer r.guard(stage, &ok)
	return maphash.Comparable(r.seed, key()), true
}

// guard, deferred around a user's function of stage that has no item in hand, ends the run where the function did not
// return.
func (r *run) guard(stage string, returned *bool) {
	if why := recovered(recover(), *returned); why != nil {
		r.fail(r.newError(stage, -1, 1, nil, why, debug.Stack()))
		*returned = false
	}
}
