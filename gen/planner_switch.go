package gen

import (
	"fmt"
	"go/constant"
	"go/types"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// planSwitch resolves the cases of a switch whose function returns key.
func (p *planner) planSwitch(n *node, key types.Type) {
	s := n.Spec.Switch
	if s == nil {
		n.failed = true // reported with the text of the spec
		return
	}
	basic, ok := key.Underlying().(*types.Basic)
	if !ok || basic.Info()&(types.IsString|types.IsBoolean|types.IsInteger) == 0 {
		n.failed = true
		p.report(spec.Diagnostic{
			Code:    codeSwitchKey,
			Span:    n.Spec.Func.Span,
			Message: fmt.Sprintf("%s returns %s, which has no constants to switch on", n.Spec.Func.Text, p.typ(key)),
			Label:   "returns " + p.typ(key),
			Where:   where(n.Call.Pos),
			Help:    "return a string, a bool, an integer or a named type of these",
		})
		return
	}
	n.Switch = &Switch{Key: key}
	seen := make(map[string]spec.Case)
	for _, c := range s.Cases {
		v, val := p.caseValue(c.Value, key)
		if val == nil {
			n.failed = true
			continue
		}
		if first, again := seen[val.ExactString()]; again {
			n.failed = true
			p.report(spec.Diagnostic{
				Code:    codeCase,
				Span:    c.Value.Span,
				Message: fmt.Sprintf("two cases of %q are equal: %s and %s are both %s", n.Name, first.Value.Text, c.Value.Text, val),
				Label:   "again here",
				Notes:   []string{fmt.Sprintf("%s: %s leads to %q", p.at(first.Value.Span), first.Value.Text, first.Port.Value)},
				Help:    "remove one of the two",
			})
			continue
		}
		seen[val.ExactString()] = c
		n.Switch.Cases = append(n.Switch.Cases, Case{Value: v, Output: n.port(c.Port.Value).Output})
	}
	if s.Default.IsSet() {
		if o := n.port(s.Default.Value); o != nil {
			n.Switch.Default = o.Output
		}
		return
	}
	if !n.failed {
		p.checkExhaustive(n, key, seen)
	}
}

// caseValue resolves a case of a switch on key. Where it is no constant of key it says so and returns nil.
func (p *planner) caseValue(lit spec.Literal, key types.Type) (Value, constant.Value) {
	d := spec.Diagnostic{
		Code:    codeCase,
		Span:    lit.Span,
		Message: fmt.Sprintf("%s is no constant of type %s", lit.Text, p.typ(key)),
	}
	if lit.Param != "" {
		d.Message = fmt.Sprintf("$%s is no constant: cases are known when the code is generated", lit.Param)
		d.Help = "compare with the param in the switch's function"
		p.report(d)
		return Value{}, nil
	}
	c := p.scope.constant(lit)
	if c != nil && p.constantFits(c, key) {
		return Value{Const: c}, c.Val()
	}
	v, help, ok := literalValue(lit, key)
	named, _ := types.Unalias(key).(*types.Named)
	meant := p.suggestConstant(lit, key)
	if ok && (meant == "" || named != nil && p.isConstantOf(named, constantOf(v))) {
		return Value{Lit: v}, constantOf(v)
	}
	d.Label, d.Help = "is not "+article(p.typ(key)), help
	switch {
	case meant != "":
		d.Help = meant
		if ok {
			d.Label = "is not a constant"
			d.Help += fmt.Sprintf(" What is meant as text is quoted: %q", lit.Text)
		}
	case named != nil && len(p.constantsOf(named)) > 0:
		d.Help = "constants of the type are " + andList(p.constantNames(named))
	}
	if c != nil {
		d.Label = fmt.Sprintf("is the %s constant %s", p.typ(c.Type()), c.Val())
		d.Where = where(p.prog.position(p.unit.pkg, c))
	}
	p.report(d)
	return Value{}, nil
}

// constantOf returns the constant that a literal of generated code is.
func constantOf(lit any) constant.Value {
	switch v := lit.(type) {
	case bool:
		return constant.MakeBool(v)
	case string:
		return constant.MakeString(v)
	case int64:
		return constant.MakeInt64(v)
	case uint64:
		return constant.MakeUint64(v)
	}
	return constant.Make(lit)
}

// constantsOf returns the constants that the package of a named type declares of it and the spec can name.
func (p *planner) constantsOf(t *types.Named) []*types.Const {
	pkg := t.Obj().Pkg()
	if pkg == nil {
		return nil
	}
	var all []*types.Const
	for _, name := range pkg.Scope().Names() {
		c, ok := pkg.Scope().Lookup(name).(*types.Const)
		if ok && types.Identical(c.Type(), t) && (c.Exported() || pkg.Path() == p.unit.pkg.path) {
			all = append(all, c)
		}
	}
	return all
}

// isConstantOf says whether a constant of t has the value.
func (p *planner) isConstantOf(t *types.Named, value constant.Value) bool {
	return slices.ContainsFunc(p.constantsOf(t), func(c *types.Const) bool { return c.Val().ExactString() == value.ExactString() })
}

// constantNames returns the names of constantsOf as a spec writes them.
func (p *planner) constantNames(t *types.Named) []string {
	var names []string
	for _, c := range p.constantsOf(t) {
		name := c.Name()
		if c.Pkg().Path() != p.unit.pkg.path {
			name = c.Pkg().Name() + "." + name
		}
		names = append(names, name)
	}
	return names
}

// checkExhaustive reports a switch without default that leaves out values of key, as far as these can be
// counted.
func (p *planner) checkExhaustive(n *node, key types.Type, seen map[string]spec.Case) {
	d := spec.Diagnostic{
		Code: codeExhaustive,
		Span: n.Spec.VerbSpan,
		Help: "add default: with the port for all others",
	}
	named, isNamed := types.Unalias(key).(*types.Named)
	var missing []string
	switch {
	case isBool(key):
		for _, v := range []bool{true, false} {
			if _, ok := seen[constant.MakeBool(v).ExactString()]; !ok {
				missing = append(missing, fmt.Sprint(v))
			}
		}
	case isNamed && len(p.constantsOf(named)) > 0:
		names := p.constantNames(named)
		var values []string
		for i, c := range p.constantsOf(named) {
			value := c.Val().ExactString()
			if _, ok := seen[value]; !ok && !slices.Contains(values, value) {
				missing = append(missing, names[i])
				values = append(values, value)
			}
		}
	default:
		d.Message = fmt.Sprintf("%q has no default, and %s has more values than cases can list", n.Name, p.typ(key))
		n.failed = true
		p.report(d)
		return
	}
	if len(missing) == 0 {
		return
	}
	n.failed = true
	d.Help += fmt.Sprintf("; or a case for each: cases: {%s: …}", missing[0])
	const most = 5
	if more := len(missing) - most; more > 0 {
		missing = append(missing[:most], fmt.Sprintf("%d other constants of its type", more))
	}
	d.Message = fmt.Sprintf("%q has neither a default nor a case for %s", n.Name, orList(missing))
	p.report(d)
}
