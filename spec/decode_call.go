package spec

import (
	"fmt"
	"strconv"
)

// retry decodes a number of attempts, the name of a policy, or a policy.
func (d *decoder) retry(k *key, n *node, r *Retry) {
	r.Span = n.span
	switch n.kind {
	case mappingNode:
		decodeMapping(d, strconv.Quote(k.name), retryKeys, n, n.span, r)
		d.checkBackoff(r.Backoff)
	case stringNode:
		if n.quoted && scalarKind("!!int", n.text, false) == intNode {
			d.wrongKind(k, n)
			return
		}
		d.value(k, n, &r.Name)
	default:
		d.value(k, n, &r.MaxAttempts)
	}
}

// retries decodes the named policies, in the order of the file.
func (d *decoder) retries(n *node) []*NamedRetry {
	var retries []*NamedRetry
	d.entries(n, func(name Scalar[string], value *node) {
		k := &key{name: name.Value, kinds: numberKind | mappingKind | paramKind, min: 1, example: name.Value + ": {max_attempts: 5}"}
		r := &NamedRetry{Name: name}
		d.value(k, value, &r.Retry)
		retries = append(retries, r)
	})
	return retries
}

// rateLimit decodes a rate, alone or with what else there is to say.
func (d *decoder) rateLimit(k *key, n *node, r *RateLimit) {
	r.Span = n.span
	if n.kind == mappingNode {
		decodeMapping(d, strconv.Quote(k.name), rateLimitKeys, n, n.span, r)
	} else {
		d.rate(k, n, r)
	}
}

// rate decodes so many calls in a time.
func (d *decoder) rate(k *key, n *node, r *RateLimit) {
	count, per, err := ParseRate(n.text)
	switch {
	case err != nil:
		d.report(CodeUnit, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s, which is no rate", k.name, quote(n.text)),
			Label:   "not a rate",
			Help:    fmt.Sprintf("write `%s`; %v", exampleLine(k), err),
		})
	case !k.holds(count):
		d.report(CodeRange, n.span, Diagnostic{
			Message: fmt.Sprintf("%q is %s; it must be %s", k.name, n.text, k.number()),
			Label:   "too small",
			Help:    fmt.Sprintf("remove it, or write `%s`", exampleLine(k)),
		})
	default:
		r.Count, r.Per = Scalar[float64]{Value: count, Span: n.span}, per
	}
}

// deadLetter decodes a function, alone or with its args.
func (d *decoder) deadLetter(k *key, n *node, l *DeadLetter) {
	l.Span = n.span
	if n.kind == mappingNode {
		decodeMapping(d, strconv.Quote(k.name), deadLetterKeys, n, n.span, l)
	} else {
		d.value(k, n, &l.Func)
	}
}
