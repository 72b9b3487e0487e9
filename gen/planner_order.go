package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// A circle is a strongly connected part of the graph: from each of its stages items may come to each other
// one, and to itself.
type circle struct {
	nodes    []*node // in the order of the file
	reported bool    // it is no cycle that can be
}

// back says whether e leads through a feedback queue to a stage that is in a circle with its writer: the
// only edges that may lead upwards.
func (e edge) back() bool {
	return e.queue != nil && e.queue.spec.Feedback.Value && e.node.circle != nil && e.node.circle == e.reader.circle
}

// findCircles fills the circles of all nodes, with Tarjan's algorithm.
func (p *planner) findCircles() {
	number, low := make(map[*node]int), make(map[*node]int) // in the order of visits, from 1
	var stack []*node
	var visit func(n *node)
	visit = func(n *node) {
		number[n] = len(number) + 1
		low[n] = number[n]
		stack = append(stack, n)
		self := false
		for _, r := range n.readers() {
			switch {
			case r == n:
				self = true
			case number[r] == 0:
				visit(r)
				low[n] = min(low[n], low[r])
			case slices.Contains(stack, r):
				low[n] = min(low[n], number[r])
			}
		}
		if low[n] != number[n] {
			return
		}
		i := slices.Index(stack, n)
		c := &circle{nodes: slices.Clone(stack[i:])}
		stack = stack[:i]
		if len(c.nodes) == 1 && !self {
			return
		}
		slices.SortFunc(c.nodes, func(a, b *node) int { return a.index - b.index })
		for _, n := range c.nodes {
			n.circle = c
		}
	}
	for _, n := range p.nodes {
		if number[n] == 0 {
			visit(n)
		}
	}
}

// sortNodes returns the nodes in the order items flow: each after those it reads but for what comes back to
// it, otherwise as in the file. Stages of circles that lead through no feedback queue, those that nothing
// reaches, and those below come last and have failed; each such circle is reported.
func (p *planner) sortNodes() (order []*node, sorted bool) {
	p.findCircles()
	missing := make(map[*node]int) // how many of the outputs that it reads belong to stages not placed yet
	var ready []*node              // sorted by index
	isReady := make(map[*node]bool)
	push := func(n *node) {
		if !isReady[n] {
			isReady[n] = true
			i, _ := slices.BinarySearchFunc(ready, n, func(a, b *node) int { return a.index - b.index })
			ready = slices.Insert(ready, i, n)
		}
	}
	for _, n := range p.nodes {
		for _, e := range n.from {
			if !e.back() {
				missing[n]++
			}
		}
		if len(n.from) == 0 {
			push(n)
		}
	}
	for len(ready) > 0 {
		n := ready[0]
		ready = ready[1:]
		order = append(order, n)
		for _, r := range n.readers() {
			for _, e := range r.from {
				if e.node == n && !e.back() {
					missing[r]--
				}
			}
			if missing[r] == 0 {
				push(r)
			}
		}
	}
	if len(order) == len(p.nodes) {
		return order, true
	}
	seen := make(map[*node]bool)
	for _, n := range p.nodes {
		if isReady[n] {
			continue
		}
		n.failed = true
		order = append(order, n)
		if missing[n] == 0 {
			continue
		}
		if cycle := p.cycle(n, isReady, seen); cycle != nil {
			p.reportCycle(cycle)
		}
	}
	p.checkReached(isReady)
	return order, false
}

// cycle follows what n reads, but for what comes back, until a stage comes again, and returns those in
// between in the order they read each other. It is nil where the walk ends elsewhere.
func (p *planner) cycle(n *node, placed, seen map[*node]bool) []*node {
	var path []*node
	for !seen[n] {
		seen[n] = true
		path = append(path, n)
		i := slices.IndexFunc(n.from, func(e edge) bool { return !e.back() && !placed[e.node] })
		if i < 0 {
			return nil
		}
		n = n.from[i].node
	}
	if i := slices.Index(path, n); i >= 0 {
		return path[i:]
	}
	return nil
}

func (p *planner) reportCycle(cycle []*node) {
	first := cycle[0]
	first.circle.reported = true
	var names []string
	for _, n := range append(cycle, first) {
		names = append(names, n.Name)
	}
	i := slices.IndexFunc(first.from, func(e edge) bool { return e.node == cycle[1%len(cycle)] })
	e := first.from[i]
	d := spec.Diagnostic{
		Code:    codeCycle,
		Span:    e.link.span,
		Message: fmt.Sprintf("the stages read each other in a circle: %s", strings.Join(names, " ← ")),
		Help:    fmt.Sprintf("where items shall come back to %q, let %q write to a queue with feedback: true that %q reads; else let one of them read something else", first.Name, e.node.Name, first.Name),
	}
	if e.queue != nil {
		d.Help = fmt.Sprintf("where items shall come back to %q, write feedback: true and capacity: unlimited at the queue %q; else let one of them read something else", first.Name, e.queue.name)
	}
	p.report(d)
}

// checkReached reports the circles into which nothing leads.
func (p *planner) checkReached(placed map[*node]bool) {
	for _, n := range p.nodes {
		if placed[n] || n.circle == nil || n.circle.reported {
			continue
		}
		n.circle.reported = true
		entered := slices.ContainsFunc(n.circle.nodes, func(n *node) bool {
			return n.caller || slices.ContainsFunc(n.from, func(e edge) bool { return e.node.circle != n.circle })
		})
		if entered {
			continue
		}
		var names []string
		for _, n := range n.circle.nodes {
			names = append(names, fmt.Sprintf("%q", n.Name))
		}
		d := spec.Diagnostic{
			Code:    codeUnreachable,
			Span:    nameSpan(n.Spec),
			Message: fmt.Sprintf("nothing reaches %s: they read only each other", andList(names)),
			Help:    "let a source write to the queue, too; or put a stage that takes the caller's items first",
		}
		if len(names) == 1 {
			d.Message = fmt.Sprintf("nothing reaches %s: it reads only itself", names[0])
		}
		p.report(d)
	}
}

// checkCircles reports what cannot be in a circle, and feedback outside of any.
func (p *planner) checkCircles() {
	for _, n := range p.nodes {
		if n.circle == nil || n.circle.reported {
			continue
		}
		d := spec.Diagnostic{Code: codeInCycle, Span: n.Spec.VerbSpan, Label: "in a cycle"}
		switch {
		case n.Verb == spec.BatchVerb, n.Verb == spec.ReduceV, n.Verb == spec.ZipV, n.Verb == spec.JoinV:
			d.Message = fmt.Sprintf("%q is a %s inside a cycle: it may hold back the very item that would bring the others", n.Name, n.Verb)
			d.Help = "put it below the cycle, or lead the items back above it"
		case n.Spec.Ordered.Value:
			d.Span = p.keySpan(n, n.Spec.Ordered.Span)
			d.Message = fmt.Sprintf("%q is ordered inside a cycle: an item may wait for one that it is to bring itself", n.Name)
			d.Help = "remove ordered: items that come back have no place in the order"
		default:
			continue
		}
		d.Notes = []string{"the cycle: " + p.circleText(n.circle)}
		p.report(d)
	}
	for _, q := range p.queueOrder {
		if !q.spec.Feedback.Value || len(q.writers) == 0 || len(q.links) == 0 || slices.ContainsFunc(q.links, func(l *link) bool {
			return slices.ContainsFunc(l.reader.from, func(e edge) bool { return e.queue == q && e.back() })
		}) {
			continue
		}
		p.report(spec.Diagnostic{
			Code:    codeFeedback,
			Span:    q.spec.Feedback.Span,
			Message: fmt.Sprintf("nothing comes back to the queue %q: none of its writers is below its readers", q.name),
			Label:   "no feedback",
			Help:    fmt.Sprintf("remove feedback, or let a stage below write to it: to: %s", q.name),
		})
	}
}

// circleText names the stages of a circle.
func (p *planner) circleText(c *circle) string {
	var names []string
	for _, n := range c.nodes {
		names = append(names, n.Name)
	}
	return strings.Join(names, ", ")
}
