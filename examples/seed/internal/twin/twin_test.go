package twin

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"testing"
)

// What is printed while it is redirected, and nothing else, is what was printed.
func TestPrinted(t *testing.T) {
	stdout := os.Stdout
	got := Printed(t, func(context.Context) error {
		fmt.Println("one")
		fmt.Fprint(os.Stdout, "two")
		return nil
	})
	if got != "one\ntwo" || os.Stdout != stdout {
		t.Errorf("%q", got)
	}
	failure := errors.New("failure")
	if err := redirected(os.Stderr, func() error { return failure }); err != failure || os.Stdout != stdout {
		t.Errorf("error %v", err)
	}
}

// Lines and their ends come together again in whatever order threads have written them.
func TestMend(t *testing.T) {
	p := Pair{Begin: regexp.MustCompile("line|end")}
	for _, torn := range []string{"line 1\nline 2\nend\n", "line 1line 2\n\nend\n", "line 1line 2end\n\n\n"} {
		if got := p.mend(torn); got != "line 1\nline 2\nend\n" {
			t.Errorf("%q becomes %q", torn, got)
		}
	}
	if got := (Pair{}).mend("line 1line 2\n\n"); got != "line 1line 2\n\n" {
		t.Errorf("without threads: %q", got)
	}
}
