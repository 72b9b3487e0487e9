package gen

import (
	"fmt"
	"go/ast"
	"go/token"
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
			Help:    fmt.Sprintf("args: {%s: …}, with a literal, a Go constant or $param", name(i)),
		}
		switch {
		case unnamed(i):
			d.Message = fmt.Sprintf("parameter %d of %s, a %s, has no name by which args could bind it", i+1, u.ref.Text, p.typ(paramType(sig, i)))
			d.Help = "name it in Go, or declare a function here that calls it"
		case isContext(paramType(sig, i)):
			d.Help = "a context comes first"
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

// param writes a parameter as it is declared: "depth int".
func (p *planner) param(sig *types.Signature, i int) string {
	v := sig.Params().At(i)
	if isVariadic(sig, i) {
		return v.Name() + " ..." + p.typ(paramType(sig, i))
	}
	return v.Name() + " " + p.typ(v.Type())
}

// instantiate returns the instance of a generic function that its type arguments and what is passed to it
// ask for, as Go infers it, and all its type arguments. Other functions it returns as they are.
func (p *planner) instantiate(u use, f *function, l layout, values map[int]*spec.Arg) (*types.Signature, []types.Type, bool) {
	generic := f.sig.TypeParams()
	if generic.Len() == 0 {
		if len(f.ref.TypeArgs) > 0 {
			p.report(spec.Diagnostic{
				Code:    codeInfer,
				Span:    f.ref.Span,
				Message: fmt.Sprintf("%s is not generic and takes no type arguments", f.ref.Name),
				Label:   p.typ(f.sig),
				Where:   where(f.pos),
			})
			return nil, nil, false
		}
		return f.sig, nil, true
	}
	d := spec.Diagnostic{
		Code:    codeInfer,
		Span:    f.ref.Span,
		Message: fmt.Sprintf("cannot tell which instance of %s is meant", f.ref.Text),
		Label:   p.typ(f.sig),
		Where:   where(f.pos),
		Help:    fmt.Sprintf("write the type arguments: %s%s", strings.TrimSuffix(f.ref.Text, typeArgsText(f.ref)), p.typeParams(generic)),
	}
	fail := func(err error) (*types.Signature, []types.Type, bool) {
		d.Notes = []string{err.Error()}
		if strings.Contains(err.Error(), "does not satisfy") {
			d.Message = fmt.Sprintf("%s has no instance for what it is given", f.ref.Text)
			d.Help = ""
		}
		p.report(d)
		return nil, nil, false
	}
	var typeArgs []types.Type
	for _, text := range f.ref.TypeArgs {
		t, err := p.scope.typ(text)
		if err != nil {
			d.Message = fmt.Sprintf("%s is no type argument for %s", text, f.ref.Name)
			d.Notes, d.Help = []string{err.Error()}, ""
			p.report(d)
			return nil, nil, false
		}
		typeArgs = append(typeArgs, t)
	}
	if len(typeArgs) < generic.Len() {
		call, known := p.sampleCall(u, f, l, values, p.scope.index(f.expr, typeArgs))
		if !known {
			return nil, nil, false // the stage above is in error, and that is reported
		}
		_, info, err := p.scope.eval(call)
		inferred, ok := info.Instances[f.ident]
		if !ok {
			return fail(err)
		}
		typeArgs = slices.Collect(inferred.TypeArgs.Types()) // whether what is passed fits them is checked later
	}
	_, info, err := p.scope.eval(p.scope.index(f.expr, typeArgs))
	if err != nil {
		return fail(err)
	}
	return info.Instances[f.ident].Type.(*types.Signature), typeArgs, true
}

// sampleCall returns an expression that has Go infer the type arguments of fun, which is f with those that the
// spec writes: a call with what f is given; or fun in the place of a function that returns what f has to.
func (p *planner) sampleCall(u use, f *function, l layout, values map[int]*spec.Arg, fun ast.Expr) (call *ast.CallExpr, known bool) {
	if u.gives != nil && f.sig.Results().Len() > 0 {
		results := slices.Collect(f.sig.Results().Variables())
		results[0] = types.NewParam(token.NoPos, nil, "", u.gives)
		like := types.NewSignatureType(nil, nil, nil, f.sig.Params(), types.NewTuple(results...), f.sig.Variadic())
		takes := types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewParam(token.NoPos, nil, "", like)), nil, false)
		return &ast.CallExpr{Fun: p.scope.variable(takes), Args: []ast.Expr{fun}}, true
	}
	call = &ast.CallExpr{Fun: fun}
	for i := range f.sig.Params().Len() {
		arg, known := p.sampleArg(u, f, l, values, i)
		if !known {
			return nil, false
		}
		if arg != nil {
			call.Args = append(call.Args, arg)
		}
	}
	return call, true
}

// sampleArg returns an expression of the type that parameter i is given, nil to omit it. It is not known
// where the type of an item is not.
func (p *planner) sampleArg(u use, f *function, l layout, values map[int]*spec.Arg, i int) (arg ast.Expr, known bool) {
	t := paramType(f.sig, i)
	k := slices.Index(l.items, i)
	switch {
	case k < 0 && values[i] == nil && isVariadic(f.sig, i):
		return nil, true
	case !hasTypeParam(t):
		return p.scope.variable(t), true // whether the value fits is checked later, with better words
	case i == l.state:
		if u.stage.State == nil {
			return nil, false
		}
		return p.scope.variable(u.stage.State.Type), true
	case k >= 0 && u.items[k] != nil:
		return p.scope.variable(u.items[k]), true
	case k >= 0 && !(u.role == addRole && k == 0) && !u.stage.caller && !u.stage.mixes(sideOf(u.role, k)):
		return nil, false
	case k >= 0, i == l.emit:
		return ast.NewIdent("nil"), true // Go says if the type parameters cannot be told from the others
	}
	lit := values[i].Value
	if r := p.resourceNamed(lit); r != nil {
		return p.scope.variable(r.Type), r.Type != nil
	}
	if param := p.params[lit.Param]; param != nil && param.Type != nil {
		return p.scope.variable(param.Type), true
	}
	if c := p.scope.constant(lit); c != nil {
		return p.scope.variable(types.Default(c.Type())), true
	}
	switch lit.Kind {
	case spec.IntLit:
		return &ast.BasicLit{Kind: token.INT, Value: lit.Text}, true
	case spec.FloatLit:
		return p.scope.variable(types.Typ[types.Float64]), true
	case spec.BoolLit:
		return ast.NewIdent("true"), true
	case spec.StringLit:
		return p.scope.variable(types.Typ[types.String]), true
	}
	return ast.NewIdent("nil"), true
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

// typeArgsText returns the part of a reference in brackets.
func typeArgsText(ref spec.Ref) string {
	if i := strings.IndexByte(ref.Text, '['); i >= 0 {
		return ref.Text[i:]
	}
	return ""
}

// typeParams writes a list of type parameters: "[K, V]".
func (p *planner) typeParams(list *types.TypeParamList) string {
	var names []string
	for t := range list.TypeParams() {
		names = append(names, t.Obj().Name())
	}
	return "[" + strings.Join(names, ", ") + "]"
}
