package threads

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Every counter is told under its name, times in seconds, as the methods have it.
func TestStatsMetrics(t *testing.T) {
	s := new(stageStats)
	s.in.Store(1)
	s.out.Store(2)
	s.done.Store(3)
	s.filtered.Store(4)
	s.failed.Store(5)
	s.retries.Store(6)
	s.deadLettered.Store(7)
	s.dropped.Store(8)
	s.interrupted.Store(9)
	s.busy.Store(int64(2500 * time.Millisecond))
	var got []string
	tell := func(stage, metric string, v float64) { got = append(got, fmt.Sprint(stage, " ", metric, " ", v)) }
	s.each("work", tell)
	s.depth.Store(&[]func() (int, int){func() (int, int) { return 10, 11 }}[0])
	s.each("work", tell)
	const counters = "in 1,out 2,done 3,filtered 4,failed 5,retries 6,dead_lettered 7,dropped 8,interrupted 9,busy 2.5"
	want := ""
	for _, m := range strings.Split(counters+",queue_depth 0,queue_high_water 0,"+counters+",queue_depth 10,queue_high_water 11", ",") {
		want += "work " + m + "\n"
	}
	if text := strings.Join(got, "\n") + "\n"; text != want {
		t.Errorf("got\n%swant\n%s", text, want)
	}
	methods := fmt.Sprint(s.In(), s.Out(), s.Done(), s.Filtered(), s.Failed(), s.Retries(), s.DeadLettered(), s.Dropped(), s.Interrupted(), s.Busy(), s.QueueDepth(), s.QueueHighWater())
	if want := "1 2 3 4 5 6 7 8 9 2.5s 10 11"; methods != want {
		t.Errorf("the methods say %s, want %s", methods, want)
	}
}

// Several stages make one object, and each its own in it.
func TestStatsJSON(t *testing.T) {
	got := statsJSON(func(f func(stage, metric string, v float64)) {
		f("a", "in", 1)
		f("a", "busy", 0.25)
		f(`"b"`, "in", 1e7)
		f("c", "in", 0)
	})
	if want := `{"a": {"in": 1, "busy": 0.25}, "\"b\"": {"in": 10000000}, "c": {"in": 0}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// What a source has produced can be seen at once: it has no chunks after which to tell.
func TestStatsOfSourcesAreLive(t *testing.T) {
	g, stats := newGraph(t.Context()), new(stageStats)
	w := g.addSource(stageInfo{name: "source", stats: stats})
	for n := range int64(3) {
		w.produced()
		if stats.In() != n+1 || stats.Out() != n+1 {
			t.Errorf("after %d items in is %d and out %d", n+1, stats.In(), stats.Out())
		}
	}
}
