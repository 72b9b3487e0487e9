package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// A node is a stage while its place in the graph and its types are found.
type node struct {
	*Stage
	index   int // in the file
	from    []edge
	readers []*node
	to      *node
	caller  bool  // reads what the caller passes
	failed  bool  // its types are not known; the reason is reported
	meant   bool  // by a from that names no stage
	source  *node // for messages: the stage whose function made its items; itself for functions
}

// An edge leads to the stage that is read.
type edge struct {
	*node
	span spec.Span // where the reader's from names it; the reader's verb where it is the stage above
}

// connect makes the nodes, names them and links readers to what they read.
func (p *planner) connect() {
	byName := make(map[string]*node)
	for i, s := range p.file.Stages {
		n := &node{Stage: &Stage{Spec: s, Verb: s.Verb}, index: i, failed: s.Verb == ""}
		p.nodes = append(p.nodes, n)
		if !s.Name.IsSet() {
			continue
		}
		if other := byName[s.Name.Value]; other != nil {
			p.report(spec.Diagnostic{
				Code:    codeSameName,
				Span:    s.Name.Span,
				Message: fmt.Sprintf("two stages are called %q", s.Name.Value),
				Label:   "again here",
				Notes:   []string{fmt.Sprintf("%s: %q is here first", p.at(other.Spec.Name.Span), s.Name.Value)},
				Help:    "name one of them differently",
			})
		} else {
			byName[s.Name.Value] = n
		}
		n.Name = s.Name.Value
	}
	for _, n := range p.nodes {
		if n.Name == "" {
			n.Name = freshName(automaticName(n.Spec), byName)
			byName[n.Name] = n
		}
	}
	p.nameFields()
	for _, n := range p.nodes {
		p.link(n, byName)
	}
	p.checkReaders()
}

// automaticName is the name of a stage that the spec does not name.
func automaticName(s *spec.Stage) string {
	if s.Func.Name == "" {
		return string(s.Verb)
	}
	return spec.SnakeName(s.Func.Name)
}

// freshName returns name, or name with the first number from 2 that is free.
func freshName(name string, taken map[string]*node) string {
	free := name
	for i := 2; taken[free] != nil; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	return free
}

// statsMethods are the methods of the generated statistics, which has a field for each stage.
var statsMethods = []string{"Each", "String"}

// nameFields gives each stage its Go identifier.
func (p *planner) nameFields() {
	byField := make(map[string]*node)
	for _, n := range p.nodes {
		n.Field = spec.GoName(n.Name)
		if slices.Contains(statsMethods, n.Field) {
			n.Field += "Stage"
		}
		if other := byField[n.Field]; other != nil && other.Name != n.Name {
			p.report(spec.Diagnostic{
				Code:    codeSameName,
				Span:    nameSpan(n.Spec),
				Message: fmt.Sprintf("stages %q and %q are both %s in Go", other.Name, n.Name, n.Field),
				Notes:   []string{fmt.Sprintf("%s: %q is here", p.at(nameSpan(other.Spec)), other.Name)},
				Help:    "name one of them differently",
			})
		}
		byField[n.Field] = n
	}
}

// nameSpan is the place of what gives a stage its name.
func nameSpan(s *spec.Stage) spec.Span {
	switch {
	case s.Name.IsSet():
		return s.Name.Span
	case s.Func.IsSet():
		return s.Func.Span
	}
	return s.VerbSpan
}

// link finds the stages that n reads.
func (p *planner) link(n *node, byName map[string]*node) {
	s := n.Spec
	if s.Verb == spec.Source || s.Verb == "" {
		return
	}
	if len(s.From) == 0 {
		p.linkAbove(n)
		return
	}
	for _, from := range s.From {
		w := byName[from.Value]
		d := spec.Diagnostic{Span: from.Span}
		switch {
		case w == nil:
			d.Code = codeUnknownFrom
			d.Message = fmt.Sprintf("there is no stage %q", from.Value)
			d.Label = "not found"
			d.Help = p.suggestStage(from.Value, n, byName)
		case w == n:
			d.Code = codeCycle
			d.Message = fmt.Sprintf("%q reads itself", n.Name)
			d.Help = "name the stage that makes its items"
		case w.Verb == spec.Sink:
			d.Code = codeUnknownFrom
			d.Message = fmt.Sprintf("%q reads %q, which is a sink: nothing comes out of it", n.Name, w.Name)
			d.Help = "make it a tap, which passes items on"
		case slices.ContainsFunc(n.from, func(e edge) bool { return e.node == w }):
			d.Code = codeTwoReaders
			d.Message = fmt.Sprintf("%q reads %q twice", n.Name, w.Name)
			d.Help = "remove one of the two"
		default:
			n.from = append(n.from, edge{w, from.Span})
			w.readers = append(w.readers, n)
			continue
		}
		n.failed = true
		p.report(d)
	}
}

// linkAbove lets n read the stage above it, or the caller where there is none.
func (p *planner) linkAbove(n *node) {
	if n.index == 0 {
		n.caller = true
		if i := slices.IndexFunc(p.nodes, func(o *node) bool { return o.Verb == spec.Source }); i >= 0 {
			n.failed = true
			p.report(spec.Diagnostic{
				Code:    codeNoInput,
				Span:    n.Spec.VerbSpan,
				Message: fmt.Sprintf("%q would take the caller's items, but the pipeline has a source, %q", n.Name, p.nodes[i].Name),
				Notes:   []string{"a pipeline takes its items from its sources or, without any, from the caller"},
				Help:    fmt.Sprintf("put the source first, or write from: %s", p.nodes[i].Name),
			})
		}
		return
	}
	above := p.nodes[n.index-1]
	if above.Verb == spec.Sink {
		n.failed = true
		d := spec.Diagnostic{
			Code:    codeNoInput,
			Span:    n.Spec.VerbSpan,
			Message: fmt.Sprintf("%q has no input: the stage above, %q, is a sink", n.Name, above.Name),
			Label:   "needs from",
			Help:    "write from: with the stage that it reads",
		}
		if n.Verb == spec.Sink {
			d.Help += fmt.Sprintf("; to do two things with each item, make %q a tap", above.Name)
		}
		p.report(d)
		return
	}
	n.from = append(n.from, edge{above, n.Spec.VerbSpan})
	above.readers = append(above.readers, n)
}

// suggestStage says which stage an unknown name may mean, and marks that one as meant.
func (p *planner) suggestStage(name string, reader *node, byName map[string]*node) string {
	var names []string
	for _, n := range p.nodes {
		if n != reader && n.Verb != spec.Sink {
			names = append(names, n.Name)
		}
	}
	if meant, ok := spec.Suggest(name, names); ok {
		byName[meant].meant = true
		return fmt.Sprintf("did you mean %q?", meant)
	}
	if len(names) == 0 {
		return ""
	}
	return "stages to read are " + strings.Join(names, ", ")
}

// checkReaders reports stages with several readers and settles To and From.
func (p *planner) checkReaders() {
	for _, n := range p.nodes {
		for _, e := range n.from {
			n.From = append(n.From, e.Stage)
		}
		if len(n.readers) == 0 {
			continue
		}
		n.To, n.to = n.readers[0].Stage, n.readers[0]
		for _, second := range n.readers[1:] {
			i := slices.IndexFunc(second.from, func(e edge) bool { return e.node == n })
			first := n.readers[0]
			j := slices.IndexFunc(first.from, func(e edge) bool { return e.node == n })
			p.report(spec.Diagnostic{
				Code:    codeTwoReaders,
				Span:    second.from[i].span,
				Message: fmt.Sprintf("both %q and %q read %q", first.Name, second.Name, n.Name),
				Label:   "second reader",
				Notes:   []string{fmt.Sprintf("%s: %q reads it", p.at(first.from[j].span), first.Name)},
				Help:    "a stage has one reader: put one below the other, a tap first for what only looks on",
			})
		}
	}
}

// checkEnds reports open ends beside the one that the caller reads: the last stage of the file.
func (p *planner) checkEnds() {
	for _, n := range p.nodes {
		if n.Verb == spec.Sink || n.Verb == "" || len(n.readers) > 0 || n.meant || n.index == len(p.nodes)-1 {
			continue
		}
		p.report(spec.Diagnostic{
			Code:    codeUnread,
			Span:    nameSpan(n.Spec),
			Message: fmt.Sprintf("nothing reads %q", n.Name),
			Notes:   []string{"the last stage of a spec may be left open for the caller to read, no other"},
			Help:    fmt.Sprintf("end it with a sink, or merge it: from: [%s, …]", n.Name),
		})
	}
}

// sortNodes returns the nodes in the order items flow: each after those it reads, otherwise as in the file.
// Stages of cycles, and those below, come last and have failed; each cycle is reported.
func (p *planner) sortNodes() (order []*node, acyclic bool) {
	missing := make(map[*node]int) // how many of the stages that it reads are not placed yet
	var ready []*node              // sorted by index
	for _, n := range p.nodes {
		if missing[n] = len(n.from); missing[n] == 0 {
			ready = append(ready, n)
		}
	}
	for len(ready) > 0 {
		n := ready[0]
		ready = ready[1:]
		order = append(order, n)
		for _, r := range n.readers {
			if missing[r]--; missing[r] == 0 {
				i, _ := slices.BinarySearchFunc(ready, r, func(a, b *node) int { return a.index - b.index })
				ready = slices.Insert(ready, i, r)
			}
		}
	}
	if len(order) == len(p.nodes) {
		return order, true
	}
	seen := make(map[*node]bool)
	for _, n := range p.nodes {
		if missing[n] == 0 {
			continue
		}
		n.failed = true
		order = append(order, n)
		if cycle := p.cycle(n, missing, seen); cycle != nil {
			p.reportCycle(cycle)
		}
	}
	return order, false
}

// cycle follows what n reads until a stage comes again, and returns those in between in the order they read
// each other. It is nil where the walk meets a stage that was seen from another start.
func (p *planner) cycle(n *node, missing map[*node]int, seen map[*node]bool) []*node {
	var path []*node
	for !seen[n] {
		seen[n] = true
		path = append(path, n)
		i := slices.IndexFunc(n.from, func(e edge) bool { return missing[e.node] > 0 })
		n = n.from[i].node
	}
	if i := slices.Index(path, n); i >= 0 {
		return path[i:]
	}
	return nil
}

func (p *planner) reportCycle(cycle []*node) {
	first := cycle[0]
	var names []string
	for _, n := range append(cycle, first) {
		names = append(names, n.Name)
	}
	i := slices.IndexFunc(first.from, func(e edge) bool { return e.node == cycle[1%len(cycle)] })
	p.report(spec.Diagnostic{
		Code:    codeCycle,
		Span:    first.from[i].span,
		Message: fmt.Sprintf("the stages read each other in a circle: %s", strings.Join(names, " ← ")),
		Help:    "items flow from a source to an end; let one of them read something else",
	})
}
