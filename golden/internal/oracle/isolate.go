package oracle

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// isolate makes some of the stages run in worker processes: neighbours more often than not, so that there are fused
// ones among them. It takes nothing from the seed of the rest: the same topology comes without processes.
func (g *grower) isolate() {
	r := rand.New(rand.NewPCG(g.t.Seed, 0x9c5))
	share := []int{15, 30, 60}[r.IntN(3)]
	before := false
	for _, n := range g.t.Nodes {
		chance := share
		if before {
			chance += 30
		}
		before = n.isolates() && r.IntN(100) < chance
		if n.Verb == spec.Source {
			before = before && r.IntN(3) == 0 && g.t.Where != Killed
		}
		if !before {
			continue
		}
		n.Processes = true
		if n.State == "pipeline" { // which processes cannot have
			n.State = "process"
			for i, key := range n.Keys {
				n.Keys[i] = strings.Replace(key, "scope: pipeline", "scope: process", 1)
			}
		}
		var keys []string
		if r.IntN(10) == 0 {
			keys = append(keys, "spare: 1")
		}
		if r.IntN(10) == 0 && n.Verb != spec.Source {
			keys = append(keys, fmt.Sprintf("recycle_after: %d", 5+r.IntN(40)))
		}
		if g.t.Where == Killed {
			keys = append(keys, "restart: {max_restarts: 1000000}", "on_crash: {in_flight: retry, max_attempts: 1000000}")
		}
		if len(keys) > 0 {
			n.Keys = append(n.Keys, "processes: {"+strings.Join(keys, ", ")+"}")
		}
		if r.IntN(10) == 0 {
			n.Keys = append(n.Keys, "codec: json")
		}
	}
}

// isolates says whether n may run in worker processes. A sink might, but what it does would be seen there alone.
func (n *Node) isolates() bool {
	switch n.Verb {
	case spec.Source, spec.Map, spec.Filter, spec.FilterMap, spec.FlatMap, spec.Tap:
		return true
	}
	return false
}

// isolated says whether worker processes are started for the topology.
func (t *Topology) isolated() bool {
	for _, n := range t.Nodes {
		if n.Processes {
			return true
		}
	}
	return false
}
