package gen

import (
	"go/types"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// Resource is what the stages of a pipeline share.
type Resource struct {
	Index     int    // position in Plan.Shared
	Name      string // as in the spec
	Field     string // exported Go field name, of the generated struct …Shared
	Kind      spec.ResourceKind
	Key       types.Type // K of a map; else nil
	Elem      types.Type // of what value, array, map, list, queue and pipe hold; else nil
	N         int        // permits of a semaphore, parties of a barrier, length of an array, capacity of a queue
	Guard     *Resource  // the lock or rlock that is held by whoever changes it; nil for none
	OnCrash   OnCrash    // with Guard: what becomes of it when a worker process dies and holds the lock
	InWorkers bool       // a function that runs in worker processes takes it
	Users     []*Stage   // whose functions take it, in the order of Plan.Stages
	Type      types.Type // a type with the resource's methods, which no code can name: for checks
}

// OnCrash is what becomes of a resource when a worker process dies that holds its guard.
type OnCrash int

// The ways to go on with what the lock guards.
const (
	KeepOnCrash  OnCrash = iota // as the dead worker left it
	ResetOnCrash                // as New made it
	FailOnCrash                 // the run fails
)

// Mapped says whether the resource lives in memory that worker processes map, when they share it; the others
// live in this process, and workers call them.
func (r *Resource) Mapped() bool {
	switch r.Kind {
	case spec.SharedCounter, spec.SharedValue, spec.SharedArray, spec.SharedLock, spec.SharedRLock:
		return true
	}
	return false
}

// Takes returns the resources that the function of s, or its state's, takes where they run, each once.
func (s *Stage) Takes() []*Resource {
	var list []*Resource
	add := func(c *Call) {
		if c == nil {
			return
		}
		for _, a := range c.Args {
			if r := a.Value.Shared; r != nil && !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	add(s.Call)
	if s.State != nil {
		add(s.State.New)
	}
	return list
}
