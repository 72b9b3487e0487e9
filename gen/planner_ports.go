package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// failedPort is the port of failed items.
const failedPort = "failed"

// makePorts gives n its outputs: the main one, or those of a switch, and the one of failed items.
func (p *planner) makePorts(n *node) {
	s := n.Spec
	add := func(o *Output, span spec.Span) *port {
		o.Stage = n.Stage
		n.Outputs = append(n.Outputs, o)
		n.ports = append(n.ports, &port{Output: o, node: n, span: span, fanOut: s.FanOut})
		return n.ports[len(n.ports)-1]
	}
	switch {
	case s.Verb == spec.Sink:
	case s.Verb == spec.SwitchV && s.Switch != nil:
		for _, c := range s.Switch.Cases {
			if n.port(c.Port.Value) == nil {
				add(&Output{Port: c.Port.Value}, c.Port.Span)
			}
		}
		if d := s.Switch.Default; d.IsSet() && n.port(d.Value) == nil {
			add(&Output{Port: d.Value}, d.Span)
		}
	case s.Verb != spec.SwitchV:
		main := add(&Output{}, nameSpan(s))
		p.writeTo(main, s.To)
	}
	if s.OnError.Value == "route" && n.port(failedPort) == nil && hasItem(s.Verb) {
		add(&Output{Port: failedPort, Failed: true}, p.keySpan(n, s.OnError.Span)).fanOut = nil
	}
}

// hasItem says whether an error of a stage belongs to one item.
func hasItem(v spec.Verb) bool { return v != spec.Source && v != spec.ZipV && v != spec.JoinV }

// writeTo links the main port of a stage to the queue that the spec names.
func (p *planner) writeTo(o *port, to spec.Scalar[string]) {
	if to.Value == "" {
		return
	}
	q := p.queues[to.Value]
	if q == nil {
		d := spec.Diagnostic{
			Code:    codeUnknownFrom,
			Span:    to.Span,
			Message: fmt.Sprintf("there is no queue %q", to.Value),
			Label:   "not found",
			Help:    fmt.Sprintf("declare it at the top: queues: {%s: {capacity: 100}}", to.Value),
		}
		var names []string
		for _, q := range p.queueOrder {
			names = append(names, q.name)
		}
		if meant, ok := spec.Suggest(to.Value, names); ok {
			p.queues[meant].meant = true
			d.Help = fmt.Sprintf("did you mean %q?", meant)
		} else {
			p.unlinked = true
			if len(names) > 0 {
				d.Help = "queues to write to are " + strings.Join(names, ", ")
			}
		}
		o.node.meant = true
		p.report(d)
		return
	}
	o.to = q
	q.writers = append(q.writers, o)
}

// port returns the port of n with the given name, "" for the main one; nil where there is none.
func (n *node) port(name string) *port {
	for _, o := range n.ports {
		if o.Port == name {
			return o
		}
	}
	return nil
}

// link finds what n reads.
func (p *planner) link(n *node, byName map[string]*node) {
	s := n.Spec
	switch {
	case s.Verb == spec.Source:
	case s.Verb == "": // reported with the text of the spec
		p.unlinked = true
	case s.Verb == spec.ZipV:
		if s.Zip == nil || len(s.Zip.Inputs) != 2 {
			n.failed, p.unlinked = true, true // reported with the text of the spec
			return
		}
		p.linkTo(n, s.Zip.Inputs[0], Left, byName)
		p.linkTo(n, s.Zip.Inputs[1], Right, byName)
	case s.Verb == spec.JoinV:
		if s.Join == nil {
			n.failed, p.unlinked = true, true
			return
		}
		p.linkTo(n, s.Join.Left.From, Left, byName)
		p.linkTo(n, s.Join.Right.From, Right, byName)
	case len(s.From) == 0:
		p.linkAbove(n)
	default:
		for _, from := range s.From {
			p.linkTo(n, from, NoSide, byName)
		}
	}
}

// linkTo links n to what a name means.
func (p *planner) linkTo(n *node, from spec.Scalar[string], side Side, byName map[string]*node) {
	if from.Value == "" {
		n.failed, p.unlinked = true, true // reported with the text of the spec
		return
	}
	l := &link{reader: n, side: side, span: from.Span}
	if q := p.queues[from.Value]; q != nil {
		l.queue = q
	} else if l.port = p.findPort(n, from, byName); l.port == nil {
		n.failed = true
		return
	}
	same := func(o *link) bool { return o.port == l.port && o.queue == l.queue && o.side == l.side }
	if slices.ContainsFunc(n.links, same) {
		n.failed = true
		p.report(spec.Diagnostic{
			Code:    codeTwoReaders,
			Span:    from.Span,
			Message: fmt.Sprintf("%q reads %q twice", n.Name, from.Value),
			Help:    "remove one of the two",
		})
		return
	}
	p.addLink(l)
}

func (p *planner) addLink(l *link) {
	l.reader.links = append(l.reader.links, l)
	if l.queue != nil {
		l.queue.links = append(l.queue.links, l)
	} else {
		l.port.links = append(l.port.links, l)
	}
}

// findPort returns the port that a name in n's from means. Where there is none it says so and returns nil.
func (p *planner) findPort(n *node, from spec.Scalar[string], byName map[string]*node) *port {
	stage, name, dotted := strings.Cut(from.Value, ".")
	w := byName[stage]
	if w != nil && w != n {
		if o := w.port(name); o != nil {
			return o
		}
	}
	d := spec.Diagnostic{Span: from.Span}
	switch {
	case w == nil:
		d.Code = codeUnknownFrom
		d.Message = fmt.Sprintf("there is no stage %q", stage)
		if len(p.queues) > 0 && !dotted {
			d.Message = fmt.Sprintf("there is no stage or queue %q", stage)
		}
		d.Label = "not found"
		d.Help = p.suggestSource(stage, name, n, byName)
	case w == n:
		p.unlinked = true
		d.Code = codeCycle
		d.Message = fmt.Sprintf("%q reads itself", n.Name)
		d.Help = "name the stage that makes its items; what comes back to a stage goes through a queue with feedback: true"
	default:
		d.Code = codeUnknownFrom
		p.noPort(&d, n, w, name)
	}
	p.report(d)
	return nil
}

// noPort says why w has no port of the name, "" for the main one.
func (p *planner) noPort(d *spec.Diagnostic, reader, w *node, name string) {
	var names []string
	for _, o := range w.ports {
		if o.Port != "" {
			names = append(names, w.Name+"."+o.Port)
		}
	}
	for _, o := range w.ports {
		o.node.meant = true
	}
	meant, near := spec.Suggest(w.Name+"."+name, names)
	switch {
	case name == "" && w.Verb == spec.Sink:
		d.Message = fmt.Sprintf("%q reads %q, which is a sink: nothing comes out of it", reader.Name, w.Name)
		d.Help = "make it a tap, which passes items on"
	case name == "" && w.Verb == spec.SwitchV:
		d.Message = fmt.Sprintf("%q reads %q, which is a switch: its items leave by ports", reader.Name, w.Name)
		d.Help = "give it cases, and read one of their ports"
		if len(names) > 0 {
			d.Help = "read " + orList(names)
		}
	case name == failedPort && !hasItem(w.Verb):
		d.Message = fmt.Sprintf("%q has no port %q: an error of a %s is not that of one item", w.Name, name, w.Verb)
		d.Help = "on_error: yield hands its errors out of the open end"
	case name == failedPort && w.Verb != spec.BatchVerb && w.Verb != spec.Unbatch && w.Verb != spec.ReduceV:
		d.Message = fmt.Sprintf("%q has no port %q", w.Name, name)
		d.Help = fmt.Sprintf("write on_error: route at %q", w.Name)
	case near:
		d.Message = fmt.Sprintf("%q has no port %q", w.Name, name)
		d.Help = fmt.Sprintf("did you mean %q?", meant)
	case len(names) > 0:
		d.Message = fmt.Sprintf("%q has no port %q", w.Name, name)
		d.Help = "its ports are " + andList(names)
	default:
		d.Message = fmt.Sprintf("%q has no ports", w.Name)
		d.Help = fmt.Sprintf("read the stage itself: from: %s", w.Name)
	}
	d.Label = "not found"
	if name == "" {
		d.Label = ""
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
	d := spec.Diagnostic{Code: codeNoInput, Span: n.Spec.VerbSpan, Label: "needs from"}
	switch {
	case above.Verb == spec.Sink:
		d.Message = fmt.Sprintf("%q has no input: the stage above, %q, is a sink", n.Name, above.Name)
		d.Help = "write from: with the stage that it reads"
		if n.Verb == spec.Sink {
			d.Help += fmt.Sprintf("; to do two things with each item, make %q a tap", above.Name)
		}
	case above.Verb == spec.SwitchV:
		d.Message = fmt.Sprintf("%q has no input: the stage above, %q, is a switch", n.Name, above.Name)
		d.Help = "write from: with one of its ports"
		if len(above.ports) > 0 {
			d.Help += fmt.Sprintf(": from: %s", above.ports[0].title())
		}
		above.meant = true
	case above.Spec.To.IsSet():
		d.Message = fmt.Sprintf("%q has no input: the stage above, %q, writes to the queue %q", n.Name, above.Name, above.Spec.To.Value)
		d.Help = fmt.Sprintf("write from: %s to read the queue; or from: %s, with fan_out there, to get the items as well", above.Spec.To.Value, above.Name)
		if q := p.queues[above.Spec.To.Value]; q != nil {
			q.meant = true
		}
	default:
		if main := above.port(""); main != nil {
			p.addLink(&link{port: main, reader: n, span: n.Spec.VerbSpan})
		} else {
			n.failed = true
		}
		return
	}
	n.failed = true
	p.report(d)
}

// suggestSource says what an unknown name in from may mean, and marks that as meant; if it can be anything, the
// planner is unlinked.
func (p *planner) suggestSource(stage, port string, reader *node, byName map[string]*node) string {
	var names []string
	for _, n := range p.nodes {
		if n != reader && n.port(port) != nil {
			names = append(names, n.Name)
		}
	}
	if port == "" {
		for _, q := range p.queueOrder {
			names = append(names, q.name)
		}
	}
	if meant, ok := spec.Suggest(stage, names); ok {
		if q := p.queues[meant]; q != nil {
			q.meant = true
		} else {
			byName[meant].meant = true
		}
		if port != "" {
			meant += "." + port
		}
		return fmt.Sprintf("did you mean %q?", meant)
	}
	p.unlinked = true
	if len(names) == 0 {
		return ""
	}
	if port != "" {
		return "stages with such a port are " + strings.Join(names, ", ")
	}
	if len(p.queues) > 0 {
		return "stages and queues to read are " + strings.Join(names, ", ")
	}
	return "stages to read are " + strings.Join(names, ", ")
}
