package oracle

import (
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
	"github.com/pipegen/pipegen/spec"
)

// Ways is the number of ways in which things go wrong; the seed of a job chooses one.
const Ways = 10

// mostElements bounds what the stages of a run take in.
const mostElements = 4000

// Job returns the job of a seed. What it needs to know of the topology's items it learns from the interpreter.
func (t *Topology) Job(seed uint64) *rig.Job {
	r := rand.New(rand.NewPCG(t.Seed, seed))
	job := &rig.Job{Topology: t.Name, Fault: seed, Seed: mixSeeds(t.Seed, seed), Items: make(map[int]int), Rates: make(map[int]rig.Rates)}
	vias := t.Vias()
	job.Via = vias[r.IntN(len(vias))]
	if len(vias) > 2 && r.IntN(3) == 0 {
		job.Via = vias[0]
	}
	way := int(seed % Ways)
	job.Slow = way%3 == 2
	job.Watch = r.IntN(4) == 0
	job.Kills = t.Where == Killed
	sources := t.sources()
	most := []int{0, 1, 3, 12, 40, 40, 150}
	switch way {
	case 5, 6, 9:
		most = append(most, 1000)
	case 7:
		most = []int{300}
	}
	for _, s := range sources {
		job.Items[s] = most[r.IntN(len(most))]
	}
	shrink := func() (e *Expectation) {
		for e = t.Interpret(job, false); e.Total > mostElements; e = t.Interpret(job, false) {
			for _, s := range sources {
				job.Items[s] /= 2
			}
		}
		return e
	}
	clean := shrink()
	switch way {
	case 1, 2, 3, 4, 8, 9:
		t.tolerated(r, job, clean)
	}
	step := func() int { return 1 + r.IntN(clean.Total+4) }
	switch way {
	case 3, 4, 8:
		if id, ok := t.badKey(r, shrink()); ok && !job.Pool() && r.IntN(3) == 0 {
			job.BadKey = id
		} else if n := t.stateful(r); n != nil && !job.Pool() && r.IntN(3) == 0 {
			job.BadOpen, job.BadKind = n.ID, []rig.Kind{rig.Err, rig.Panic, rig.Goexit}[r.IntN(3)]
		} else {
			t.fatal(r, job, clean)
		}
	case 5:
		job.Cancel = step()
	case 6:
		job.Drain = step()
		if job.Via == "Map" {
			job.Via = vias[0]
		}
	case 9:
		switch r.IntN(8) {
		case 0:
			job.Cancel = -1
		case 1:
			job.Drain = -1
			job.Via = vias[0]
		case 2, 3:
			job.Cancel = step()
			job.Drain = step()
			job.Via = vias[0]
		default:
			job.Cancel = step()
		}
	}
	if (t.Open != nil || job.Via == "PoolEach") && job.Via != "Map" && (!job.Pool() || job.Via == "PoolEach") && (way == 4 || way == 7 || way == 9 && r.IntN(2) == 0) {
		job.Break = 1 + r.IntN(1+clean.Total/max(1, len(t.Nodes)))
		job.Leave = []rig.Kind{rig.None, rig.None, rig.Panic, rig.Goexit}[r.IntN(4)]
	}
	shrink() // failed ports may lead to more
	return job
}

func mixSeeds(a, b uint64) uint64 { return a*1_000_003 + b }

// sources are the numbers of the nodes that produce items; 0 is the caller.
func (t *Topology) sources() []int {
	var all []int
	if t.Input != nil {
		all = append(all, 0)
	}
	for _, n := range t.Nodes {
		if n.Verb == spec.Source {
			all = append(all, n.ID)
		}
	}
	return all
}

// tolerated lets items fail in stages whose on_error goes on.
func (t *Topology) tolerated(r *rand.Rand, job *rig.Job, clean *Expectation) {
	for _, n := range t.Nodes {
		if (n.goesOn() || job.Pool()) && r.IntN(3) > 0 {
			job.Rates[n.ID] = t.rates(r, n, clean, 1+r.IntN(200))
		} else if n.Retry > 2 && n.Err && !t.forgets(n) && !clean.loose[n.ID] && unique(clean.inputs[n.ID]) {
			job.Rates[n.ID] = rig.Rates{rig.Flaky: r.IntN(200)} // at most two attempts fail
		}
	}
}

// fatal lets items fail in one stage whose on_error is stop.
func (t *Topology) fatal(r *rand.Rand, job *rig.Job, clean *Expectation) {
	var all []*Node
	for _, n := range t.Nodes {
		if !n.goesOn() && !job.Pool() {
			all = append(all, n)
		}
	}
	if t.Input != nil && r.IntN(5) == 0 && !job.Pool() {
		rates := rig.Rates{rig.Panic: r.IntN(40), rig.Goexit: r.IntN(20)}
		if job.Via == "StreamSeq2" || job.Via == "RunSeq2" {
			rates[rig.Err] = r.IntN(100)
		}
		if job.Via != "Map" {
			job.Rates[0] = rates
		}
		return
	}
	if len(all) > 0 {
		n := all[r.IntN(len(all))]
		job.Rates[n.ID] = t.rates(r, n, clean, 1+r.IntN(150))
	}
}

// badKey is an item whose key some stage asks for, perhaps after it has failed above. A join is not among them: what
// fails there is the item.
func (t *Topology) badKey(r *rand.Rand, e *Expectation) (id uint64, ok bool) {
	var all []uint64
	for _, n := range t.Nodes {
		if n.Verb == spec.JoinV {
			return 0, false
		}
		if n.Partition != "" || n.Key != "" || slices.ContainsFunc(n.From, func(p *Port) bool {
			return p.Node != nil && strings.Contains(p.Node.FanOut, "hash") || p.Queue != nil && strings.Contains(p.Queue.FanOut+p.Queue.Settings, "rig.")
		}) || slices.ContainsFunc(n.Keys, func(key string) bool { return strings.Contains(key, "priority") }) {
			all = append(all, e.inputs[n.ID]...)
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	return all[r.IntN(len(all))], true
}

// stateful is one of the nodes that have a state, or nil.
func (t *Topology) stateful(r *rand.Rand) *Node {
	all := slices.DeleteFunc(slices.Clone(t.Nodes), func(n *Node) bool {
		return n.State == "" || t.forgets(n) // whose start may fail as often as it likes
	})
	if len(all) == 0 {
		return nil
	}
	return all[r.IntN(len(all))]
}

// goesOn says whether a failing item of n does not end the run.
func (n *Node) goesOn() bool {
	return n.OnError != "" && n.OnError != "stop" && (n.Verb != spec.Source || n.Shape == "seq2")
}

// breaks says whether no fault can be told from n's items.
func (n *Node) breaks() bool { return n.Verb == spec.BatchVerb || n.Verb == spec.Unbatch }

// rates are faults that n can have, some of a thousand items in all.
func (t *Topology) rates(r *rand.Rand, n *Node, clean *Expectation, total int) rig.Rates {
	var rates rig.Rates
	if n.breaks() || clean.loose[n.ID] || n.Verb == spec.Source && n.Shape == "chan" {
		return rates
	}
	var kinds []rig.Kind
	two := n.Verb == spec.ZipV || n.Verb == spec.JoinV // then nothing tells of which items an error is that is not injected
	switch {
	case n.Verb == spec.Source && n.Shape == "seq2" && n.goesOn(): // its end would be that of the run
	case two:
		kinds = append(kinds, rig.Panic)
	default:
		kinds = append(kinds, rig.Panic, rig.Goexit)
	}
	switch {
	case n.Verb == spec.Source && n.Shape == "seq2", n.Shape == "seq2":
		kinds = append(kinds, rig.Err, rig.Err)
	case n.Verb == spec.Source && n.Shape == "seq":
	case n.Err:
		kinds = append(kinds, rig.Err, rig.Err, rig.Err)
		if n.Timeout && !two && !n.streams() {
			kinds = append(kinds, rig.Hang)
		}
		if n.Retry > 0 && !t.forgets(n) && unique(clean.inputs[n.ID]) {
			kinds = append(kinds, rig.Flaky, rig.Flaky, rig.Flaky)
		}
	}
	if len(kinds) == 0 {
		return rates
	}
	for range 2 {
		k := kinds[r.IntN(len(kinds))]
		rates[k] += total / 2
		if k == rig.Hang {
			rates[k] = min(rates[k], 15) // each takes its time
		}
	}
	return rates
}

// forgets says whether n does not know how often it has been called: its process may have been killed.
func (t *Topology) forgets(n *Node) bool { return t.Where == Killed && n.Processes }

// unique says whether no two are the same.
func unique(ids []uint64) bool {
	sorted := slices.Sorted(slices.Values(ids))
	return len(slices.Compact(sorted)) == len(ids)
}
