package probe

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"testing"
)

// complaints is a testing.TB that takes down what a probe says.
type complaints struct {
	testing.TB
	said []string
}

func (c *complaints) Helper()      {}
func (c *complaints) Name() string { return "complaints" }
func (c *complaints) Error(args ...any) {
	c.said = append(c.said, fmt.Sprint(args...))
}
func (c *complaints) Errorf(format string, args ...any) {
	c.said = append(c.said, fmt.Sprintf(format, args...))
}

// table is a Stats made by hand.
type table [][3]any

func (s table) String() string { return "{}" }
func (s table) Each(f func(stage, metric string, v float64)) {
	for _, row := range s {
		f(row[0].(string), row[1].(string), float64(row[2].(int)))
	}
}

type plainError struct {
	Stage          string
	Index, Attempt int
	Item           any
	Err            error
	Stack          []byte
}

func (e *plainError) Error() string { return e.Err.Error() }
func (e *plainError) Unwrap() error { return e.Err }

// byHand is a pipeline of one loop with the given counters.
func byHand(s Stats, leak bool) (Pipeline, chan struct{}) {
	release := make(chan struct{})
	return Pipeline{Name: "by hand", New: func(<-chan struct{}) Ends {
		return Open[*plainError](s, func(_ context.Context, in iter.Seq2[int, error]) iter.Seq2[int, error] {
			return func(yield func(int, error) bool) {
				if leak {
					go func() { <-release }()
				}
				for n, err := range in {
					if err != nil {
						yield(0, &plainError{Stage: "double", Err: err})
						return
					}
					if !yield(2*n, nil) {
						return
					}
				}
			}
		})
	}}, release
}

// The checks of every run do find what they look for.
func TestProbesComplain(t *testing.T) {
	balanced := table{{"a", "in", 3}, {"a", "done", 2}, {"a", "failed", 1}, {"a", "out", 2}, {"b", "in", 2}, {"b", "filtered", 2}}
	for name, test := range map[string]struct {
		stats table
		leak  bool
		want  int
	}{
		"nothing wrong":          {balanced, false, 0},
		"a goroutine left":       {balanced, true, 1},
		"no stages":              {nil, false, 1},
		"an item lost in a":      {table{{"a", "in", 3}, {"a", "done", 2}}, false, 1},
		"an item lost between":   {table{{"a", "in", 3}, {"a", "done", 3}, {"a", "out", 3}, {"b", "in", 2}, {"b", "done", 2}}, false, 1},
		"an item from nowhere":   {table{{"a", "out", 1}, {"b", "in", 2}, {"b", "interrupted", 2}}, false, 1},
		"lost here, found there": {table{{"a", "in", 2}, {"a", "done", 1}, {"a", "out", 1}, {"b", "in", 1}, {"b", "done", 2}}, false, 2},
	} {
		t.Run(name, func(t *testing.T) {
			c := &complaints{TB: t}
			p, release := byHand(test.stats, test.leak)
			r := p.Do(c, Script{N: 3}, Plan{})
			close(release)
			if len(c.said) != test.want {
				t.Errorf("%d complaints, want %d: %q", len(c.said), test.want, c.said)
			}
			if r.Err != nil || fmt.Sprint(r.Out) != "[0 2 4]" {
				t.Errorf("%v, %v", r.Out, r.Err)
			}
		})
	}
}

// A result tells the final error from those after which something followed, and finds the pipeline's own.
func TestResult(t *testing.T) {
	boom := errors.New("boom")
	p, _ := byHand(table{{"a", "in", 0}}, false)
	r := p.Do(t, Script{N: 3, Hook: at(Caller, 1, func() error { return boom }).hook}, Plan{})
	if e := r.AsError(); e == nil || e.Stage != "double" || e.Err != boom || len(r.Out) != 1 || len(r.Yielded) != 0 {
		t.Errorf("%+v: %v", r, e)
	}
	r = p.Do(t, Script{N: 3}, Plan{Consume: func(int) bool { panic(boom) }})
	if r.Panic != boom || r.Goexit {
		t.Errorf("%+v", r)
	}
}
