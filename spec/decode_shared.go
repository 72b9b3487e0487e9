package spec

import (
	"fmt"
	"slices"
	"strconv"
)

// shared decodes the shared resources, in the order of the file.
func (d *decoder) shared(n *node) []*Resource {
	var resources []*Resource
	d.entries(n, func(name Scalar[string], value *node) {
		r := &Resource{Name: name, Span: value.span}
		if value.kind == mappingNode {
			d.resource(value, r)
		} else {
			d.plainResource(value, r)
		}
		resources = append(resources, r)
	})
	return resources
}

// plainResource decodes a kind that stands alone.
func (d *decoder) plainResource(n *node, r *Resource) {
	k := &key{name: r.Name.Value, kinds: wordKind | mappingKind, example: r.Name.Value + ": counter"}
	for i := range resourceRows {
		if resourceRows[i].plain {
			k.words = append(k.words, resourceRows[i].name)
		}
	}
	var kind Scalar[string]
	row := findResource(n.text)
	if n.kind == stringNode && row != nil && !row.plain {
		d.report(CodeWrongKind, n.span, Diagnostic{
			Message: fmt.Sprintf("the %s %q does not say enough", row.name, r.Name.Value),
			Label:   fmt.Sprintf("must be a mapping with %s", strconv.Quote(row.name)),
			Help:    fmt.Sprintf("write `%s: {%s}`", r.Name.Value, row.complete()),
		})
		return
	}
	d.value(k, n, &kind)
	r.Kind = ResourceKind(kind.Value)
}

// complete is the example of a kind with what must stand beside it.
func (r *resourceRow) complete() string {
	if r.needs == "" {
		return r.example
	}
	return r.example + ", " + r.needs
}

// resource decodes a mapping whose one kind says what the resource is.
func (d *decoder) resource(n *node, r *Resource) {
	var first pair
	for _, p := range n.pairs {
		switch row := findResource(p.key.text); {
		case row == nil:
		case r.Kind == "":
			r.Kind, first = row.kind, p
		default:
			d.report(CodeResource, p.key.span, Diagnostic{
				Message: fmt.Sprintf("a second kind, %q, of the shared resource %q", p.key.text, r.Name.Value),
				Label:   "second kind",
				Notes:   []string{fmt.Sprintf("%s: the first is %q", d.at(first.key.span.Pos), r.Kind)},
				Help:    "give the two entries of their own",
			})
		}
	}
	owner, allowed := fmt.Sprintf("the %s %q", r.Kind, r.Name.Value), resourceKeysOf(r.Kind)
	if r.Kind == "" {
		owner, allowed = fmt.Sprintf("the shared resource %q", r.Name.Value), append(resourceKinds(), allowed...)
	}
	unknown, given := false, map[string]bool{}
	for _, p := range n.pairs {
		name := p.key.text
		given[name] = true
		if row := findResource(name); row != nil {
			if row.kind == r.Kind {
				d.value(&row.key, p.value, row.into(r))
			}
			continue
		}
		k := findResourceKey(name)
		switch {
		case k == nil:
			given[d.unknownKey(p, owner, allowed)] = true
			unknown = true
		case r.Kind != "" && !slices.Contains(k.of, r.Kind):
			d.resourceKeyNotTaken(p.key, k, r.Kind)
		default:
			d.value(&k.key, p.value, k.into(r))
		}
	}
	for i := range resourceKeys {
		if k := &resourceKeys[i]; k.required && slices.Contains(k.of, r.Kind) && !given[k.name] {
			d.report(CodeMissingKey, first.key.span, Diagnostic{
				Message: fmt.Sprintf("%s has no %q", owner, k.name),
				Label:   fmt.Sprintf("%q is missing", k.name),
				Help:    fmt.Sprintf("add `%s`: %s", k.example, k.why),
			})
		}
	}
	if r.OnCrash.IsSet() && !given["guard"] {
		d.report(CodeResource, r.OnCrash.Span, Diagnostic{
			Message: fmt.Sprintf(`"on_crash" of %q without "guard"`, r.Name.Value),
			Label:   "only with guard",
			Help:    "name the lock that is held while it changes, `guard: out`, or remove it: nothing else tells whether a worker that died was changing it",
		})
	}
	if r.Kind == "" && !unknown {
		d.report(CodeResource, r.Name.Span, Diagnostic{
			Message: fmt.Sprintf("the shared resource %q does not say what it is", r.Name.Value),
			Label:   "no kind",
			Help:    fmt.Sprintf("add one of %s: `%s: {%s}`", joinList(namesOf(resourceKinds()), ", "), r.Name.Value, "map: [string, int]"),
		})
	}
}

func (d *decoder) resourceKeyNotTaken(at *node, k *resourceKey, kind ResourceKind) {
	help := "remove it: only " + kindList(k.of) + " take it"
	if len(k.of) == 1 {
		help = fmt.Sprintf("remove it: only %s takes it", k.of[0])
	}
	d.report(CodeKeyNotTaken, at.span, Diagnostic{
		Message: fmt.Sprintf("a shared %s takes no %q", kind, k.name),
		Label:   fmt.Sprintf("not for %q", kind),
		Help:    help,
	})
}

// kindList joins kinds: "counter, value and array".
func kindList(kinds []ResourceKind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return andList(words)
}

// mapTypes decodes the types of a map's keys and values.
func (d *decoder) mapTypes(k *key, n *node, r *Resource) {
	if len(n.items) != k.items {
		d.report(CodeWrongKind, n.span, Diagnostic{
			Message: fmt.Sprintf("%q must be a list of %d, not of %d", k.name, k.items, len(n.items)),
			Label:   "must be the types of keys and values",
			Help:    fmt.Sprintf("write `%s`", k.example),
		})
		return
	}
	typ := &key{name: k.name, kinds: typeKind, check: k.check, example: k.example}
	d.value(typ, n.items[0], &r.Key)
	d.value(typ, n.items[1], &r.Elem)
}
