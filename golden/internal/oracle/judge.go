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
	j.expect(j.early)
	if !j.early && len(j.want.Fatal) > 0 {
		j.expect(true)
	}
	if r.Job.Pool() {
		j.pool()
	} else {
		j.ending()
	}
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
	err, job := j.r.Err, &j.r.Job
	left := false
	switch out := j.r.Ends["out"]; {
	case job.Via == "Map":
		err = j.mapped(err)
	case len(out) > 0 && out[len(out)-1].Err != nil:
		last := out[len(out)-1].Err
		if token := j.token(last); j.want.Fatal[token] || !j.yielded()[token] {
			err = last
			j.r.Ends["out"] = out[:len(out)-1]
		}
		fallthrough
	default:
		left = job.Break > 0 && len(out) >= job.Break
	}
	switch {
	case err == nil && j.want.Sure && job.Cancel == 0 && job.Drain == 0 && !left:
		j.complain("the run should have failed with one of %v", keys(j.want.Fatal))
	case err == nil && job.Drain == 0 && !left && len(j.want.Fatal) == 0:
		j.expect(false) // it says that all was done, so it has to be
	case err == nil:
	case j.overflowed(err), j.badKey(err):
		j.expect(true)
	case err.Cancelled && job.Cancel != 0:
	case j.want.Fatal[j.token(err)]:
	default:
		j.complain("the run failed with %q (stage %q), expected one of %v", err.Text, err.Stage, keys(j.want.Fatal))
	}
}

// expect says whether the run ended before its time.
func (j *judge) expect(early bool) {
	j.early = early
	j.want = j.t.Interpret(&j.r.Job, early)
}

// yielded are the errors that come out at the open end.
func (j *judge) yielded() map[string]bool {
	all := make(map[string]bool)
	for _, e := range j.want.Ends["out"].Elems {
		if e.Err != "" {
			all[e.Err] = true
		}
	}
	return all
}

// overflowed says whether err is that of a stage that ends the run when its queue is full.
func (j *judge) overflowed(err *rig.Failure) bool {
	return strings.Contains(err.Text, "queue is full") && slices.ContainsFunc(j.t.Plan.Queues, func(q *gen.Queue) bool {
		return q.OnFull == gen.FailFull && slices.ContainsFunc(q.Readers, func(g *gen.Group) bool { return g.Stages[0].Name == err.Stage })
	})
}

// badKey says whether err is that of a key function which was to go wrong.
func (j *judge) badKey(err *rig.Failure) bool {
	switch bad := j.r.Job.BadKey; {
	case bad == 0:
		return false
	case err.Fault != nil:
		return err.Fault.Stage == rig.KeyFunctions && err.Fault.ID == bad
	}
	return strings.HasSuffix(err.Text, "runtime.Goexit was called")
}

// pool compares what the items of a pool have come to.
func (j *judge) pool() {
	r, job := j.r, &j.r.Job
	over := func(f *rig.Failure) bool { return f.Cancelled || f.Ended || f.Canceled && job.Break > 0 }
	failed := false
	for i, e := range r.Results {
		want, ok := j.want.Results[i]
		got := ""
		switch {
		case !ok:
			j.complain("item %d, which is none, has a result", i)
			continue
		case e.Err != nil && e.Err.Filtered:
			got = "filtered"
		case e.Err != nil && over(e.Err):
			if !j.early {
				j.complain("item %d: %s", i, e.Err.Text)
			}
			continue
		case e.Err != nil:
			got = j.token(e.Err)
		case j.t.Open != nil:
			got = e.Value.String()
		}
		if bad := strings.HasPrefix(want, "!") || want == "filtered"; job.Via == "PoolMap" && (bad || j.early) && got == (rig.Value{}).String() {
			failed = failed || bad
			continue // its error is one of those that Map joins
		}
		if got != want {
			j.complain("item %d came to %q, want %q", i, got, want)
		}
	}
	switch {
	case job.Via == "PoolMap" && j.t.Open != nil && failed != (r.Err != nil) && !j.early:
		j.complain("Map: %v", r.Err)
	case j.early:
		if r.Err != nil && !over(r.Err) && job.Via != "PoolMap" {
			j.complain("the pool ended with %q", r.Err.Text)
		}
	case job.Via != "PoolMap" && r.Err != nil:
		j.complain("the pool ended with %q", r.Err.Text)
	case (job.Via != "PoolMap" || j.t.Open != nil) && len(r.Results) != len(j.want.Results):
		j.complain("%d results of %d items", len(r.Results), len(j.want.Results))
	}
}

// mapped looks at the results of Map: where an item has none its place is zero, and yielded errors are joined. It
// takes both out, so that what is left is as of a stream without errors.
func (j *judge) mapped(err *rig.Failure) *rig.Failure {
	if err != nil && len(j.r.Ends["out"]) == 0 {
		return err // the first one, and no results
	}
	if (err != nil) != (len(j.yielded()) > 0) {
		j.complain("Map's error is %v, with %d that were yielded", err, len(j.yielded()))
	}
	var items []rig.Element
	for i, e := range j.r.Ends["out"] {
		if failed := strings.HasPrefix(j.want.Results[i], "!"); failed != (e.Value.String() == (rig.Value{}).String()) {
			j.complain("Map: result %d is %v, want %q", i, e.Value, j.want.Results[i])
		} else if !failed {
			items = append(items, e)
		}
	}
	j.r.Ends["out"] = items
	return nil
}

// inPlaces is what Map gives of the stream: items in the order of the input.
func (s *Stream) inPlaces() *Stream {
	c := s.like()
	c.Order = Sequence
	for _, e := range s.Elems {
		if e.Err == "" {
			c.Elems = append(c.Elems, e)
		}
	}
	slices.SortFunc(c.Elems, func(a, b Elem) int { return a.Index - b.Index })
	return c
}

// token names the item and stage of an error as the interpreter does.
func (j *judge) token(f *rig.Failure) string {
	stage := f.Stage
	var id uint64
	if f.Item != nil {
		id = f.Item.Identity()
	}
	if n := j.t.nodeOf[stage]; f.Remote && (n == nil || !n.Processes) {
		j.complain("%q, an error of %q, has lost its type", f.Text, stage)
	}
	if f.Fault != nil && f.Fault.Stage != rig.KeyFunctions {
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
	token := errToken(stage, id)
	if mark, ok := j.want.Errors[token]; ok && (mark.Index != f.Index || !j.counts(stage, mark.Attempt, f.Attempt)) {
		j.complain("%q is of item %d, attempt %d; want %d, %d", f.Text, f.Index, f.Attempt, mark.Index, mark.Attempt)
	}
	return token
}

// counts says whether got attempts at an item of the stage, or more than one, are right where it takes want without kills.
func (j *judge) counts(stage string, want, got int) bool {
	n := j.t.nodeOf[stage]
	return got == want || got > want && n != nil && j.t.forgets(n)
}

// ends compares what arrived with what had to.
func (j *judge) ends() {
	for name, want := range j.want.Ends {
		if name == "out" && j.r.Job.Pool() {
			continue
		}
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
		if name == "out" && j.r.Job.Via == "Map" {
			want = want.inPlaces()
		}
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
			if n := int(got[c.metric]); n != c.want && !(c.metric == "retries" && j.counts(stage, c.want, n)) {
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
			switch {
			case g.Workers.Auto:
				workers = Procs
			case g.Workers.Param != nil:
				workers = hands
			}
			if n := r.Begun[n.ID]; n > workers {
				j.complain("%d calls of %s began after the run had ended with an error, workers: %d", n, s.Name, workers)
			}
			if peak := int(r.Peak[n.ID]); peak > workers {
				j.complain("%d calls of %s at a time, workers: %d", peak, s.Name, workers)
			}
			stats := j.r.Stats[s.Name]
			if s.Verb == spec.Sink && len(r.Ends[rig.SinkEnd(n.ID)]) != int(stats["done"]) {
				j.complain("sink %s got %d items, its stats say %v", s.Name, len(r.Ends[rig.SinkEnd(n.ID)]), stats["done"])
			}
			if calls := int(stats["in"] + stats["retries"]); n.calls() && (j.r.Err == nil || j.r.Job.Pool()) && !j.early && !n.Processes && s.Join == nil && s.Verb != spec.ZipV && r.Calls[n.ID] != calls {
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
