package gen

import (
	"context"
	"flag"
	"fmt"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/pipegen/pipegen/spec"
)

var updatePlans = flag.Bool("update-plans", false, "write what testdata/plan expects anew")

// TestPlan plans the specs of each testdata/plan/*.txtar and compares diagnostics and plans with the file
// "want" of the archive. All archives are directories of one module, so that there is one load: what is
// wrong in one package does not reach another.
func TestPlan(t *testing.T) {
	cases, prog := loadPlanCases(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.run(prog)
			if *updatePlans {
				c.update(t, got)
				return
			}
			if diff := cmp.Diff(c.want(), got); diff != "" {
				t.Errorf("plan differs (-want +got):\n%s", diff)
			}
		})
	}
}

// A planCase is one archive.
type planCase struct {
	name    string // of the archive, without its suffix
	archive *txtar.Archive
	files   []*spec.File
	diags   spec.Diagnostics // of Parse and Load
}

// loadPlanCases writes the archives out as one module and loads their specs.
func loadPlanCases(t testing.TB) ([]*planCase, *Program) {
	t.Helper()
	names, err := filepath.Glob("testdata/plan/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.com/cases\n\ngo 1.26\n")
	var cases []*planCase
	var files []*spec.File
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := &planCase{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), archive: archive}
		for _, f := range archive.Files {
			switch {
			case f.Name == "want":
				continue
			case strings.HasSuffix(f.Name, SpecSuffix):
				file, diags := spec.Parse(c.name+"/"+f.Name, f.Data)
				c.diags = append(c.diags, diags...)
				if file == nil {
					t.Fatalf("%s: %s is no spec: %v", name, f.Name, diags)
				}
				c.files = append(c.files, file)
			}
			write(t, filepath.Join(root, c.name, f.Name), string(f.Data))
		}
		files = append(files, c.files...)
		cases = append(cases, c)
	}
	prog, diags, err := Load(context.Background(), LoadConfig{Dir: root}, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range diags {
		i := slices.IndexFunc(cases, func(c *planCase) bool { return c.name == firstElement(d.File) })
		cases[i].diags = append(cases[i].diags, d)
	}
	return cases, prog
}

func firstElement(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

func write(t testing.TB, name, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// run plans the case's specs and returns diagnostics and plans as text.
func (c *planCase) run(prog *Program) string {
	plans, diags := PlanAll(prog, c.files)
	var b strings.Builder
	for _, d := range append(slices.Clone(c.diags), diags...) {
		dumpDiagnostic(&b, d)
	}
	for i, p := range plans {
		if i > 0 {
			b.WriteString("\n")
		}
		dumpPlan(&b, p)
	}
	text := b.String()
	for _, f := range c.files {
		text = strings.ReplaceAll(text, f.Name, path.Base(f.Name))
	}
	return text
}

func (c *planCase) want() string {
	for _, f := range c.archive.Files {
		if f.Name == "want" {
			return string(f.Data)
		}
	}
	return ""
}

func (c *planCase) update(t *testing.T, got string) {
	c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	c.archive.Files = append(c.archive.Files, txtar.File{Name: "want", Data: []byte(got)})
	write(t, filepath.Join("testdata", "plan", c.name+".txtar"), string(txtar.Format(c.archive)))
}

// dumpDiagnostic writes everything that d says.
func dumpDiagnostic(b *strings.Builder, d spec.Diagnostic) {
	fmt.Fprintf(b, "%s[%s] %s", d.Severity, d.Code, d.File)
	if d.Span.IsValid() {
		fmt.Fprintf(b, ":%d:%d+%d", d.Span.Line, d.Span.Col, d.Span.Len)
	}
	fmt.Fprintf(b, ": %s\n", d.Message)
	if d.Label != "" || d.Where != "" {
		fmt.Fprintf(b, "  %s\n", strings.TrimSpace(d.Label+" @ "+d.Where))
	}
	for _, note := range d.Notes {
		fmt.Fprintf(b, "  note: %s\n", note)
	}
	if d.Help != "" {
		fmt.Fprintf(b, "  help: %s\n", d.Help)
	}
}

// dumpPlan writes everything that p says, but for what the spec says itself.
func dumpPlan(b *strings.Builder, p *Plan) {
	fmt.Fprintf(b, "plan %s of package %s in %s", p.Name, p.Package.Name(), path.Base(p.Dir))
	if p.Input != nil {
		fmt.Fprintf(b, ", in %s", dumpType(p, p.Input))
	}
	if p.Output != nil {
		fmt.Fprintf(b, ", out %s", dumpType(p, p.Output))
	}
	if p.HasMap {
		b.WriteString(", Map")
	}
	if p.HasPool {
		b.WriteString(", a pool")
	}
	b.WriteString("\n")
	for _, line := range p.Shapes {
		fmt.Fprintf(b, "  %s\n", line)
	}
	for _, param := range p.Params {
		fmt.Fprintf(b, "param %s: field %s %s, kind %d", param.Name, param.Field, dumpType(p, param.Type), param.Kind)
		if param.Default != nil {
			fmt.Fprintf(b, ", default %T %[1]v", param.Default)
		}
		if param.Env != "" {
			fmt.Fprintf(b, ", env %s", param.Env)
		}
		if param.Required {
			b.WriteString(", required")
		}
		b.WriteString("\n")
	}
	for _, r := range p.Shared {
		dumpResource(b, p, r)
	}
	for _, s := range p.Stages {
		dumpStage(b, p, s)
	}
	for _, s := range p.Sources {
		name := "caller"
		if s.Stage != nil {
			name = s.Stage.Name
		}
		fmt.Fprintf(b, "source %s to queue%s%s\n", name, dumpEdges(s.Output.Edges), map[bool]string{true: ", in a process"}[s.Process != nil])
	}
	for _, g := range p.Groups {
		fmt.Fprintf(b, "group %d %v from queue %d", g.Index, stageNames(g.Stages), g.In.Index)
		if g.In2 != nil {
			fmt.Fprintf(b, " and %d", g.In2.Index)
		}
		if g.Out != nil {
			fmt.Fprintf(b, " to queue %d", g.Out.Index)
		}
		fmt.Fprintf(b, ", workers %s", g.Workers.text())
		if g.Ordered {
			b.WriteString(", ordered")
		}
		if g.MaxAhead.IsSet() {
			fmt.Fprintf(b, ", max_ahead %s", dumpValue(g.MaxAhead))
		}
		if g.Chunk.IsSet() {
			fmt.Fprintf(b, ", chunk %s", dumpValue(g.Chunk))
		}
		if g.Process != nil {
			b.WriteString(", in processes")
		}
		if g.OneToOne {
			b.WriteString(", one to one")
		}
		fmt.Fprintf(b, ": %s\n", g.Reason)
	}
	for _, q := range p.Queues {
		fmt.Fprintf(b, "queue %d %s of %s%s: ", q.Index, q.Name, dumpType(p, q.Type), dumpElem(q.Elem))
		switch {
		case q.Unlimited:
			b.WriteString("unlimited")
		case q.Explicit:
			fmt.Fprintf(b, "exactly %s", dumpValue(q.Capacity))
		default:
			b.WriteString(dumpValue(q.Capacity))
		}
		if q.OnFull != Block {
			fmt.Fprintf(b, ", %s when full", []string{DropNewest: "drops the newest", DropOldest: "drops the oldest", FailFull: "fails"}[q.OnFull])
		}
		if q.Kind != FIFO {
			fmt.Fprintf(b, ", %s", []string{LIFO: "lifo", Priority: "priority"}[q.Kind])
		}
		if q.Key != nil {
			fmt.Fprintf(b, " by %s", dumpCall(p, q.Key))
		}
		if len(q.Readers) > 1 {
			fmt.Fprintf(b, ", read by %d groups", len(q.Readers))
		}
		if q.Cycle != nil {
			fmt.Fprintf(b, ", in cycle %d", q.Cycle.Index)
		}
		fmt.Fprintf(b, ", %s\n", q.Reason)
	}
	for _, d := range p.Warnings {
		dumpDiagnostic(b, d)
	}
}

func dumpResource(b *strings.Builder, p *Plan, r *Resource) {
	fmt.Fprintf(b, "shared %s: field %s, %s", r.Name, r.Field, r.Kind)
	if r.Key != nil {
		fmt.Fprintf(b, " from %s", dumpType(p, r.Key))
	}
	if r.Elem != nil {
		fmt.Fprintf(b, " of %s", dumpType(p, r.Elem))
	}
	if r.N > 0 {
		fmt.Fprintf(b, ", %d", r.N)
	}
	if r.Guard != nil {
		fmt.Fprintf(b, ", guarded by %s, %s on crash", r.Guard.Name, []string{KeepOnCrash: "kept", ResetOnCrash: "reset", FailOnCrash: "fails"}[r.OnCrash])
	}
	fmt.Fprintf(b, ", used by %v", stageNames(r.Users))
	if r.InWorkers {
		fmt.Fprintf(b, ", in processes%s", map[bool]string{true: ", mapped"}[r.Mapped()])
	}
	b.WriteString("\n")
}

func dumpStage(b *strings.Builder, p *Plan, s *Stage) {
	fmt.Fprintf(b, "stage %d %s (%s) %s", s.Index, s.Name, s.Field, s.Verb)
	for i, from := range s.Reads {
		fmt.Fprintf(b, "%s%s", map[bool]string{true: " from ", false: ", "}[i == 0], dumpOutput(from))
	}
	b.WriteString(":")
	if s.In != nil {
		fmt.Fprintf(b, " %s%s", dumpType(p, s.In), dumpElem(s.ElemIn))
	}
	if s.In2 != nil {
		fmt.Fprintf(b, " and %s", dumpType(p, s.In2))
	}
	if s.Pair {
		b.WriteString(" and its error")
	}
	b.WriteString(" →")
	if s.Out != nil {
		fmt.Fprintf(b, " %s%s", dumpType(p, s.Out), dumpElem(s.ElemOut))
	}
	b.WriteString("\n")
	if s.Call != nil {
		fmt.Fprintf(b, "  call %s\n", dumpCall(p, s.Call))
	}
	if s.Batch != nil {
		fmt.Fprintf(b, "  size %s, max_wait %s\n", dumpValue(s.Batch.Size), dumpValue(s.Batch.MaxWait))
	}
	if r := s.Reduce; r != nil {
		fmt.Fprintf(b, "  accumulates %s", dumpType(p, r.Acc))
		if r.KeyType != nil {
			fmt.Fprintf(b, " by %s", dumpType(p, r.KeyType))
		}
		b.WriteString("\n")
		for _, f := range []struct {
			name string
			call *Call
		}{{"init", r.Init}, {"add", r.Add}, {"merge", r.Merge}, {"key", r.Key}} {
			if f.call != nil {
				fmt.Fprintf(b, "  %s %s\n", f.name, dumpCall(p, f.call))
			}
		}
	}
	if sw := s.Switch; sw != nil {
		fmt.Fprintf(b, "  on %s:", dumpType(p, sw.Key))
		for _, c := range sw.Cases {
			fmt.Fprintf(b, " %s → %s,", dumpValue(c.Value), c.Output.Port)
		}
		if sw.Default != nil {
			fmt.Fprintf(b, " default → %s\n", sw.Default.Port)
		} else {
			b.WriteString(" no default\n")
		}
	}
	if j := s.Join; j != nil {
		fmt.Fprintf(b, "  last %s a side by %s\n  left %s\n  right %s\n", dumpValue(j.MaxItems), dumpType(p, j.Key), dumpCall(p, j.LeftKey), dumpCall(p, j.RightKey))
	}
	if s.Partition != nil {
		fmt.Fprintf(b, "  partition by %s\n", dumpCall(p, s.Partition))
	}
	if st := s.State; st != nil {
		if st.Param != nil {
			fmt.Fprintf(b, "  state $%s", st.Param.Name)
		} else {
			fmt.Fprintf(b, "  state %s", dumpCall(p, st.New))
		}
		fmt.Fprintf(b, "%s\n", map[bool]string{true: ", one for all"}[st.Pipeline])
	}
	if r := s.Retry; r != nil {
		fmt.Fprintf(b, "  attempts %s, from %s to %s × %s ± %s", dumpValue(r.MaxAttempts), dumpValue(r.Initial), dumpValue(r.Max), dumpValue(r.Multiplier), dumpValue(r.Jitter))
		if r.When != nil {
			fmt.Fprintf(b, " when %s", dumpCall(p, r.When))
		}
		b.WriteString("\n")
	}
	if r := s.Rate; r != nil {
		fmt.Fprintf(b, "  rate %s in %v, burst %s", dumpValue(r.Count), r.Per, dumpValue(r.Burst))
		if r.Key != nil {
			fmt.Fprintf(b, " by %s", dumpCall(p, r.Key))
		}
		b.WriteString("\n")
	}
	if s.Dead != nil {
		fmt.Fprintf(b, "  dead letters to %s\n", dumpCall(p, s.Dead))
	}
	for _, o := range s.Outputs {
		if o.Port == "" && len(o.Edges) < 2 {
			continue
		}
		fmt.Fprintf(b, "  output %s of %s", dumpOutput(o), dumpType(p, o.Type))
		if o.FanOut != Single {
			fmt.Fprintf(b, ", %s", []string{Broadcast: "broadcast", RoundRobin: "round robin", Hash: "hash"}[o.FanOut])
		}
		if o.Hash != nil {
			fmt.Fprintf(b, " by %s", dumpCall(p, o.Hash))
		}
		fmt.Fprintf(b, ", to queue%s\n", dumpEdges(o.Edges))
	}
	if s.OnError != Stop {
		fmt.Fprintf(b, "  on error %s\n", []string{Skip: "skip", Yield: "yield", DeadLetter: "dead letter", Route: "route"}[s.OnError])
	}
	if s.Timeout.IsSet() {
		fmt.Fprintf(b, "  timeout %s\n", dumpValue(s.Timeout))
	}
	if s.Process != nil {
		dumpProcess(b, s.Process)
	}
	fmt.Fprintf(b, "  %s\n", s.Reason)
}

// dumpProcess writes what differs from the defaults.
func dumpProcess(b *strings.Builder, p *Process) {
	b.WriteString("  processes:")
	if p.Command != nil {
		fmt.Fprintf(b, " command %q", p.Command)
	}
	if p.ForkServer {
		b.WriteString(" forkserver")
	}
	for _, v := range []struct {
		name          string
		value, absent Value
	}{
		{"spare", p.Spare, Value{Lit: int64(0)}},
		{"max_restarts", p.MaxRestarts, defaultMaxRestarts},
		{"within", p.Within, defaultWithin},
		{"max_attempts", p.MaxAttempts, defaultCrashAttempts},
		{"recycle_after", p.RecycleAfter, Value{}},
		{"memory_limit", p.MemoryLimit, Value{}},
		{"heartbeat", p.Heartbeat, defaultHeartbeat},
		{"shutdown_timeout", p.ShutdownTimeout, defaultShutdownTimeout},
		{"max_item", p.MaxItem, defaultMaxItem},
		{"max_depth", p.MaxDepth, defaultMaxDepth},
	} {
		if v.value != v.absent {
			fmt.Fprintf(b, " %s %s", v.name, dumpValue(v.value))
		}
	}
	for _, v := range p.Env {
		fmt.Fprintf(b, " %s=%s", v.Name, dumpValue(v.Value))
	}
	if p.InFlight != FailInFlight {
		fmt.Fprintf(b, " in flight %s", []string{RetryInFlight: "retry", DeadLetterInFlight: "dead letter"}[p.InFlight])
	}
	if p.LogStdout {
		b.WriteString(" stdout to the log")
	}
	if p.JSON {
		b.WriteString(" json")
	}
	b.WriteString("\n")
}

// dumpOutput names an output.
func dumpOutput(o *Output) string {
	switch {
	case o.Stage == nil:
		return "in"
	case o.Port == "":
		return o.Stage.Name
	}
	return o.Stage.Name + "." + o.Port
}

// dumpEdges lists the queues that edges lead to.
func dumpEdges(edges []*Edge) string {
	text := ""
	for _, e := range edges {
		text += fmt.Sprintf(" %d%s", e.Queue.Index, []string{NoSide: "", Left: " left", Right: " right"}[e.Side])
		if e.Errors {
			text += " with errors"
		}
	}
	return text
}

// dumpCall writes a call as object, instance, signature, then what the planner made of it.
func dumpCall(p *Plan, c *Call) string {
	var b strings.Builder
	if c.Recv != nil {
		fmt.Fprintf(&b, "(%s).", dumpType(p, c.Recv))
	} else if c.Object.Pkg() != p.Package {
		fmt.Fprintf(&b, "%s.", c.Object.Pkg().Name())
	}
	b.WriteString(c.Object.Name())
	if len(c.TypeArgs) > 0 {
		var args []string
		for _, t := range c.TypeArgs {
			args = append(args, dumpType(p, t))
		}
		fmt.Fprintf(&b, "[%s]", strings.Join(args, ", "))
	}
	fmt.Fprintf(&b, " %s", dumpType(p, c.Sig))
	if c.Shape != Plain {
		fmt.Fprintf(&b, " %s", map[Shape]string{SeqShape: "seq", Seq2Shape: "seq2", SliceShape: "slice", ChanShape: "chan", EmitShape: "emit"}[c.Shape])
	}
	if c.EmitAt >= 0 {
		fmt.Fprintf(&b, "@%d", c.EmitAt)
	}
	if c.Ctx {
		b.WriteString(" ctx")
	}
	if c.Err {
		b.WriteString(" err")
	}
	for _, a := range c.Args {
		fmt.Fprintf(&b, " %s=%s", a.Name, dumpValue(a.Value))
	}
	if c.Pos.IsValid() {
		fmt.Fprintf(&b, " @ %s", c.Pos)
	}
	return b.String()
}

func dumpElem(e Elem) string {
	text := ""
	if e.Index {
		text += "+index"
	}
	if e.Err {
		text += "+err"
	}
	return text
}

func dumpValue(v Value) string {
	switch {
	case v.Param != nil:
		return "$" + v.Param.Name
	case v.Shared != nil:
		return "shared $" + v.Shared.Name
	case v.Const != nil:
		return v.Const.Pkg().Name() + "." + v.Const.Name()
	case v.Lit != nil:
		return fmt.Sprintf("%T(%[1]v)", v.Lit)
	}
	return "none"
}

func dumpType(p *Plan, t types.Type) string {
	return types.TypeString(t, types.RelativeTo(p.Package))
}

// TestPlanIsPure plans everything many times over: the same Program gives the same plans, and planning
// leaves nothing behind in it.
func TestPlanIsPure(t *testing.T) {
	cases, prog := loadPlanCases(t)
	for _, c := range cases {
		first := c.run(prog)
		for range 20 {
			if diff := cmp.Diff(first, c.run(prog)); diff != "" {
				t.Fatalf("%s: planned again, it differs:\n%s", c.name, diff)
			}
		}
	}
}

// TestPlanDamaged plans every spec of the cases again without each of its lines, and cut off after it: what
// spec.Parse could not decode is no reason to panic, and a spec with errors has no plan.
func TestPlanDamaged(t *testing.T) {
	cases, prog := loadPlanCases(t)
	for _, c := range cases {
		for _, f := range c.files {
			lines := strings.SplitAfter(string(f.Source), "\n")
			for i := range lines {
				for _, text := range []string{
					strings.Join(lines[:i], "") + strings.Join(lines[i+1:], ""),
					strings.Join(lines[:i], ""),
				} {
					planDamaged(t, prog, f, text)
				}
			}
		}
	}
}

func planDamaged(t *testing.T, prog *Program, f *spec.File, text string) {
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("panic: %v\n%s", r, text)
		}
	}()
	file, diags := spec.Parse(f.Name, []byte(text))
	u := prog.units[f]
	if file == nil || u == nil {
		return
	}
	damaged := *u
	damaged.file = file
	plans, more := PlanAll(&Program{fset: prog.fset, units: map[*spec.File]*unit{file: &damaged}}, []*spec.File{file})
	if diags.HasErrors() || u.failed {
		return
	}
	if (len(plans) == 1) == more.HasErrors() {
		t.Errorf("%d plans with errors %v\n%s", len(plans), more, text)
	}
}

// BenchmarkPlan1000 plans a spec of 1,000 stages.
func BenchmarkPlan1000(b *testing.B) {
	var text strings.Builder
	text.WriteString("version: 1\npipeline: long\nstages:\n  - source: Ints\n")
	for range 998 {
		text.WriteString("  - map: Inc\n")
	}
	text.WriteString("  - sink: Use\n")
	root := b.TempDir()
	write(b, filepath.Join(root, "go.mod"), "module example.com/long\n\ngo 1.26\n")
	write(b, filepath.Join(root, "long.go"), `package long

func Ints() []int { return nil }
func Inc(n int) int { return n + 1 }
func Use(n int) {}
`)
	file, diags := spec.Parse("long.pipegen.yaml", []byte(text.String()))
	if diags.HasErrors() {
		b.Fatal(diags)
	}
	prog, _, err := Load(context.Background(), LoadConfig{Dir: root}, []*spec.File{file})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		plans, diags := PlanAll(prog, []*spec.File{file})
		if len(plans) != 1 || len(plans[0].Stages) != 1000 {
			b.Fatal(diags)
		}
	}
}
