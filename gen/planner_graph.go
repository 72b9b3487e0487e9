package gen

import (
	"fmt"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// A node is a stage while its place in the graph and its types are found.
type node struct {
	*Stage
	index    int     // in the file
	ports    []*port // where its items leave, as Stage.Outputs
	links    []*link // what the spec says it reads
	from     []edge  // the same, with the writers of a queue in its place
	caller   bool    // reads what the caller passes
	failed   bool    // its types are not known; the reason is reported
	planned  bool    // its types have been looked for
	meant    bool    // by a from that names nothing
	circle   *circle // it lies in one; else nil
	priority *Call   // the key of its queue
	errors   *exit   // by which yielded errors leave; nil at the open end
	source   *node   // for messages: the stage whose function made its items; itself for functions
}

// A port is an output while its readers are found.
type port struct {
	*Output
	node   *node
	span   spec.Span    // what it owes its existence to
	to     *namedQueue  // which the spec says it writes to; else nil
	links  []*link      // of the stages that name it, in the order of the file
	fanOut *spec.FanOut // what the stage says; nil of failed items
	hash   *spec.FanOut // what settled Output.FanOut; nil for Single
}

// A link leads from a reader to what it names: a port or a named queue.
type link struct {
	port   *port
	queue  *namedQueue
	reader *node
	side   Side
	span   spec.Span // where the reader names it; the reader's verb where it is the stage above
}

// An edge leads from a reader to a port that it reads, itself or through a named queue.
type edge struct {
	*port
	*link
}

// A namedQueue is an entry of the spec's queues.
type namedQueue struct {
	spec    *spec.NamedQueue
	name    string
	writers []*port
	links   []*link // of its readers, in the order of the file
	queue   *Queue  // that its readers share; nil with fan_out, where each has its own
	meant   bool    // by a from or to that names nothing
}

// connect makes the nodes, names them and links readers to what they read.
func (p *planner) connect() {
	p.nameQueues()
	byName := make(map[string]*node)
	for i, s := range p.file.Stages {
		n := &node{Stage: &Stage{Spec: s, Verb: s.Verb}, index: i, failed: s.Verb == ""}
		p.nodes = append(p.nodes, n)
		if !s.Name.IsSet() {
			continue
		}
		first, taken := spec.Span{}, true
		switch q := p.queues[s.Name.Value]; {
		case byName[s.Name.Value] != nil:
			first = byName[s.Name.Value].Spec.Name.Span
		case q != nil:
			first = q.spec.Name.Span
		default:
			byName[s.Name.Value], taken = n, false
		}
		if taken {
			d := spec.Diagnostic{
				Code:    codeSameName,
				Span:    s.Name.Span,
				Message: fmt.Sprintf("two stages are called %q", s.Name.Value),
				Label:   "again here",
				Notes:   []string{fmt.Sprintf("%s: %q is here first", p.at(first), s.Name.Value)},
				Help:    "name one of them differently",
			}
			if q := p.queues[s.Name.Value]; q != nil {
				d.Message = fmt.Sprintf("a stage and a queue are called %q", s.Name.Value)
				n.meant, q.meant = true, true
			}
			p.report(d)
		}
		n.Name = s.Name.Value
	}
	for _, n := range p.nodes {
		if n.Name == "" {
			n.Name = p.freshName(automaticName(n.Spec), byName)
			byName[n.Name] = n
		}
	}
	p.nameFields()
	for _, n := range p.nodes {
		p.makePorts(n)
	}
	for _, n := range p.nodes {
		p.link(n, byName)
	}
	for _, n := range p.nodes {
		p.follow(n)
	}
}

// nameQueues makes the named queues.
func (p *planner) nameQueues() {
	p.queues = make(map[string]*namedQueue)
	for _, s := range p.file.Queues {
		if p.queues[s.Name.Value] == nil { // else reported with the text of the spec
			p.queues[s.Name.Value] = &namedQueue{spec: s, name: s.Name.Value}
			p.queueOrder = append(p.queueOrder, p.queues[s.Name.Value])
		}
	}
}

// automaticName is the name of a stage that the spec does not name.
func automaticName(s *spec.Stage) string {
	if s.Func.Name == "" {
		return string(s.Verb)
	}
	return spec.SnakeName(s.Func.Name)
}

// freshName returns name, or name with the first number from 2 that is free.
func (p *planner) freshName(name string, taken map[string]*node) string {
	free := name
	for i := 2; taken[free] != nil || p.queues[free] != nil; i++ {
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

// follow fills n.from, now that all links are known.
func (p *planner) follow(n *node) {
	for _, l := range n.links {
		if l.port != nil {
			n.from = append(n.from, edge{l.port, l})
			continue
		}
		for _, w := range l.queue.writers {
			n.from = append(n.from, edge{w, l})
		}
	}
	for _, e := range n.from {
		n.Reads = append(n.Reads, e.Output)
		if !slices.Contains(n.From, e.node.Stage) {
			n.From = append(n.From, e.node.Stage)
		}
	}
}

// readers returns the stages that read o, itself or through a queue, in the order of the file.
func (o *port) readers() []*node {
	var all []*node
	add := func(links []*link) {
		for _, l := range links {
			if !slices.Contains(all, l.reader) {
				all = append(all, l.reader)
			}
		}
	}
	add(o.links)
	if o.to != nil {
		add(o.to.links)
	}
	slices.SortFunc(all, func(a, b *node) int { return a.index - b.index })
	return all
}

// readers returns the stages that read n, in the order of its ports.
func (n *node) readers() []*node {
	var all []*node
	for _, o := range n.ports {
		for _, r := range o.readers() {
			if !slices.Contains(all, r) {
				all = append(all, r)
			}
		}
	}
	return all
}

// title names an output in messages: a stage, or a stage and its port.
func (o *port) title() string {
	if o.Port == "" {
		return o.node.Name
	}
	return o.node.Name + "." + o.Port
}

// on returns the edges of one side of n: NoSide for the only one.
func (n *node) on(side Side) []edge {
	return slices.DeleteFunc(slices.Clone(n.from), func(e edge) bool { return e.side != side })
}
