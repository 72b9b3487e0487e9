package rig

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// jobVariable is in the environment of worker processes: what functions do there follows from it.
const jobVariable = "SERVE_JOB"

// lend makes the worker processes that are started from now on know the job.
func lend(job Job) {
	text, err := json.Marshal(job)
	if err == nil {
		err = os.Setenv(jobVariable, string(text))
	}
	if err != nil {
		panic(err)
	}
}

// Adopt begins the run of the job that a worker process was started for. What is seen of it there is not reported; the
// caller acts in the parent.
func Adopt(topologies func() []*Topology) {
	text := os.Getenv(jobVariable)
	if text == "" {
		return
	}
	r := &Run{remote: true, attempts: make(map[place]int)}
	if err := json.Unmarshal([]byte(text), &r.Job); err != nil {
		panic(err)
	}
	r.Job.Cancel, r.Job.Drain = 0, 0
	for _, t := range topologies() {
		if t.Name == r.Job.Topology {
			t.run.Store(r)
		}
	}
	badKey.Store(r.Job.BadKey)
}

// remoteFault is the fault that the text of an error names: errors cross to other processes as text.
func remoteFault(text string) *Fault {
	_, text, found := strings.Cut(text, "injected ")
	var f Fault
	var kind string
	if n, err := fmt.Sscanf(text, "%s in %d at %x", &kind, &f.Stage, &f.ID); !found || n < 3 || err != nil {
		return nil
	}
	for f.Kind = Err; f.Kind.String() != kind; f.Kind++ {
		if f.Kind == Goexit {
			return nil
		}
	}
	return &f
}

// children are the processes whose parent is this one, as far as /proc tells.
func children() (pids []int) {
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, _ := os.ReadFile("/proc/" + e.Name() + "/stat")
		if i := strings.LastIndex(string(stat), ") "); i >= 0 && strings.Fields(string(stat[i+2:]))[1] == strconv.Itoa(os.Getpid()) {
			pids = append(pids, pid)
		}
	}
	return pids
}
