package gen

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/pipegen/pipegen/spec"
)

// What the spec leaves out of processes.
var (
	defaultMaxRestarts     = Value{Lit: int64(3)}
	defaultWithin          = Value{Lit: 5 * time.Second}
	defaultCrashAttempts   = Value{Lit: int64(2)}
	defaultHeartbeat       = Value{Lit: 10 * time.Second}
	defaultShutdownTimeout = Value{Lit: 10 * time.Second}
	defaultMaxItem         = Value{Lit: int64(64 << 20)}
	defaultMaxDepth        = Value{Lit: int64(1)}
)

// planProcess finds out how the worker processes of a stage are started and supervised: as the stage says, else
// as the top says, else by default.
func (p *planner) planProcess(n *node) {
	s := n.Spec
	if !p.file.InProcesses(s) {
		return
	}
	own, top := &spec.Processes{}, &spec.Processes{}
	if s.Process != nil {
		own = s.Process
	}
	if p.file.Process != nil {
		top = p.file.Process
	}
	r := &Process{
		ForkServer:      pick(own.Start, top.Start).Value == "forkserver",
		Env:             p.environment(own.Env, top.Env),
		LogStdout:       pick(own.Stdout, top.Stdout).Value == "log",
		MaxRestarts:     otherwise(p.number(pick(own.Restart.MaxRestarts, top.Restart.MaxRestarts)), defaultMaxRestarts),
		Within:          otherwise(p.duration(pick(own.Restart.Within, top.Restart.Within)), defaultWithin),
		InFlight:        inFlights[pick(own.OnCrash.InFlight, top.OnCrash.InFlight).Value],
		MaxAttempts:     otherwise(p.number(pick(own.OnCrash.MaxAttempts, top.OnCrash.MaxAttempts)), defaultCrashAttempts),
		RecycleAfter:    p.number(pick(own.RecycleAfter, top.RecycleAfter)),
		MemoryLimit:     p.size(pick(own.MemoryLimit, top.MemoryLimit)),
		Heartbeat:       otherwise(p.duration(pick(own.Heartbeat, top.Heartbeat)), defaultHeartbeat),
		ShutdownTimeout: otherwise(p.duration(pick(own.ShutdownTimeout, top.ShutdownTimeout)), defaultShutdownTimeout),
		MaxItem:         otherwise(p.size(pick(own.MaxItem, top.MaxItem)), defaultMaxItem),
		MaxDepth:        otherwise(p.number(pick(own.MaxDepth, top.MaxDepth)), defaultMaxDepth),
		JSON:            s.Codec.Value == "json",
	}
	r.Spare = Value{Lit: int64(0)}
	if r.ForkServer {
		r.Spare = Value{Lit: int64(1)}
	}
	r.Spare = otherwise(p.number(pick(own.Spare, top.Spare)), r.Spare)
	if s.Verb == spec.Source { // one call, with no item in hand
		r.InFlight, r.MaxAttempts, r.RecycleAfter = FailInFlight, defaultCrashAttempts, Value{}
	}
	if s.Command != nil { // it speaks JSON on its standard output and gives no other sign of life
		r.Command, r.JSON, r.LogStdout, r.Heartbeat = s.Command.Args, true, false, Value{}
	}
	n.Process = r
}

// inFlights are what becomes of items in hand by their words.
var inFlights = map[string]InFlight{"retry": RetryInFlight, "dead_letter": DeadLetterInFlight}

// pick returns what the stage says, or where it says nothing, what the top says.
func pick[T any](own, top spec.Scalar[T]) spec.Scalar[T] {
	if own.IsSet() {
		return own
	}
	return top
}

// environment returns the variables of the top in the order of the spec, with the stage's values where it has
// any, and below them its own.
func (p *planner) environment(own, top []spec.EnvVar) []EnvVar {
	var vars []EnvVar
	for _, v := range slices.Concat(top, own) {
		value := Value{Lit: v.Value.Text}
		if v.Value.Param != "" {
			value = p.keyParam(v.Value.Param, StringParam)
		}
		at := slices.IndexFunc(vars, func(o EnvVar) bool { return o.Name == v.Name.Value })
		if at < 0 {
			vars = append(vars, EnvVar{Name: v.Name.Value, Value: value})
		} else {
			vars[at].Value = value
		}
	}
	return vars
}

// size resolves a key that takes a size or $param; an absent one has no value.
func (p *planner) size(s spec.Scalar[int64]) Value {
	switch {
	case s.Param != "":
		return p.keyParam(s.Param, SizeParam)
	case s.IsSet():
		return Value{Lit: s.Value}
	}
	return Value{}
}

// commanded says whether a program stands in place of the stage's function.
func (s *Stage) commanded() bool { return s.Process != nil && s.Process.Command != nil }

// letters says whether items of s may go to the dead letter function.
func (s *Stage) letters() bool {
	return s.OnError == DeadLetter || s.Process != nil && s.Process.InFlight == DeadLetterInFlight
}

// processObstacle says why n cannot run in the process of the stage above, or returns "".
func processObstacle(n, above *Stage) string {
	switch {
	case n.commanded():
		return "it is a program of its own"
	case above.commanded():
		return fmt.Sprintf("%s above is a program of its own", above.Name)
	case n.Process == nil && above.Process != nil:
		return fmt.Sprintf("%s above runs in worker processes", above.Name)
	case n.Process != nil && above.Process == nil:
		return fmt.Sprintf("it runs in worker processes and %s above does not", above.Name)
	case n.Process != nil:
		if key := difference(n.Process, above.Process); key != "" {
			return fmt.Sprintf("its processes have another %s than those of %s above", key, above.Name)
		}
	}
	return ""
}

// difference returns the first key by which two settings differ, or "".
func difference(a, b *Process) string {
	for _, key := range []struct {
		name string
		a, b any
	}{
		{"start", a.ForkServer, b.ForkServer},
		{"spare", a.Spare, b.Spare},
		{"env", a.Env, b.Env},
		{"stdout", a.LogStdout, b.LogStdout},
		{"restart", [2]Value{a.MaxRestarts, a.Within}, [2]Value{b.MaxRestarts, b.Within}},
		{"in_flight", a.InFlight, b.InFlight},
		{"max_attempts", a.MaxAttempts, b.MaxAttempts},
		{"recycle_after", a.RecycleAfter, b.RecycleAfter},
		{"memory_limit", a.MemoryLimit, b.MemoryLimit},
		{"heartbeat", a.Heartbeat, b.Heartbeat},
		{"shutdown_timeout", a.ShutdownTimeout, b.ShutdownTimeout},
		{"max_item", a.MaxItem, b.MaxItem},
		{"max_depth", a.MaxDepth, b.MaxDepth},
		{"codec", a.JSON, b.JSON},
		{"command", a.Command, b.Command},
	} {
		if !reflect.DeepEqual(key.a, key.b) {
			return key.name
		}
	}
	return ""
}
