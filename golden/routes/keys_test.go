package routes

import (
	"runtime"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// An item counts as failed when it has gone to the failed port. Where a key function of the port's reader panics or exits,
// the run ends first: the item is interrupted, whatever has gone wrong with it.
func TestPromise07_KeyFunctionOfAFailedPort(t *testing.T) {
	p := probe.Pipeline{Name: "Sorted", From: map[string][]string{"bury": {}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Sorted{Drain: drain, Stats: new(SortedStats)}
		return probe.Sunk[*SortedError](p.Stats, p.RunSeq2)
	}}
	for how, end := range map[string]func(){"panics": func() { panic("thirteen") }, "exits": runtime.Goexit} {
		for what, fail := range map[string]func() error{
			"an error":       func() error { return errBoom },
			"a panic":        func() error { panic(errBoom) },
			"runtime.Goexit": func() error { runtime.Goexit(); return nil },
		} {
			r := p.Do(t, probe.Script{N: 20, Hook: func(c probe.Call) error {
				switch {
				case c.Stage == "tenfold" && c.Item == 13:
					return fail()
				case c.Stage == "parityOf":
					end()
				}
				return nil
			}}, probe.Plan{})
			if e := r.AsError(); e == nil || e.Stage != "bury" {
				t.Errorf("%s, the key function %s: the error is %v, want one of bury", what, how, r.Err)
			}
			for metric, want := range map[string]int{"done": 13, "failed": 0, "interrupted": r.Counts.Of("tenfold", "in") - 13} {
				if got := r.Counts.Of("tenfold", metric); got != want {
					t.Errorf("%s, the key function %s: tenfold %s is %d, want %d", what, how, metric, got, want)
				}
			}
		}
	}
}
