package oracle

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
)

// Hang is how long one run may take.
const Hang = 60 * time.Second

// Run does the jobs with a program that Build has made and calls f with each report. Where the program dies under
// a job, by a data race, a hang or a crash, crash gets the job and what the program said; the rest goes on with another one.
func Run(ctx context.Context, program string, jobs []*rig.Job, f func(*rig.Report), crash func(job *rig.Job, said string)) error {
	dir, err := os.MkdirTemp(filepath.Dir(program), "jobs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for len(jobs) > 0 {
		done, said, err := serve(ctx, program, dir, jobs, f)
		if err != nil {
			return err
		}
		if jobs = jobs[done:]; len(jobs) > 0 || said != "" {
			if len(jobs) == 0 {
				return fmt.Errorf("after the last job: %s", said)
			}
			crash(jobs[0], said)
			jobs = jobs[1:]
		}
	}
	return nil
}

// serve runs the program over the jobs. It returns how many it has done, and what it said if it died.
func serve(ctx context.Context, program, dir string, jobs []*rig.Job, f func(*rig.Report)) (done int, said string, err error) {
	in, out := filepath.Join(dir, "jobs"), filepath.Join(dir, "reports")
	var b bytes.Buffer
	for _, job := range jobs {
		if err := json.NewEncoder(&b).Encode(job); err != nil {
			return 0, "", err
		}
	}
	if err := os.WriteFile(in, b.Bytes(), 0o666); err != nil {
		return 0, "", err
	}
	var text bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "-test.run=^TestServe$", "-test.timeout=0")
	cmd.Env = append(os.Environ(), "SERVE_JOBS="+in, "SERVE_REPORTS="+out, "SERVE_LIMIT="+Hang.String(),
		"GORACE=halt_on_error=1", fmt.Sprint("GOMAXPROCS=", Procs))
	cmd.Stdout, cmd.Stderr = &text, &text
	err = cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		return 0, "", errors.Join(err, ctx.Err())
	}
	if err != nil {
		said = fmt.Sprintf("%v\n%s", err, text.String())
	}
	reports, err := os.Open(out)
	if err != nil {
		return 0, "", err
	}
	defer reports.Close()
	for dec := json.NewDecoder(reports); ; done++ {
		var r rig.Report
		if err := dec.Decode(&r); err == io.EOF || err == io.ErrUnexpectedEOF {
			return done, said, nil
		} else if err != nil {
			return done, "", err
		}
		f(&r)
	}
}
