package rig

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

// Serve does the jobs that in holds, one JSON value after the other, and writes a report for each to out. A run of
// more than limit ends the program with exit status 3, after the stacks of all goroutines.
func Serve(topologies []*Topology, in io.Reader, out io.Writer, limit time.Duration) error {
	byName := make(map[string]*Topology)
	for _, t := range topologies {
		byName[t.Name] = t
	}
	jobs, reports := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var job Job
		if err := jobs.Decode(&job); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		hang := time.AfterFunc(limit, func() {
			buf := make([]byte, 4<<20)
			fmt.Fprintf(os.Stderr, "%v hangs:\n%s", job, buf[:runtime.Stack(buf, true)])
			os.Exit(3)
		})
		report := byName[job.Topology].do(job)
		hang.Stop()
		if err := reports.Encode(report); err != nil {
			return err
		}
	}
}
