package gen

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// A use is one place where a stage calls a function.
type use struct {
	stage *node
	role  role
	ref   spec.Ref
	items []types.Type // what is passed for the items; nil where it is not known
	args  []spec.Arg
	pair  bool       // a failed item and its error are passed, as two items
	gives types.Type // what it has to return, where that alone tells which instance is meant; else nil
}

// takes says in Go what functions the use takes, apart from context and error.
func (u use) takes() string {
	if u.pair {
		return strings.NewReplacer("(In", "(T, error", "func(T", "func(T, error").Replace(takes[u.role])
	}
	return takes[u.role]
}

// A bound function is a call together with the types that it takes and gives.
type bound struct {
	*Call
	in  []types.Type // parameter types of the items
	out types.Type   // nil for none
	res types.Type   // the first result as declared, for messages; nil for none
}

// bind resolves u's function and fits it to its use: which parameter is what, which instance of a generic
// function it is, what it gives. It reports problems and then returns nil. Whether the items fit the
// parameters is for the caller to check, who knows where they come from.
func (p *planner) bind(u use) *bound {
	if u.ref.Name == "" {
		return nil // the spec has none; that is reported
	}
	stated := u.role == role(u.stage.Verb) && u.stage.Spec.State != nil
	if u.ofCommand() {
		stated, u.args = false, nil // which it does not take; that is reported
	}
	if stated {
		p.planState(u.stage)
	}
	f := p.resolve(u.ref)
	if f == nil || !p.fitsMode(u, f) {
		return nil
	}
	l, err := layOut(u, f.sig, f.recv != nil, stated)
	if err != nil {
		p.shapeError(u, f, err, p.stateHelp(u, f))
		return nil
	}
	if _, help, err := outcomeOf(u.role, f.sig, l); err != nil {
		p.shapeError(u, f, err, help)
		return nil
	}
	values, ok := p.match(u, f, l)
	if !ok {
		return nil
	}
	sig, typeArgs, ok := p.instantiate(u, f, l, values)
	if !ok {
		return nil
	}
	for _, t := range typeArgs {
		if p.isResource(t) {
			p.report(spec.Diagnostic{
				Code:    codeInfer,
				Span:    u.ref.Span,
				Message: fmt.Sprintf("a type argument of %s would be the type of a shared resource, which has no name", u.ref.Text),
				Label:   p.typ(f.sig),
				Where:   where(f.pos),
				Help:    "let the parameter be an interface in place of a type parameter",
			})
			return nil
		}
		if problem := p.unnameable(t); problem != "" {
			p.report(spec.Diagnostic{
				Code:    codeUnnameable,
				Span:    u.ref.Span,
				Message: fmt.Sprintf("generated code cannot name the type argument %s of %s: %s", p.typ(t), u.ref.Text, problem),
				Help:    "declare a function that is not generic and calls it",
			})
			return nil
		}
	}
	o, help, err := outcomeOf(u.role, sig, l)
	if err != nil { // a type argument may have become error or bool
		p.shapeError(u, f, err, help)
		return nil
	}
	b := &bound{out: o.out, Call: &Call{
		Object:   f.obj,
		Recv:     f.recv,
		TypeArgs: typeArgs,
		Sig:      sig,
		Shape:    o.shape,
		Ctx:      l.ctx >= 0,
		Err:      o.err || u.ofCommand(), // a program can always fail
		EmitAt:   -1,
		Pos:      f.pos,
	}}
	if sig.Results().Len() > 0 {
		b.res = sig.Results().At(0).Type()
	}
	for _, i := range l.items {
		b.in = append(b.in, paramType(sig, i))
	}
	if stated && !p.stateFits(u, f, paramType(sig, l.state)) {
		return nil
	}
	for k, i := range l.rest {
		if i == l.emit {
			b.EmitAt = k
			continue
		}
		arg := values[i]
		if arg == nil {
			continue // an omitted variadic
		}
		t := paramType(sig, i)
		what := fmt.Sprintf("parameter %s of %s", p.param(sig, i), u.ref.Text)
		var v Value
		var fits bool
		if r := p.resourceNamed(arg.Value); r != nil {
			v, fits = p.resourceValue(r, arg.Value, t, what, where(f.pos))
		} else {
			v, fits = p.argValue(arg.Value, t, what)
		}
		ok = ok && fits
		b.Args = append(b.Args, Arg{Name: arg.Name.Value, Type: t, Value: v})
	}
	if !ok {
		return nil
	}
	return b
}

// shapeError says that a function does not fit its use.
func (p *planner) shapeError(u use, f *function, problem error, help string) {
	if u.role == role(spec.Sink) && f.obj.Pkg() != nil && f.obj.Pkg().Path() == "fmt" && strings.HasPrefix(f.obj.Name(), "Print") {
		item := "any"
		if u.items[0] != nil {
			item = p.typ(u.items[0])
		}
		help = fmt.Sprintf("declare func Print(item %s) { %s(item) } and write sink: Print", item, u.ref.Text)
	}
	if u.pair && help == "" && u.items[0] != nil {
		help = fmt.Sprintf("take the error after the item: func(item %s, err error)", p.typ(u.items[0]))
	}
	note := fmt.Sprintf("%s takes %s; ctx context.Context may come first, an error last", u.role, u.takes())
	switch {
	case u.ofCommand():
		note = fmt.Sprintf("%s takes %s; an error may be the last result", u.role, u.takes())
	case u.role.isPure():
		note = fmt.Sprintf("%s takes %s, without context and error", u.role, u.takes())
	}
	p.report(spec.Diagnostic{
		Code:    codeShape,
		Span:    u.ref.Span,
		Message: fmt.Sprintf("%s does not fit %s: %s", u.ref.Text, u.role, problem),
		Label:   p.typ(f.sig),
		Where:   where(f.pos),
		Notes:   []string{note},
		Help:    help,
	})
}

// match finds the argument of each parameter, by index, and reports those left over on either side.
func (p *planner) match(u use, f *function, l layout) (map[int]*spec.Arg, bool) {
	sig := f.sig
	name := func(i int) string { return sig.Params().At(i).Name() }
	unnamed := func(i int) bool { return name(i) == "" || name(i) == "_" }
	var bindable []string
	for _, i := range l.rest {
		if i != l.emit && !unnamed(i) {
			bindable = append(bindable, name(i))
		}
	}
	ok := true
	values := make(map[int]*spec.Arg)
	for k := range u.args {
		arg := &u.args[k]
		at := -1
		for i := range sig.Params().Len() {
			if name(i) == arg.Name.Value && !unnamed(i) {
				at = i
			}
		}
		d := spec.Diagnostic{Span: arg.Name.Span, Where: where(f.pos)}
		switch {
		case at < 0:
			d.Code = codeUnknownArg
			d.Message = fmt.Sprintf("%s has no parameter %s", u.ref.Text, arg.Name.Value)
			d.Label = p.typ(sig)
			d.Help = suggestion(arg.Name.Value, bindable)
			if d.Help == "" && len(bindable) > 0 {
				d.Help = "args can bind " + strings.Join(bindable, ", ")
			}
		case at == l.ctx:
			d.Code = codeBoundTwice
			d.Message = fmt.Sprintf("%s is the context, which the pipeline passes", arg.Name.Value)
		case slices.Contains(l.items, at):
			d.Code = codeBoundTwice
			d.Message = fmt.Sprintf("%s is the item, which the pipeline passes", arg.Name.Value)
			d.Help = "parameters are, in order: context, item, others; args binds the others"
		case at == l.state:
			d.Code = codeBoundTwice
			d.Message = fmt.Sprintf("%s is the state, which the pipeline passes", arg.Name.Value)
		case at == l.emit:
			d.Code = codeBoundTwice
			d.Message = fmt.Sprintf("%s takes the results; the pipeline passes it", arg.Name.Value)
		case values[at] != nil:
			d.Code = codeBoundTwice
			d.Message = fmt.Sprintf("%s is bound twice", arg.Name.Value)
		default:
			values[at] = arg
			continue
		}
		p.report(d)
		ok = false
	}
	for _, i := range l.rest {
		if i == l.emit || values[i] != nil || isVariadic(sig, i) {
			continue
		}
		d := spec.Diagnostic{
			Code:    codeUnbound,
			Span:    u.ref.Span,
			Message: fmt.Sprintf("nothing binds the parameter %s of %s", p.param(sig, i), u.ref.Text),
			Label:   p.typ(sig),
			Where:   where(f.pos),
			Help:    fmt.Sprintf("args: {%s: …}, with %s", name(i), argsFor(paramType(sig, i))),
		}
		switch {
		case unnamed(i):
			d.Message = fmt.Sprintf("parameter %d of %s, a %s, has no name by which args could bind it", i+1, u.ref.Text, p.typ(paramType(sig, i)))
			d.Help = "name it in Go, or declare a function here that calls it"
		case isContext(paramType(sig, i)):
			d.Help = "a context comes first"
		case u.role.items() == 1 && len(l.items) == 1 && i == l.items[0]+1 && isError(paramType(sig, i)):
			d.Notes = []string{"only a stage that reads a port of failed items is passed their errors: from: stage.failed"}
			d.Help = "let the stage that reads the port make one value of an item and its error, or let this one read the port"
		case u.role == deadRole:
			d.Help = fmt.Sprintf("write dead_letter: {func: %s, args: {%s: …}}", u.ref.Text, name(i))
		case u.role == whenRole || u.role == limitRole:
			d.Help = "it takes no other parameters: declare a function that calls it"
		case p.takesState(u, f, l, i):
			d.Help += fmt.Sprintf("; or state: {new: F}, if %s is what it works with", p.typ(paramType(sig, l.items[0])))
		case u.role == addRole || u.role == initRole || u.role == mergeRole:
			d.Help = "functions of a reduce take no other parameters: declare one that calls it"
		case u.role == keyRole || u.role == joinKeyRole || u.role.isPure():
			d.Help = "the function of a key takes no other parameters: declare one that calls it"
		case u.role == role(spec.Source) && len(u.args) == 0 && len(l.rest) == 1:
			d.Help += "; a function of an item is no source but a map"
		}
		p.report(d)
		ok = false
	}
	return values, ok
}

// argsFor says what can be bound to a parameter of type t.
func argsFor(t types.Type) string {
	i, ok := t.Underlying().(*types.Interface)
	switch {
	case !ok:
		return "a literal, a Go constant or $param"
	case i.NumMethods() > 0:
		return "$param or $shared"
	}
	return "a literal, a Go constant, $param or $shared"
}

// param writes a parameter as it is declared: "depth int".
func (p *planner) param(sig *types.Signature, i int) string {
	v := sig.Params().At(i)
	if isVariadic(sig, i) {
		return v.Name() + " ..." + p.typ(paramType(sig, i))
	}
	return v.Name() + " " + p.typ(v.Type())
}

// sideOf returns the side on which item k of a call arrives.
func sideOf(r role, k int) Side {
	switch {
	case r != role(spec.ZipV) && r != role(spec.JoinV):
		return NoSide
	case k == 0:
		return Left
	}
	return Right
}
