package gen

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// planShared resolves the shared resources. One whose type is not known has no Type; the reason is reported.
func (p *planner) planShared() {
	p.resources = make(map[string]*Resource)
	for _, sr := range p.file.Shared {
		if sr.Kind == "" || p.resources[sr.Name.Value] != nil {
			continue // reported with the text of the spec
		}
		r := &Resource{
			Index:   len(p.plan.Shared),
			Name:    sr.Name.Value,
			Field:   spec.GoName(sr.Name.Value),
			Kind:    sr.Kind,
			N:       max(sr.N.Value, sr.Len.Value, sr.Capacity.Value),
			OnCrash: onCrashes[sr.OnCrash.Value],
		}
		p.resources[r.Name] = r
		p.plan.Shared = append(p.plan.Shared, r)
		p.planResourceTypes(sr, r)
	}
	for _, sr := range p.file.Shared {
		if lock := p.resources[sr.Guard.Value]; lock != nil && p.resources[sr.Name.Value] != nil {
			p.resources[sr.Name.Value].Guard = lock
		}
	}
	p.checkSharedFields()
}

// onCrashes are what becomes of guarded resources by their words.
var onCrashes = map[string]OnCrash{"reset": ResetOnCrash, "fail": FailOnCrash}

// planResourceTypes finds what the resource holds, and its methods.
func (p *planner) planResourceTypes(sr *spec.Resource, r *Resource) {
	owner := fmt.Sprintf("%s %s", r.Kind, r.Name)
	if r.Kind == spec.SharedMap {
		if r.Key = p.goType(sr.Key, owner); r.Key == nil {
			p.goType(sr.Elem, owner)
			return
		}
		if !types.Comparable(r.Key) {
			p.report(spec.Diagnostic{
				Code:    codeKey,
				Span:    sr.Key.Span,
				Message: fmt.Sprintf("the keys of the map %s are %s, which are not comparable", r.Name, p.typ(r.Key)),
				Label:   "not comparable",
				Help:    "write a type that == compares: text, a number, a struct of these",
			})
			return
		}
	}
	if r.Kind.Holds() {
		if r.Elem = p.goType(sr.Elem, owner); r.Elem == nil || !p.fitsMemory(sr, r) {
			return
		}
	}
	t, err := p.resourceType(r.Kind, r.Key, r.Elem)
	if err != nil {
		p.report(spec.Diagnostic{
			Code:    codeParamType,
			Span:    sr.Name.Span,
			Message: fmt.Sprintf("the %s has no type: %s", owner, err),
		})
		return
	}
	r.Type = t
}

// fitsMemory reports values and arrays that cannot live in memory which processes map. They are the same in either
// mode, so that a spec can change from one to the other.
func (p *planner) fitsMemory(sr *spec.Resource, r *Resource) bool {
	if r.Kind != spec.SharedValue && r.Kind != spec.SharedArray {
		return true
	}
	d := spec.Diagnostic{
		Code:  codeMemory,
		Span:  sr.Elem.Span,
		Label: "must be of fixed size, without pointers",
		Help:  "hold it in a map or list, which live in one process and are called from the others; or share numbers, bools, and arrays and structs of them",
	}
	size := p.unit.pkg.env.sizes.Sizeof(r.Elem)
	switch found := memoryRefusals(p.plan.Package, r.Elem); {
	case len(found) > 0:
		d.Message = fmt.Sprintf("the %s %s cannot live in shared memory: %s", r.Kind, r.Name, found[0])
		d.Notes = moreRefusals(found)
	case size == 0:
		d.Message = fmt.Sprintf("the %s %s has nothing to share: a %s has no size", r.Kind, r.Name, p.typ(r.Elem))
		d.Label, d.Help = "takes no memory", "an event says that something has happened, a counter how often"
	case size > mostShared/int64(max(r.N, 1)):
		d.Code = spec.CodeRange
		d.Message = fmt.Sprintf("the %s %s would take more than 1 TiB", r.Kind, r.Name)
		d.Label, d.Help = fmt.Sprintf("%d bytes each", size), "share less: a list of what is in use, or a file"
	default:
		return true
	}
	p.report(d)
	return false
}

// mostShared is how many bytes one resource may have: more is a mistake.
const mostShared = 1 << 40

// checkSharedFields reports resources whose fields collide, with each other or with the method of their struct.
func (p *planner) checkSharedFields() {
	byField := make(map[string]*Resource)
	for _, sr := range p.file.Shared {
		r := p.resources[sr.Name.Value]
		if r == nil {
			continue
		}
		d := spec.Diagnostic{Code: codeField, Span: sr.Name.Span, Help: "choose another name"}
		switch other := byField[r.Field]; {
		case r.Field == "Close":
			d.Message = fmt.Sprintf("the shared resource %s would be the field Close, and the struct of shared resources has a method of that name", r.Name)
			d.Label = "taken"
		case other != nil && other != r:
			d.Message = fmt.Sprintf("the shared resources %s and %s would both be the field %s", other.Name, r.Name, r.Field)
		default:
			byField[r.Field] = r
			continue
		}
		p.report(d)
	}
}

// resourceNamed returns the shared resource that an argument names, or nil.
func (p *planner) resourceNamed(lit spec.Literal) *Resource {
	if p.params[lit.Param] != nil {
		return nil // a param, too: reported with the text of the spec
	}
	return p.resources[lit.Param]
}

// resourceValue is argValue of a shared resource. The function that takes it is declared at declared.
func (p *planner) resourceValue(r *Resource, lit spec.Literal, t types.Type, what, declared string) (Value, bool) {
	if r.Type == nil {
		return Value{}, false // reported
	}
	if types.AssignableTo(r.Type, t) {
		return Value{Shared: r}, true
	}
	d := spec.Diagnostic{
		Code:  codeResource,
		Span:  lit.Span,
		Label: "is " + article(string(r.Kind)),
		Where: declared,
	}
	if types.IsInterface(t) {
		misfits := p.misfits(r, t)
		d.Message = fmt.Sprintf("$%s does not fit the %s: %s", r.Name, what, misfits[0])
		d.Notes = misfits[1:]
		d.Help = fmt.Sprintf("let %s ask only for methods that %s has, as it has them", p.typ(t), article(string(r.Kind)))
	} else {
		d.Message = fmt.Sprintf("$%s does not fit the %s, which is no interface", r.Name, what)
		d.Help = fmt.Sprintf("let it be an interface with what the function calls, so that it runs unchanged in both modes: %s", p.interfaceFor(r))
	}
	d.Notes = append(d.Notes, p.hasMethods(r))
	p.report(d)
	return Value{}, false
}

// misfits says for each method of an interface that the resource does not have, or has otherwise, what is wrong.
func (p *planner) misfits(r *Resource, t types.Type) []string {
	var list []string
	for _, want := range methods(t) {
		switch has := lookUpMethod(r.Type, want.Name()); {
		case has == nil:
			list = append(list, fmt.Sprintf("%s has no method %s", article(string(r.Kind)), p.method(want)))
		case !types.Identical(has.Type(), want.Type()):
			list = append(list, fmt.Sprintf("%s has %s, not %s", article(string(r.Kind)), p.method(has), p.method(want)))
		}
	}
	return list
}

// resourceText says what a resource is: "a map from string to int".
func (p *planner) resourceText(r *Resource) string {
	text := article(string(r.Kind))
	if r.Key != nil {
		return fmt.Sprintf("%s from %s to %s", text, p.typ(r.Key), p.typ(r.Elem))
	}
	if r.Elem != nil {
		text += " of " + p.typ(r.Elem)
	}
	return text
}

// hasMethods lists the methods of a resource, for a note.
func (p *planner) hasMethods(r *Resource) string {
	return fmt.Sprintf("%s has %s", article(string(r.Kind)), andList(p.methodsOf(r)))
}

// methodsOf writes the methods of a resource with its types, in the order of the manual.
func (p *planner) methodsOf(r *Resource) []string {
	var list []string
	for _, text := range r.Kind.Methods() {
		name, _, _ := strings.Cut(text, "(")
		list = append(list, p.method(lookUpMethod(r.Type, name)))
	}
	return list
}

// interfaceFor writes an interface that the resource satisfies.
func (p *planner) interfaceFor(r *Resource) string {
	if r.Kind == spec.SharedLock || r.Kind == spec.SharedRLock {
		return "sync.Locker"
	}
	return fmt.Sprintf("interface{ %s }", p.methodsOf(r)[0])
}

// placeShared finds out which stages take which resources, and what follows from where these run. The stages are
// planned.
func (p *planner) placeShared(order []*node) {
	for _, n := range order {
		for _, r := range n.taken() {
			r.Users = append(r.Users, n.Stage)
		}
		for _, r := range n.Takes() {
			r.InWorkers = r.InWorkers || n.Process != nil
		}
	}
	for _, sr := range p.file.Shared {
		r := p.resources[sr.Name.Value]
		if r == nil || r.Type == nil {
			continue
		}
		if r.Kind == spec.SharedPipe {
			p.checkPipe(r)
		}
		if r.InWorkers {
			p.checkResourceCrossing(sr, r)
		}
		if sr.OnCrash.IsSet() {
			p.checkOnCrash(sr, r)
		}
	}
}

// checkOnCrash warns of a crash that cannot leave the resource half changed: where no worker process takes the lock
// nobody dies who holds it, and who does not take the resource does not change it.
func (p *planner) checkOnCrash(sr *spec.Resource, r *Resource) {
	if r.Guard == nil || r.InWorkers && r.Guard.InWorkers || len(r.Users) == 0 || len(r.Guard.Users) == 0 {
		return // the last two: reported
	}
	r.OnCrash = KeepOnCrash
	what := "it"
	if r.InWorkers {
		what = "its guard " + r.Guard.Name
	}
	p.warn(spec.Diagnostic{
		Code:    spec.CodeNoProcesses,
		Span:    sr.OnCrash.Span,
		Message: fmt.Sprintf("on_crash of %s has no effect: no stage in worker processes takes %s", r.Name, what),
		Label:   "no effect",
		Help:    "write mode: processes where it is meant, or remove it",
	})
}

// taken returns the resources that s takes, its dead letter function among what takes them.
func (s *Stage) taken() []*Resource {
	list := s.Takes()
	if s.Dead != nil {
		for _, a := range s.Dead.Args {
			if r := a.Value.Shared; r != nil && !slices.Contains(list, r) {
				list = append(list, r)
			}
		}
	}
	return list
}

// A taker is a place of the spec where a function takes a resource.
type taker struct {
	stage *node // nil: the dead letter function
	at    spec.Span
}

// takers returns the places where functions take the resource: those of the stages, in the order of the file, then
// the dead letter function.
func (p *planner) takers(r *Resource) []taker {
	var list []taker
	add := func(n *node, args []spec.Arg) {
		for _, a := range args {
			if a.Value.Param == r.Name {
				list = append(list, taker{n, a.Value.Span})
			}
		}
	}
	for _, n := range p.nodes {
		add(n, n.Spec.Args)
		if st := n.Spec.State; st != nil {
			add(n, st.Args)
		}
	}
	if dead := p.file.Dead; dead != nil {
		add(nil, dead.Args)
	}
	return list
}

// checkPipe reports a pipe whose other end is not one worker's.
func (p *planner) checkPipe(r *Resource) {
	takers := p.takers(r)
	for i, t := range takers {
		d := spec.Diagnostic{
			Code: codePipe,
			Span: t.at,
			Help: "give each stage a pipe of its own, or share a queue, which any number of them take",
		}
		switch {
		case t.stage == nil:
			d.Message = fmt.Sprintf("the dead letter function cannot take the pipe %s: it is called for the items of several workers", r.Name)
			d.Label = "no worker of its own"
		case t.stage != takers[0].stage:
			d.Message = fmt.Sprintf("two stages take the pipe %s, %q and %q", r.Name, takers[0].stage.Name, t.stage.Name)
			d.Label = "has one end for stages"
			d.Notes = []string{fmt.Sprintf("%s: %q takes it here", p.at(takers[0].at), takers[0].stage.Name)}
		case (i == 0 || takers[i-1].stage != t.stage) && !p.workers(t.stage).isOne():
			d.Message = fmt.Sprintf("%q takes the pipe %s and has workers: %s", t.stage.Name, r.Name, p.workers(t.stage).text())
			d.Label = "has one end for stages"
			d.Help = "leave it one worker, or share a queue, which any number of them take"
		default:
			continue
		}
		p.report(d)
	}
}

// checkResourceCrossing reports what a resource holds and workers in other processes cannot be handed.
func (p *planner) checkResourceCrossing(sr *spec.Resource, r *Resource) {
	if r.Mapped() {
		return
	}
	users := slices.DeleteFunc(slices.Clone(r.Users), func(s *Stage) bool { return s.Process == nil })
	refuse := func(what string, at spec.Span, found []refusal, problem, help string) bool {
		if len(found) == 0 {
			return false
		}
		p.report(spec.Diagnostic{
			Code:    codeCrossing,
			Span:    at,
			Message: fmt.Sprintf("%s of the %s %s %s: %s", what, r.Kind, r.Name, problem, found[0]),
			Label:   "goes to worker processes",
			Notes:   append(moreRefusals(found), fmt.Sprintf("%s: %q runs in worker processes and takes it", p.at(nameSpan(users[0].Spec)), users[0].Name)),
			Help:    help,
		})
		return true
	}
	if r.Key != nil {
		found := refusals(p.plan.Package, r.Key)
		if !refuse("the keys", sr.Key.Span, found, "cannot cross between processes", "write a key that is text, a number, or a struct of these") {
			refuse("the keys", sr.Key.Span, keyRefusals(p.plan.Package, r.Key), "would not be found again by another process", "write a key that is text, a number, or a struct of these")
		}
	}
	if r.Elem != nil {
		found := refusals(p.plan.Package, r.Elem)
		help := "share plain data, and open what it names in the worker: `state: {new: F}`"
		if len(found) > 0 && found[0].owner != "" {
			help = fmt.Sprintf("leave it out, or give %s the methods MarshalBinary and UnmarshalBinary", found[0].owner)
		}
		refuse("the values", sr.Elem.Span, found, "cannot cross between processes", help)
	}
}

// checkUnusedShared reports resources that nothing mentions.
func (p *planner) checkUnusedShared() {
	for _, sr := range p.file.Shared {
		r := p.resources[sr.Name.Value]
		if r == nil || p.file.Mentions[r.Name] {
			continue
		}
		p.report(spec.Diagnostic{
			Code:    codeUnused,
			Span:    sr.Name.Span,
			Message: fmt.Sprintf("no stage takes the shared resource %s", r.Name),
			Label:   "not used",
			Help:    fmt.Sprintf("write args: {…: $%s} in a stage, or remove it", r.Name),
		})
	}
}
