package oracle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// stageTimeout is long enough for functions that wait for their context. What the others return counts, however late.
const stageTimeout = "30ms"

// The values behind names that specs declare at the top.
const (
	hands = 3 // workers: $hands
	quick = 3 // retry: quick
)

// declarations are what a spec declares at the top if its stages name it.
var declarations = []struct{ name, section, text string }{
	{"$hands", "params", fmt.Sprintf("  hands: {type: int, default: %d}\n", hands)},
	{"$room", "params", "  room: {type: int, default: 2}\n"},
	{"$patience", "params", "  patience: {type: duration, default: " + stageTimeout + "}\n"},
	{"retry: quick", "retries", fmt.Sprintf("  quick: {max_attempts: %d, backoff: {initial: 1ms, max: 2ms}}\n", quick)},
}

// spec writes the topology down as YAML.
func (g *grower) spec() string {
	t := g.t
	var queues, stages strings.Builder
	for _, q := range t.Queues {
		settings := q.Settings
		if q.FanOut != "" {
			settings += ", fan_out: " + q.FanOut
		}
		fmt.Fprintf(&queues, "  %s: {%s}\n", q.Name, settings)
	}
	for i, n := range t.Nodes {
		g.stage(&stages, i, n)
	}
	sections := map[string]string{"queues": queues.String()}
	for _, d := range declarations {
		if strings.Contains(sections["queues"]+stages.String(), d.name) {
			sections[d.section] += d.text
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\npipeline: %s\nimports: [%s/rig]\n", t.Name, Module)
	if t.deadLetters() {
		fmt.Fprintf(&b, "dead_letter: %s\n", t.function("bury", nil))
	}
	if g.byDefault {
		b.WriteString("defaults: {workers: auto}\n")
	}
	for _, name := range []string{"params", "retries", "queues"} {
		if sections[name] != "" {
			fmt.Fprintf(&b, "%s:\n%s", name, sections[name])
		}
	}
	b.WriteString("stages:\n" + stages.String())
	return b.String()
}

// stage writes the i-th stage.
func (g *grower) stage(b *strings.Builder, i int, n *Node) {
	fmt.Fprintf(b, "  - %s: %s\n", n.Verb, g.verbValue(n))
	key := func(name, value string) {
		if value != "" {
			fmt.Fprintf(b, "    %s: %s\n", name, value)
		}
	}
	if n.Named {
		key("name", n.Name)
	}
	if n.Verb == spec.SwitchV {
		b.WriteString(switchTypes[n.Shape].cases)
	}
	key("from", g.from(i, n))
	if n.To != nil {
		key("to", n.To.Name)
	}
	key("fan_out", n.FanOut)
	if n.Partition != "" {
		key("partition_by", keyFunc(n.In, n.Partition))
	}
	switch {
	case !g.byDefault:
		key("workers", n.Workers)
	case n.Workers == "" && n.takesWorkers():
		key("workers", "1")
	case n.Workers != "auto":
		key("workers", n.Workers)
	}
	if n.Ordered {
		key("ordered", "true")
	}
	if n.Processes {
		key("mode", "processes")
	}
	key("on_error", n.OnError)
	switch {
	case n.Timeout && n.streams():
		key("timeout", "1m")
	case n.Timeout:
		key("timeout", one(g, stageTimeout, "$patience"))
	}
	if n.Arg {
		key("args", fmt.Sprintf("{stage: %d}", n.ID))
	}
	for _, line := range n.Keys {
		fmt.Fprintf(b, "    %s\n", line)
	}
}

// streams says whether the node's function hands out its results as it goes. Its timeout is an error even where it
// returns none.
func (n *Node) streams() bool { return n.Verb == spec.FlatMap && n.Shape != "slice" }

// takesWorkers says whether a stage may have several workers.
func (n *Node) takesWorkers() bool {
	switch n.Verb {
	case spec.Source, spec.SwitchV, spec.ZipV, spec.JoinV:
		return false
	case spec.ReduceV:
		return n.Merge
	}
	return true
}

// verbValue is the value of the verb.
func (g *grower) verbValue(n *Node) string {
	switch n.Verb {
	case spec.BatchVerb:
		return n.value
	case spec.Unbatch:
		return "true"
	case spec.ReduceV:
		return g.reduceValue(n)
	case spec.ZipV:
		return fmt.Sprintf("{inputs: [%s, %s], with: %s}", n.From[0].ref(), n.From[1].ref(), n.Func)
	case spec.JoinV:
		side := func(p *Port) string { return fmt.Sprintf("{from: %s, key: %s}", p.ref(), keyFunc(p.Type, n.Key)) }
		return fmt.Sprintf("{left: %s, right: %s, with: %s, max_items: %s}", side(n.From[0]), side(n.From[1]), n.Func, n.value)
	}
	return n.Func
}

func (g *grower) reduceValue(n *Node) string {
	value := "{add: " + g.t.function("add", n)
	if n.Init {
		value += ", init: " + g.t.function("init", n)
	}
	if n.Merge {
		value += ", merge: " + g.t.function("merge", n)
	}
	if n.Key != "" {
		value += ", key: " + keyFunc(n.In, n.Key)
	}
	return value + "}"
}

// from is the value of from; "" where it goes without saying.
func (g *grower) from(i int, n *Node) string {
	if len(n.From) == 0 || n.From[0] == g.t.Input || n.Verb == spec.ZipV || n.Verb == spec.JoinV {
		return ""
	}
	if p := n.From[0]; len(n.From) == 1 {
		if i > 0 && p.Node == g.t.Nodes[i-1] && p == p.Node.Main && p.Node.To == nil && g.chance(80) {
			return ""
		}
		return p.ref()
	}
	var refs []string
	for _, p := range n.From {
		refs = append(refs, p.ref())
	}
	return "[" + strings.Join(refs, ", ") + "]"
}

// switchTypes are the types of keys of switches: their cases, and the key that leads to a port.
var switchTypes = map[string]struct {
	ports      int
	cases, key string
}{
	"bool":       {2, "    cases: {true: p0, false: p1}\n", "port == 0"},
	"int":        {3, "    cases: {0: p0, 1: p1}\n    default: p2\n", "port"},
	"string":     {3, "    cases: {a: p0, b: p1}\n    default: p2\n", `"abc"[port:port+1]`},
	"rig.Colour": {3, "    cases: {rig.Red: p0, rig.Green: p1, rig.Blue: p2}\n", "rig.Colour(port)"},
}

// deadLetters says whether the spec needs a dead letter function.
func (t *Topology) deadLetters() bool {
	return slices.ContainsFunc(t.Nodes, func(n *Node) bool { return n.OnError == "dead_letter" })
}
