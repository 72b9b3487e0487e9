package joins

import (
	"slices"
	"testing"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

// An item whose key cannot be had meets nobody, and is an item that has failed.
func TestPromise07_KeyFails(t *testing.T) {
	probe.Play(probe.Script{N: 9, Hook: func(c probe.Call) error {
		if c.Stage == "checked" && c.Item%3 == 0 {
			return errOne
		}
		return nil
	}})
	stats := new(CheckedStats)
	var got []int
	for pair, err := range (Checked{Stats: stats, Log: probe.Quiet}).Stream(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, pair)
	}
	if slices.Sort(got); !slices.Equal(got, []int{1001, 2002, 4004, 5005, 7007, 8008}) {
		t.Errorf("%v", got)
	}
	if s := &stats.Match; s.In() != 18 || s.Failed() != 3 || s.Done() != 15 || s.Out() != 6 {
		t.Errorf("in %d, failed %d, done %d, out %d", s.In(), s.Failed(), s.Done(), s.Out())
	}
}
