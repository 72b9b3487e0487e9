package golden

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pipegen/pipegen/golden/internal/oracle"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
)

var (
	oracleTopologies = flag.Int("topologies", 0, "how many random pipelines TestOracle runs")
	oracleSeed       = flag.Uint64("topology", 1, "the seed of the first one")
	oracleJobs       = flag.Int("faults", 4, "how many runs of each")
	oracleJob        = flag.Uint64("fault", 0, "the seed of the first one")
	oracleRepeat     = flag.Int("repeat", 1, "how often each")
	oracleNoRace     = flag.Bool("norace", false, "without the race detector")
	oracleKeep       = flag.String("keep", "", "the directory to build them in")
	oraclePrint      = flag.Bool("printspec", false, "print the specs")
)

// Random pipelines do what their plans say, whatever goes wrong: what comes out of them is what a sequential walk
// over the plan gives, as far as the spec fixes it.
//
//	go test ./golden -run TestOracle -topologies 1000 -faults 10             many
//	go test ./golden -run TestOracle -topologies 1 -topology 17 -fault 3     one that has failed
func TestOracle(t *testing.T) {
	if *oracleTopologies == 0 {
		t.Skip("-topologies says how many")
	}
	began := time.Now()
	root := *oracleKeep
	if root == "" {
		root = t.TempDir()
	}
	n := *oracleTopologies
	var all []*oracle.Topology
	for i := range n {
		dir := "p" + string(rune('a'+i%oracle.Packages(n)))
		all = append(all, oracle.Grow(*oracleSeed+uint64(i), i, dir))
	}
	accepted, refused, err := oracle.Plan(t.Context(), root, all)
	if err != nil {
		t.Fatal(err)
	}
	codes := make(map[string]int)
	for _, r := range refused {
		codes[r.Problems[0].Code]++
		if *oraclePrint {
			t.Logf("topology %d:\n%s%v", r.Topology.Seed, r.Topology.Spec, r.Problems)
		}
	}
	if len(refused)*50 > n {
		t.Errorf("%d of %d specs were refused: %v\n%s%v", len(refused), n, codes, refused[0].Topology.Spec, refused[0].Problems)
	}
	planned := time.Now()
	program, err := oracle.Build(t.Context(), root, accepted, !*oracleNoRace)
	if err != nil {
		t.Fatal(err)
	}
	built := time.Now()
	byName := make(map[string]*oracle.Topology)
	var jobs []*rig.Job
	seeds := make(map[*rig.Job]uint64)
	var coverage oracle.Coverage
	for _, topology := range accepted {
		coverage.Add(topology, topology.Interpret(topology.Job(0), false))
		if *oraclePrint {
			t.Logf("topology %d:\n%s\n%s", topology.Seed, topology.Spec, topology.Go)
		}
		byName[topology.Name] = topology
		for k := range uint64(*oracleJobs) {
			seed := *oracleJob + k
			if *oracleJobs < oracle.Faults && n > 1 { // another choice of ways for each
				seed += topology.Seed * uint64(*oracleJobs)
			}
			job := topology.Job(seed)
			seeds[job] = seed
			for range *oracleRepeat {
				jobs = append(jobs, job)
			}
		}
	}
	complain := func(job *rig.Job, problem string) {
		topology := byName[job.Topology]
		t.Errorf("topology %d: %s\nreplay: go test ./golden -run TestOracle -topologies 1 -topology %d -faults 1 -fault %d\n%v\n%s",
			topology.Seed, problem, topology.Seed, seeds[job], job, topology.Spec)
	}
	next := 0
	err = oracle.Run(t.Context(), program, jobs, func(r *rig.Report) {
		job := jobs[next]
		next++
		if problems := byName[job.Topology].Judge(r); len(problems) > 0 {
			complain(job, strings.Join(problems, "\n"))
		}
	}, func(job *rig.Job, said string) {
		next++
		complain(job, said)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d topologies from seed %d, %d of them refused %v; %d runs; planned in %v, built in %v, run in %v\n%v", n, *oracleSeed, len(refused),
		slices.Sorted(maps.Keys(codes)), len(jobs), planned.Sub(began), built.Sub(planned), time.Since(built), &coverage)
}
