package spec

import (
	"fmt"
	"strconv"
	"strings"
)

// size decodes a number of bytes, which is always more than zero.
func (d *decoder) size(k *key, n *node) (int64, bool) {
	v, err := ParseSize(strings.ReplaceAll(n.text, "_", ""))
	if n.kind == intNode {
		v, err = strconv.ParseInt(n.text, 0, 64)
	}
	switch {
	case err != nil:
		d.report(CodeUnit, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s, which is no size", k.name, quote(n.text)),
			Label:   "not a size",
			Help:    fmt.Sprintf("write `%s`; %v", exampleLine(k), errSizeUnits),
		})
		return 0, false
	case v <= 0:
		d.report(CodeRange, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s; it must be more than zero", k.name, n.text),
			Label:   "too small",
			Help:    fmt.Sprintf("remove it, or write `%s`", exampleLine(k)),
		})
		return 0, false
	case k.max > 0 && v > int64(k.max):
		d.report(CodeRange, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s; the most is %s", k.name, n.text, sizeText(k.max)),
			Label:   "too large",
			Help:    fmt.Sprintf("write `%s: %s` or less", k.name, sizeText(k.max)),
		})
		return 0, false
	}
	return v, true
}

// sizeText writes a whole number of GiB.
func sizeText(bytes int) string { return fmt.Sprintf("%dGiB", bytes>>30) }

// env decodes the variables of worker processes, in the order of the file.
func (d *decoder) env(n *node) []EnvVar {
	var vars []EnvVar
	for _, p := range n.pairs {
		name, bad := checkEnv(p.key.text)
		if bad == nil && strings.HasPrefix(name, ownEnv) {
			bad = &Diagnostic{
				Code:    CodeName,
				Message: fmt.Sprintf("%s is a variable of the generated code itself", name),
				Label:   "taken",
				Help:    fmt.Sprintf("use another name: those that begin with %s belong to generated code", ownEnv),
			}
		} else if bad != nil {
			bad.Help = "write letters, digits and underscores: `env: {APP_TIMEOUT: 5s}`"
		}
		if bad != nil {
			d.report(bad.Code, p.key.span, *bad)
			continue
		}
		v := EnvVar{Name: Scalar[string]{Value: name, Span: p.key.span}}
		d.value(&key{name: name, kinds: literalKind | paramKind, example: fmt.Sprintf("env: {%s: value}", name)}, p.value, &v)
		switch {
		case v.Value.Kind == NullLit:
			d.report(CodeWrongKind, v.Value.Span, Diagnostic{
				Message: fmt.Sprintf("the variable %s has no value", name),
				Label:   "nothing",
				Help:    fmt.Sprintf("quote it if it is meant: `%s: %q`", name, p.value.text),
			})
		case d.hasNUL(v.Value.Text, v.Value.Span, "a variable of the environment"):
		case v.Value.IsSet():
			vars = append(vars, v)
		}
	}
	return vars
}

// ownEnv begins the variables by which a worker process learns what it is.
const ownEnv = "PIPEGEN_"

// command decodes a program and its arguments: scalars, as they are written.
func (d *decoder) command(k *key, n *node) *Command {
	word := &key{name: k.name, kinds: literalKind, example: k.example}
	c := &Command{Span: n.span}
	broken := false
	for _, item := range n.items {
		var l Literal
		d.value(word, item, &l)
		switch {
		case !l.IsSet(), d.hasNUL(l.Text, l.Span, "an argument"):
			broken = true
		default:
			c.Args = append(c.Args, l.Text)
		}
	}
	switch {
	case broken:
	case len(c.Args) == 0, strings.TrimSpace(c.Args[0]) == "":
		d.report(CodeWrongKind, n.span, Diagnostic{
			Message: fmt.Sprintf("%q names no program", k.name),
			Label:   "no program",
			Help:    fmt.Sprintf("write `%s`", k.example),
		})
	default:
		return c
	}
	c.Args = nil
	return c
}

// hasNUL reports text with a NUL, which no system hands to a process.
func (d *decoder) hasNUL(text string, at Span, what string) bool {
	if !strings.ContainsRune(text, 0) {
		return false
	}
	d.report(CodeCharacter, at, Diagnostic{
		Message: fmt.Sprintf("the character U+0000 is not allowed in %s", what),
		Label:   "ends the text",
		Help:    "remove it",
	})
	return true
}
