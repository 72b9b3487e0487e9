package probe

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// Stats is the part of a generated XStats that the probes read.
type Stats interface {
	Each(f func(stage, metric string, v float64))
	String() string
}

// Counts is what a Stats said at one moment.
type Counts struct {
	Stages []string // in the order of Each
	values map[[2]string]float64
}

// Read takes down all metrics of s.
func Read(s Stats) Counts {
	c := Counts{values: map[[2]string]float64{}}
	s.Each(func(stage, metric string, v float64) {
		if !slices.Contains(c.Stages, stage) {
			c.Stages = append(c.Stages, stage)
		}
		c.values[[2]string{stage, metric}] = v
	})
	return c
}

// Of is one metric of one stage; zero where there is none.
func (c Counts) Of(stage, metric string) int { return int(c.values[[2]string{stage, metric}]) }

// Sum adds one metric over all stages.
func (c Counts) Sum(metric string) int {
	n := 0
	for _, s := range c.Stages {
		n += c.Of(s, metric)
	}
	return n
}

// Conserved checks promise 7: each stage's items have ended in exactly one way, and what its writers put out is
// what it took in. from names the writers of a stage that does not just read the one above it.
func (c Counts) Conserved(t testing.TB, from map[string][]string) {
	t.Helper()
	if len(c.Stages) == 0 {
		t.Error("Stats names no stage")
	}
	for i, s := range c.Stages {
		in := c.Of(s, "in")
		ended := c.Of(s, "done") + c.Of(s, "filtered") + c.Of(s, "failed") + c.Of(s, "dead_lettered") + c.Of(s, "interrupted")
		if in != ended {
			t.Errorf("stage %s: In = %d, but Done %d + Filtered %d + Failed %d + DeadLettered %d + Interrupted %d = %d",
				s, in, c.Of(s, "done"), c.Of(s, "filtered"), c.Of(s, "failed"), c.Of(s, "dead_lettered"), c.Of(s, "interrupted"), ended)
		}
		writers, ok := from[s]
		if !ok && i > 0 {
			writers = c.Stages[i-1 : i]
		}
		if len(writers) == 0 {
			continue
		}
		out := 0
		for _, w := range writers {
			out += c.Of(w, "out")
		}
		if out != in+c.Of(s, "dropped") {
			t.Errorf("%v put out %d, but %s took in %d", writers, out, s, in)
		}
	}
}

// Split checks that what each writer put out was taken in by its readers together: the ports of a switch, the
// readers that take turns or compete.
func (c Counts) Split(t testing.TB, readers map[string][]string) {
	t.Helper()
	for writer, names := range readers {
		in := 0
		for _, r := range names {
			in += c.Of(r, "in") + c.Of(r, "dropped")
		}
		if out := c.Of(writer, "out"); out != in {
			t.Errorf("%s put out %d, but %v took in %d", writer, out, names, in)
		}
	}
}

// ValidJSON checks that String is JSON that names every stage, as expvar wants it.
func ValidJSON(t testing.TB, s Stats) {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(s.String()), &all); err != nil {
		t.Fatalf("String is no JSON object: %v\n%s", err, s)
	}
	for _, stage := range Read(s).Stages {
		if !strings.Contains(s.String(), `"`+stage+`"`) {
			t.Errorf("String does not name stage %s:\n%s", stage, s)
		}
	}
}
