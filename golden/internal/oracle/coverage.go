package oracle

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/gen"
)

// Coverage counts what topologies have, by words of the language, and how much of what comes out is fixed.
type Coverage struct {
	words map[string]int
	ends  [Anything + 1]int
}

// Add counts a topology, and what is expected of it when nothing goes wrong.
func (c *Coverage) Add(t *Topology) {
	if c.words == nil {
		c.words = make(map[string]int)
	}
	seen := make(map[string]bool)
	for _, n := range t.Nodes {
		seen[string(n.Verb)] = true
		seen["on_error: "+n.OnError] = n.OnError != ""
		seen["ordered"] = seen["ordered"] || n.Ordered
		seen["partition_by"] = seen["partition_by"] || n.Partition != ""
		for _, key := range n.Keys {
			word, _, _ := strings.Cut(key, ":")
			seen[word] = true
		}
		if kind, _, _ := strings.Cut(n.FanOut, ":"); kind != "" {
			seen["fan_out: "+strings.Trim(kind, "{")] = true
		}
	}
	for _, q := range t.Plan.Queues {
		for i, word := range []string{"", "drop_newest", "drop_oldest", "fail"} {
			seen[word] = seen[word] || int(q.OnFull) == i
		}
		seen["lifo"] = seen["lifo"] || q.Kind == gen.LIFO
		seen["priority"] = seen["priority"] || q.Kind == gen.Priority
		seen["competing readers"] = seen["competing readers"] || len(q.Readers) > 1
	}
	seen["mode: processes"] = t.isolated()
	seen["named queue"] = len(t.Queues) > 0
	seen["cycle"] = len(t.Plan.Cycles) > 0
	seen["pool"] = t.Plan.HasPool
	seen["Map"] = t.Plan.HasMap
	seen["fused"] = slices.ContainsFunc(t.Plan.Groups, func(g *gen.Group) bool { return len(g.Stages) > 1 })
	for word, has := range seen {
		if has && word != "" {
			c.words[word]++
		}
	}
	for _, s := range t.Interpret(t.Job(0), false).Ends {
		c.ends[s.Extent]++
	}
}

func (c *Coverage) String() string {
	var b strings.Builder
	for _, word := range slices.Sorted(maps.Keys(c.words)) {
		fmt.Fprintf(&b, "%s %d, ", word, c.words[word])
	}
	fmt.Fprintf(&b, "ends: all fixed %d, any part of it %d, nothing %d", c.ends[Whole], c.ends[Part], c.ends[Anything])
	return b.String()
}
