package oracle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// fanOut gives p two or three readers.
func (g *grower) fanOut(p *Port) {
	if p.Node.FanOut == "" {
		p.Node.FanOut = g.fanKind(p.Type)
	}
	p.FanOut = p.Node.FanOut
	if strings.Contains(p.FanOut, "hash") && !p.Type.plain() {
		p.FanOut = ""
		g.step(p)
		return
	}
	for range 1 + g.IntN(2) {
		g.open = append(g.open, p)
	}
}

func (g *grower) fanKind(t Type) string {
	if t.plain() && g.chance(25) {
		return "{hash: " + keyFunc(t, g.key()) + "}"
	}
	return one(g, "broadcast", "broadcast", "broadcast", "round_robin")
}

func (g *grower) key() Key { return one(g, EachKey, HalfKey) }

// switches reads p with a switch.
func (g *grower) switches(p *Port) {
	n := g.add(spec.SwitchV, p)
	n.Shape = one(g, "string", "int", "bool", "rig.Colour")
	for i := range switchTypes[n.Shape].ports {
		o := g.output(n, fmt.Sprintf("p%d", i), n.In)
		n.Ports = append(n.Ports, o)
		g.open = append(g.open, o)
	}
	g.route(n)
}

// pair reads p and another port with a zip or join.
func (g *grower) pair(p *Port) {
	type choice struct {
		verb  spec.Verb
		other *Port
	}
	var all []choice
	for _, o := range g.others(p, func(o *Port) bool { return !o.Failed }) {
		switch {
		case p.sole() || o.sole():
		case p.ordered && o.ordered && zips(p, o):
			all = append(all, choice{spec.ZipV, o})
		case o.Type.plain() && p.Queue == nil && o.Queue == nil:
			all = append(all, choice{spec.JoinV, o})
		}
	}
	if len(all) == 0 {
		g.step(p)
		return
	}
	if zips := slices.DeleteFunc(slices.Clone(all), func(c choice) bool { return c.verb != spec.ZipV }); len(zips) > 0 && g.chance(80) {
		all = zips
	}
	c := all[g.IntN(len(all))]
	n := g.add(c.verb, p, c.other)
	n.Out = Type{Base: Base(g.IntN(bases))}
	if n.Verb == spec.JoinV {
		n.Key = g.key()
		n.value = fmt.Sprint(one(g, 100_000, 100_000, 100_000, 1+g.IntN(8)))
	} else {
		hold(p)
		hold(c.other)
		if p.pace() != nil && p.pace() == c.other.pace() {
			steadyUpTo(p)
			steadyUpTo(c.other)
		}
	}
	g.produce(n).ordered = n.Verb == spec.ZipV
}

// hold marks all stages that give a zip its order.
func hold(p *Port) {
	writers := []*Node{p.Node}
	if p.Queue != nil {
		writers = p.Queue.Writers
	}
	for _, n := range writers {
		if n == nil || n.held {
			continue
		}
		n.held = true
		if n.Verb != spec.ReduceV {
			for _, from := range n.From {
				hold(from)
			}
		}
	}
}

// zips says whether a zip of the two surely does not stand still: one has its pace for itself, or both go at that
// of one fan-out.
func zips(p, o *Port) bool {
	if p.roots&o.roots == 0 && (!p.shares() || !o.shares()) {
		return true
	}
	return p.pace() != nil && p.pace() == o.pace()
}

func (p *Port) shares() bool { return p.shared || p.FanOut != "" }

// steadyUpTo marks the nodes between p and the fan-out that gives its pace.
func steadyUpTo(p *Port) {
	for top := p.pace(); p != top; p = p.Node.From[0] {
		p.Node.steady = true
	}
}

// queue lets p, and perhaps others, write to a named queue.
func (g *grower) queue(p *Port) {
	q := g.newQueue(p)
	if g.chance(50) {
		for _, o := range g.others(p, func(o *Port) bool {
			return o.Type == p.Type && o.Node != nil && o.Name == "" && len(o.Readers) == 0 && o.FanOut == ""
		}) {
			q.write(o)
			g.close(o)
			break
		}
	}
	g.close(p)
	q.Settings, q.Plain = g.queueSettings(p.Type, false)
	far := &Port{Queue: q, Type: p.Type, ordered: p.ordered && len(q.Writers) == 1 && q.Plain}
	for _, w := range q.Writers {
		far.roots |= w.Main.roots
		far.shared = far.shared || w.Main.shares()
	}
	q.Port = far
	g.open = append(g.open, far)
	if !g.chance(50) {
		return
	}
	far.FanOut, far.shared = "compete", true
	if g.chance(60) {
		q.FanOut = g.fanKind(p.Type)
		far.FanOut = q.FanOut
	} else {
		far.ordered = false // their readers compete, and positions mean nothing
	}
	for range 1 + g.IntN(2) {
		g.open = append(g.open, far)
	}
}

func (g *grower) newQueue(p *Port) *NamedQueue {
	q := &NamedQueue{Name: fmt.Sprintf("q%d", len(g.t.Queues)), Plain: true}
	g.t.Queues = append(g.t.Queues, q)
	q.write(p)
	return q
}

// write lets the node of p write to q.
func (q *NamedQueue) write(p *Port) {
	p.Node.To = q
	q.Writers = append(q.Writers, p.Node)
}

// close says that p has all of its readers.
func (g *grower) close(p *Port) {
	g.open = slices.DeleteFunc(g.open, func(o *Port) bool { return o == p })
}

// cycle lets p write to a feedback queue, and adds stages that send items round.
func (g *grower) cycle(p *Port) {
	q := g.newQueue(p)
	q.Feedback = true
	q.Settings = "capacity: unlimited, feedback: true"
	if g.chance(20) {
		q.Settings = fmt.Sprintf("kind: %s, ", one(g, "lifo", "priority, key: "+keyFunc(p.Type, g.key()))) + q.Settings
	}
	g.close(p)
	far := &Port{Queue: q, Type: p.Type, roots: p.roots, shared: true}
	q.Port = far
	first := g.inCycle(one(g, spec.Tap, spec.Filter, spec.FlatMap, spec.SwitchV), far)
	var back *Port
	switch first.Verb {
	case spec.FlatMap: // its items go round, and on
		first.Main.FanOut, first.FanOut = "broadcast", "broadcast"
		q.write(first.Main)
		return
	case spec.SwitchV:
		back = first.Ports[0]
	default:
		first.Main.FanOut, first.FanOut = "broadcast", "broadcast"
		g.open = append(g.open, first.Main)
		back = first.Main
	}
	last := g.inCycle(spec.FlatMap, back)
	q.write(last.Main)
	g.close(last.Main)
}

// inCycle adds a stage of a cycle.
func (g *grower) inCycle(verb spec.Verb, p *Port) *Node {
	if verb == spec.SwitchV {
		g.switches(p)
		n := g.t.Nodes[len(g.t.Nodes)-1]
		n.InCycle = true
		return n
	}
	n := g.add(verb, p)
	n.InCycle = true
	if verb == spec.FlatMap {
		n.Cycle = true
		g.flatMap(n)
	}
	g.workers(n)
	g.route(n)
	g.produce(n).even = nil
	return n
}
