package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// grower makes a random topology: it begins with sources and lets stages read what is still open until there are
// enough, then closes every branch.
type grower struct {
	*rand.Rand
	t    *Topology
	open []*Port // outputs that have no reader yet, or not all of them
	size int     // stages that are still to come
	zips int
	tail bool // one branch stays open for the caller
}

// Grow returns the topology of a seed. It is called sN in the package dir.
func Grow(seed uint64, n int, dir string) *Topology {
	g := &grower{Rand: rand.New(rand.NewPCG(seed, 0x0e1)), t: &Topology{Seed: seed, Name: fmt.Sprintf("s%d", n), Dir: dir}}
	g.size = 2 + g.IntN(9)
	g.tail = g.chance(50)
	if g.chance(35) {
		g.t.Input = &Port{Type: Type{Base: Base(g.IntN(bases))}, ordered: true, roots: 1}
		g.open = append(g.open, g.t.Input)
		g.step(g.t.Input) // the first stage is the one that reads the caller
	} else {
		for range 1 + g.IntN(3)*g.IntN(2) {
			g.source()
		}
	}
	for g.size > 0 && len(g.open) > 0 {
		g.grow(g.open[g.IntN(len(g.open))])
	}
	g.end()
	g.settle()
	g.t.Spec, g.t.Go = g.spec(), g.functions()
	return g.t
}

// chance is true in so many of a hundred cases.
func (g *grower) chance(percent int) bool { return g.IntN(100) < percent }

// one returns one of the choices.
func one[T any](g *grower, choices ...T) T { return choices[g.IntN(len(choices))] }

// add adds a node that reads the ports, which are no longer open.
func (g *grower) add(verb spec.Verb, from ...*Port) *Node {
	n := &Node{ID: len(g.t.Nodes) + 1, Verb: verb, From: from, Ctx: g.chance(60), Err: g.chance(70)}
	g.t.Nodes = append(g.t.Nodes, n)
	g.size--
	for _, p := range from {
		p.Readers = append(p.Readers, n)
		if i := slices.Index(g.open, p); i >= 0 {
			g.open = slices.Delete(g.open, i, i+1)
		}
	}
	if len(from) > 0 {
		n.In = from[0].Type
		n.Out = n.In
	}
	if n.calls() {
		n.Func = g.t.function(n, uncapital(camel(string(verb))))
		n.Arg = g.chance(10)
	}
	n.Name = fmt.Sprintf("n%d", n.ID)
	n.Named = n.Func == "" || g.chance(70)
	if !n.Named {
		n.Name = spec.SnakeName(n.Func)
	}
	return n
}

// calls says whether the verb takes a function of the node's own.
func (n *Node) calls() bool {
	return n.Verb != spec.BatchVerb && n.Verb != spec.Unbatch && n.Verb != spec.ReduceV
}

func uncapital(s string) string { return string(s[0]-'A'+'a') + s[1:] }

func camel(verb string) string {
	switch verb {
	case "filter_map":
		return "FilterMap"
	case "flat_map":
		return "FlatMap"
	}
	return string(verb[0]-'a'+'A') + verb[1:]
}

// produce opens the main output of n.
func (g *grower) produce(n *Node) *Port {
	p := &Port{Node: n, Type: n.Out}
	n.Main = p
	p.ordered = len(n.From) == 1 && n.From[0].ordered && n.keepsOrder()
	for _, from := range n.From {
		p.roots |= from.roots
		p.shared = p.shared || from.shared
	}
	if len(n.From) == 1 && (n.Verb == spec.Map || n.Verb == spec.Tap) {
		p.even = n.From[0].even
	}
	g.open = append(g.open, p)
	return p
}

// keepsOrder says whether a single ordered input leaves n in order.
func (n *Node) keepsOrder() bool { return n.Ordered || n.Workers == "" || n.Workers == "1" }

func (g *grower) source() {
	n := g.add(spec.Source)
	n.Out = Type{Base: Base(g.IntN(bases))}
	n.Shape = one(g, "seq", "seq2", "slice", "chan", "emit")
	switch n.Shape {
	case "seq2":
		n.Err = false
	case "chan":
		n.Ctx = true
	}
	p := g.produce(n)
	p.ordered, p.roots = true, 1<<n.ID
}

// grow lets some stage read p.
func (g *grower) grow(p *Port) {
	switch c := g.IntN(100); {
	case c < 8 && p.Type.plain():
		g.batch(p)
	case c < 12 && p.Type.plain():
		g.reduce(p)
	case c < 25 && p.Type.plain():
		g.merge(p)
	case c < 29 && len(g.open) > 1:
		g.sink(p)
	default:
		g.step(p)
	}
}

// step reads the ports with a stage that works on single items.
func (g *grower) step(ports ...*Port) {
	p := ports[0]
	if p.Type.Batch && g.chance(40) && p.Node != nil {
		n := g.add(spec.Unbatch, ports...)
		n.Out.Batch = false
		g.workers(n)
		g.produce(n)
		return
	}
	verb := one(g, spec.Map, spec.Map, spec.Map, spec.Filter, spec.FilterMap, spec.FlatMap, spec.Tap)
	if !p.Type.plain() && !p.Type.Batch {
		verb = one(g, spec.Map, spec.Map, spec.Filter, spec.Tap)
	}
	n := g.add(verb, ports...)
	switch verb {
	case spec.Map, spec.FilterMap:
		n.Out = Type{Base: Base(g.IntN(bases)), Batch: n.In.Batch}
	case spec.FlatMap:
		n.Out = Type{Base: Base(g.IntN(bases))}
		n.Shape = one(g, "slice", "seq", "seq2", "emit")
		if n.Shape == "seq" || n.Shape == "seq2" {
			n.Err = false
		}
	}
	g.workers(n)
	g.produce(n)
}

// merge reads p and other open ports of its type with one stage.
func (g *grower) merge(p *Port) {
	ports := []*Port{p}
	for _, other := range g.open {
		if other != p && other.Type == p.Type && other.Node != p.Node && len(ports) < 3 {
			ports = append(ports, other)
		}
	}
	g.Shuffle(len(ports), func(i, j int) { ports[i], ports[j] = ports[j], ports[i] })
	g.step(ports...)
}

func (g *grower) batch(p *Port) {
	n := g.add(spec.BatchVerb, p)
	n.Out.Batch = true
	n.verbValue = fmt.Sprintf("{size: %d}", 1+g.IntN(5))
	wait := g.chance(25)
	if wait {
		n.verbValue = fmt.Sprintf("{size: %d, max_wait: %s}", 1+g.IntN(5), one(g, "200us", "2ms"))
	}
	g.workers(n)
	g.produce(n)
}

func (g *grower) reduce(p *Port) {
	n := g.add(spec.ReduceV, p)
	n.Merge = g.chance(50)
	n.Init = g.chance(40)
	n.Out = Type{Base: Total}
	switch g.IntN(3) {
	case 1:
		n.Key, n.Out.Base = EachKey, TotalByInt
	case 2:
		n.Key, n.Out.Base = HalfKey, TotalByString
	}
	if n.Merge {
		g.workers(n)
	}
	g.produce(n).ordered = true
}

func (g *grower) sink(p *Port) {
	n := g.add(spec.Sink, p)
	g.workers(n)
}

// end closes all branches but one, which may stay open for the caller if it is a stage's main output.
func (g *grower) end() {
	for len(g.open) > 0 {
		p := g.open[len(g.open)-1]
		if g.tail && p.Node != nil && p.Name == "" && len(p.Readers) == 0 {
			g.tail = false
			g.t.Open = p
			g.open = g.open[:len(g.open)-1]
			continue
		}
		g.sink(p)
	}
	if g.t.Open != nil { // its stage is the last one of the file
		i := slices.Index(g.t.Nodes, g.t.Open.Node)
		n := g.t.Nodes[i]
		if g.t.Input != nil && i == 0 && len(g.t.Nodes) > 1 {
			panic("the first stage is the last one")
		}
		g.t.Nodes = append(slices.Delete(g.t.Nodes, i, i+1), n)
	}
}
