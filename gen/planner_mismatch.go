package gen

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// mismatch says that n does not take what e brings.
func (p *planner) mismatch(n *node, e edge, param types.Type, call *Call, ref spec.Ref) {
	takes := p.typ(param)
	p.report(spec.Diagnostic{
		Code:    codeMismatch,
		Span:    ref.Span,
		Message: fmt.Sprintf("%q emits %s but %q takes %s", e.title(), p.typ(e.Type), n.Name, takes),
		Label:   "takes " + takes,
		Where:   where(call.Pos),
		Notes:   p.provenance(e.port),
		Help:    p.remedy(n, e.port, param),
	})
}

// first returns the edge by which n's items come first: not one that leads back to it.
func (n *node) first() edge {
	for _, e := range n.from {
		if e.node.planned {
			return e
		}
	}
	return n.from[0]
}

// maker returns the stage whose function made the items that leave o, or the one that takes them from the
// caller.
func (o *port) maker() *node {
	if !o.Failed {
		return o.node.source
	}
	if len(o.node.from) == 0 {
		return o.node
	}
	return o.node.first().maker()
}

// provenance says which function made the items that leave o.
func (p *planner) provenance(o *port) []string {
	var passing []string // what stands between the function and o, in the order of flow
	for (o.Failed || o.node.source != o.node && o.node.source != nil) && len(o.node.from) > 0 && len(passing) <= len(p.nodes) {
		what := string(o.node.Verb)
		if o.Failed {
			what = o.title()
		}
		passing = append([]string{what}, passing...)
		o = o.node.first().port
	}
	text := p.origin(o.node, o.Failed)
	if text == "" {
		return nil
	}
	if len(passing) > 0 {
		passing = slices.Compact(passing)
		pass := " pass it on"
		if len(passing) == 1 {
			pass = " passes it on"
		}
		text += "; " + andList(passing) + pass
	}
	return []string{text}
}

// origin says what function n is and what it returns; or, of failed items, takes.
func (p *planner) origin(n *node, failed bool) string {
	ref, call, verb := n.Spec.Func, n.Call, "returns"
	if n.Verb == spec.ReduceV && n.Reduce != nil {
		ref, call = n.Spec.Reduce.Add, n.Reduce.Add
	}
	if call == nil {
		return ""
	}
	t := n.Out
	switch {
	case n.Verb == spec.Filter || n.Verb == spec.Tap || n.Verb == spec.SwitchV || failed: // the caller's items
		verb = "takes"
		t = n.In
	case call.Shape == EmitShape:
		verb = "emits"
	case call.Shape != Plain:
		t = call.Sig.Results().At(0).Type()
	}
	pos := ""
	if call.Pos.IsValid() {
		pos = " (" + call.Pos.String() + ")"
	}
	return fmt.Sprintf("%s: %q is %s, which %s %s%s", p.at(ref.Span), n.Name, ref.Text, verb, p.typ(t), pos)
}

// remedy says how to get from what w emits to param, or returns "".
func (p *planner) remedy(n *node, w *port, param types.Type) string {
	if w.Failed {
		return ""
	}
	above := " above"
	if len(n.Spec.From) > 0 || n.Verb == spec.ZipV || n.Verb == spec.JoinV {
		above = fmt.Sprintf(" between %q and %q", w.title(), n.Name)
	}
	if slice, ok := w.Type.Underlying().(*types.Slice); ok && types.AssignableTo(slice.Elem(), param) {
		return `insert "- unbatch: true"` + above
	}
	if slice, ok := param.Underlying().(*types.Slice); ok && types.Identical(slice.Elem(), w.Type) {
		return `insert "- batch: {size: 100}"` + above
	}
	if w.node.Verb == spec.Map {
		l := layout{emit: -1}
		if o, _, err := outcomeOf(role(spec.FlatMap), types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "", w.Type)), false), l); err == nil && types.AssignableTo(o.out, param) {
			return fmt.Sprintf("%q is a map of whole sequences: make it a flat_map", w.node.Name)
		}
	}
	scope := p.unit.pkg.types.Scope()
	for _, name := range scope.Names() {
		f, ok := scope.Lookup(name).(*types.Func)
		if !ok || f.Signature().TypeParams().Len() > 0 {
			continue
		}
		l, err := layOut(use{role: role(spec.Map)}, f.Signature(), false, false)
		if err != nil || len(l.rest) > 0 || !types.Identical(f.Signature().Params().At(l.items[0]).Type(), w.Type) {
			continue
		}
		o, _, err := outcomeOf(role(spec.Map), f.Signature(), l)
		if err != nil || !types.Identical(o.out, param) {
			continue
		}
		return fmt.Sprintf("%s takes %s and returns %s (%s): insert %q%s", name, p.typ(w.Type), p.typ(param),
			where(p.prog.position(p.unit.pkg, f)), "- map: "+name, above)
	}
	return ""
}

// andList joins words: "a, b and c".
func andList(words []string) string {
	if n := len(words) - 1; n > 0 {
		return strings.Join(words[:n], ", ") + " and " + words[n]
	}
	return strings.Join(words, "")
}
