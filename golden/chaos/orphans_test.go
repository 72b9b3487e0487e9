//go:build linux

package chaos

import (
	"context"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// phases are what a parent may be at when it is killed, with what its jobs do meanwhile.
var phases = map[string][]trouble{
	"starting":    nil,                     // its workers never get ready
	"idle":        nil,                     // a pool without work
	"busy":        {spins, "", stops},      // no worker heeds anything
	"flowing":     {"", "", "", dawdles},   // many small items
	"replacing":   {dies, exits, aborts},   // workers come and go
	"terminating": {spins, dawdles, spins}, // nor do they end when they are asked to
}

// parent is the main function of a process that is to be killed. It does not return.
func parent(phase string) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(1) // the test has ended without killing it
	}()
	dir := os.Getenv("CHAOS_DIR")
	if phase == "starting" {
		_ = os.WriteFile(filepath.Join(dir, "block"), nil, 0o600)
	}
	pool, err := Resent{Dir: dir, Log: quiet}.Start(context.Background())
	if err != nil {
		panic(err)
	}
	for len(children(os.Getpid())) < 4 {
		time.Sleep(time.Millisecond)
	}
	go func() { // buried: others, from a reserve
		for range (Buried{Dir: dir, Log: quiet}).Stream(context.Background(), endless(phases[phase])) {
		}
	}()
	if jobs := phases[phase]; jobs != nil {
		go func() {
			for range pool.Each(context.Background(), endless(jobs)) {
			}
		}()
	}
	if phase == "terminating" {
		for journal, _ := lines(dir); len(journal) < 6; journal, _ = lines(dir) {
			time.Sleep(time.Millisecond)
		}
		go func() { _ = pool.Terminate() }()
	}
	fmt.Println("ready")
	select {}
}

// endless are jobs with the troubles, one after the other; none where there are none.
func endless(troubles []trouble) iter.Seq[job] {
	return func(yield func(job) bool) {
		for i := 0; len(troubles) > 0; i++ {
			if !yield(job{ID: i, Trouble: troubles[i%len(troubles)], Always: true}) {
				return
			}
		}
	}
}

// A parent that is killed, whatever it is at, takes its workers with it within a second: those at work, stopped ones,
// spare ones, and those that are just starting.
func TestParentIsKilled(t *testing.T) {
	leavesNothing(t)
	for phase := range phases {
		for round := range 2 {
			t.Run(fmt.Sprintf("%s/%d", phase, round), func(t *testing.T) {
				t.Parallel()
				tree := fmt.Sprintf("CHAOS_TREE=%d.%s.%d", os.Getpid(), phase, round)
				cmd := exec.Command("/proc/self/exe")
				cmd.Env = append(os.Environ(), tree, "CHAOS_PARENT="+phase, "CHAOS_DIR="+t.TempDir())
				stdin, err := cmd.StdinPipe()
				if err != nil {
					t.Fatal(err)
				}
				defer stdin.Close()
				stdout, err := cmd.StdoutPipe()
				if err != nil {
					t.Fatal(err)
				}
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				r := rand.New(rand.NewPCG(*seed, uint64(round)))
				if _, err := stdout.Read(make([]byte, 8)); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Duration(r.IntN(40)) * time.Millisecond)
				if round == 1 {
					for _, pid := range relatives(tree) {
						if n, _ := strconv.Atoi(pid); n != cmd.Process.Pid && isWorker(n) {
							_ = syscall.Kill(n, syscall.SIGSTOP)
						}
					}
				}
				_ = cmd.Process.Kill()
				_ = cmd.Wait()
				eventually(t, time.Second, "workers outlive their parent", func() bool { return len(relatives(tree)) == 0 })
			})
		}
	}
}
