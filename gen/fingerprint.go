package gen

import (
	"crypto/sha256"
	"fmt"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// CrossTypes returns the types of everything that crosses between the processes of the plan: items, results,
// the params that workers use, and what they ask shared resources for, each once.
func (p *Plan) CrossTypes() []types.Type {
	var seen typeutil.Map
	var list []types.Type
	add := func(t types.Type) {
		if t != nil && seen.Set(t, true) == nil {
			list = append(list, t)
		}
	}
	for _, s := range p.Stages {
		if s.Process == nil {
			continue
		}
		for _, t := range s.crossing() {
			add(t)
		}
	}
	for _, s := range p.Stages {
		for _, param := range s.workerParams() {
			add(param.Type)
		}
	}
	for _, r := range p.Shared {
		if r.InWorkers && !r.Mapped() {
			add(r.Key)
			add(r.Elem)
		}
	}
	return list
}

// WorkerParams returns the params that the stages of a worker process use there, in the order of the spec.
func (p *Plan) WorkerParams(stages []*Stage) []*Param {
	used := make(map[*Param]bool)
	for _, s := range stages {
		for _, param := range s.workerParams() {
			used[param] = true
		}
	}
	var list []*Param
	for _, param := range p.Params {
		if used[param] {
			list = append(list, param)
		}
	}
	return list
}

// workerParams returns the params that s uses where its function runs, which is in another process; none where
// it is in this one.
func (s *Stage) workerParams() []*Param {
	if s.Process == nil || s.Process.Command != nil {
		return nil
	}
	values := []Value{s.Timeout}
	call := func(c *Call) {
		if c != nil {
			for _, a := range c.Args {
				values = append(values, a.Value)
			}
		}
	}
	call(s.Call)
	if r := s.Reduce; r != nil {
		for _, c := range []*Call{r.Add, r.Init, r.Merge, r.Key} {
			call(c)
		}
	}
	if r := s.Retry; r != nil {
		values = append(values, r.MaxAttempts, r.Initial, r.Max, r.Multiplier, r.Jitter)
		call(r.When)
	}
	if s.State != nil {
		values = append(values, Value{Param: s.State.Param})
		call(s.State.New)
	}
	var params []*Param
	for _, v := range values {
		if v.Param != nil {
			params = append(params, v.Param)
		}
	}
	return params
}

// Fingerprint identifies what the two ends of a connection between processes must agree about: the structure of
// the types that cross, the layout of the memory that both map, and the errors that are known by number. It is the
// same on every machine.
func (p *Plan) Fingerprint() string {
	var b strings.Builder
	full := func(pkg *types.Package) string { return pkg.Path() }
	var seen typeutil.Map
	var describe func(t types.Type)
	describe = func(t types.Type) {
		if seen.Set(t, true) != nil {
			return
		}
		m := mannerOf(t)
		fmt.Fprintf(&b, "%s %d", types.TypeString(t, full), m)
		if _, isNamed := types.Unalias(t).(*types.Named); isNamed && m != asTime && m != asMarshaled {
			b.WriteString(" " + types.TypeString(t.Underlying(), full))
		}
		b.WriteString("\n")
		for _, part := range parts(t) {
			describe(part)
		}
	}
	for _, t := range p.CrossTypes() {
		describe(t)
	}
	for _, r := range p.Shared {
		if r.InWorkers {
			fmt.Fprintf(&b, "shared %s %s %d", r.Name, r.Kind, r.N)
			if r.Mapped() && r.Elem != nil {
				b.WriteString(" " + memoryLayout(r.Elem))
			}
			b.WriteString("\n")
		}
	}
	for _, v := range p.Known {
		fmt.Fprintf(&b, "%s.%s\n", v.Pkg().Path(), v.Name())
	}
	return shortHash(b.String())
}

// memoryLayout writes what a type that can live in shared memory is made of, to the bottom.
func memoryLayout(t types.Type) string {
	switch u := t.Underlying().(type) {
	case *types.Array:
		return fmt.Sprintf("[%d]%s", u.Len(), memoryLayout(u.Elem()))
	case *types.Struct:
		var fields []string
		for f := range u.Fields() {
			fields = append(fields, f.Name()+" "+memoryLayout(f.Type()))
		}
		return "struct{" + strings.Join(fields, "; ") + "}"
	default:
		return u.String()
	}
}

// SpecHash identifies the text of the spec.
func (p *Plan) SpecHash() string { return shortHash(string(p.File.Source)) }

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return fmt.Sprintf("%x", sum[:8])
}
