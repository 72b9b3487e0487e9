package gen

import (
	"fmt"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"strings"
	"time"

	"github.com/pipegen/pipegen/spec"
)

// argValue turns a literal of the spec into a value that can be assigned to t. What names its use, for
// messages: "parameter depth int of Fetch".
func (p *planner) argValue(lit spec.Literal, t types.Type, what string) (Value, bool) {
	if lit.Param != "" {
		return p.paramValue(lit, t, what)
	}
	d := spec.Diagnostic{
		Code:    codeArgValue,
		Span:    lit.Span,
		Message: fmt.Sprintf("%s does not fit the %s", lit.Text, what),
		Label:   "is not " + article(p.typ(t)),
	}
	c := p.scope.constant(lit)
	if c != nil && p.constantFits(c, t) {
		return Value{Const: c}, true
	}
	v, help, ok := literalValue(lit, t)
	if ok {
		return Value{Lit: v}, true
	}
	d.Help = help
	if meant := p.suggestConstant(lit, t); c == nil && meant != "" {
		d.Help = meant
	}
	if c != nil {
		d.Label = fmt.Sprintf("is the %s constant %s", p.typ(c.Type()), c.Val())
		if basic, ok := t.Underlying().(*types.Basic); ok && basic.Info()&types.IsInteger != 0 && isUntyped(c.Type()) && c.Val().Kind() != constant.String {
			d.Help = rangeHelp(c.Val(), basic)
		}
		d.Where = where(p.prog.position(p.unit.pkg, c))
		if !c.Exported() && c.Pkg().Path() != p.unit.pkg.path {
			d.Label, d.Help = "not exported", fmt.Sprintf("package %s does not export it", c.Pkg().Name())
		}
	}
	p.report(d)
	return Value{}, false
}

// suggestConstant returns "did you mean X?" where the literal is nearly the name of a constant of type t.
func (p *planner) suggestConstant(lit spec.Literal, t types.Type) string {
	if lit.Kind != spec.StringLit || lit.Quoted {
		return ""
	}
	pkg, scope := "", p.unit.pkg.types.Scope()
	if before, _, ok := strings.Cut(lit.Text, "."); ok {
		imp := p.unit.imports[before]
		if imp == nil || imp.types == nil {
			return ""
		}
		pkg, scope = before+".", imp.types.Scope()
	}
	var names []string
	for _, name := range scope.Names() {
		if c, ok := scope.Lookup(name).(*types.Const); ok && types.Identical(c.Type(), t) && p.constantFits(c, t) {
			names = append(names, pkg+name)
		}
	}
	return suggestion(lit.Text, names)
}

// constantFits says whether generated code may pass c for a t.
func (p *planner) constantFits(c *types.Const, t types.Type) bool {
	if !c.Exported() && c.Pkg().Path() != p.unit.pkg.path {
		return false
	}
	if isUntyped(c.Type()) {
		if basic, ok := t.Underlying().(*types.Basic); ok {
			return representable(c.Val(), basic)
		}
		return types.AssignableTo(types.Default(c.Type()), t)
	}
	return types.AssignableTo(c.Type(), t)
}

func isUntyped(t types.Type) bool {
	b, ok := t.(*types.Basic)
	return ok && b.Info()&types.IsUntyped != 0
}

// paramValue is argValue of "$name".
func (p *planner) paramValue(lit spec.Literal, t types.Type, what string) (Value, bool) {
	param := p.params[lit.Param] // nil: not declared, which is reported with the text of the spec
	if param == nil || param.Type == nil {
		return Value{}, false
	}
	if types.AssignableTo(param.Type, t) {
		return Value{Param: param}, true
	}
	p.report(spec.Diagnostic{
		Code:    codeParamType,
		Span:    lit.Span,
		Message: fmt.Sprintf("$%s does not fit the %s", param.Name, what),
		Label:   "is " + article(p.typ(param.Type)),
		Help:    fmt.Sprintf("declare the param with type: %q", paramTypeFor(p.typ(t))),
	})
	return Value{}, false
}

// paramTypeFor returns the word of the language for a Go type, or the type itself.
func paramTypeFor(goType string) string {
	if goType == "time.Duration" {
		return "duration"
	}
	return goType
}

// literalValue returns lit as a value of type t: bool, string, int64, uint64, float64 or time.Duration.
// Where it does not fit, help says what would.
func literalValue(lit spec.Literal, t types.Type) (v any, help string, ok bool) {
	if isDuration(t) {
		d, err := spec.ParseDuration(lit.Text)
		if lit.Kind == spec.NullLit || err != nil {
			return nil, "a duration has a unit: 200ms, 1m30s", false
		}
		return d, "", true
	}
	basic, isBasic := t.Underlying().(*types.Basic)
	if !isBasic {
		switch i, ok := t.Underlying().(*types.Interface); {
		case !ok:
			return nil, "only a param with a Go type can carry it: args: {…: $param}", false
		case i.NumMethods() > 0:
			return nil, "only a param with a Go type or a shared resource can carry it: args: {…: $name}", false
		}
		basic = defaultBasic(lit)
	}
	val := literalConstant(lit)
	info := basic.Info()
	switch {
	case info&types.IsString != 0:
		if lit.Kind == spec.StringLit {
			return lit.Text, "", true
		}
		return nil, fmt.Sprintf("quote it: %q", lit.Text), false
	case info&types.IsBoolean != 0:
		if lit.Kind == spec.BoolLit {
			return constant.BoolVal(val), "", true
		}
		return nil, "true or false", false
	case info&types.IsInteger != 0:
		if lit.Kind == spec.StringLit && !lit.Quoted {
			if n, err := spec.ParseSize(lit.Text); err == nil {
				val = constant.MakeInt64(n)
			}
		}
		if val == nil {
			return nil, "a whole number, or a size such as 64MiB", false
		}
		if !representable(val, basic) {
			return nil, rangeHelp(val, basic), false
		}
		if n, exact := constant.Int64Val(constant.ToInt(val)); exact {
			return n, "", true
		}
		n, _ := constant.Uint64Val(constant.ToInt(val))
		return n, "", true
	case info&types.IsFloat != 0:
		if val == nil || val.Kind() == constant.Bool {
			return nil, "a number", false
		}
		if !representable(val, basic) {
			return nil, "it is too large", false
		}
		f, _ := constant.Float64Val(val)
		return f, "", true
	}
	return nil, "only a Go constant or a param can carry it", false
}

// defaultBasic is the type that a literal has where any type would do.
func defaultBasic(lit spec.Literal) *types.Basic {
	switch lit.Kind {
	case spec.IntLit:
		return types.Typ[types.Int]
	case spec.FloatLit:
		return types.Typ[types.Float64]
	case spec.BoolLit:
		return types.Typ[types.Bool]
	case spec.StringLit:
		return types.Typ[types.String]
	}
	return types.Typ[types.UntypedNil]
}

// literalConstant returns the number or bool that a literal looks like, or nil.
func literalConstant(lit spec.Literal) constant.Value {
	text := strings.TrimPrefix(lit.Text, "+")
	negative := strings.HasPrefix(text, "-")
	text = strings.TrimPrefix(text, "-")
	var val constant.Value
	switch lit.Kind {
	case spec.BoolLit:
		return constant.MakeBool(strings.EqualFold(lit.Text, "true"))
	case spec.IntLit:
		val = constant.MakeFromLiteral(text, token.INT, 0)
	case spec.FloatLit:
		val = constant.MakeFromLiteral(text, token.FLOAT, 0)
	}
	if val == nil || val.Kind() == constant.Unknown {
		return nil
	}
	if negative {
		val = constant.UnaryOp(token.SUB, val, 0)
	}
	return val
}

// representable says whether a constant can be converted to a basic type without loss, as Go defines it.
// int, uint and uintptr count as 64 bits wide.
func representable(val constant.Value, t *types.Basic) bool {
	switch info := t.Info(); {
	case info&types.IsString != 0:
		return val.Kind() == constant.String
	case info&types.IsBoolean != 0:
		return val.Kind() == constant.Bool
	case val.Kind() != constant.Int && val.Kind() != constant.Float:
		return false
	case info&types.IsInteger != 0:
		val = constant.ToInt(val)
		if val.Kind() != constant.Int {
			return false
		}
		low, high := integerRange(t)
		return constant.Compare(low, token.LEQ, val) && constant.Compare(val, token.LEQ, high)
	case info&types.IsFloat != 0:
		f, _ := constant.Float64Val(val)
		return !math.IsInf(f, 0) && (t.Kind() != types.Float32 || math.Abs(f) <= math.MaxFloat32)
	}
	return t.Info()&types.IsComplex != 0
}

// integerRange returns the smallest and largest value of an integer type.
func integerRange(t *types.Basic) (low, high constant.Value) {
	bits := uint(8 * types.SizesFor("gc", "amd64").Sizeof(t))
	one := constant.MakeInt64(1)
	if t.Info()&types.IsUnsigned != 0 {
		return constant.MakeInt64(0), constant.BinaryOp(constant.Shift(one, token.SHL, bits), token.SUB, one)
	}
	limit := constant.Shift(one, token.SHL, bits-1)
	return constant.UnaryOp(token.SUB, limit, 0), constant.BinaryOp(limit, token.SUB, one)
}

func rangeHelp(val constant.Value, t *types.Basic) string {
	if constant.ToInt(val).Kind() != constant.Int {
		return "a whole number"
	}
	low, high := integerRange(t)
	return fmt.Sprintf("%s goes from %s to %s", t.Name(), low.ExactString(), high.ExactString())
}

// number resolves a key that takes a count or $param; an absent one has no value.
func (p *planner) number(s spec.Scalar[int]) Value {
	switch {
	case s.Param != "":
		return p.keyParam(s.Param, IntParam)
	case s.IsSet():
		return Value{Lit: int64(s.Value)}
	}
	return Value{}
}

// duration resolves a key that takes a duration or $param; an absent one has no value.
func (p *planner) duration(s spec.Scalar[time.Duration]) Value {
	switch {
	case s.Param != "":
		return p.keyParam(s.Param, DurationParam)
	case s.IsSet():
		return Value{Lit: s.Value}
	}
	return Value{}
}

// keyParam resolves $name as the value of a key. One of another kind is reported with the text of the spec.
func (p *planner) keyParam(name string, kind ParamKind) Value {
	if param := p.params[name]; param != nil && param.Kind == kind {
		return Value{Param: param}
	}
	return Value{}
}

// article puts "a" or "an" before a type: an int, a uint.
func article(typ string) string {
	if strings.ContainsRune("aeioAEIO", rune(typ[0])) {
		return "an " + typ
	}
	return "a " + typ
}
