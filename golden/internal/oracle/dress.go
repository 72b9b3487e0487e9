package oracle

import (
	"fmt"

	"github.com/pipegen/pipegen/spec"
)

// workers says how many workers n has and what depends on that.
func (g *grower) workers(n *Node) {
	if g.chance(60) {
		n.Workers = one(g, "1", "2", "3", "5", "auto", "auto", "auto")
	}
	many := n.Workers != "" && n.Workers != "1"
	switch n.Verb {
	case spec.Map, spec.Filter, spec.FilterMap, spec.FlatMap:
		if g.chance(40) {
			n.Ordered = true
			if g.chance(30) {
				n.Keys = append(n.Keys, fmt.Sprintf("max_ahead: %d", 1+g.IntN(8)))
			}
		}
	}
	if g.chance(15) && n.Verb != spec.Unbatch {
		n.Keys = append(n.Keys, fmt.Sprintf("chunk: %d", 1+g.IntN(10)))
	}
	if many && g.chance(10) {
		n.Keys = append(n.Keys, "fuse: false")
	}
}

// settle gives the nodes the keys that depend on the whole graph.
func (g *grower) settle() {
	for _, n := range g.t.Nodes {
		if n.Verb != spec.Source && g.chance(40) {
			n.Keys = append(n.Keys, fmt.Sprintf("queue: %d", 1+g.IntN(6)))
		}
		if !n.calls() {
			continue
		}
		if g.chance(60) {
			n.OnError = one(g, "stop", "skip", "skip", "yield", "yield")
		}
		if n.OnError == "yield" && !g.t.yields(n) {
			n.OnError = "skip"
		}
		if g.chance(25) && n.Ctx && n.Verb != spec.Source {
			n.Timeout = true
		}
	}
}

// yields says whether errors of n come out at the open end.
func (t *Topology) yields(n *Node) bool {
	for n.Main != nil {
		if n.Main == t.Open {
			return true
		}
		if len(n.Main.Readers) != 1 {
			return false
		}
		n = n.Main.Readers[0]
	}
	return false
}
