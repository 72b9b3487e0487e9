package oracle

import (
	"fmt"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// goName is the pipeline's Go identifier.
func (t *Topology) goName() string { return upper(t.Name) }

// function is the name of what does some of the pipeline's work, or of a node's.
func (t *Topology) function(part string, n *Node) string {
	if n != nil {
		part = fmt.Sprint(part, n.ID)
	}
	return part + "Of" + t.goName()
}

// functions writes the functions that the spec names.
func (g *grower) functions() string {
	t := g.t
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"context\"\n\t\"iter\"\n\n\t\"%s/rig\"\n)\n\n", t.Dir, Module)
	fmt.Fprintf(&b, "var %s = &rig.Topology{Name: %q}\n\n", t.rig(), t.Name)
	b.WriteString("var (\n\t_ context.Context\n\t_ iter.Seq[int]\n)\n")
	for _, n := range t.Nodes {
		if n.Verb == spec.ReduceV {
			t.reduction(&b, n)
		} else if n.calls() {
			t.stageFunction(&b, n)
		}
		if n.State != "" {
			fmt.Fprintf(&b, "\nfunc %s() (*rig.State, error) { return %s.Open(%d, %v) }\n", t.function("open", n), t.rig(), n.ID, n.State == "pipeline")
		}
	}
	if t.deadLetters() {
		fmt.Fprintf(&b, "\nfunc %s[T any](ctx context.Context, stage string, item T, err error) error {\n\treturn %s.Dead(ctx, stage, rig.From(item), err)\n}\n",
			t.function("bury", nil), t.rig())
	}
	return b.String()
}

// rig is the variable of the topology's rig.Topology.
func (t *Topology) rig() string { return t.function("rig", nil) }

// body is what a function is made of besides its name, its context and its error.
type body struct {
	params  string // the item and what follows
	results string
	vars    string // what call returns beside an error, if it returns one
	call    string
	values  string // made of vars
	sure    bool   // call returns no error
}

// stageFunction writes the function of a node.
func (t *Topology) stageFunction(b *strings.Builder, n *Node) {
	f := t.bodyOf(n)
	var params []string
	for _, p := range []struct {
		has  bool
		text string
	}{
		{n.Ctx, "ctx context.Context"}, {n.State != "", "state *rig.State"}, {f.params != "", f.params},
		{n.Pair, "cause error"}, {n.Shape == "emit", "emit func(" + n.Out.Go() + ") error"}, {n.Arg, "stage int"},
	} {
		if p.has {
			params = append(params, p.text)
		}
	}
	results := f.results
	if n.Err {
		results = strings.TrimPrefix(results+", error", ", ")
	}
	fmt.Fprintf(b, "\nfunc %s(%s) (%s) {\n", n.Func, strings.Join(params, ", "), results)
	if n.State != "" {
		b.WriteString("\tstate.Use()\n")
	}
	if n.Pair {
		fmt.Fprintf(b, "\t%s.Led(cause)\n", t.rig())
	}
	switch {
	case f.sure && n.Err:
		fmt.Fprintf(b, "\treturn %s, nil\n", f.call)
	case f.sure || f.vars == "" && n.Err:
		fmt.Fprintf(b, "\treturn %s\n", f.call)
	case f.vars == "":
		fmt.Fprintf(b, "\t_ = %s\n", f.call)
	case n.Err:
		fmt.Fprintf(b, "\t%s, err := %s\n\treturn %s, err\n", f.vars, f.call, f.values)
	default:
		fmt.Fprintf(b, "\t%s, _ := %s\n\treturn %s\n", f.vars, f.call, f.values)
	}
	b.WriteString("}\n")
}

// bodyOf is the function of a node, which calls rig.
func (t *Topology) bodyOf(n *Node) body {
	in, out := "in "+n.In.Go(), n.Out.Go()
	call := func(method, rest string) string {
		return fmt.Sprintf("%s.%s(%s, %s%s)", t.rig(), method, n.context(), n.number(), rest)
	}
	const item = ", rig.From(in)"
	to := func(name string) string { return "rig.To[" + out + "](" + name + ")" }
	switch n.Verb {
	case spec.Map:
		return body{params: in, results: out, vars: "out", call: call("Map", item), values: to("out")}
	case spec.Filter:
		return body{params: in, results: "bool", vars: "keep", call: call("Filter", item), values: "keep"}
	case spec.FilterMap:
		return body{params: in, results: out + ", bool", vars: "out, keep", call: call("FilterMap", item), values: to("out") + ", keep"}
	case spec.Tap:
		return body{params: in, call: call("Tap", item)}
	case spec.Sink:
		return body{params: in, call: call("Sink", item)}
	case spec.SwitchV:
		key := switchTypes[n.Shape]
		return body{params: in, results: n.Shape, vars: "port", call: call("Switch", fmt.Sprintf("%s, %d", item, key.ports)), values: key.key}
	case spec.ZipV, spec.JoinV:
		params := fmt.Sprintf("a %s, b %s", n.From[0].Type.Go(), n.From[1].Type.Go())
		return body{params: params, results: out, vars: "out", call: call("With", ", rig.From(a), rig.From(b)"), values: to("out")}
	case spec.FlatMap:
		if n.Shape == "slice" {
			return body{params: in, results: "[]" + out, vars: "all", call: call("FlatMap", fmt.Sprintf("%s, %v", item, n.Cycle)), values: "rig.ToAll[" + out + "](all)"}
		}
		each := call("Each", fmt.Sprintf("%s, %v, yield", item, n.Cycle))
		each = "func(yield func(rig.Value) bool) error { return " + each + " }"
		f := n.handsOut(each, "rig.Seq2["+out+"]("+each+")")
		f.params = in
		return f
	}
	made := fmt.Sprintf("(%s, %s)", t.rig(), n.number())
	if n.Shape == "chan" {
		return body{results: "<-chan " + out, call: "rig.Chan[" + out + "](ctx, " + made[1:], sure: true}
	}
	return n.handsOut(fmt.Sprintf("%s.Items(%s)", t.rig(), n.number()), "rig.Made2["+out+"]"+made)
}

// handsOut is a function that hands out what each makes, or, as a sequence of items and errors, seq2.
func (n *Node) handsOut(each, seq2 string) body {
	out := n.Out.Go()
	switch n.Shape {
	case "seq":
		return body{results: "iter.Seq[" + out + "]", call: "rig.Seq[" + out + "](" + each + ")", sure: true}
	case "seq2":
		return body{results: "iter.Seq2[" + out + ", error]", call: seq2, sure: true}
	case "slice":
		return body{results: "[]" + out, vars: "all", call: "rig.Slice[" + out + "](" + each + ")", values: "all"}
	}
	return body{call: "rig.Emit(" + each + ", emit)"}
}

// number is the node's number, as its function knows it.
func (n *Node) number() string {
	if n.Arg {
		return "stage"
	}
	return fmt.Sprint(n.ID)
}

// context is the context that the node's function passes on.
func (n *Node) context() string {
	if n.Ctx {
		return "ctx"
	}
	return "context.Background()"
}

// reduction writes the functions of a reduce.
func (t *Topology) reduction(b *strings.Builder, n *Node) {
	ctx, result := "", "rig.Sum"
	if n.Ctx {
		ctx = "ctx context.Context, "
	}
	if n.Err {
		result = "(rig.Sum, error)"
	}
	fmt.Fprintf(b, "\nfunc %s(%ssum rig.Sum, in %s) %s {\n", t.function("add", n), ctx, n.In.Go(), result)
	call := fmt.Sprintf("%s.Add(%s, %d, sum, rig.From(in))", t.rig(), n.context(), n.ID)
	if n.Err {
		fmt.Fprintf(b, "\treturn %s\n}\n", call)
	} else {
		fmt.Fprintf(b, "\tsum, _ = %s\n\treturn sum\n}\n", call)
	}
	if n.Init {
		start := "rig.Start"
		if n.Merge { // each worker begins with it
			start = "rig.Sum{}"
		}
		fmt.Fprintf(b, "\nfunc %s() rig.Sum { return %s }\n", t.function("init", n), start)
	}
	if n.Merge {
		fmt.Fprintf(b, "\nfunc %s(a, b rig.Sum) rig.Sum { return a.Merge(b) }\n", t.function("merge", n))
	}
}
