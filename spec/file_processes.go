package spec

import (
	"slices"
	"time"
)

// Processes is the value of the processes key: how worker processes are started and supervised. What a stage
// leaves unset the file says, and what that leaves unset has a default.
type Processes struct {
	Start           Scalar[string] // "spawn" (the default) or "forkserver"
	Spare           Scalar[int]
	Env             []EnvVar       // in the order of the file
	Stdout          Scalar[string] // "inherit" (the default) or "log"
	Restart         Restart
	OnCrash         OnCrash
	RecycleAfter    Scalar[int]   // items
	MemoryLimit     Scalar[int64] // bytes
	Heartbeat       Scalar[time.Duration]
	ShutdownTimeout Scalar[time.Duration]
	MaxItem         Scalar[int64] // bytes
	MaxDepth        Scalar[int]
	Span            Span
}

// EnvVar is one more variable in the environment of worker processes.
type EnvVar struct {
	Name  Scalar[string]
	Value Literal // its text is the value, whatever it looks like
}

// Restart bounds how often worker processes are replaced: MaxRestarts times within Within.
type Restart struct {
	MaxRestarts Scalar[int]
	Within      Scalar[time.Duration]
}

// OnCrash says what becomes of the item that was in hand when a worker process died.
type OnCrash struct {
	InFlight    Scalar[string] // "fail" (the default), "retry" or "dead_letter"
	MaxAttempts Scalar[int]    // the first included
}

// Command is the value of the command key: a program and its arguments.
type Command struct {
	Args []string // at least one, none with a NUL; none at all where they are in error
	Span Span
}

// processVerbs are the verbs that mode: processes at the top means.
var processVerbs = []Verb{Map, Filter, FilterMap, FlatMap, Tap}

// InProcesses says whether the function of s, a stage of f, runs in worker processes.
func (f *File) InProcesses(s *Stage) bool {
	if s.Mode.IsSet() {
		return s.Mode.Value == "processes"
	}
	return f.Mode.Value == "processes" && slices.Contains(processVerbs, s.Verb)
}
