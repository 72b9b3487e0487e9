package golden

import (
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/oracle"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
)

var random randomFlags

type randomFlags struct {
	topologies, faults, repeat int
	topology, fault            uint64
	race, print                bool
	processes, kills           bool
	dir                        string
}

func init() {
	flag.IntVar(&random.topologies, "topologies", 0, "how many random pipelines TestOracle runs")
	flag.Uint64Var(&random.topology, "topology", 1, "the seed of the first one")
	flag.IntVar(&random.faults, "faults", 4, "how many runs of each")
	flag.Uint64Var(&random.fault, "fault", 0, "the seed of the first run")
	flag.IntVar(&random.repeat, "repeat", 1, "how often each run is made")
	flag.BoolVar(&random.race, "detect", true, "with the race detector")
	flag.BoolVar(&random.processes, "processes", false, "with some stages in worker processes")
	flag.BoolVar(&random.kills, "kills", false, "these, and somebody kills them at random moments")
	flag.BoolVar(&random.print, "print", false, "print the specs and their functions")
	flag.StringVar(&random.dir, "dir", "", "build them there and leave everything in place")
}

// Random pipelines do what their plans say, whatever goes wrong: what comes out of them is what a sequential walk
// over the plan gives, as far as the spec fixes it; every item is accounted for; nothing is left behind.
//
//	go test ./golden -run TestOracle -topologies 1000 -faults 10             many
//	go test ./golden -run TestOracle -topologies 100 -processes              with worker processes
//	go test ./golden -run TestOracle -topologies 100 -kills                  and somebody who kills them
//	go test ./golden -run TestOracle -topologies 1 -topology 17 -fault 3     one that has failed
func TestOracle(t *testing.T) {
	if random.topologies == 0 {
		t.Skip("-topologies says how many")
	}
	began := time.Now()
	root := random.dir
	if root == "" {
		root = t.TempDir()
	}
	accepted, refused, err := oracle.Plan(t.Context(), root, oracle.Grow(random.topology, random.topologies, random.where()))
	if err != nil {
		t.Fatal(err)
	}
	// What the grower cannot know is rare.
	if len(refused)*50 > random.topologies {
		t.Errorf("%d of %d specs were refused, the first one:\n%s%v", len(refused), random.topologies, refused[0].Topology.Spec, refused[0].Problems)
	}
	planned := time.Now()
	program, err := oracle.Build(t.Context(), root, accepted, random.race)
	if err != nil {
		t.Fatal(err)
	}
	built := time.Now()
	runs := oracleRuns(t, accepted)
	err = oracle.Run(t.Context(), program, runs.jobs, func(r *rig.Report) {
		if problems := runs.topology[r.Job.Topology].Judge(r); len(problems) > 0 {
			runs.complain(&r.Job, strings.Join(problems, "\n"))
		}
	}, runs.complain)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("topologies %d to %d, %d of them refused %v; %d runs, %d failed\nplanned in %v, built in %v, run in %v\n%v",
		random.topology, random.topology+uint64(random.topologies)-1, len(refused), oracle.Codes(refused), len(runs.jobs), runs.failed,
		planned.Sub(began).Round(time.Millisecond), built.Sub(planned).Round(time.Millisecond), time.Since(built).Round(time.Millisecond), &runs.coverage)
}

// where is where the functions are called.
func (f *randomFlags) where() oracle.Where {
	switch {
	case f.kills:
		return oracle.Killed
	case f.processes:
		return oracle.Processes
	}
	return oracle.Threads
}

// randomRuns are the runs of random topologies.
type randomRuns struct {
	t        *testing.T
	topology map[string]*oracle.Topology
	jobs     []*rig.Job
	coverage oracle.Coverage
	failed   int
}

func oracleRuns(t *testing.T, topologies []*oracle.Topology) *randomRuns {
	runs := &randomRuns{t: t, topology: make(map[string]*oracle.Topology)}
	for _, topology := range topologies {
		if random.print {
			t.Logf("topology %d:\n%s\n%s", topology.Seed, topology.Spec, topology.Go)
		}
		runs.topology[topology.Name] = topology
		runs.coverage.Add(topology)
		for k := range uint64(random.faults) {
			fault := random.fault + k
			if random.faults < oracle.Ways && random.topologies > 1 { // all of the ways, some of them at each topology
				fault += topology.Seed * uint64(random.faults)
			}
			for range random.repeat {
				runs.jobs = append(runs.jobs, topology.Job(fault))
			}
		}
	}
	return runs
}

// complain reports what is wrong with a run, and how to see it again.
func (runs *randomRuns) complain(job *rig.Job, problem string) {
	runs.failed++
	topology := runs.topology[job.Topology]
	flags := ""
	switch random.where() {
	case oracle.Processes:
		flags = " -processes"
	case oracle.Killed:
		flags = " -kills"
	}
	runs.t.Errorf("topology %d: %s\nreplay: go test ./golden -run TestOracle%s -topologies 1 -topology %d -faults 1 -fault %d\n%v\n%s",
		topology.Seed, problem, flags, topology.Seed, job.Fault, job, topology.Spec)
}
