package spec

import (
	"fmt"
	"slices"
)

// checkShared looks at what several entries say together: names that params have too, and locks that guard.
func (d *decoder) checkShared(f *File) {
	var locks []string
	for _, r := range f.Shared {
		if r.Kind == SharedLock || r.Kind == SharedRLock {
			locks = append(locks, r.Name.Value)
		}
	}
	for _, r := range f.Shared {
		if i := slices.IndexFunc(f.Params, func(p *Param) bool { return p.Name.Value == r.Name.Value }); i >= 0 {
			d.report(CodeResource, r.Name.Span, Diagnostic{
				Message: fmt.Sprintf("%q is a param and a shared resource", r.Name.Value),
				Label:   "a param, too",
				Notes:   []string{fmt.Sprintf("%s: the param is declared here", d.at(f.Params[i].Name.Span.Pos))},
				Help:    fmt.Sprintf("rename one of the two: $%s can mean only one", r.Name.Value),
			})
		}
		if r.Guard.IsSet() && !slices.Contains(locks, r.Guard.Value) {
			d.unknownLock(f, r.Guard, locks)
		}
	}
}

// unknownLock reports a guard that is no lock.
func (d *decoder) unknownLock(f *File, guard Scalar[string], locks []string) {
	name := guard.Value
	diag := Diagnostic{
		Message: fmt.Sprintf("unknown lock %q", name),
		Label:   "not declared",
		Help:    fmt.Sprintf("declare it: `shared: {%s: lock}`", name),
	}
	if i := slices.IndexFunc(f.Shared, func(r *Resource) bool { return r.Name.Value == name }); i >= 0 {
		if f.Shared[i].Kind == "" {
			return // reported
		}
		diag.Message = fmt.Sprintf("%q is a %s and guards nothing", name, f.Shared[i].Kind)
		diag.Label = "not a lock"
		diag.Notes = []string{fmt.Sprintf("%s: it is declared here", d.at(f.Shared[i].Name.Span.Pos))}
		diag.Help = "name a lock or rlock"
	}
	if meant, ok := Suggest(name, locks); ok {
		diag.Help = fmt.Sprintf("did you mean %q?", meant)
	}
	d.report(CodeUnknownLock, guard.Span, diag)
}
