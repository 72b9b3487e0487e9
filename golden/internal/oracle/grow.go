package oracle

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// grower makes a random topology: it begins with sources and lets stages read what is still open until there are
// enough, then closes every branch.
type grower struct {
	*rand.Rand
	t         *Topology
	open      []*Port // outputs that are to be read, once for each reader that is still to come
	size      int     // stages that are still to come
	chain     bool    // each stage reads the one above, and items have one result at most: there will be a pool
	auto      bool    // most stages have workers: auto, and may be fused
	byDefault bool    // workers: auto stands under defaults
	inOrder   int     // how many of a hundred stages are ordered
	zippy     bool    // order is kept almost everywhere, and inputs are often paired
	tail      bool    // one branch stays open for the caller
}

// Where says where the functions of a topology are called.
type Where int

// In the program itself; some of them in worker processes; and somebody kills these at random moments, where they are
// no sources: what a source still had to say goes with its process.
const (
	Threads Where = iota
	Processes
	Killed
)

// Grow returns n topologies, with consecutive seeds from the given one. They are the same wherever their functions
// are called.
func Grow(seed uint64, n int, where Where) []*Topology {
	var all []*Topology
	for i := range n {
		t := &Topology{Seed: seed + uint64(i), Where: where, Name: fmt.Sprintf("s%d", i), Dir: fmt.Sprintf("p%d", i/perPackage)}
		t.grow()
		all = append(all, t)
	}
	return all
}

// perPackage is how many topologies share a package, and so its support: packages compile at the same time.
const perPackage = 170

func (t *Topology) grow() {
	g := &grower{Rand: rand.New(rand.NewPCG(t.Seed, 0x0e1)), t: t}
	g.size = 2 + g.IntN(10)
	g.tail = g.chance(50)
	g.chain, g.auto, g.inOrder = g.chance(12), g.chance(30), 40
	if g.auto {
		g.inOrder, g.byDefault = one(g, 5, 95), g.chance(50)
	}
	if g.zippy = !g.chain && g.chance(12); g.zippy {
		g.inOrder, g.size = 95, g.size+3
	}
	if g.chain || !g.zippy && g.chance(35) {
		g.t.Input = &Port{Type: Type{Base: Base(g.IntN(bases))}, ordered: true, roots: 1}
		g.open = append(g.open, g.t.Input)
		g.step(g.t.Input) // the first stage is the one that reads the caller
	} else {
		sources := 1 + g.IntN(3)*g.IntN(2)
		if g.zippy {
			sources = 2 + g.IntN(2)
		}
		for range sources {
			g.source()
		}
	}
	for g.size > 0 && len(g.open) > 0 {
		g.grow(g.open[g.IntN(len(g.open))])
	}
	g.end()
	g.settle()
	if t.Where != Threads {
		g.isolate()
	}
	t.Spec, t.Go = g.spec(), g.functions()
}

// chance is true in so many of a hundred cases.
func (g *grower) chance(percent int) bool { return g.IntN(100) < percent }

// one returns one of the choices.
func one[T any](g *grower, choices ...T) T { return choices[g.IntN(len(choices))] }

// add adds a node that reads the ports.
func (g *grower) add(verb spec.Verb, from ...*Port) *Node {
	n := &Node{ID: len(g.t.Nodes) + 1, Verb: verb, From: from, Ctx: g.chance(60), Err: g.chance(70)}
	g.t.Nodes = append(g.t.Nodes, n)
	g.size--
	for _, p := range from {
		p.Readers = append(p.Readers, n)
		if i := slices.Index(g.open, p); i >= 0 {
			g.open = slices.Delete(g.open, i, i+1)
		}
		n.Pair = p.Failed
	}
	if len(from) > 0 {
		n.In = from[0].Type
		n.Out = n.In
	}
	if n.calls() {
		n.Func = g.t.function(lowerCamel(string(verb)), n)
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

// lowerCamel makes flatMap of flat_map.
func lowerCamel(verb string) string {
	first, second, two := strings.Cut(verb, "_")
	if two {
		return first + upper(second)
	}
	return verb
}

// upper makes Map of map.
func upper(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// produce opens the main output of n.
func (g *grower) produce(n *Node) *Port {
	p := g.output(n, "", n.Out)
	n.Main = p
	if (n.Verb == spec.Map || n.Verb == spec.Tap) && len(n.From) == 1 && n.Failed == nil {
		p.even = n.From[0].pace()
	}
	g.open = append(g.open, p)
	return p
}

// output makes an output of n with what it knows from the inputs.
func (g *grower) output(n *Node, name string, t Type) *Port {
	p := &Port{Node: n, Name: name, Type: t}
	p.ordered = len(n.From) == 1 && n.From[0].ordered && n.keepsOrder()
	p.shared = n.Failed != nil || n.Verb == spec.SwitchV
	for _, from := range n.From {
		p.roots |= from.roots
		p.shared = p.shared || from.shared || from.FanOut != ""
	}
	return p
}

// pace is the fan-out that gives p's readers one item each, or in turn.
func (p *Port) pace() *Port {
	switch p.FanOut {
	case "":
		return p.even
	case "broadcast", "round_robin":
		return p
	}
	return nil
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

// grow lets some stage read p, or gives it several readers.
func (g *grower) grow(p *Port) {
	if g.chain {
		g.step(p)
		return
	}
	plain := p.Type.plain() && !p.Failed
	if g.zippy && plain && g.chance(35) {
		g.pair(p)
		return
	}
	main := p.Node != nil && p.Name == "" && len(p.Readers) == 0 && p.FanOut == ""
	switch c := g.IntN(100); {
	case c < 7 && plain:
		g.batch(p)
	case c < 11 && plain:
		g.reduce(p)
	case c < 20 && (plain || p.Failed && p.Type.plain()):
		g.merge(p)
	case c < 24 && len(g.open) > 1:
		g.sink(p)
	case c < 34 && p.Node != nil && !p.Failed && len(p.Readers) == 0 && p.FanOut == "":
		g.fanOut(p)
	case c < 42 && !p.Failed:
		g.switches(p)
	case c < 53 && plain:
		g.pair(p)
	case c < 59 && main && plain:
		g.queue(p)
	case c < 63 && main && plain:
		g.cycle(p)
	default:
		g.step(p)
	}
}

// step reads the ports with a stage that works on single items.
func (g *grower) step(ports ...*Port) *Node {
	p := ports[0]
	if p.Type.Batch && !g.chain && g.chance(40) && p != g.t.Input && !p.Failed {
		n := g.add(spec.Unbatch, ports...)
		n.Out.Batch = false
		g.workers(n)
		g.produce(n)
		return n
	}
	verb := one(g, spec.Map, spec.Map, spec.Map, spec.Filter, spec.FilterMap, spec.FlatMap, spec.Tap)
	if !p.Type.plain() && !p.Type.Batch {
		verb = one(g, spec.Map, spec.Map, spec.Filter, spec.Tap)
	}
	if g.chain {
		verb = one(g, spec.Map, spec.Map, spec.Tap, spec.Filter, spec.FilterMap)
		if g.t.Seed%2 == 0 {
			verb = one(g, spec.Map, spec.Tap)
		}
	}
	n := g.add(verb, ports...)
	switch verb {
	case spec.Map, spec.FilterMap:
		n.Out = Type{Base: Base(g.IntN(bases)), Batch: n.In.Batch}
	case spec.FlatMap:
		n.Out = Type{Base: Base(g.IntN(bases))}
		g.flatMap(n)
	}
	g.workers(n)
	g.route(n)
	g.produce(n)
	return n
}

// route may give n a port for items that fail.
func (g *grower) route(n *Node) {
	if !g.chain && g.chance(12) {
		n.Failed = g.output(n, "failed", n.In)
		n.Failed.Failed, n.Failed.shared = true, true
		g.open = append(g.open, n.Failed)
	}
}

func (g *grower) flatMap(n *Node) {
	n.Shape = one(g, "slice", "seq", "seq2", "emit")
	if n.Shape == "seq" || n.Shape == "seq2" {
		n.Err = false
	}
}

// others are further open ports that f likes, each once.
func (g *grower) others(p *Port, f func(*Port) bool) []*Port {
	var all []*Port
	for _, o := range g.open {
		if o != p && !slices.Contains(all, o) && f(o) {
			all = append(all, o)
		}
	}
	g.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// merge reads p and other open ports of its type with one stage.
func (g *grower) merge(p *Port) {
	if p.sole() {
		g.step(p)
		return
	}
	queues := 0
	if p.Queue != nil {
		queues++
	}
	ports := []*Port{p}
	for _, o := range g.others(p, func(o *Port) bool { return o.Type == p.Type && o.Failed == p.Failed && !o.sole() }) {
		if o.Queue != nil {
			queues++
		}
		if len(ports) < 3 && (o.Queue == nil || queues == 1) {
			ports = append(ports, o)
		}
	}
	g.Shuffle(len(ports), func(i, j int) { ports[i], ports[j] = ports[j], ports[i] })
	g.step(ports...)
}

// sole says that several stages share the items of the queue, which then read nothing else.
func (p *Port) sole() bool { return p.Queue != nil && p.Queue.FanOut == "" && p.FanOut == "compete" }

func (g *grower) batch(p *Port) {
	n := g.add(spec.BatchVerb, p)
	n.Out.Batch = true
	n.value = fmt.Sprintf("{size: %d}", 1+g.IntN(5))
	if g.chance(25) {
		n.value = fmt.Sprintf("{size: %d, max_wait: %s}", 1+g.IntN(5), one(g, "200us", "2ms"))
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
	g.route(n)
}

// end closes all branches but one, which may stay open for the caller if it is a stage's main output.
func (g *grower) end() {
	for len(g.open) > 0 {
		p := g.open[len(g.open)-1]
		first := g.t.Input != nil && p.Node == g.t.Nodes[0] && p.Node.Failed != nil // which is not the last, too
		if g.tail && !first && p.Node != nil && p.Name == "" && len(p.Readers) == 0 && p.FanOut == "" {
			g.tail = false
			g.t.Open = p
			g.close(p)
			continue
		}
		g.sink(p)
	}
	if g.t.Open != nil { // its stage is the last one of the file
		i := slices.Index(g.t.Nodes, g.t.Open.Node)
		n := g.t.Nodes[i]
		g.t.Nodes = append(slices.Delete(g.t.Nodes, i, i+1), n)
	}
}
