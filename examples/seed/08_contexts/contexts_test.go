package main

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/pipegen/pipegen/examples/seed/internal/twin"
)

func TestMain(m *testing.M) {
	HelloWorker()
	goleak.VerifyTestMain(m)
}

func TestLikePython(t *testing.T) {
	twin.Pair{
		Go:     run,
		Python: "08_get_context.py",
		Want:   "hello\n",
	}.Test(t)
}

// The text has come through two processes, and neither is this one.
func TestTwoProcesses(t *testing.T) {
	n := 0
	for greeting, err := range (Hello{}).Stream(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if by := greeting.By; len(by) != 2 || by[0] == by[1] || by[0] == os.Getpid() || by[1] == os.Getpid() {
			t.Errorf("by processes %v; this is %d", by, os.Getpid())
		}
	}
	if n != 1 {
		t.Errorf("%d texts", n)
	}
}
