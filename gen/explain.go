package gen

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Explain says in words what p does when it runs: which goroutines run what, where queues stand and how
// long they get, what bounds the memory, what is guaranteed. The text ends with a newline and depends on
// nothing but the plan, so GOMAXPROCS stays a word.
func Explain(p *Plan) string {
	e := &explainer{plan: p}
	e.title()
	e.params()
	e.shared()
	e.stages()
	e.outputs()
	e.goroutines()
	e.processes()
	e.queues()
	e.memory()
	e.guarantees()
	return e.out.String()
}

type explainer struct {
	plan *Plan
	out  strings.Builder
}

func (e *explainer) printf(format string, args ...any) { fmt.Fprintf(&e.out, format, args...) }

// section begins a part of the text.
func (e *explainer) section(title string) { e.printf("\n%s\n", title) }

// table writes rows whose cells are aligned, indented by two.
func (e *explainer) table(rows [][]string) {
	w := tabwriter.NewWriter(&e.out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		for len(row) > 0 && row[len(row)-1] == "" {
			row = row[:len(row)-1]
		}
		fmt.Fprintf(w, "  %s\n", strings.Join(row, "\t"))
	}
	w.Flush() // a strings.Builder does not fail
}

func (e *explainer) title() {
	p := e.plan
	e.printf("%s: pipeline %s of %s, package %s\n",
		p.Name, p.File.Pipeline.Value, singleLine(p.File.Name), p.Package.Name())
	if p.File.Build.IsSet() {
		e.printf("built where: %s\n", singleLine(p.File.Build.Value))
	}
	e.section("Methods")
	for _, m := range e.methods() {
		e.printf("  %s\n", m)
	}
	if len(p.Shapes) > 0 {
		e.section("Graph")
		for _, line := range p.Shapes {
			e.printf("  %s\n", line)
		}
	}
}

// methods lists the generated API.
func (e *explainer) methods() []string {
	methods := e.runs()
	if e.plan.HasPool {
		methods = append(methods, fmt.Sprintf("Start(ctx) (*%sPool, error)", e.plan.Name))
	}
	return methods
}

// runs lists the methods that run the pipeline: it follows from which ends are open.
func (e *explainer) runs() []string {
	p := e.plan
	in, out := "", ""
	if p.Input != nil {
		in = e.typ(p.Input)
	}
	if p.Output != nil {
		out = e.typ(p.Output)
	}
	switch {
	case in == "" && out == "":
		return []string{"Run(ctx) error"}
	case out == "":
		return []string{
			fmt.Sprintf("Run(ctx, iter.Seq[%s]) error", in),
			fmt.Sprintf("RunSeq2(ctx, iter.Seq2[%s, error]) error", in),
		}
	case in == "":
		return []string{fmt.Sprintf("Stream(ctx) iter.Seq2[%s, error]", out)}
	}
	methods := []string{
		fmt.Sprintf("Stream(ctx, iter.Seq[%s]) iter.Seq2[%s, error]", in, out),
		fmt.Sprintf("StreamSeq2(ctx, iter.Seq2[%s, error]) iter.Seq2[%s, error]", in, out),
	}
	if p.HasMap {
		methods = append(methods, fmt.Sprintf("Map(ctx, []%s) ([]%s, error)", in, out))
	}
	return methods
}

func (e *explainer) params() {
	if len(e.plan.Params) == 0 {
		return
	}
	e.section("Params: field, then environment, then default")
	var rows [][]string
	for _, p := range e.plan.Params {
		var facts []string
		if p.Env != "" {
			facts = append(facts, "environment "+p.Env)
		}
		if p.Default != nil {
			facts = append(facts, "default "+literalText(p.Default))
		}
		if p.Required || p.Kind == GoParam {
			facts = append(facts, "required")
		}
		if len(facts) == 0 {
			facts = append(facts, "zero if not given")
		}
		rows = append(rows, []string{p.Field, e.typ(p.Type), strings.Join(facts, ", ")})
	}
	e.table(rows)
}

func (e *explainer) stages() {
	e.section("Stages")
	var rows [][]string
	for _, s := range e.plan.Stages {
		rows = append(rows, []string{s.Name, string(s.Verb), e.types(s), e.function(s), e.settings(s)})
	}
	e.table(rows)
}

// types says what a stage takes and hands on.
func (e *explainer) types(s *Stage) string {
	var in, out string
	switch {
	case s.In2 != nil:
		in = e.typ(s.In) + ", " + e.typ(s.In2) + " "
	case s.Pair:
		in = e.typ(s.In) + ", error "
	case s.In != nil:
		in = e.typ(s.In) + " "
	}
	if s.Out != nil {
		out = " " + e.typ(s.Out)
	}
	if in == "" && out == "" {
		return ""
	}
	return in + "→" + out
}

// function says what a stage calls and where that is declared.
func (e *explainer) function(s *Stage) string {
	switch {
	case s.Call != nil:
		return e.call(s.Call)
	case s.Batch != nil:
		text := "up to " + valueText(s.Batch.Size) + " items"
		if s.Batch.MaxWait.IsSet() {
			text += ", or what has come " + valueText(s.Batch.MaxWait) + " after the first"
		}
		return text
	case s.Reduce != nil:
		parts := []string{"add " + e.call(s.Reduce.Add)}
		for _, f := range []struct {
			name string
			call *Call
		}{{"init", s.Reduce.Init}, {"merge", s.Reduce.Merge}, {"key", s.Reduce.Key}} {
			if f.call != nil {
				parts = append(parts, f.name+" "+e.call(f.call))
			}
		}
		return strings.Join(parts, ", ")
	}
	return ""
}

func (e *explainer) call(c *Call) string {
	name := c.Object.Name()
	switch pkg := c.Object.Pkg(); {
	case c.Recv != nil:
		recv := e.typ(c.Recv)
		if strings.HasPrefix(recv, "*") {
			recv = "(" + recv + ")"
		}
		name = recv + "." + name
	case pkg != nil && pkg.Path() != e.plan.Package.Path():
		name = pkg.Name() + "." + name
	}
	if c.Pos.IsValid() {
		name += " (" + c.Pos.String() + ")"
	}
	return name
}

// settings lists what the spec asks of a stage besides its verb.
func (e *explainer) settings(s *Stage) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	if s.Call != nil {
		for _, a := range s.Call.Args {
			add("%s = %s", a.Name, valueText(a.Value))
		}
	}
	if j := s.Join; j != nil {
		add("by %s and %s", e.call(j.LeftKey), e.call(j.RightKey))
		add("the last %s a side", valueText(j.MaxItems))
	}
	if s.Partition != nil {
		add("partitioned by %s", e.call(s.Partition))
	}
	switch st := s.State; {
	case st == nil:
	case st.Param != nil:
		add("state $%s", st.Param.Name)
	case st.Pipeline:
		add("one state for all workers, %s", e.call(st.New))
	case s.Process != nil:
		add("a state for each worker process, %s", e.call(st.New))
	default:
		add("a state for each worker, %s", e.call(st.New))
	}
	if s.Timeout.IsSet() {
		add("timeout %s", valueText(s.Timeout))
	}
	if r := s.Retry; r != nil {
		add("up to %s attempts", valueText(r.MaxAttempts))
	}
	if r := s.Rate; r != nil {
		text := fmt.Sprintf("at most %s%s", valueText(r.Count), perText[r.Per])
		if r.Burst.Param != nil || r.Burst.Lit != int64(1) {
			text += " in bursts of " + valueText(r.Burst)
		}
		if r.Key != nil {
			text += " for each " + e.call(r.Key)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, ", ")
}

// perText are the units of rates.
var perText = map[time.Duration]string{time.Second: "/s", time.Minute: "/m", time.Hour: "/h"}

// outputs says where items leave by ports or go to several readers.
func (e *explainer) outputs() {
	var rows [][]string
	for _, s := range e.plan.Stages {
		for _, o := range s.Outputs {
			if o.Port != "" || o.FanOut != Single {
				rows = append(rows, []string{outputName(o), e.carries(o), e.fanOut(o), "→ " + strings.Join(e.destinations(o), ", ")})
			}
		}
	}
	if len(rows) > 0 {
		e.section("Ports and fan-out")
		e.table(rows)
	}
}

// carries says which items leave by a port.
func (e *explainer) carries(o *Output) string {
	switch sw := o.Stage.Switch; {
	case o.Failed:
		return "failed items with their errors"
	case sw == nil:
		return "all items"
	default:
		var keys []string
		for _, c := range sw.Cases {
			if c.Output == o {
				keys = append(keys, valueText(c.Value))
			}
		}
		if sw.Default == o {
			keys = append(keys, "all others")
		}
		return strings.Join(keys, ", ")
	}
}

func (e *explainer) fanOut(o *Output) string {
	switch o.FanOut {
	case Broadcast:
		return "each to all"
	case RoundRobin:
		return "in turn"
	case Hash:
		return "by " + e.call(o.Hash)
	}
	return ""
}

// destinations names what reads an output.
func (e *explainer) destinations(o *Output) []string {
	var names []string
	for _, edge := range o.Edges {
		names = append(names, edge.Queue.Name)
	}
	if len(names) == 0 { // fused
		for _, s := range e.plan.Stages {
			if slices.Contains(s.Reads, o) {
				names = append(names, s.Name)
			}
		}
	}
	return names
}

// outputName names where items come from: a stage, or a stage and its port, or the caller.
func outputName(o *Output) string {
	switch {
	case o.Stage == nil:
		return "in"
	case o.Port != "":
		return o.Stage.Name + "." + o.Port
	}
	return o.Stage.Name
}

func (e *explainer) goroutines() {
	e.section("Goroutines")
	var rows [][]string
	var total quantity
	for _, s := range e.plan.Sources {
		total.add(1)
		if s.Stage == nil {
			rows = append(rows, []string{"1", "in", "the caller's sequence is read in its own goroutine"})
		} else {
			rows = append(rows, []string{"1", s.Stage.Name, s.Stage.Reason})
		}
	}
	for _, g := range e.plan.Groups {
		var n quantity
		n.addWorkers(g.Workers)
		total.addWorkers(g.Workers)
		rows = append(rows, []string{n.String(), g.Stages[0].Name, g.Reason})
		for _, s := range g.Stages[1:] {
			rows = append(rows, []string{"", "+ " + s.Name, s.Reason})
		}
	}
	e.table(rows)
	e.printf("  In all: %s.", total.String())
	if e.plan.hasWorkers() {
		e.printf(" One whose stages run in a worker process hands it its items.")
	}
	e.printf("\n")
}

func (e *explainer) queues() {
	if len(e.plan.Queues) == 0 {
		return
	}
	e.section("Queues")
	var rows [][]string
	for _, q := range e.plan.Queues {
		capacity := "unlimited"
		if !q.Unlimited {
			capacity = "at most " + valueText(q.Capacity)
			if q.Explicit {
				capacity = "exactly " + valueText(q.Capacity)
			}
		}
		what := e.typ(q.Type)
		if r := q.Reader; r != nil && r.Stages[0].Join != nil {
			what += " or " + e.typ(r.Stages[0].In2)
		}
		rows = append(rows, []string{strings.Join(writerNames(q), ", ") + " → " + q.Name, what, capacity, q.Reason, e.policy(q)})
	}
	e.table(rows)
	for _, c := range e.plan.Cycles {
		var names []string
		for _, g := range e.plan.Groups {
			if g.In.Cycle == c {
				for _, s := range g.Stages {
					names = append(names, s.Name)
				}
			}
		}
		e.printf("  Items go round by %s. That ends when all that leads there from outside has, and nothing is left on the way.\n", andList(names))
	}
}

// policy says what sets a queue apart from one that is first in, first out, and makes its writers wait.
func (e *explainer) policy(q *Queue) string {
	var parts []string
	switch q.Kind {
	case LIFO:
		parts = append(parts, "last in, first out")
	case Priority:
		parts = append(parts, "smallest "+e.call(q.Key)+" first")
	}
	switch q.OnFull {
	case DropNewest:
		parts = append(parts, "drops what comes when it is full")
	case DropOldest:
		parts = append(parts, "drops the oldest when it is full")
	case FailFull:
		parts = append(parts, "ends the run when it is full")
	}
	if len(q.Readers) > 1 {
		var names []string
		for _, g := range q.Readers {
			names = append(names, g.Stages[0].Name)
		}
		parts = append(parts, andList(names)+" compete for its items")
	}
	return strings.Join(parts, ", ")
}

// memory says how many items exist at a time. Promise 13 makes it a sum of what the plan says.
func (e *explainer) memory() {
	e.section("Memory")
	var queued, held, ahead, batched, joined quantity
	var unlimited, growing []string
	for _, q := range e.plan.Queues {
		if q.Unlimited {
			unlimited = append(unlimited, q.Name)
		} else {
			queued.addValue(q.Capacity)
		}
	}
	held.add(len(e.plan.Sources))
	for _, g := range e.plan.Groups {
		if g.Ordered && !isSingle(g.Workers) {
			ahead.addAhead(g)
		} else {
			held.addWorkers(g.Workers)
		}
		for _, s := range g.Stages {
			switch {
			case s.Batch != nil:
				batched.addProduct(g.Workers, s.Batch.Size)
			case s.Join != nil:
				joined.addProduct(Workers{N: 2}, s.Join.MaxItems)
			case s.Reduce != nil && s.Reduce.Key != nil:
				where := s.Name
				if !isSingle(g.Workers) {
					where = "each worker of " + s.Name
				}
				growing = append(growing, where)
			}
		}
	}
	e.printf("  However long the input, at most so many items wait or are worked on at a time:\n")
	rows := [][]string{{queued.String(), "in queues"}, {held.String(), "in the hands of sources and workers"}}
	if !ahead.isZero() {
		rows = append(rows, []string{ahead.String(), "taken by ordered stages and not yet handed on"})
	}
	if !batched.isZero() {
		rows = append(rows, []string{batched.String(), "in batches that fill"})
	}
	if !joined.isZero() {
		rows = append(rows, []string{joined.String(), "remembered by joins"})
	}
	e.table(rows)
	switch len(unlimited) {
	case 0:
	case 1:
		e.printf("  Not bounded: the queue of %s, which is unlimited.\n", unlimited[0])
	default:
		e.printf("  Not bounded: the queues of %s, which are unlimited.\n", andList(unlimited))
	}
	if names := e.plan.growing(); len(names) > 0 {
		e.printf("  What stages put into %s stays there until they remove it.\n", andList(names))
	}
	if len(growing) > 0 {
		e.printf("  Besides, %s keeps one value for each key it has met.\n", strings.Join(growing, ", "))
	}
}

func isSingle(w Workers) bool { return w.N == 1 && !w.Auto && w.Param == nil }

// typ writes a type as code of the pipeline's package would.
func (e *explainer) typ(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Path() == e.plan.Package.Path() {
			return ""
		}
		return pkg.Name()
	})
}

func stageNames(stages []*Stage) []string {
	var names []string
	for _, s := range stages {
		names = append(names, s.Name)
	}
	return names
}

// writerNames names the outputs that feed a queue, as items leave them.
func writerNames(q *Queue) []string {
	var names []string
	for _, e := range q.Edges {
		if name := outputName(e.From); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// orList reads "a", "a or b", "a, b or c".
func orList(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func valueText(v Value) string {
	switch {
	case v.Param != nil:
		return "$" + v.Param.Name
	case v.Shared != nil:
		return "$" + v.Shared.Name
	case v.Const != nil:
		return v.Const.Name()
	case v.Lit != nil:
		return literalText(v.Lit)
	}
	return "none"
}

func literalText(lit any) string {
	if s, ok := lit.(string); ok {
		return strconv.Quote(s)
	}
	return fmt.Sprint(lit)
}

// singleLine keeps text of a spec or a file name from breaking the layout, or a terminal.
func singleLine(text string) string { return strings.Join(strings.Fields(printable(text)), " ") }
