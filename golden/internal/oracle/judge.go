package oracle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
	"github.com/pipegen/pipegen/spec"
)

// Procs is GOMAXPROCS of the program that runs the jobs, and so what workers: auto means there.
const Procs = 4

// Judge says what is wrong with a run; nothing, most often.
func (t *Topology) Judge(r *rig.Report) []string {
	j := &judge{t: t, r: r, early: r.Job.Cancel != 0 || r.Job.Drain != 0 || r.Job.Break != 0}
	j.want = t.Interpret(&r.Job, j.early)
	if !j.early && len(j.want.Fatal) > 0 {
		j.early = true
		j.want = t.Interpret(&r.Job, true)
	}
	j.ending()
	j.ends()
	j.counters()
	j.conserved()
	j.conduct()
	return j.problems
}

// judge holds one report against what is expected.
type judge struct {
	t        *Topology
	r        *rig.Report
	early    bool
	want     *Expectation
	problems []string
}

func (j *judge) complain(format string, args ...any) {
	j.problems = append(j.problems, fmt.Sprintf(format, args...))
}

// ending looks at the error with which the run ended, and takes it out of what a stream handed out.
func (j *judge) ending() {
	err, out := j.r.Err, j.r.Ends["out"]
	stream := j.t.Open != nil && j.r.Job.Via != "Map"
	if stream && len(out) > 0 && out[len(out)-1].Err != nil {
		last := out[len(out)-1].Err
		if token := j.token(last); j.want.Fatal[token] || last.Fault == nil && !slices.ContainsFunc(j.want.Ends["out"].Elems, func(e Elem) bool { return e.Err == token }) {
			err = last
			j.r.Ends["out"] = out[:len(out)-1]
		}
	}
	job := &j.r.Job
	left := stream && job.Break > 0 && len(out) >= job.Break
	switch {
	case err == nil && j.want.Sure && job.Cancel == 0 && job.Drain == 0 && !left:
		j.complain("the run should have failed with one of %v", keys(j.want.Fatal))
	case err == nil && job.Drain == 0 && !left && len(j.want.Fatal) == 0:
		// It says that all was done, so it has to be.
		j.early = false
		j.want = j.t.Interpret(job, false)
	case err == nil:
	case strings.Contains(err.Text, "queue is full") && j.mayOverflow(err.Stage):
		j.early = true
		j.want = j.t.Interpret(job, true)
	case err.Cancelled && job.Cancel != 0:
	case j.want.Fatal[j.token(err)]:
	default:
		j.complain("the run failed with %q (stage %q), expected one of %v", err.Text, err.Stage, keys(j.want.Fatal))
	}
}

// mayOverflow says whether the stage ends the run when its queue is full.
func (j *judge) mayOverflow(stage string) bool {
	return slices.ContainsFunc(j.t.Plan.Queues, func(q *gen.Queue) bool {
		return q.OnFull == gen.FailFull && slices.ContainsFunc(q.Readers, func(g *gen.Group) bool { return g.Stages[0].Name == stage })
	})
}

// token names the item and stage of an error as the interpreter does.
func (j *judge) token(f *rig.Failure) string {
	stage := f.Stage
	var id uint64
	if f.Item != nil {
		id = f.Item.Identity()
	}
	if f.Fault != nil {
		if n := j.t.nodeOf[stage]; f.Item != nil && id != f.Fault.ID && n.Verb != spec.ZipV && n.Verb != spec.JoinV {
			j.complain("%q says that its item is %x", f.Text, id)
		}
		id = f.Fault.ID
		want := "input"
		for _, n := range j.t.Nodes {
			if n.ID == f.Fault.Stage {
				want = n.Name
			}
		}
		if want != stage {
			j.complain("%q says that it is an error of %q", f.Text, stage)
		}
	}
	return errToken(stage, id)
}

// ends compares what arrived with what had to.
func (j *judge) ends() {
	for name, want := range j.want.Ends {
		var seen []Elem
		for _, e := range j.r.Ends[name] {
			if e.Stage != "" {
				seen = append(seen, Elem{Err: errToken(e.Stage, e.Value.Identity())})
			} else if e.Err != nil {
				seen = append(seen, Elem{Err: j.token(e.Err)})
			} else {
				seen = append(seen, Elem{Value: e.Value})
			}
		}
		want := want
		if j.early {
			want = want.clone()
			want.Extent = max(want.Extent, Prefix)
		}
		if problem := want.compare(seen); problem != "" {
			j.complain("%s: %s", name, problem)
		}
	}
}

// counters compares the stats that are fixed.
func (j *judge) counters() {
	if j.early {
		return
	}
	for stage, want := range j.want.Stats {
		got := j.r.Stats[stage]
		for _, c := range []struct {
			metric string
			want   int
		}{{"in", want.In}, {"out", want.Out}, {"done", want.Done}, {"filtered", want.Filtered}, {"failed", want.Failed},
			{"dead_lettered", want.DeadLettered}, {"retries", want.Retries}, {"interrupted", 0}} {
			if int(got[c.metric]) != c.want {
				j.complain("stats of %s: %s is %v, want %d", stage, c.metric, got[c.metric], c.want)
			}
		}
	}
}

// conduct looks at how the run went about it.
func (j *judge) conduct() {
	r := j.r
	if r.Late > 0 {
		j.complain("%d calls after the run had ended", r.Late)
	}
	if r.Odd != "" {
		j.complain("%s", r.Odd)
	}
	if r.Leak != "" {
		j.complain("goroutines are left:\n%s", r.Leak)
	}
	if r.Opened != r.Closed {
		j.complain("%d states were opened and %d closed", r.Opened, r.Closed)
	}
	for _, g := range j.t.Plan.Groups {
		for _, s := range g.Stages {
			n := j.t.Node(s)
			workers := g.Workers.N
			if g.Workers.Auto {
				workers = Procs
			}
			if peak := int(r.Peak[n.ID]); peak > workers {
				j.complain("%d calls of %s at a time, workers: %d", peak, s.Name, workers)
			}
			stats := j.r.Stats[s.Name]
			if s.Verb == spec.Sink && len(r.Ends[rig.SinkEnd(n.ID)]) != int(stats["done"]) {
				j.complain("sink %s got %d items, its stats say %v", s.Name, len(r.Ends[rig.SinkEnd(n.ID)]), stats["done"])
			}
			if calls := int(stats["in"] + stats["retries"]); n.calls() && j.r.Err == nil && !j.early && s.Join == nil && s.Verb != spec.ZipV && r.Calls[n.ID] != calls {
				j.complain("%d calls of %s, its stats say %d", r.Calls[n.ID], s.Name, calls)
			}
		}
	}
}

func keys(m map[string]bool) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}
