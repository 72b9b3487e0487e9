package spec

import (
	"fmt"
	"slices"
	"time"
)

// check looks at what several keys say together, once defaults are applied. What needs Go types or the
// graph is not for this package. A key whose value is wrong was given all the same: nothing more is said
// about it.
func (d *decoder) check(f *File, top *node) {
	d.checkRetries(f)
	for _, s := range f.Stages {
		if s.MaxAhead.IsSet() && !s.Ordered.Value {
			d.contradiction(s.MaxAhead.Span, `"max_ahead" without "ordered: true"`, "only with ordered",
				"write `ordered: true` beside it, or remove it: an unordered stage passes results on at once")
		}
		if s.OnError.Value == "dead_letter" && !top.has("dead_letter") {
			d.contradiction(s.OnError.Span, `"on_error: dead_letter" without a dead letter function`, "no function",
				"name the function that takes failed items at the top: `dead_letter: SaveLetter`")
		}
		if s.Queue != nil {
			if what, why := misfit(s, s.Queue); why != "" {
				d.contradiction(what.Span, fmt.Sprintf("a %q queue before a %s: %s", what.Value, s.Verb, why), "does not fit", "remove it, or put a stage between")
			}
		}
		d.checkPorts(s)
	}
	d.checkProcesses(f, top)
	d.checkShared(f)
}

// contradiction reports keys that cannot stand together. Where defaults bring the same value to several
// stages it is reported once.
func (d *decoder) contradiction(at Span, message, label, help string) {
	if slices.ContainsFunc(*d.ds, func(p Diagnostic) bool { return p.Code == CodeContradiction && p.Span == at && p.Message == message }) {
		return
	}
	d.report(CodeContradiction, at, Diagnostic{Message: message, Label: label, Help: help})
}

// misfit says why a stage cannot be fed by a queue of this kind and policy, and which of the two does
// not fit; or returns "".
func misfit(s *Stage, q *Queue) (what Scalar[string], why string) {
	sorted := q.Kind.Value == "lifo" || q.Kind.Value == "priority"
	dropping := q.OnFull.Value == "drop_newest" || q.OnFull.Value == "drop_oldest"
	switch {
	case s.Verb == ZipV && sorted:
		return q.Kind, "it makes pairs by position"
	case s.Verb == ZipV && dropping:
		return q.OnFull, "a dropped item would shift all pairs after it"
	case s.Verb == JoinV && q.Kind.Value == "priority":
		return q.Kind, "its two inputs have items of different types"
	case s.Partition.IsSet() && sorted:
		return q.Kind, "`partition_by` keeps the order of arrival"
	case s.Ordered.Value && sorted:
		return q.Kind, "`ordered` keeps the order of arrival"
	}
	return Scalar[string]{}, ""
}

// checkPorts keeps the port of failed items apart from those of a switch.
func (d *decoder) checkPorts(s *Stage) {
	if s.Switch == nil || s.OnError.Value != "route" {
		return
	}
	ports := []Scalar[string]{s.Switch.Default}
	for _, c := range s.Switch.Cases {
		ports = append(ports, c.Port)
	}
	for _, port := range ports {
		if port.Value == "failed" {
			d.report(CodeContradiction, port.Span, Diagnostic{
				Message: `the port "failed" is that of "on_error: route"`,
				Label:   "taken",
				Notes:   []string{d.at(s.OnError.Span.Pos) + ": failed items are routed here"},
				Help:    "give the port another name",
			})
		}
	}
}

// checkQueue checks the keys of a queue, the mapping n, against each other.
func (d *decoder) checkQueue(q *Queue, n *node) {
	priority := q.Kind.Value == "priority"
	switch {
	case n.has("kind") && !q.Kind.IsSet():
	case priority && !n.has("key"):
		d.report(CodeMissingKey, q.Kind.Span, Diagnostic{
			Message: `a queue of "kind: priority" has no "key"`,
			Label:   `"key" is missing`,
			Help:    "add the function that gives an item's key, of which the smallest comes first: `key: Job.Urgency`",
		})
	case !priority && q.Key.IsSet():
		d.contradiction(q.Key.Span, `"key" without "kind: priority"`, "only with priority",
			"write `kind: priority` beside it, or remove it")
	}
	if q.Unlimited && q.OnFull.IsSet() {
		d.contradiction(q.OnFull.Span, `"on_full" of an unlimited queue`, "it is never full",
			"remove it, or write a number as the capacity")
	}
}

// checkFeedback refuses a feedback queue whose writers wait for room: they may be the ones who make it.
func (d *decoder) checkFeedback(q *NamedQueue) {
	blocks := !q.OnFull.IsSet() || q.OnFull.Value == "block"
	if !q.Feedback.Value || q.Unlimited || !blocks {
		return
	}
	at := q.Feedback.Span
	if q.Capacity.IsSet() {
		at = q.Capacity.Span
	}
	d.report(CodeFeedbackBlocks, at, Diagnostic{
		Message: fmt.Sprintf("the feedback queue %q can block", q.Name.Value),
		Label:   "when it is full",
		Notes:   []string{"its readers write to it: when all of them wait for room, nobody makes any"},
		Help:    "write `capacity: unlimited`, or say what else happens when it is full: `on_full: drop_newest`, `drop_oldest` or `fail`",
	})
}

// has says whether a mapping has the key.
func (n *node) has(key string) bool {
	return slices.ContainsFunc(n.pairs, func(p pair) bool { return p.key.text == key })
}

// defaultMax is the longest wait of a backoff without max.
const defaultMax = 10 * time.Second

// checkBackoff checks the keys of a backoff against each other.
func (d *decoder) checkBackoff(b *Backoff) {
	if b == nil || b.Max.Param != "" {
		return
	}
	longest, remark := b.Max.Value, ""
	if !b.Max.IsSet() {
		longest, remark = defaultMax, " by default"
	}
	if b.Initial.Value > longest {
		d.contradiction(b.Initial.Span, fmt.Sprintf("the first wait, %v, is longer than the longest, %v%s", b.Initial.Value, longest, remark), "longer than max",
			"write a larger `max` or a smaller `initial`")
	}
}

// checkRetries checks the names of retry policies: each that is used is there, each that is there is used.
func (d *decoder) checkRetries(f *File) {
	var names []string
	for _, r := range f.Retries {
		names = append(names, r.Name.Value)
	}
	used := map[string]bool{}
	var last Span // what defaults bring to several stages is reported once
	for _, s := range f.Stages {
		if s.Retry == nil || !s.Retry.Name.IsSet() {
			continue
		}
		name := s.Retry.Name
		used[name.Value] = true
		if slices.Contains(names, name.Value) || name.Span == last {
			continue
		}
		last = name.Span
		help := fmt.Sprintf("declare it: `retries: {%s: {max_attempts: 3}}`", name.Value)
		if meant, ok := Suggest(name.Value, names); ok {
			help = fmt.Sprintf("did you mean %q?", meant)
		}
		d.report(CodeUnknownRetry, name.Span, Diagnostic{
			Message: fmt.Sprintf("unknown retry policy %q", name.Value),
			Label:   "not declared",
			Help:    help,
		})
	}
	for _, r := range f.Retries {
		if !used[r.Name.Value] {
			d.report(CodeUnused, r.Name.Span, Diagnostic{
				Message: fmt.Sprintf("nothing uses the retry policy %q", r.Name.Value),
				Label:   "not used",
				Help:    fmt.Sprintf("write `retry: %s` in a stage, or remove it", r.Name.Value),
			})
		}
	}
}
