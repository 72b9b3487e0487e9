package gen

import (
	"fmt"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// disorder is why items do not come in order; the zero disorder says that they do.
type disorder struct {
	why   string
	keyed bool   // those of one key do, as far as a partition_by above knows
	dealt string // in order or not, chance decides which items come: why
}

// checkStages reports what a stage asks for and cannot have where it stands, and warns of what it may not
// mean. The types of the stages are known.
func (p *planner) checkStages(order []*node) {
	leaving := make(map[*node]disorder)
	for _, n := range order {
		leaving[n] = p.checkOrder(n, leaving)
		p.checkOutput(n)
		p.checkTimeout(n)
		p.checkMergeFunction(n)
		p.checkNoItem(n)
		if q := n.Spec.Queue; q != nil && q.Unlimited && n.shared(NoSide) == nil {
			p.warnUnlimited(p.keySpan(n, q.Span), fmt.Sprintf("the queue of %q", n.Name), fmt.Sprintf("%q is", n.Name))
		}
	}
	if !p.unproven {
		p.checkDeadlocks(order)
	}
	p.checkYields()
	for _, q := range p.queueOrder {
		if q.spec.Unlimited && !q.spec.Feedback.Value {
			p.warnUnlimited(q.spec.Name.Span, fmt.Sprintf("the queue %q", q.name), "its readers are")
		}
	}
}

func (p *planner) warnUnlimited(at spec.Span, queue, who string) {
	p.warn(spec.Diagnostic{
		Code:    codeUnlimited,
		Span:    at,
		Message: fmt.Sprintf("%s is unlimited: it grows as long as %s slower than what feeds it", queue, who),
		Help:    "give it a capacity; 1,000,000 is one, too",
	})
}

// checkOrder holds what n says of order against how its items come, and returns how they leave.
func (p *planner) checkOrder(n *node, leaving map[*node]disorder) disorder {
	s := n.Spec
	var come disorder
	for _, side := range []Side{NoSide, Left, Right} {
		d := p.arrival(n, side, leaving)
		if come == (disorder{}) {
			come = d
		}
		if n.Verb == spec.ZipV {
			p.checkPositions(n, side, d)
		}
	}
	d := spec.Diagnostic{Code: codeOrderLost}
	switch {
	case come.why == "" || n.circle != nil: // in a circle, order is refused
	case s.Ordered.Value:
		d.Span = p.keySpan(n, s.Ordered.Span)
		d.Message = fmt.Sprintf("%q is ordered, but its items do not come in order: %s", n.Name, come.why)
		d.Help = "it keeps the order in which they come; remove ordered, or order the stages above too"
		p.warn(d)
	case s.Partition.IsSet() && !come.keyed:
		d.Span = p.keySpan(n, s.Partition.Span)
		d.Message = fmt.Sprintf("%q keeps items of one key in order, but they do not come in order: %s", n.Name, come.why)
		d.Help = "it keeps the order in which they come; order the stages above too, or partition them by the same key"
		p.warn(d)
	}
	if s.Ordered.Value && s.Partition.IsSet() && !p.workers(n).isOne() {
		p.report(spec.Diagnostic{
			Code:    codeOrderedKeys,
			Span:    p.keySpan(n, s.Ordered.Span),
			Message: fmt.Sprintf("%q is both ordered and partitioned", n.Name),
			Notes:   []string{"each worker goes on with the items of its keys; in one order of all, they would wait for each other"},
			Help:    "remove ordered: items of one key keep their order anyway; or remove partition_by",
		})
	}
	switch w := p.workers(n); {
	case n.Verb == spec.ReduceV || n.Verb == spec.Source:
		return disorder{}
	case n.Verb == spec.JoinV:
		return disorder{why: fmt.Sprintf("%q joins what comes from two sides, in no order across them", n.Name)}
	case come.why == "" && !w.isOne() && !s.Ordered.Value:
		return disorder{
			why:   fmt.Sprintf("%q has workers: %s and is not ordered", n.Name, w.text()),
			keyed: s.Partition.IsSet(),
		}
	case come.keyed && !w.isOne() && !s.Partition.IsSet() && !p.fused(n):
		return disorder{why: fmt.Sprintf("%q has workers: %s and is not partitioned", n.Name, w.text())}
	}
	return come
}

// checkPositions reports a zip that gets its items on one side in no certain sequence.
func (p *planner) checkPositions(n *node, side Side, come disorder) {
	i := slices.IndexFunc(n.links, func(l *link) bool { return l.side == side })
	d := spec.Diagnostic{Code: codeZipOrder}
	switch {
	case come.why != "":
		d.Message = fmt.Sprintf("%q pairs items by position, but these do not come in order: %s", n.Name, come.why)
		d.Help = "write ordered: true where the order is lost, or join by a key"
	case come.dealt != "":
		d.Message = fmt.Sprintf("%q pairs items by position, but which of them come is chance: %s", n.Name, come.dealt)
		d.Help = "give the queue fan_out, or join by a key"
	default:
		return
	}
	d.Span = n.links[i].span
	p.report(d)
}

// fused says whether n runs in the workers of the stage above.
func (p *planner) fused(n *node) bool {
	return p.groups[n] != nil && p.groups[n].Stages[0] != n.Stage
}

// arrival returns how the items of n come, on one side.
func (p *planner) arrival(n *node, side Side, leaving map[*node]disorder) disorder {
	edges := n.on(side)
	if len(edges) == 0 {
		return disorder{}
	}
	if s := n.settings(side); s != nil && (s.Kind.Value == "lifo" || s.Kind.Value == "priority") {
		return disorder{why: fmt.Sprintf("the queue of %q is of kind: %s", n.Name, s.Kind.Value)}
	}
	if len(edges) > 1 {
		return disorder{why: fmt.Sprintf("%q merges several stages, in no order across them", n.Name)}
	}
	come := leaving[edges[0].node]
	if q := edges[0].queue; q != nil && len(q.links) > 1 && q.spec.FanOut == nil {
		come.dealt = fmt.Sprintf("several readers take the items of the queue %q", q.name)
	}
	return come
}

// checkNoItem reports policies for failed items where an error belongs to none.
func (p *planner) checkNoItem(n *node) {
	s := n.Spec
	if hasItem(n.Verb) || n.OnError != DeadLetter && n.OnError != Route {
		return
	}
	d := spec.Diagnostic{
		Code:    codeNoItem,
		Span:    p.keySpan(n, s.OnError.Span),
		Message: fmt.Sprintf("%q cannot %s: an error of a %s belongs to two items", n.Name, whatWith[n.OnError], n.Verb),
		Help:    "let what may fail be a map below it; stop, skip and yield need no item",
	}
	if n.Verb == spec.Source {
		d.Message = fmt.Sprintf("%q cannot %s: where a source fails there is none", n.Name, whatWith[n.OnError])
		d.Help = "let what may fail be a map below it; stop, skip and yield need no item"
	}
	p.report(d)
}

// whatWith says what a policy does with an item.
var whatWith = map[OnError]string{DeadLetter: "hand failed items to the dead letter function", Route: "route failed items to a port"}

// keySpan returns the place of a key of n; where the key stands under defaults, that of the stage.
func (p *planner) keySpan(n *node, span spec.Span) spec.Span {
	if p.inDefaults(span) {
		return nameSpan(n.Spec)
	}
	return span
}

// inDefaults says whether a key of a stage that has the given place stands under defaults.
func (p *planner) inDefaults(span spec.Span) bool {
	d := p.file.Defaults
	if d == nil || !span.IsValid() {
		return false
	}
	given := []spec.Span{
		d.Ordered.Span, d.MaxAhead.Span, d.Timeout.Span, d.OnError.Span, d.Workers.Span, d.Fuse.Span, d.Partition.Span,
	}
	if d.Retry != nil {
		given = append(given, d.Retry.Span)
	}
	if d.Queue != nil {
		given = append(given, d.Queue.Span)
	}
	return slices.Contains(given, span)
}

// checkOutput warns of a stage that lets the compiler know nothing of its items.
func (p *planner) checkOutput(n *node) {
	readers := n.readers()
	if n.Call == nil || n.Out == nil || len(readers) == 0 || n.source != n || !isAny(n.Out) {
		return
	}
	p.warn(spec.Diagnostic{
		Code:    codeAny,
		Span:    n.Spec.Func.Span,
		Message: fmt.Sprintf("%q emits %s: what %q takes is not checked", n.Name, p.typ(n.Out), readers[0].Name),
		Label:   "emits " + p.typ(n.Out),
		Where:   where(n.Call.Pos),
		Help:    "return a concrete type, or an interface with methods",
	})
}

// checkTimeout warns of a timeout that a function cannot learn of.
func (p *planner) checkTimeout(n *node) {
	if !n.Spec.Timeout.IsSet() || n.Call == nil || n.Call.Ctx || n.Process != nil { // a worker process is killed
		return
	}
	p.warn(spec.Diagnostic{
		Code:    codeNoContext,
		Span:    p.keySpan(n, n.Spec.Timeout.Span),
		Message: fmt.Sprintf("the timeout of %q has no effect: %s takes no context", n.Name, n.Spec.Func.Text),
		Label:   "no context to cancel",
		Where:   where(n.Call.Pos),
		Help:    fmt.Sprintf("let %s take ctx context.Context first", n.Spec.Func.Text),
	})
}

// checkMergeFunction reports a reduce whose workers' values nothing joins.
func (p *planner) checkMergeFunction(n *node) {
	if n.Verb != spec.ReduceV || n.Spec.Reduce == nil || n.Spec.Reduce.Merge.IsSet() || p.workers(n).isOne() {
		return
	}
	p.report(spec.Diagnostic{
		Code:    codeNoMerge,
		Span:    n.Spec.Workers.Span,
		Message: fmt.Sprintf("%q has several workers and no merge", n.Name),
		Label:   "each worker has a value of its own",
		Help:    "add merge: a function (Acc, Acc) → Acc; or leave out workers",
	})
}

// passYields lets on_error: yield pass by stages that have it by default and from which nothing leads to the open end.
func (p *planner) passYields(order []*node) {
	def := p.file.Defaults
	if def == nil || def.OnError.Value != "yield" {
		return
	}
	dist, passed, taken := p.distances(), false, false
	for _, n := range order {
		switch {
		case n.OnError != Yield || n.Spec.OnError.Span != def.OnError.Span:
		case dist[n] == far:
			n.OnError, passed = Stop, true
		default:
			taken = true
		}
	}
	if passed && !taken && !p.diags.HasErrors() {
		p.warn(spec.Diagnostic{
			Code:    spec.CodeDefaultUnapplied,
			Span:    def.OnError.Span,
			Message: `no stage takes "on_error: yield" from defaults: every branch ends in a sink`,
			Label:   "no effect",
			Help:    "remove it: errors stop the run; or make a sink a tap and leave the end open",
		})
	}
}

// checkYields reports errors that have no open end to come out of.
func (p *planner) checkYields() {
	dist := p.distances()
	for _, n := range p.nodes {
		if n.OnError != Yield || dist[n] < far {
			continue
		}
		end, reported := n.end()
		if reported {
			continue
		}
		d := spec.Diagnostic{
			Code:    codeNowhere,
			Span:    p.keySpan(n, n.Spec.OnError.Span),
			Message: fmt.Sprintf("%q yields errors, but none of its branches has an open end", n.Name),
			Label:   "no open end below",
			Help:    "on_error: skip drops the item, stop ends the run; or make the sink a tap and leave the end open",
		}
		switch {
		case end == n:
			d.Message = fmt.Sprintf("%q yields errors, but is itself the end: nothing comes out of a sink", n.Name)
		case end != nil:
			d.Message = fmt.Sprintf("%q yields errors, but its branch ends in the sink %q", n.Name, end.Name)
		}
		p.report(d)
	}
}

// end returns the sink in which n's items end where there is one way only, else nil; and whether that way
// leads nowhere, which is reported.
func (n *node) end() (end *node, reported bool) {
	seen := make(map[*node]bool)
	for !seen[n] {
		seen[n] = true
		readers := n.readers()
		switch {
		case n.circle != nil && n.circle.reported:
			return nil, true
		case n.Verb == spec.Sink && len(readers) == 0:
			return n, false
		case len(readers) == 0:
			return nil, true
		case len(readers) > 1:
			return nil, false
		}
		n = readers[0]
	}
	return nil, false
}

// workers returns how many goroutines the spec asks for.
func (p *planner) workers(n *node) Workers {
	switch w := n.Spec.Workers; {
	case w.Auto:
		return Workers{Auto: true}
	case w.N.Param != "":
		if param := p.keyParam(w.N.Param, IntParam).Param; param != nil {
			return Workers{Param: param}
		}
	case w.IsSet():
		return Workers{N: w.N.Value}
	}
	return Workers{N: 1}
}

// isOne says whether there is surely one worker.
func (w Workers) isOne() bool { return w.N == 1 && !w.Auto && w.Param == nil }

// text writes w as a spec does.
func (w Workers) text() string {
	switch {
	case w.Auto:
		return "auto"
	case w.Param != nil:
		return "$" + w.Param.Name
	}
	return fmt.Sprint(w.N)
}
