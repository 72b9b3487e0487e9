package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// All three begin, and then all three end. In which order is for the threads to say.
func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Bubble: true,
		Python: "01_thread_crawl.py",
		Begin:  regexp.MustCompile("crawl"),
		Shape: func(output string) string {
			lines := strings.SplitAfter(output, "\n")
			half := len(lines) / 2
			slices.Sort(lines[:half])
			slices.Sort(lines[half:])
			return strings.Join(lines, "")
		},
		Want: `crawl started for https://docs.python.org
crawl started for https://peps.python.org
crawl started for https://python.org
crawl ended for https://docs.python.org
crawl ended for https://peps.python.org
crawl ended for https://python.org
`,
	}.Test(t)
}

// They wait at the same time: for two seconds, not six.
func TestAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		twin.Printed(t, run)
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}
