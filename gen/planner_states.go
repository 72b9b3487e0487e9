package gen

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// planState finds what makes the stage's state. n.State stays nil where that is not known; the reason is
// reported.
func (p *planner) planState(n *node) {
	s := n.Spec.State
	if s.Param.IsSet() {
		// One that is not declared is reported with the text of the spec.
		if param := p.params[s.Param.Param]; param != nil && param.Type != nil {
			n.State = &State{Param: param, Type: param.Type}
		}
		return
	}
	b := p.bind(use{stage: n, role: stateRole, ref: s.New, args: s.Args})
	if b == nil {
		return
	}
	if problem := p.unnameable(b.out); problem != "" {
		p.report(spec.Diagnostic{
			Code:    codeUnnameable,
			Span:    s.New.Span,
			Message: fmt.Sprintf("generated code cannot name the state of %q, %s: %s", n.Name, p.typ(b.out), problem),
			Help:    "declare a function here that returns an exported type, or an interface",
		})
		return
	}
	n.State = &State{New: b.Call, Type: b.out, Pipeline: s.Scope.Value == "pipeline" || s.Scope.Value == "process" && n.Process == nil}
}

// stateFits reports a state that the stage's function does not take as its parameter param.
func (p *planner) stateFits(u use, f *function, param types.Type) bool {
	state, s := u.stage.State, u.stage.Spec.State
	if state == nil {
		return false // reported
	}
	if types.AssignableTo(state.Type, param) {
		return true
	}
	d := spec.Diagnostic{
		Code:    codeState,
		Span:    s.Span,
		Message: fmt.Sprintf("the state of %q is %s but %s takes %s", u.stage.Name, p.typ(state.Type), u.ref.Text, p.typ(param)),
		Label:   "is " + p.typ(state.Type),
		Notes:   []string{fmt.Sprintf("%s: %s is %s%s", p.at(u.ref.Span), u.ref.Text, p.typ(f.sig), inParens(where(f.pos)))},
	}
	if state.New != nil {
		d.Span, d.Where = s.New.Span, where(state.New.Pos)
	}
	if f.recv == nil {
		d.Notes = append(d.Notes, "parameters are, in order: context, state, item, others")
	}
	switch maker := p.makerOf(param); {
	case state.Param != nil:
		d.Help = fmt.Sprintf("declare the param with type: %q", paramTypeFor(p.typ(param)))
	case types.Identical(types.NewPointer(state.Type), param):
		d.Help = fmt.Sprintf("return a pointer from %s", s.New.Text)
	case maker != "":
		d.Help = fmt.Sprintf("%s returns %s: write new: %s", maker, p.typ(param), maker)
	}
	p.report(d)
	return false
}

// inParens writes a text behind another, "" as nothing.
func inParens(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// makerOf returns the name of a function of the package that makes a t, as its name says; or "".
func (p *planner) makerOf(t types.Type) string {
	scope := p.unit.pkg.types.Scope()
	for _, name := range scope.Names() {
		f, ok := scope.Lookup(name).(*types.Func)
		if !ok || !strings.HasPrefix(strings.ToLower(name), "new") || f.Signature().TypeParams().Len() > 0 {
			continue
		}
		if results := f.Signature().Results(); results.Len() > 0 && types.Identical(results.At(0).Type(), t) {
			return name
		}
	}
	return ""
}

// stateHelp says what to do about a function that has no room for an item, or a receiver for which there is
// none, where that has to do with a state.
func (p *planner) stateHelp(u use, f *function) string {
	switch {
	case u.stage.Spec.State != nil && u.role == role(u.stage.Verb):
		return "its first parameter gets the state; remove state, or add a parameter for the item"
	case u.role == role(spec.Source) && f.recv != nil:
		return "a state is the receiver: write state: {new: F} or state: $param"
	}
	return ""
}

// takesState says whether the function may fit its use if what it takes first is a state and its parameter i,
// which nothing binds, the item.
func (p *planner) takesState(u use, f *function, l layout, i int) bool {
	if u.role != role(u.stage.Verb) || u.stage.Spec.State != nil || len(l.items) != 1 || i != l.rest[0] {
		return false
	}
	item := u.items[0]
	return item == nil || types.AssignableTo(item, paramType(f.sig, i)) && !types.AssignableTo(item, paramType(f.sig, l.items[0]))
}
