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
	var typeArgs []types.Type
	for _, text := range f.ref.TypeArgs {
		t, err := p.scope.typ(text)
		if err != nil {
			p.report(spec.Diagnostic{
				Code:    codeInfer,
				Span:    f.ref.Span,
				Message: fmt.Sprintf("%s is no type argument for %s", text, f.ref.Name),
				Label:   p.typ(f.sig),
				Where:   where(f.pos),
				Notes:   []string{err.Error()},
			})
			return nil, nil, false
		}
		typeArgs = append(typeArgs, t)
	}
	if len(typeArgs) < generic.Len() {
		sample, known := p.sampleCall(u, f, l, values)
		if !known {
			return nil, nil, false // the stage above is in error, and that is reported
		}
		_, info, err := p.scope.eval(sample(typeArgs))
		inferred, ok := info.Instances[f.ident]
		if !ok {
			p.inferError(u, f, err, p.exampleInstance(u, f, typeArgs, sample))
			return nil, nil, false
		}
		typeArgs = slices.Collect(inferred.TypeArgs.Types()) // whether what is passed fits them is checked later
	}
	_, info, err := p.scope.eval(p.scope.index(f.expr, typeArgs))
	if err != nil {
		p.inferError(u, f, err, "")
		return nil, nil, false
	}
	return info.Instances[f.ident].Type.(*types.Signature), typeArgs, true
}

// inferError says in the words of Go why there is no instance. The example is one that there would be, or "".
func (p *planner) inferError(u use, f *function, problem error, example string) {
	d := spec.Diagnostic{
		Code:    codeInfer,
		Span:    f.ref.Span,
		Message: fmt.Sprintf("cannot tell which instance of %s is meant", f.ref.Text),
		Label:   p.typ(f.sig),
		Where:   where(f.pos),
	}
	note := problem.Error()
	for _, arg := range u.args {
		if r := p.resourceNamed(arg.Value); r != nil && r.Type != nil { // whose type has no name
			t, text := p.typ(r.Type), p.resourceText(r)
			note = strings.NewReplacer(
				fmt.Sprintf("type %s of $%s", t, r.Name), fmt.Sprintf("$%s, %s,", r.Name, text),
				"type "+t, text,
				t, text,
			).Replace(note)
		}
	}
	d.Notes = []string{note}
	name := strings.TrimSuffix(f.ref.Text, typeArgsText(f.ref))
	switch {
	case strings.Contains(note, "does not satisfy"):
		d.Message = fmt.Sprintf("%s has no instance for what it is given", f.ref.Text)
	case example != "":
		d.Help = fmt.Sprintf("write the type arguments, such as %s%s", name, example)
	case !strings.Contains(note, "does not match"): // else no type argument helps
		d.Help = fmt.Sprintf("write the type arguments: %s%s", name, p.typeParams(f.sig.TypeParams()))
	}
	p.report(d)
}

// exampleInstance returns type arguments, "[string]", that f could have beside those given; or "".
func (p *planner) exampleInstance(u use, f *function, given []types.Type, sample func(typeArgs []types.Type) ast.Expr) string {
	candidates := []types.Type{types.Typ[types.String], types.Typ[types.Int]}
	for _, item := range u.items {
		if item == nil {
			continue
		}
		if t, err := p.scope.typ(p.typ(item)); err == nil && types.Identical(t, item) {
			candidates = append(candidates, item)
		}
	}
	typeArgs := slices.Clone(given)
	for len(typeArgs) < f.sig.TypeParams().Len() {
		typeArgs = append(typeArgs, nil)
		for _, t := range candidates {
			for i := len(given); i < len(typeArgs); i++ {
				typeArgs[i] = t
			}
			if _, _, err := p.scope.eval(sample(typeArgs)); err == nil {
				var names []string
				for _, t := range typeArgs {
					names = append(names, p.typ(t))
				}
				return "[" + strings.Join(names, ", ") + "]"
			}
		}
	}
	return ""
}

// sampleCall returns how to make, of the type arguments that are given, an expression that has Go infer the others:
// a call of f with what it is given; or f in the place of a function that returns what f has to.
func (p *planner) sampleCall(u use, f *function, l layout, values map[int]*spec.Arg) (sample func(typeArgs []types.Type) ast.Expr, known bool) {
	if u.gives != nil && f.sig.Results().Len() > 0 {
		results := slices.Collect(f.sig.Results().Variables())
		results[0] = types.NewParam(token.NoPos, nil, "", u.gives)
		like := types.NewSignatureType(nil, nil, nil, f.sig.Params(), types.NewTuple(results...), f.sig.Variadic())
		takes := types.NewSignatureType(nil, nil, nil, types.NewTuple(types.NewParam(token.NoPos, nil, "", like)), nil, false)
		return func(typeArgs []types.Type) ast.Expr {
			return &ast.CallExpr{Fun: p.scope.variable(string(u.role), takes), Args: []ast.Expr{p.scope.index(f.expr, typeArgs)}}
		}, true
	}
	var args []ast.Expr
	for i := range f.sig.Params().Len() {
		arg, known := p.sampleArg(u, f, l, values, i)
		if !known {
			return nil, false
		}
		if arg != nil {
			args = append(args, arg)
		}
	}
	return func(typeArgs []types.Type) ast.Expr {
		return &ast.CallExpr{Fun: p.scope.index(f.expr, typeArgs), Args: args}
	}, true
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
		return p.scope.variable("the item", t), true // whether the value fits is checked later, with better words
	case i == l.state:
		if u.stage.State == nil {
			return nil, false
		}
		return p.scope.variable("the state", u.stage.State.Type), true
	case k >= 0 && u.items[k] != nil:
		return p.scope.variable("the item", u.items[k]), true
	case k >= 0 && !(u.role == addRole && k == 0) && !u.stage.caller && !u.stage.mixes(sideOf(u.role, k)):
		return nil, false
	case k >= 0, i == l.emit:
		return ast.NewIdent("nil"), true // Go says if the type parameters cannot be told from the others
	}
	name, lit := "the argument "+values[i].Name.Value, values[i].Value
	if r := p.resourceNamed(lit); r != nil {
		return p.scope.variable("$"+r.Name, r.Type), r.Type != nil
	}
	if param := p.params[lit.Param]; param != nil && param.Type != nil {
		return p.scope.variable("$"+param.Name, param.Type), true
	}
	if c := p.scope.constant(lit); c != nil {
		return p.scope.variable(name, types.Default(c.Type())), true
	}
	switch lit.Kind {
	case spec.IntLit:
		return &ast.BasicLit{Kind: token.INT, Value: lit.Text}, true
	case spec.FloatLit:
		return p.scope.variable(name, types.Typ[types.Float64]), true
	case spec.BoolLit:
		return ast.NewIdent("true"), true
	case spec.StringLit:
		return p.scope.variable(name, types.Typ[types.String]), true
	}
	return ast.NewIdent("nil"), true
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
