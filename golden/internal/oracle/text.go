package oracle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// stageTimeout is long enough for whatever does not wait for its context.
const stageTimeout = "30ms"

// spec writes the topology down as YAML.
func (g *grower) spec() string {
	t := g.t
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\npipeline: %s\nimports: [%s/rig]\n", t.Name, Module)
	if t.deadLetters() {
		fmt.Fprintf(&b, "dead_letter: deadOf%s\n", t.goName())
	}
	if len(t.Queues) > 0 {
		b.WriteString("queues:\n")
	}
	for _, q := range t.Queues {
		settings := q.Settings
		if q.FanOut != "" {
			settings += ", fan_out: " + q.FanOut
		}
		fmt.Fprintf(&b, "  %s: {%s}\n", q.Name, settings)
	}
	b.WriteString("stages:\n")
	for i, n := range t.Nodes {
		value := n.Func
		switch n.Verb {
		case spec.BatchVerb:
			value = n.value
		case spec.Unbatch:
			value = "true"
		case spec.ReduceV:
			value = g.reduceValue(n)
		case spec.ZipV:
			value = fmt.Sprintf("{inputs: [%s, %s], with: %s}", n.From[0].ref(), n.From[1].ref(), n.Func)
		case spec.JoinV:
			side := func(p *Port) string { return fmt.Sprintf("{from: %s, key: %s}", p.ref(), keyFunc(p.Type, n.Key)) }
			value = fmt.Sprintf("{left: %s, right: %s, with: %s, max_items: %s}", side(n.From[0]), side(n.From[1]), n.Func, n.value)
		}
		fmt.Fprintf(&b, "  - %s: %s\n", n.Verb, value)
		key := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "    %s: %s\n", name, value)
			}
		}
		if n.Named {
			key("name", n.Name)
		}
		if n.Verb == spec.SwitchV {
			b.WriteString(n.cases())
		}
		key("from", g.from(i, n))
		if n.To != nil {
			key("to", n.To.Name)
		}
		key("fan_out", n.FanOut)
		if n.Partition != "" {
			key("partition_by", keyFunc(n.In, n.Partition))
		}
		key("workers", n.Workers)
		if n.Ordered {
			key("ordered", "true")
		}
		key("on_error", n.OnError)
		if n.Timeout {
			key("timeout", stageTimeout)
		}
		if n.Arg {
			key("args", fmt.Sprintf("{stage: %d}", n.ID))
		}
		for _, line := range n.Keys {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	return b.String()
}

// from is the value of from; "" where it goes without saying.
func (g *grower) from(i int, n *Node) string {
	if len(n.From) == 0 || n.From[0] == g.t.Input || n.Verb == spec.ZipV || n.Verb == spec.JoinV {
		return ""
	}
	if len(n.From) == 1 {
		p := n.From[0]
		if i > 0 && p.Node == g.t.Nodes[i-1] && p.Name == "" && p.Node.To == nil && p.Queue == nil && g.chance(80) {
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

// cases are those of a switch, with its default where it needs one.
func (n *Node) cases() string {
	switch n.Shape {
	case "bool":
		return "    cases: {true: p0, false: p1}\n"
	case "rig.Colour":
		return "    cases: {rig.Red: p0, rig.Green: p1, rig.Blue: p2}\n"
	case "string":
		return "    cases: {a: p0, b: p1}\n    default: p2\n"
	}
	return "    cases: {0: p0, 1: p1}\n    default: p2\n"
}

// deadLetters says whether the spec needs a dead letter function.
func (t *Topology) deadLetters() bool {
	return slices.ContainsFunc(t.Nodes, func(n *Node) bool { return n.OnError == "dead_letter" })
}

func (g *grower) reduceValue(n *Node) string {
	f := func(part string) string { return g.t.function(n, part) }
	value := "{add: " + f("add")
	if n.Init {
		value += ", init: " + f("init")
	}
	if n.Merge {
		value += ", merge: " + f("merge")
	}
	if n.Key != "" {
		value += ", key: " + keyFunc(n.In, n.Key)
	}
	return value + "}"
}

// functions writes the functions that the spec names.
func (g *grower) functions() string {
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"context\"\n\t\"iter\"\n\n\t\"%s/rig\"\n)\n\n", g.t.Dir, Module)
	fmt.Fprintf(&b, "var %s = &rig.Topology{Name: %q}\n\n", g.t.rig(), g.t.Name)
	b.WriteString("var _ context.Context\nvar _ iter.Seq[int]\n\n")
	for _, n := range g.t.Nodes {
		b.WriteString(g.function(n))
		if n.State != "" {
			fmt.Fprintf(&b, "func %s() *rig.State { return %s.Open(%v) }\n\n", g.t.function(n, "open"), g.t.rig(), n.State == "pipeline")
		}
	}
	if g.t.deadLetters() {
		fmt.Fprintf(&b, "func deadOf%s[T any](ctx context.Context, stage string, item T, err error) error {\n\treturn %s.Dead(ctx, stage, rig.From(item), err)\n}\n\n",
			g.t.goName(), g.t.rig())
	}
	return b.String()
}

// rig is the variable of the topology's rig.Topology.
func (t *Topology) rig() string { return "rigOf" + t.goName() }

// goName is the pipeline's Go identifier.
func (t *Topology) goName() string { return strings.ToUpper(t.Name[:1]) + t.Name[1:] }

// function is the name of what does a part of the node's work.
func (t *Topology) function(n *Node, part string) string {
	return fmt.Sprintf("%s%dOf%s", part, n.ID, t.goName())
}

// function writes the function of a node.
func (g *grower) function(n *Node) string {
	f := signature{n: n, t: g.t}
	if n.Arg {
		f.more = "stage int"
	}
	in, out := n.In.Go(), n.Out.Go()
	if n.Pair {
		in += ", cause error"
	}
	id, ctx := fmt.Sprint(n.ID), "context.Background()"
	if n.Arg {
		id = "stage"
	}
	if n.Ctx {
		ctx = "ctx"
	}
	call := func(method, rest string) string {
		return fmt.Sprintf("%s.%s(%s, %s%s)", g.t.rig(), method, ctx, id, rest)
	}
	const item = ", rig.From(in)"
	switch n.Verb {
	case spec.Map:
		return f.text("in "+in, out, "out", "rig.To["+out+"](out)", call("Map", item))
	case spec.Filter:
		return f.text("in "+in, "bool", "keep", "keep", call("Filter", item))
	case spec.FilterMap:
		return f.text("in "+in, out+", bool", "out, keep", "rig.To["+out+"](out), keep", call("FilterMap", item))
	case spec.Tap, spec.Sink:
		return f.text("in "+in, "", "", "", call(upper(string(n.Verb)), item))
	case spec.FlatMap:
		cycle := fmt.Sprintf(", rig.From(in), %v", n.Cycle)
		each := "func(yield func(rig.Value) bool) error { return " + call("Each", cycle+", yield") + " }"
		switch n.Shape {
		case "slice":
			return f.text("in "+in, "[]"+out, "outs", "rig.ToAll["+out+"](outs)", call("FlatMap", cycle))
		case "seq":
			return f.just("in "+in, "iter.Seq["+out+"]", "rig.Seq["+out+"]("+each+")")
		case "seq2":
			return f.just("in "+in, "iter.Seq2["+out+", error]", "rig.Seq2["+out+"]("+each+")")
		}
		return f.text("in "+in+", emit func("+out+") error", "", "", "", "rig.Emit("+each+", emit)")
	case spec.Source:
		items := call("Items", "")
		switch n.Shape {
		case "seq":
			return f.plain("iter.Seq["+out+"]", "rig.Seq["+out+"]("+items+")")
		case "seq2":
			return f.plain("iter.Seq2["+out+", error]", fmt.Sprintf("rig.Made2[%s](%s, %s, %s)", out, ctx, g.t.rig(), id))
		case "chan":
			return f.plain("<-chan "+out, "rig.Chan["+out+"](ctx, "+items+")")
		case "slice":
			return f.text("", "[]"+out, "all", "all", "rig.Slice["+out+"]("+items+")")
		}
		return f.text("emit func("+out+") error", "", "", "", "rig.Emit("+items+", emit)")
	case spec.SwitchV:
		n.Out = Type{}
		return f.text("in "+in, n.Shape, "port", n.port(), call("Switch", fmt.Sprintf(", rig.From(in), %d", len(n.Ports))))
	case spec.ZipV, spec.JoinV:
		return f.text("a "+n.From[0].Type.Go()+", b "+n.From[1].Type.Go(), out, "out", "rig.To["+out+"](out)", call("With", ", rig.From(a), rig.From(b)"))
	case spec.ReduceV:
		return g.reduceFunctions(n)
	}
	return ""
}

// port is the key of a switch that leads to the port of that number.
func (n *Node) port() string {
	switch n.Shape {
	case "string":
		return `"abc"[port:port+1]`
	case "bool":
		return "port == 0"
	case "rig.Colour":
		return "rig.Colour(port)"
	}
	return "port"
}

// signature writes functions of a node.
type signature struct {
	t    *Topology
	n    *Node
	more string // a parameter after the items
}

// head is the function up to its body; item is the parameters, results the results but the error.
func (f signature) head(item, results string, fails bool) string {
	var params []string
	if f.n.Ctx {
		params = append(params, "ctx context.Context")
	}
	if f.n.State != "" {
		params = append(params, "state *rig.State")
	}
	for _, p := range []string{item, f.more} {
		if p != "" {
			params = append(params, p)
		}
	}
	if fails {
		if results != "" {
			results += ", "
		}
		results += "error"
	}
	s := fmt.Sprintf("func %s(%s) (%s) {\n", f.n.Func, strings.Join(params, ", "), results)
	if f.n.State != "" {
		s += "\tstate.Use()\n"
	}
	if f.n.Pair {
		s += fmt.Sprintf("\t%s.Led(cause)\n", f.t.rig())
	}
	return s
}

// text is a function that gives vars and an error to call and returns values made of vars.
func (f signature) text(item, results, vars, values, call string) string {
	s := f.head(item, results, f.n.Err)
	switch {
	case vars == "" && f.n.Err:
		return s + "\treturn " + call + "\n}\n\n"
	case vars == "":
		return s + "\t_ = " + call + "\n}\n\n"
	case f.n.Err:
		return s + "\t" + vars + ", err := " + call + "\n\treturn " + values + ", err\n}\n\n"
	}
	return s + "\t" + vars + ", _ := " + call + "\n\treturn " + values + "\n}\n\n"
}

// just is a function of an item without an error that returns value.
func (f signature) just(item, result, value string) string {
	return f.head(item, result, false) + "\treturn " + value + "\n}\n\n"
}

// plain is just, of a source; its error, if it has one, is nil.
func (f signature) plain(result, value string) string {
	s := f.head("", result, f.n.Err)
	if f.n.Err {
		value += ", nil"
	}
	return s + "\treturn " + value + "\n}\n\n"
}

func (g *grower) reduceFunctions(n *Node) string {
	name := func(part string) string { return g.t.function(n, part) }
	var b strings.Builder
	params, ctx := "", "context.Background()"
	if n.Ctx {
		params, ctx = "ctx context.Context, ", "ctx"
	}
	fmt.Fprintf(&b, "func %s(%ssum rig.Sum, in %s) (rig.Sum%s) {\n", name("add"), params, n.In.Go(), map[bool]string{true: ", error"}[n.Err])
	call := fmt.Sprintf("%s.Add(%s, %d, sum, rig.From(in))", g.t.rig(), ctx, n.ID)
	if n.Err {
		fmt.Fprintf(&b, "\treturn %s\n}\n\n", call)
	} else {
		fmt.Fprintf(&b, "\tsum, _ = %s\n\treturn sum\n}\n\n", call)
	}
	if n.Init {
		start := "rig.Start"
		if n.Merge {
			start = "rig.Sum{}"
		}
		fmt.Fprintf(&b, "func %s() rig.Sum { return %s }\n\n", name("init"), start)
	}
	if n.Merge {
		fmt.Fprintf(&b, "func %s(a, b rig.Sum) rig.Sum { return a.Merge(b) }\n\n", name("merge"))
	}
	return b.String()
}

// Adapter writes the function that runs the pipeline as a job says.
func (t *Topology) Adapter() string {
	typ := t.goName()
	var b strings.Builder
	fmt.Fprintf(&b, "package %s\n\nimport (\n\t\"context\"\n\t\"errors\"\n\n\t\"%s/rig\"\n)\n\n", t.Dir, Module)
	fmt.Fprintf(&b, "func run%s(ctx context.Context, r *rig.Run) {\n\tstats := new(%sStats)\n\tp := %s{Stats: stats, Drain: r.Drain, Log: r.Log}\n\tdefer r.Watch(stats.Each)()\n\tswitch r.Job.Via {\n", typ, typ, typ)
	in := ""
	if t.Input != nil {
		in = t.Input.Type.Go()
	}
	for _, via := range t.Vias() {
		if strings.HasPrefix(via, "Pool") {
			b.WriteString(t.poolCase(via, in))
			continue
		}
		args := "ctx"
		switch {
		case in != "" && strings.HasSuffix(via, "Seq2"):
			args += fmt.Sprintf(", rig.Input2[%s](r, %s)", in, t.rig())
		case in != "":
			args += fmt.Sprintf(", rig.Input[%s](r, %s)", in, t.rig())
		}
		fmt.Fprintf(&b, "\tcase %q:\n", via)
		switch {
		case via == "Map":
			fmt.Fprintf(&b, "\t\tin, _ := rig.Slice[%s](%s.Items(ctx, 0))\n", in, t.rig())
			fmt.Fprintf(&b, "\t\tall, err := p.Map(ctx, in)\n\t\tfor _, v := range all {\n\t\t\tr.Out(v, nil)\n\t\t}\n\t\tr.End(fail%s(err))\n", typ)
		case strings.HasPrefix(via, "Run"):
			fmt.Fprintf(&b, "\t\tr.End(fail%s(p.%s(%s)))\n", typ, via, args)
		default:
			fmt.Fprintf(&b, "\t\tfor v, err := range p.%s(%s) {\n\t\t\tif !r.Out(v, fail%s(err)) {\n\t\t\t\tbreak\n\t\t\t}\n\t\t}\n", via, args, typ)
		}
	}
	b.WriteString("\t}\n}\n\n")
	pool := ""
	if t.Plan.HasPool {
		pool = fmt.Sprintf("\tf.Pool(err, Err%sFiltered, Err%sClosed, Err%sTerminated)\n", typ, typ, typ)
	}
	fmt.Fprintf(&b, `func fail%s(err error) *rig.Failure {
	if err == nil {
		return nil
	}
	f := rig.NewFailure(err)
	if e := new(%sError); errors.As(err, &e) {
		f.Of(e.Stage, e.Index, e.Attempt, e.Item, e.Stack)
	}
%s	return f
}
`, typ, typ, pool)
	return b.String()
}

// poolCase runs the items through a pool.
func (t *Topology) poolCase(via, in string) string {
	typ := t.goName()
	value, out := "nil", ""
	if t.Open != nil {
		value, out = "res.Out", "out, "
	}
	var calls string
	switch via {
	case "PoolEach":
		calls = fmt.Sprintf(`for res := range pool.Each(ctx, rig.Input[%s](r, %s)) {
			if !r.Result(res.Index, %s, fail%s(res.Err)) {
				break
			}
		}`, in, t.rig(), value, typ)
	case "PoolMap":
		value = "nil"
		all := "err ="
		if t.Open != nil {
			value, all = "v", "all, err :="
		}
		calls = fmt.Sprintf(`in := rig.Inputs[%s](r, %s)
		%s pool.Map(ctx, in)
`, in, t.rig(), all)
		if t.Open != nil {
			calls += fmt.Sprintf(`		for i, v := range all {
			r.Result(i, %s, nil)
		}
`, value)
		}
		calls += fmt.Sprintf("\t\tr.End(fail%s(err))", typ)
	case "PoolDo":
		value = "nil"
		if t.Open != nil {
			value = "out"
		}
		calls = fmt.Sprintf(`rig.Callers(r, rig.Inputs[%s](r, %s), func(i int, item %s) {
			%serr := pool.Do(ctx, item)
			r.Result(i, %s, fail%s(err))
		})`, in, t.rig(), in, out, value, typ)
	case "PoolSubmit":
		value = "nil"
		if t.Open != nil {
			value = "out"
		}
		calls = fmt.Sprintf(`futures := make(map[int]*%sFuture)
		for i, item := range rig.Inputs[%s](r, %s) {
			f, err := pool.Submit(ctx, item)
			if err != nil {
				r.Result(i, nil, fail%s(err))
				continue
			}
			futures[i] = f
		}
		for i, f := range futures {
			%serr := f.Get(context.Background())
			r.Result(i, %s, fail%s(err))
		}`, typ, in, t.rig(), typ, out, value, typ)
	}
	return fmt.Sprintf(`	case %q:
		pool, err := p.Start(ctx)
		if err != nil {
			r.End(fail%s(err))
			break
		}
		%s
		if err := pool.Close(); err != nil {
			r.End(fail%s(err))
		}
`, via, typ, calls, typ)
}

// Vias are the methods that run the pipeline. They are known once it is planned.
func (t *Topology) Vias() []string {
	var vias []string
	switch {
	case t.Open == nil && t.Input == nil:
		vias = []string{"Run"}
	case t.Open == nil:
		vias = []string{"Run", "RunSeq2"}
	case t.Input == nil:
		vias = []string{"Stream"}
	default:
		vias = []string{"Stream", "StreamSeq2"}
	}
	if t.Plan.HasMap {
		vias = append(vias, "Map")
	}
	if t.Plan.HasPool {
		vias = append(vias, "PoolEach", "PoolMap", "PoolDo", "PoolSubmit")
	}
	return vias
}
