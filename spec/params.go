package spec

import (
	"cmp"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A paramUse is a place where the spec says $name.
type paramUse struct {
	name string
	span Span
	typ  string // the type that the param must have; "" where only Go's types can tell
	key  *key   // whose value it is
	arg  bool   // it is an argument of a function, which may be a shared resource
}

// dollar says whether n is text that begins with a dollar, and if so the name of the param that it stands
// for; the name is "" where that is a mistake, which is reported then.
func (d *decoder) dollar(k *key, n *node) (param string, ok bool) {
	if n.kind != stringNode || !strings.HasPrefix(n.text, "$") || strings.HasPrefix(n.text, "$$") && k.kinds&literalKind != 0 {
		return "", false
	}
	if k.kinds&paramKind == 0 {
		if k.kinds&(textKind|funcKind|typeKind) != 0 {
			return "", false // the dollar is for the check of the text to accept or refuse
		}
		diag := Diagnostic{
			Message: fmt.Sprintf("%q takes no $param: its value is fixed when the code is generated", k.name),
			Label:   "no $param here",
			Help:    fmt.Sprintf("write `%s`", exampleLine(k)),
		}
		if k.kinds&literalKind != 0 {
			diag.Help += dollarHelp
		}
		d.report(CodeWrongKind, n.span, diag)
		return "", true
	}
	param = n.text[1:]
	if !IsName(param) {
		diag := Diagnostic{
			Message: fmt.Sprintf("%s does not name a param", quote(n.text)),
			Label:   "not a param",
			Help:    "write $ and the name of a param",
		}
		if k.kinds&literalKind != 0 {
			diag.Help += dollarHelp
		}
		d.report(CodeUnknownParam, n.span, diag)
		return "", true
	}
	return param, true
}

const dollarHelp = "; text that begins with a dollar is written with two: $$"

// param puts $name where into points.
func (d *decoder) param(k *key, n *node, name string, into any) {
	use := paramUse{name: name, span: n.span, typ: "int", key: k}
	number := Scalar[int]{Param: name, Span: n.span}
	switch into := into.(type) {
	case *Scalar[int]:
		*into = number
	case *Count:
		*into = Count{N: number, Span: n.span}
	case **Queue:
		*into = &Queue{Capacity: number, Span: n.span}
	case *Queue:
		into.Capacity = number
	case *NamedQueue:
		into.Queue = Queue{Capacity: number, Span: n.span}
	case **Retry:
		*into = &Retry{MaxAttempts: number, Span: n.span}
	case *Retry:
		*into = Retry{MaxAttempts: number, Span: n.span}
	case *Scalar[float64]:
		*into, use.typ = Scalar[float64]{Param: name, Span: n.span}, "float64"
	case **RateLimit:
		*into, use.typ = &RateLimit{Count: Scalar[float64]{Param: name, Span: n.span}, Per: time.Second, Span: n.span}, "float64"
	case *RateLimit:
		into.Count, into.Per, use.typ = Scalar[float64]{Param: name, Span: n.span}, time.Second, "float64"
	case *Scalar[int64]:
		*into, use.typ = Scalar[int64]{Param: name, Span: n.span}, "size"
	case *EnvVar:
		into.Value, use.typ = Literal{Kind: StringLit, Param: name, Quoted: n.quoted, Span: n.span}, "string"
	case **State:
		*into, use.typ = &State{Param: Scalar[string]{Param: name, Span: n.span}, Span: n.span}, ""
	case *Scalar[time.Duration]:
		*into, use.typ = Scalar[time.Duration]{Param: name, Span: n.span}, "duration"
	case *Literal:
		*into, use.typ, use.arg = Literal{Kind: StringLit, Param: name, Quoted: n.quoted, Span: n.span}, "", true
	default:
		panic(fmt.Sprintf("spec: a %T takes no param", into))
	}
	d.uses = append(d.uses, use)
}

// mentions adds what stands in n as $name, also where it means nothing.
func (n *node) mentions(names map[string]bool) {
	if name, ok := strings.CutPrefix(n.text, "$"); ok && IsName(name) {
		names[name] = true
	}
	for _, item := range n.items {
		item.mentions(names)
	}
	for _, p := range n.pairs {
		p.value.mentions(names)
	}
}

// params decodes the params, in the order of the file.
func (d *decoder) params(n *node) []*Param {
	var params []*Param
	for _, entry := range n.pairs {
		name, bad := checkName(entry.key.text)
		if bad != nil {
			d.report(bad.Code, entry.key.span, *bad)
			continue
		}
		p := &Param{Name: Scalar[string]{Value: name, Span: entry.key.span}}
		switch entry.value.kind {
		case mappingNode:
			decodeMapping(d, fmt.Sprintf("the param %q", name), paramKeys, entry.value, entry.key.span, p)
		case badNode:
		default:
			d.report(CodeWrongKind, entry.value.span, Diagnostic{
				Message: fmt.Sprintf("the param %q must be a mapping, not %s", name, describe(entry.value)),
				Label:   "must be a mapping",
				Help:    fmt.Sprintf("write `%s: {type: string}`", name),
			})
		}
		params = append(params, p)
	}
	return params
}

// checkParams checks what depends on several keys of a param, and each $name against the params.
func (d *decoder) checkParams(f *File) {
	for _, p := range f.Params {
		if p.Default.IsSet() && p.Required.Value {
			d.report(CodeParam, p.Required.Span, Diagnostic{
				Message: fmt.Sprintf("the param %q is required and has a default", p.Name.Value),
				Label:   "never takes effect",
				Notes:   []string{d.at(p.Default.Span.Pos) + ": the default is here"},
				Help:    "remove one of the two",
			})
		}
		if !p.Type.IsSet() {
			continue
		}
		if p.Env.IsSet() && !slices.Contains(basicTypes, p.Type.Value) {
			d.report(CodeParam, p.Env.Span, Diagnostic{
				Message: fmt.Sprintf("the param %q has type %s, which cannot be read from the environment", p.Name.Value, p.Type.Value),
				Label:   "only for " + orList(basicTypes),
				Help:    "remove it" + meantType(p.Type.Value),
			})
		}
		if p.Default.IsSet() {
			if diag := defaultProblem(p); diag != nil {
				d.report(CodeParam, p.Default.Span, *diag)
			}
		}
	}
	var names, resources []string
	for _, p := range f.Params {
		names = append(names, p.Name.Value)
	}
	for _, r := range f.Shared {
		resources = append(resources, r.Name.Value)
	}
	for _, use := range d.uses {
		i, shared := slices.Index(names, use.name), slices.Index(resources, use.name)
		if i < 0 && shared >= 0 {
			if !use.arg {
				d.resourceNotTaken(f.Shared[shared], use)
			}
		} else if i < 0 {
			help := fmt.Sprintf("declare it: `params: {%s: {type: %s}}`", use.name, cmp.Or(use.typ, "string"))
			declared := names
			if use.arg {
				declared = slices.Concat(names, resources)
			}
			if meant, ok := Suggest(use.name, declared); ok {
				f.Mentions[meant] = true
				help = fmt.Sprintf("did you mean $%s?", meant)
			}
			d.report(CodeUnknownParam, use.span, Diagnostic{
				Message: fmt.Sprintf("unknown param $%s", use.name),
				Label:   "not declared",
				Help:    help,
			})
		} else if p := f.Params[i]; use.typ != "" && p.Type.IsSet() && p.Type.Value != use.typ {
			d.report(CodeWrongKind, use.span, Diagnostic{
				Message: fmt.Sprintf("$%s is %s, but %s is needed here", use.name, article(p.Type.Value), article(use.typ)),
				Label:   "must be " + article(use.typ),
				Notes:   []string{fmt.Sprintf("%s: $%s is declared with type %s", d.at(p.Type.Span.Pos), use.name, p.Type.Value)},
				Help:    fmt.Sprintf("write `type: %s` there, or use another param", use.typ),
			})
		} else if want := use.beyond(p.Default); want != "" {
			d.report(CodeRange, use.span, Diagnostic{
				Message: fmt.Sprintf("$%s is %s by default; it must be %s here", use.name, p.Default.Text, want),
				Label:   "out of range",
				Notes:   []string{fmt.Sprintf("%s: the default of $%s is here", d.at(p.Default.Span.Pos), use.name)},
				Help:    "write another default there, or `required: true` in its place",
			})
		}
	}
}

// resourceNotTaken reports a shared resource where only a param can stand.
func (d *decoder) resourceNotTaken(r *Resource, use paramUse) {
	help := fmt.Sprintf("a function takes it: `args: {%s: $%s}`", strings.ReplaceAll(use.name, "-", "_"), use.name)
	if use.key.name == "state" {
		help += "; so does the function of `state: {new: F, args: {…}}`"
	}
	d.report(CodeWrongKind, use.span, Diagnostic{
		Message: fmt.Sprintf("$%s is a shared resource, and %q takes a param", use.name, use.key.name),
		Label:   "no param",
		Notes:   []string{fmt.Sprintf("%s: $%s is declared here", d.at(r.Name.Span.Pos), use.name)},
		Help:    help,
	})
}

// beyond says what the param must be where a default of its type is given and out of range; else "".
func (u paramUse) beyond(def Literal) string {
	switch u.typ {
	case "int":
		n, err := strconv.ParseInt(def.Text, 0, 64)
		switch {
		case def.Kind != IntLit || err != nil || n >= int64(u.key.min):
		case u.key.min == 0:
			return "zero or more"
		default:
			return "more than zero"
		}
	case "size":
		v, err := ParseSize(def.Text)
		switch {
		case err != nil:
		case v <= 0:
			return "more than zero"
		case u.key.max > 0 && v > int64(u.key.max):
			return "at most " + sizeText(u.key.max)
		}
	case "duration":
		if v, err := ParseDuration(def.Text); def.Kind == StringLit && err == nil && v <= 0 {
			return "more than zero"
		}
	case "float64":
		if def.Kind != IntLit && def.Kind != FloatLit {
			return ""
		}
		if v, err := parseFloat(def.Kind == IntLit, def.Text); err == nil && !u.key.holds(v) {
			return u.key.number()
		}
	}
	return ""
}

func article(typ string) string {
	if strings.ContainsRune("aeiou", rune(typ[0])) {
		return "an " + typ
	}
	return "a " + typ
}

// meantType is the end of a help line for a Go type that looks as if one of the basic types was meant.
func meantType(typ string) string {
	switch typ {
	case "time.Duration":
		return "; for a time write `type: duration`"
	case "int8", "int16", "int32", "uint", "uint8", "uint16", "uint32", "uint64":
		return "; for a number write `type: int` or `type: int64`"
	case "float32":
		return "; for a number write `type: float64`"
	}
	if meant, ok := Suggest(typ, basicTypes); ok {
		return fmt.Sprintf("; did you mean `type: %s`?", meant)
	}
	return ""
}

// defaultProblem says why the default of a param does not fit its type, or returns nil.
func defaultProblem(p *Param) *Diagnostic {
	def, typ := p.Default, p.Type.Value
	fail := func(label, help string) *Diagnostic {
		return &Diagnostic{
			Message: fmt.Sprintf("the default of %q is not %s: %s", p.Name.Value, article(typ), quote(def.Text)),
			Label:   label,
			Help:    help,
		}
	}
	switch typ {
	case "string":
		if def.Kind != StringLit {
			return fail("not a string", fmt.Sprintf("quote it: `default: %q`", def.Text))
		}
	case "int", "int64":
		if _, err := strconv.ParseInt(def.Text, 0, 64); def.Kind != IntLit || err != nil {
			return fail("not an "+typ, "write a whole number without quotes: `default: 10`")
		}
	case "float64":
		v, err := strconv.ParseFloat(def.Text, 64)
		if def.Kind != IntLit && def.Kind != FloatLit || err != nil || math.IsInf(v, 0) {
			return fail("not a float64", "write a number without quotes: `default: 0.5`")
		}
	case "bool":
		if def.Kind != BoolLit {
			return fail("not a bool", "remove it: a bool is false unless the caller sets it")
		}
		if strings.EqualFold(def.Text, "true") {
			return &Diagnostic{
				Message: fmt.Sprintf("the param %q defaults to true", p.Name.Value),
				Label:   "a false field means the default",
				Help:    fmt.Sprintf("turn the name round, so that false is the default: %q", invert(p.Name.Value)),
			}
		}
	case "duration":
		if def.Kind == IntLit || def.Kind == FloatLit {
			d := fail("no unit", fmt.Sprintf("write `default: %ss` if it is seconds; %v", def.Text, errDurationUnits))
			d.Message = fmt.Sprintf("the default of %q is %s without a unit", p.Name.Value, def.Text)
			return d
		}
		if _, err := ParseDuration(def.Text); def.Kind != StringLit || err != nil {
			return fail("not a duration", fmt.Sprintf("write `default: 30s`; %v", errDurationUnits))
		}
	case "size":
		if _, err := ParseSize(def.Text); def.Kind != IntLit && def.Kind != StringLit || err != nil {
			return fail("not a size", fmt.Sprintf("write `default: 64MiB`; %v", errSizeUnits))
		}
	default:
		return &Diagnostic{
			Message: fmt.Sprintf("the param %q has type %s, which has no default", p.Name.Value, typ),
			Label:   "only for " + orList(basicTypes),
			Help:    "remove it: only the caller can give this value" + meantType(typ),
		}
	}
	return nil
}

// invert turns the name of a bool round.
func invert(name string) string {
	if rest, ok := strings.CutPrefix(name, "no_"); ok {
		return rest
	}
	return "no_" + name
}

var envGrammar = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkEnv checks the name of an environment variable.
func checkEnv(text string) (string, *Diagnostic) {
	if len(text) <= 255 && envGrammar.MatchString(text) {
		return text, nil
	}
	return "", &Diagnostic{
		Code:    CodeName,
		Message: fmt.Sprintf("%s is not the name of an environment variable", quote(text)),
		Label:   "not a variable",
		Help:    "write letters, digits and underscores: `env: APP_TIMEOUT`",
	}
}
