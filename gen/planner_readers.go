package gen

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// checkReaders holds the readers of each output and named queue against what the spec says of fan-out, and
// settles how outputs with several readers serve them.
func (p *planner) checkReaders() {
	for _, n := range p.nodes {
		for _, o := range n.ports {
			p.checkFanOut(o)
		}
		p.checkLinks(n)
	}
	for _, q := range p.queueOrder {
		p.checkQueue(q)
	}
}

// spreads says whether the readers of q have queues of their own.
func (q *namedQueue) spreads() bool { return q.spec.FanOut != nil && len(q.links) > 1 }

// A writing is one place that an output's items go to, for messages.
type writing struct {
	name string
	span spec.Span
}

// writings are the places that the spec sends o's items to, in the order of the file.
func (o *port) writings() []writing {
	var all []writing
	for _, l := range o.links {
		all = append(all, writing{fmt.Sprintf("%q", l.reader.Name), l.span})
	}
	if o.to != nil {
		all = append(all, writing{fmt.Sprintf("the queue %q", o.to.name), o.node.Spec.To.Span})
	}
	slices.SortStableFunc(all, func(a, b writing) int {
		if a.span.Line != b.span.Line {
			return a.span.Line - b.span.Line
		}
		return a.span.Col - b.span.Col
	})
	return all
}

// checkFanOut settles o.FanOut.
func (p *planner) checkFanOut(o *port) {
	to := o.writings()
	switch {
	case len(to) == 1 && o.to != nil && o.to.spreads():
		o.FanOut = fanOutOf(o.to.spec.FanOut)
		o.hash = o.to.spec.FanOut
	case len(to) < 2:
	case o.fanOut == nil:
		p.reportSecond(o, to)
		return
	default:
		o.FanOut = fanOutOf(o.fanOut)
		o.hash = o.fanOut
		if o.to != nil && o.to.spreads() && (o.FanOut != Broadcast || fanOutOf(o.to.spec.FanOut) != Broadcast) {
			p.report(spec.Diagnostic{
				Code:    codeFanOut,
				Span:    o.node.Spec.To.Span,
				Message: fmt.Sprintf("%q has fan_out, and so has the queue %q to which it writes", o.node.Name, o.to.name),
				Notes:   []string{fmt.Sprintf("%s: the fan_out of %q", p.at(o.to.spec.FanOut.Span), o.to.name)},
				Help:    fmt.Sprintf("put a stage between, such as a tap that reads %q and writes to: %s", o.node.Name, o.to.name),
			})
		}
	}
	if fan := o.node.Spec.FanOut; fan != nil && o == o.node.ports[0] && !slices.ContainsFunc(o.node.ports, func(o *port) bool {
		return o.fanOut != nil && len(o.writings()) > 1
	}) {
		d := spec.Diagnostic{
			Code:    codeFanOut,
			Span:    fan.Span,
			Message: fmt.Sprintf("%q has fan_out, but only %s reads it", o.node.Name, andWritings(to)),
			Label:   "one reader",
			Help:    fmt.Sprintf("remove fan_out, or let a second stage read it: from: %s", o.title()),
		}
		switch {
		case o == p.open:
			d.Message = fmt.Sprintf("%q has fan_out, but only the caller reads it", o.node.Name)
		case len(to) == 0:
			d.Message, d.Label = fmt.Sprintf("%q has fan_out, but nothing reads it", o.node.Name), "no reader"
		}
		if o.node.Verb == spec.SwitchV {
			d.Message = fmt.Sprintf("%q has fan_out, but no port of it has two readers", o.node.Name)
			d.Help = fmt.Sprintf("remove fan_out: each item of a switch goes to one port; or let a second stage read one: from: %s", o.title())
		}
		if !o.node.meant && !p.unlinked {
			p.report(d)
		}
	}
}

func andWritings(all []writing) string {
	var names []string
	for _, w := range all {
		names = append(names, w.name)
	}
	return andList(names)
}

func fanOutOf(f *spec.FanOut) FanOut {
	switch f.Kind.Value {
	case "round_robin":
		return RoundRobin
	case "hash":
		return Hash
	}
	return Broadcast
}

// reportSecond says that nothing tells how several readers get o's items.
func (p *planner) reportSecond(o *port, to []writing) {
	help := fmt.Sprintf("fan_out: broadcast at %q gives each item to all of them; round_robin or {hash: F} share the items out", o.node.Name)
	if o.Failed {
		help = "let one of them read the other, as a tap does, or put a tap between that has fan_out"
	}
	for _, second := range to[1:] {
		p.report(spec.Diagnostic{
			Code:    codeTwoReaders,
			Span:    second.span,
			Message: fmt.Sprintf("both %s and %s read %q", to[0].name, second.name, o.title()),
			Label:   "second reader",
			Notes:   []string{fmt.Sprintf("%s: %s reads it", p.at(to[0].span), to[0].name)},
			Help:    help,
		})
	}
}

// checkLinks reports combinations of inputs that a stage cannot have.
func (p *planner) checkLinks(n *node) {
	failed, queues := 0, 0
	for _, l := range n.links {
		d := spec.Diagnostic{Span: l.span}
		switch {
		case l.port != nil && l.port.Failed:
			failed++
			if n.Spec.Func.IsSet() && n.Verb != spec.SwitchV && n.Verb != spec.ZipV && n.Verb != spec.JoinV {
				continue
			}
			d.Code = codeShape
			d.Message = fmt.Sprintf("%q reads failed items, which come with their errors: a %s has no function that takes both", n.Name, n.Verb)
			d.Help = "put a map between: func(T, error) Out"
		case l.queue == nil:
			continue
		case n.Verb == spec.JoinV:
			d.Code = codeQueueUse
			d.Message = fmt.Sprintf("%q has one queue for both sides and cannot read the queue %q", n.Name, l.queue.name)
			d.Help = fmt.Sprintf("put a tap between, with from: %s, and read that", l.queue.name)
		case n.Spec.Queue != nil && !p.inDefaults(n.Spec.Queue.Span) && (n.Verb != spec.ZipV || n.shared(Left) != nil && n.shared(Right) != nil):
			d.Code = codeQueueUse
			d.Span = n.Spec.Queue.Span
			d.Message = fmt.Sprintf("%q reads the queue %q and has a queue of its own", n.Name, l.queue.name)
			d.Notes = []string{fmt.Sprintf("%s: %q has its settings here", p.at(l.queue.spec.Name.Span), l.queue.name)}
			d.Help = fmt.Sprintf("move the settings to %q", l.queue.name)
		default:
			queues++
			if queues < 2 || l.side != NoSide {
				continue
			}
			d.Code = codeQueueUse
			d.Message = fmt.Sprintf("%q reads two queues, each with settings of its own", n.Name)
			d.Help = fmt.Sprintf("put a tap below one of them, with from: %s, and merge that", l.queue.name)
		}
		n.failed = true
		p.report(d)
	}
	if failed > 0 && failed < len(n.links) {
		i := slices.IndexFunc(n.links, func(l *link) bool { return l.port == nil || !l.port.Failed })
		n.failed = true
		p.report(spec.Diagnostic{
			Code:    codeMergeTypes,
			Span:    n.links[i].span,
			Message: fmt.Sprintf("%q reads failed items together with others", n.Name),
			Label:   "has no errors",
			Help:    "put a map below the failed items that makes one value of an item and its error: func(T, error) Out",
		})
	}
	n.Pair = failed > 0
}

// checkQueue reports what a named queue and its readers cannot have together.
func (p *planner) checkQueue(q *namedQueue) {
	s := q.spec
	d := spec.Diagnostic{Code: codeDeadQueue, Span: s.Name.Span}
	switch {
	case q.meant, p.unlinked && (len(q.links) == 0 || len(q.writers) == 0 || s.FanOut != nil && len(q.links) == 1):
		return
	case len(q.links) == 0 && len(q.writers) == 0:
		d.Code = codeUnused
		d.Message = fmt.Sprintf("nothing uses the queue %q", q.name)
		d.Help = fmt.Sprintf("let a stage write to it, to: %s, and another read it, from: %s; or remove it", q.name, q.name)
	case len(q.links) == 0:
		d.Message = fmt.Sprintf("nothing reads the queue %q", q.name)
		d.Notes = []string{fmt.Sprintf("%s: %q writes to it", p.at(q.writers[0].node.Spec.To.Span), q.writers[0].node.Name)}
		d.Help = fmt.Sprintf("let a stage read it: from: %s", q.name)
	case len(q.writers) == 0:
		d.Message = fmt.Sprintf("nothing writes to the queue %q", q.name)
		d.Notes = []string{fmt.Sprintf("%s: %q reads it", p.at(q.links[0].span), q.links[0].reader.Name)}
		d.Help = fmt.Sprintf("let a stage write to it: to: %s", q.name)
		for _, l := range q.links {
			l.reader.failed = true
		}
	case s.FanOut != nil && len(q.links) == 1:
		d.Code, d.Span, d.Label = codeFanOut, s.FanOut.Span, "one reader"
		d.Message = fmt.Sprintf("the queue %q has fan_out, but only %q reads it", q.name, q.links[0].reader.Name)
		d.Help = fmt.Sprintf("remove fan_out, or let a second stage read it: from: %s", q.name)
	default:
		p.checkSharing(q)
		return
	}
	p.report(d)
}

// checkSharing reports readers that cannot share a queue's items, or not have them as it gives them.
func (p *planner) checkSharing(q *namedQueue) {
	for _, l := range q.links {
		r := l.reader
		d := spec.Diagnostic{Code: codeQueueUse, Span: l.span}
		kind, full := q.spec.Kind.Value, q.spec.OnFull.Value
		sorted := kind == "lifo" || kind == "priority"
		switch shared := len(q.links) > 1 && q.spec.FanOut == nil; {
		case r.failed:
			continue
		case shared && len(r.links) > 1 && l.side == NoSide:
			d.Message = fmt.Sprintf("%q shares the queue %q with other stages and reads something else, too", r.Name, q.name)
			d.Help = fmt.Sprintf("let that be written to %q, or put a tap between the queue and %q", q.name, r.Name)
		case shared && r.Spec.Partition.IsSet():
			d.Message = fmt.Sprintf("%q is partitioned, but other stages take items out of its queue %q", r.Name, q.name)
			d.Help = fmt.Sprintf("put a tap between, with from: %s; or give the queue fan_out", q.name)
		case sorted && r.Spec.Partition.IsSet():
			d.Message = fmt.Sprintf("%q is partitioned, which promises the order of arrival, but the queue %q is of kind: %s", r.Name, q.name, kind)
			d.Help = "remove kind, or partition_by"
		case r.Verb == spec.ZipV && (full == "drop_newest" || full == "drop_oldest"):
			d.Message = fmt.Sprintf("%q pairs by position, but the queue %q drops items: each would shift all pairs after it", r.Name, q.name)
			d.Help = "remove on_full"
		default:
			continue
		}
		r.failed = true
		p.report(d)
	}
}

// checkEnds reports outputs that nothing reads, beside the one that the caller reads: that of the last stage
// of the file.
func (p *planner) checkEnds() {
	for i, n := range p.nodes {
		for _, o := range n.ports {
			if len(o.links) > 0 || o.to != nil || n.meant || n.Verb == "" {
				continue
			}
			if i == len(p.nodes)-1 && o.Port == "" {
				p.open = o
				continue
			}
			if p.unlinked {
				continue
			}
			d := spec.Diagnostic{
				Code:    codeUnread,
				Span:    o.span,
				Message: fmt.Sprintf("nothing reads %q", o.title()),
			}
			switch {
			case o.Failed:
				d.Label = "makes a port"
				d.Help = fmt.Sprintf("let a stage take the failed items and their errors: from: %s; on_error: skip drops them", o.title())
			case o.Port != "":
				d.Help = fmt.Sprintf("let a stage read it: from: %s", o.title())
			default:
				d.Notes = []string{"the last stage of a spec may be left open for the caller to read, no other"}
				d.Help = fmt.Sprintf("end it with a sink, or merge it: from: [%s, …]", n.Name)
			}
			p.report(d)
		}
	}
}

// checkSharedTypes reports readers that compete for the items of one queue and take different types.
func (p *planner) checkSharedTypes() {
	for _, q := range p.queueOrder {
		if q.spec.FanOut != nil {
			continue
		}
		var first *link
		for _, l := range q.links {
			t := l.reader.side(l.side)
			switch {
			case l.reader.failed || t == nil:
			case first == nil:
				first = l
			case !types.Identical(t, first.reader.side(first.side)):
				l.reader.failed = true
				p.report(spec.Diagnostic{
					Code:    codeMergeTypes,
					Span:    l.span,
					Message: fmt.Sprintf("%q and %q share the queue %q but take %s and %s", first.reader.Name, l.reader.Name, q.name, p.typ(first.reader.side(first.side)), p.typ(t)),
					Notes:   []string{"its writers emit different types, so that its readers say what they have in common"},
					Help:    "let both take the same type, or put a tap that does between the queue and them",
				})
			}
		}
	}
}

// side returns the type of the items on one side of n.
func (n *node) side(side Side) types.Type {
	if side == Right {
		return n.In2
	}
	return n.In
}
