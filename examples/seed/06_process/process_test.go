package main

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	GreetingWorker()
	goleak.VerifyTestMain(m)
}

// Each process gets a number in the order in which they are named, so that who is whose parent can be compared. Python's
// modules are called __main__ and, where a process is started anew, __mp_main__.
func TestLikePython(t *testing.T) {
	id := regexp.MustCompile(`\d+`)
	twin.Pair{
		Go:     run,
		Python: "06_process_info.py",
		Shape: func(output string) string {
			known := map[string]string{}
			output = id.ReplaceAllStringFunc(output, func(id string) string {
				if known[id] == "" {
					known[id] = fmt.Sprint("#", len(known)+1)
				}
				return known[id]
			})
			return strings.NewReplacer("__mp_main__", "main", "__main__", "main").Replace(output)
		},
		Want: `main line
module name: main
parent process: #1
process id: #2
function f
module name: main
parent process: #2
process id: #3
hello bob
`,
	}.Test(t)
}
