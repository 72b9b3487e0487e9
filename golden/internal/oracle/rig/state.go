package rig

import (
	"errors"
	"runtime"
	"sync/atomic"
)

// State is what a stage's workers keep between calls. Its methods say whether it is one worker's.
type State struct {
	run    *Run
	shared bool
	uses   int // one worker's: the race detector watches over it
	all    atomic.Int64
	closed atomic.Bool
}

// Opening is the identity of what fails where a state cannot be made.
const Opening = 1

// Open makes a state of the stage for a worker, or, shared, for all of them.
func (t *Topology) Open(stage int, shared bool) (*State, error) {
	r := t.run.Load()
	if r.Job.BadOpen == stage {
		fault := &Fault{stage, Opening, r.Job.BadKind}
		switch fault.Kind {
		case Panic:
			panic(fault)
		case Goexit:
			runtime.Goexit()
		}
		return nil, fault
	}
	r.mu.Lock()
	r.report.Opened++
	r.mu.Unlock()
	return &State{run: r, shared: shared}, nil
}

// Use is what a function does with its state.
func (s *State) Use() {
	if s.closed.Load() {
		s.run.odd("a state is used after it was closed")
	}
	if s.shared {
		s.all.Add(1)
	} else {
		s.uses++
	}
}

// Close is called once the workers are done.
func (s *State) Close() error {
	if s.closed.Swap(true) {
		s.run.odd("a state is closed twice")
		return errors.New("closed twice")
	}
	s.run.mu.Lock()
	s.run.report.Closed++
	s.run.mu.Unlock()
	return nil
}
