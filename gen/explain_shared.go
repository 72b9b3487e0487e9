package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// shared says what stages share, where it lives, who takes it, and what becomes of it when a worker process dies.
func (e *explainer) shared() {
	if len(e.plan.Shared) == 0 {
		return
	}
	e.section("Shared resources: field of " + e.plan.Name + "Shared")
	var rows [][]string
	for _, r := range e.plan.Shared {
		rows = append(rows, []string{r.Field, e.resource(r), e.home(r), "taken by " + strings.Join(e.takers(r), ", ")})
	}
	e.table(rows)
	for _, r := range e.plan.Shared {
		if (r.Kind == spec.SharedLock || r.Kind == spec.SharedRLock) && r.InWorkers {
			e.printf("  Crash: the lock %s of a worker process that dies is freed%s.\n", r.Name, e.guarded(r))
		}
	}
}

// resource says what a resource is.
func (e *explainer) resource(r *Resource) string {
	switch r.Kind {
	case spec.SharedValue:
		return fmt.Sprintf("one %s", e.typ(r.Elem))
	case spec.SharedArray:
		return fmt.Sprintf("array of %d %s", r.N, e.typ(r.Elem))
	case spec.SharedSemaphore:
		return fmt.Sprintf("semaphore of %d", r.N)
	case spec.SharedBarrier:
		return fmt.Sprintf("barrier for %d", r.N)
	case spec.SharedMap:
		return fmt.Sprintf("map of %s by %s", e.typ(r.Elem), e.typ(r.Key))
	case spec.SharedQueue:
		return fmt.Sprintf("queue of up to %d %s", r.N, e.typ(r.Elem))
	case spec.SharedList, spec.SharedPipe:
		return fmt.Sprintf("%s of %s", r.Kind, e.typ(r.Elem))
	}
	return string(r.Kind)
}

// home says where a resource lives.
func (e *explainer) home(r *Resource) string {
	switch {
	case !r.InWorkers:
		return "in this process"
	case r.Mapped():
		return "in memory that worker processes map"
	}
	return "in this process, called by worker processes"
}

// takers names the stages, and the dead letter function, that take a resource.
func (e *explainer) takers(r *Resource) []string {
	var names []string
	dead := false
	for _, s := range r.Users {
		if slices.Contains(s.Takes(), r) {
			names = append(names, s.Name)
		}
		dead = dead || s.Dead != nil && slices.ContainsFunc(s.Dead.Args, func(a Arg) bool { return a.Value.Shared == r })
	}
	if dead {
		names = append(names, "the dead letter function")
	}
	return names
}

// guarded says what happens to that which a lock guards.
func (e *explainer) guarded(lock *Resource) string {
	var text string
	for _, r := range e.plan.Shared {
		if r.Guard == lock {
			text += fmt.Sprintf("; %s %s", r.Name, []string{KeepOnCrash: "stays as it is", ResetOnCrash: "is made as new", FailOnCrash: "makes the run fail"}[r.OnCrash])
		}
	}
	return text
}

// growing names the shared resources without a bound.
func (p *Plan) growing() []string {
	var names []string
	for _, r := range p.Shared {
		if r.Kind == spec.SharedMap || r.Kind == spec.SharedList {
			names = append(names, fmt.Sprintf("the shared %s %s", r.Kind, r.Name))
		}
	}
	return names
}
