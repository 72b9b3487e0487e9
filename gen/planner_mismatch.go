package gen

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// mismatch says that n does not take what e writes.
func (p *planner) mismatch(n *node, e edge, param types.Type, call *Call, ref spec.Ref) {
	takes := p.typ(param)
	p.report(spec.Diagnostic{
		Code:    codeMismatch,
		Span:    ref.Span,
		Message: fmt.Sprintf("%q emits %s but %q takes %s", e.Name, p.typ(e.Out), n.Name, takes),
		Label:   "takes " + takes,
		Where:   where(call.Pos),
		Notes:   p.provenance(e.node),
		Help:    p.remedy(n, e.node, param),
	})
}

// provenance says which function made the items that leave n.
func (p *planner) provenance(n *node) []string {
	var passing []string // verbs between the function and n, in the order of flow
	at := n
	for at.source != at && at.source != nil && len(at.from) > 0 {
		passing = append([]string{string(at.Verb)}, passing...)
		at = at.from[0].node
	}
	text := p.origin(at)
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

// origin says what function n is and what it returns.
func (p *planner) origin(n *node) string {
	ref, call, verb := n.Spec.Func, n.Call, "returns"
	if n.Verb == spec.ReduceV && n.Reduce != nil {
		ref, call = n.Spec.Reduce.Add, n.Reduce.Add
	}
	if call == nil {
		return ""
	}
	t := n.Out
	switch {
	case n.Verb == spec.Filter || n.Verb == spec.Tap: // the caller's items
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

// remedy says how to get from what w writes to param, or returns "".
func (p *planner) remedy(n, w *node, param types.Type) string {
	above := " above"
	if len(n.Spec.From) > 0 {
		above = fmt.Sprintf(" between %q and %q", w.Name, n.Name)
	}
	if slice, ok := w.Out.Underlying().(*types.Slice); ok && types.AssignableTo(slice.Elem(), param) {
		return `insert "- unbatch: true"` + above
	}
	if slice, ok := param.Underlying().(*types.Slice); ok && types.Identical(slice.Elem(), w.Out) {
		return `insert "- batch: {size: 100}"` + above
	}
	if w.Verb == spec.Map {
		l := layout{emit: -1}
		if o, _, err := outcomeOf(role(spec.FlatMap), types.NewSignatureType(nil, nil, nil, nil, types.NewTuple(types.NewVar(0, nil, "", w.Out)), false), l); err == nil && types.AssignableTo(o.out, param) {
			return fmt.Sprintf("%q is a map of whole sequences: make it a flat_map", w.Name)
		}
	}
	scope := p.unit.pkg.types.Scope()
	for _, name := range scope.Names() {
		f, ok := scope.Lookup(name).(*types.Func)
		if !ok || f.Signature().TypeParams().Len() > 0 {
			continue
		}
		l, err := layOut(role(spec.Map), f.Signature(), false, false)
		if err != nil || len(l.rest) > 0 || !types.Identical(f.Signature().Params().At(l.items[0]).Type(), w.Out) {
			continue
		}
		o, _, err := outcomeOf(role(spec.Map), f.Signature(), l)
		if err != nil || !types.Identical(o.out, param) {
			continue
		}
		return fmt.Sprintf("%s takes %s and returns %s (%s): insert %q%s", name, p.typ(w.Out), p.typ(param),
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
