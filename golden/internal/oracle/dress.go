package oracle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// workers says how many workers n has, and what depends on that.
func (g *grower) workers(n *Node) {
	switch {
	case g.auto && g.chance(80):
		n.Workers = "auto"
	case g.chance(60):
		n.Workers = one(g, "1", "2", "3", "5", "auto", "auto", "auto", "$hands")
	}
	many := n.Workers != "" && n.Workers != "1"
	switch n.Verb {
	case spec.Map, spec.Filter, spec.FilterMap, spec.FlatMap:
		if g.chance(g.inOrder) && !n.InCycle {
			n.Ordered = true
			if g.chance(30) {
				n.Keys = append(n.Keys, fmt.Sprintf("max_ahead: %d", 1+g.IntN(8)))
			}
		}
	}
	if n.calls() && n.In.plain() && !n.Ordered && len(n.From) == 1 && !(g.auto && g.chance(80)) && g.chance(25) && n.partitions(n.From[0]) {
		n.Partition = g.key()
	}
	if g.chance(15) && !g.auto && n.Verb != spec.Unbatch {
		n.Keys = append(n.Keys, fmt.Sprintf("chunk: %d", 1+g.IntN(10)))
	}
	if many && g.chance(10) {
		n.Keys = append(n.Keys, "fuse: false")
	}
}

// partitions says whether the items of p may be partitioned.
func (n *Node) partitions(p *Port) bool {
	return p.Queue == nil || !p.sole() && !strings.Contains(p.Queue.Settings, "kind")
}

// settle gives the nodes the keys that depend on the whole graph.
func (g *grower) settle() {
	for _, n := range g.t.Nodes {
		if n.calls() {
			g.policies(n)
		}
	}
	for _, n := range g.t.Nodes {
		if n.Verb != spec.Source && g.chance(40) && !(g.auto && g.chance(80)) && !slices.ContainsFunc(n.From, func(p *Port) bool { return p.Queue != nil }) {
			settings, _ := g.queueSettings(n.In, true)
			if n.lossless(g.t) || n.Ordered || n.Partition != "" || n.In != n.From[0].Type || n.Verb == spec.JoinV || n.Verb == spec.ZipV {
				settings = fmt.Sprintf("capacity: %d", 1+g.IntN(6))
			}
			n.Keys = append(n.Keys, "queue: {"+settings+"}")
		}
	}
	for _, q := range g.t.Queues {
		if !q.Plain && slices.ContainsFunc(q.Port.Readers, func(n *Node) bool { return n.lossless(g.t) || n.Ordered || n.Partition != "" }) {
			q.Settings = fmt.Sprintf("capacity: %d", 1+g.IntN(6))
		}
	}
}

// lossless says that what n reads must neither be dropped nor change places: errors on their way to the open end, or
// what a zip pairs by position.
func (n *Node) lossless(t *Topology) bool {
	return n.steady || n.held || n.Verb == spec.ZipV ||
		slices.ContainsFunc(n.From, func(p *Port) bool { return t.mayYield(p, make(map[*Port]bool)) })
}

// mayYield says whether yielded errors may come out of p.
func (t *Topology) mayYield(p *Port, seen map[*Port]bool) bool {
	if p == nil || seen[p] || p.Failed {
		return false
	}
	seen[p] = true
	var writers []*Node
	if p.Queue != nil {
		writers = p.Queue.Writers
	} else if p.Node != nil {
		writers = []*Node{p.Node}
	}
	for _, n := range writers {
		if n.OnError == "yield" || slices.ContainsFunc(n.From, func(p *Port) bool { return t.mayYield(p, seen) }) {
			return true
		}
	}
	return false
}

// queueSettings are random settings of a queue of items of type t.
func (g *grower) queueSettings(t Type, own bool) (settings string, plain bool) {
	settings, plain = "capacity: "+one(g, "1", "2", "3", "4", "6", "9", "$room", "unlimited"), true
	if g.chance(20) && !strings.Contains(settings, "unlimited") {
		settings += ", on_full: " + one(g, "drop_newest", "drop_oldest", "fail")
		plain = false
	}
	if g.chance(20) {
		kind := "lifo"
		if t.plain() && g.chance(60) {
			kind = "priority, key: " + keyFunc(t, g.key())
		}
		settings += ", kind: " + kind
		plain = false
	}
	return settings, plain
}

// policies says what becomes of errors, and what else stands around the calls of n's function.
func (g *grower) policies(n *Node) {
	one := func(choices ...string) string { return one(g, choices...) }
	item := n.Verb != spec.Source && n.Verb != spec.ZipV && n.Verb != spec.JoinV
	if g.chance(60) {
		n.OnError = one("stop", "skip", "skip", "yield", "yield", "dead_letter")
	}
	if n.Failed != nil {
		n.OnError = "route"
	}
	if n.OnError == "yield" && !g.t.yields(n) {
		n.OnError = "skip"
	}
	if n.OnError == "dead_letter" && !item {
		n.OnError = "stop"
	}
	if n.steady && n.OnError != "yield" {
		n.OnError = ""
	}
	if g.chance(25) && n.Ctx && n.Verb != spec.Source {
		n.Timeout = true
	}
	if g.chance(25) && n.Err && n.Verb != spec.Source || n.Shape == "seq2" && n.Verb == spec.FlatMap && g.chance(25) {
		n.Retry = 1 + g.IntN(4)
		if g.chance(20) {
			n.Retry = quick
			n.Keys = append(n.Keys, "retry: quick")
		} else {
			n.Keys = append(n.Keys, fmt.Sprintf("retry: {max_attempts: %d, %sbackoff: {initial: 1ms, max: 2ms}}", n.Retry,
				one("", "when: rig.Retryable, ")))
		}
	}
	if g.chance(8) && (!g.auto || n.Verb == spec.Source) {
		n.Keys = append(n.Keys, "rate_limit: "+one("20000/s", "{rate: 30000/s, burst: 5}"))
	}
	if g.chance(15) && !(g.auto && g.chance(80)) {
		n.State = one("worker", "pipeline")
		n.Keys = append(n.Keys, fmt.Sprintf("state: {new: %s, scope: %s}", g.t.function("open", n), n.State))
	}
}

// yields says whether errors of n come out at the open end.
func (t *Topology) yields(n *Node) bool { return t.leadsOut(n, make(map[*Node]bool)) }

func (t *Topology) leadsOut(n *Node, seen map[*Node]bool) bool {
	if seen[n] {
		return false
	}
	seen[n] = true
	for _, p := range append([]*Port{n.Main}, n.Ports...) {
		if p == nil {
			continue
		}
		if p == t.Open {
			return true
		}
		for _, r := range p.Readers {
			if t.leadsOut(r, seen) {
				return true
			}
		}
	}
	if n.To == nil {
		return false
	}
	competes := n.To.Port.sole()
	for _, r := range n.To.Port.Readers {
		if out := t.leadsOut(r, seen); out != competes {
			return out
		}
	}
	return competes
}
