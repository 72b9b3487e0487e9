package spec

import (
	"fmt"
	"strconv"
)

// queue decodes the queue of a stage.
func (d *decoder) queue(k *key, n *node, q *Queue) {
	q.Span = n.span
	if n.kind == mappingNode {
		decodeMapping(d, strconv.Quote(k.name), queueKeys, n, n.span, q)
		d.checkQueue(q, n)
		if len(n.pairs) == 0 {
			d.report(CodeMissingKey, n.span, Diagnostic{
				Message: `"queue" is empty`,
				Label:   "no keys",
				Help:    "write `queue: {capacity: 100}`, or remove it",
			})
		}
	} else {
		d.value(k, n, &q.Capacity)
	}
}

// namedQueue decodes an entry of queues.
func (d *decoder) namedQueue(k *key, n *node, q *NamedQueue) {
	q.Span = n.span
	switch n.kind {
	case mappingNode:
		decodeMapping(d, strconv.Quote(k.name), namedQueueKeys, n, n.span, q)
		d.checkQueue(&q.Queue, n)
		d.checkFeedback(q)
	case stringNode:
		q.Unlimited = true
	default:
		d.value(k, n, &q.Capacity)
	}
}

// queues decodes the named queues, in the order of the file.
func (d *decoder) queues(n *node) []*NamedQueue {
	var queues []*NamedQueue
	d.entries(n, func(name Scalar[string], value *node) {
		k := &key{name: name.Value, kinds: numberKind | wordKind | mappingKind | paramKind, words: []string{"unlimited"}, min: 1,
			example: name.Value + ": {capacity: 100}"}
		q := &NamedQueue{Name: name}
		d.value(k, value, q)
		queues = append(queues, q)
	})
	return queues
}

// entries calls f for each entry of a mapping from names.
func (d *decoder) entries(n *node, f func(name Scalar[string], value *node)) {
	for _, p := range n.pairs {
		name, bad := checkName(p.key.text)
		if bad != nil {
			d.report(bad.Code, p.key.span, *bad)
			continue
		}
		f(Scalar[string]{Value: name, Span: p.key.span}, p.value)
	}
}

// fanOut decodes a word, or the function of the kind hash.
func (d *decoder) fanOut(k *key, n *node) *FanOut {
	f := &FanOut{Kind: Scalar[string]{Value: n.text, Span: n.span}, Span: n.span}
	if n.kind == mappingNode {
		f.Kind.Value = "hash"
		decodeMapping(d, strconv.Quote(k.name), fanOutKeys, n, n.span, f)
	}
	return f
}

// cases decodes the cases of a switch, in the order of the file.
func (d *decoder) cases(n *node) []Case {
	const example = "cases: {html: pages, pdf: papers}"
	var cases []Case
	for _, p := range n.pairs {
		if p.key.kind == nullNode {
			d.report(CodeWrongKind, p.key.span, Diagnostic{
				Message: "a case must be a value, not nothing",
				Label:   "not a value",
				Help:    fmt.Sprintf("write `%s`", example),
			})
			continue
		}
		var c Case
		d.value(&key{name: "cases", kinds: literalKind, example: example}, p.key, &c.Value)
		d.value(&key{name: p.key.text, kinds: nameKind, check: checkName, example: example}, p.value, &c.Port)
		if c.Value.IsSet() && c.Port.IsSet() {
			cases = append(cases, c)
		}
	}
	if len(n.pairs) == 0 {
		d.report(CodeMissingKey, n.span, Diagnostic{
			Message: `"cases" is empty`,
			Label:   "no cases",
			Help:    fmt.Sprintf("write `%s`", example),
		})
	}
	return cases
}
