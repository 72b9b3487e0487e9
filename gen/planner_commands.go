package gen

import (
	"fmt"
	"strconv"

	"github.com/pipegen/pipegen/spec"
)

// ofCommand says whether the use is that of a program in place of the stage's function.
func (u use) ofCommand() bool { return u.role == role(u.stage.Verb) && u.stage.Spec.Command != nil }

// fitsMode holds what a stage names against what it runs: a Go func type where that is a program, a function
// elsewhere. It reports what does not fit.
func (p *planner) fitsMode(u use, f *function) bool {
	d := spec.Diagnostic{
		Code:  codeContract,
		Span:  u.ref.Span,
		Where: where(f.pos),
	}
	command := "a program"
	if u.ofCommand() {
		d.Notes = []string{fmt.Sprintf("%s: the command is here", p.at(u.stage.Spec.Command.Span))}
		if args := u.stage.Spec.Command.Args; len(args) > 0 { // else reported with the text of the spec
			command = strconv.Quote(args[0])
		}
	}
	switch {
	case f.contract && !u.ofCommand():
		d.Code, d.Label = codeNotFunction, "not a function"
		d.Message = fmt.Sprintf("%s is a type, not a function", u.ref.Text)
		d.Help = fmt.Sprintf("a func type stands for a program: add `command: [program]` and `mode: processes`; or name a function that is a %s", u.ref.Text)
		if u.role != role(u.stage.Verb) {
			d.Help = fmt.Sprintf("name a function that is a %s", u.ref.Text)
		}
	case !u.ofCommand():
		return true
	case !f.contract:
		d.Label = "not a func type"
		d.Message = fmt.Sprintf("%s is a function, but %s runs in its place", u.ref.Text, command)
		d.Help = fmt.Sprintf("declare what the program takes and gives, and name that: type %s %s", contractName(u), p.typ(f.sig))
	case f.generic:
		d.Label = "is generic"
		d.Message = fmt.Sprintf("%s is a generic type: it does not say what %s takes and gives", u.ref.Text, command)
		d.Help = "declare a func type without type parameters"
	case u.pair:
		d.Label = "reads failed items"
		d.Message = fmt.Sprintf("%q reads failed items, each with its error, but %s gets the item alone", u.stage.Name, command)
		d.Help = "put a map between them, a function (T, error) that makes an item of the two"
	case f.sig.Params().Len() > 0 && isContext(f.sig.Params().At(0).Type()):
		d.Label = p.typ(f.sig)
		d.Message = fmt.Sprintf("%s takes a context, which cannot be handed to %s", u.ref.Text, command)
		d.Help = "leave it out: at a timeout and at the end of the run the program is stopped"
	case f.sig.Params().Len() != 1 || f.sig.Variadic():
		d.Label = p.typ(f.sig)
		d.Message = fmt.Sprintf("%s does not take one item, which is what %s gets", u.ref.Text, command)
		d.Help = "let the type take the item alone; what else the program needs can stand in the command"
	case u.stage.Verb == spec.FlatMap && f.sig.Results().Len() > 0 && yieldParams(f.sig.Results().At(0).Type()) != nil:
		d.Label = p.typ(f.sig)
		d.Message = fmt.Sprintf("%s returns an iterator, but %s answers with all results of an item at once", u.ref.Text, command)
		d.Help = "return a slice"
	default:
		return true
	}
	p.report(d)
	return false
}

// contractName proposes a name for the func type of a stage.
func contractName(u use) string {
	if u.stage.Spec.Name.IsSet() {
		return spec.GoName(u.stage.Name)
	}
	return u.ref.Name + "Func"
}
