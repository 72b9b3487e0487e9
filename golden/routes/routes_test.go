package routes

import (
	"context"
	"errors"
	"iter"
	"maps"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Repair", Tolerant: []string{"work"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Repair{Drain: drain, Stats: new(RepairStats)}
		return probe.Open[*RepairError](p.Stats, p.StreamSeq2)
	}, From: map[string][]string{"mend": {}, "look": {"work", "mend"}}},
	{Name: "Every", Tolerant: []string{"keep_all", "same", "slice", "pairs", "emits", "look", "keep"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Every{Drain: drain, Stats: new(EveryStats)}
		return probe.Closed[*EveryError](p.Stats, p.Run)
	}, From: map[string][]string{"bury": {}}},
	{Name: "Fused", Tolerant: []string{"keep_all", "tenfold", "mend"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Fused{Drain: drain, Stats: new(FusedStats)}
		return probe.Sunk[*FusedError](p.Stats, p.RunSeq2)
	}, From: map[string][]string{"note": {}, "mend": {}, "bury": {}, "mended": {"mend"}, "keep": {"tenfold"}, "tenfold": {"keep_all"}}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

var errBoom = errors.New("boom")

// newFailures begins a new list.
func newFailures() *failures {
	current = new(failures)
	return current
}

func collect[T any](seq iter.Seq2[T, error]) (got []T, last error) {
	for v, err := range seq {
		if last = err; err == nil {
			got = append(got, v)
		}
	}
	return got, last
}

// An item that fails for good goes to the reader of the failed port, with the pipeline's error; what that makes of
// it joins the others.
func TestRepair(t *testing.T) {
	f := newFailures()
	attempts := 0
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		switch {
		case c.Stage != "work":
		case c.Item == 2:
			attempts++
			return errTemporary
		case c.Item == 4:
			return errBoom
		case c.Item == 6:
			panic(errBoom)
		case c.Item == 8:
			runtime.Goexit()
		}
		return nil
	}})
	var stats RepairStats
	got, err := collect(Repair{Stats: &stats}.Stream(t.Context(), slices.Values([]int{1, 2, 3, 4, 5, 6, 7, 8, 9})))
	slices.Sort(got)
	if want := []int{-8, -6, -4, -2, 10, 30, 50, 70, 90}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if attempts != 2 || stats.Work.Retries() != 1 || stats.Work.Failed() != 4 || stats.Work.Out() != 5 || stats.Mend.In() != 4 {
		t.Errorf("%d attempts, %s", attempts, &stats)
	}
	for _, failed := range f.all {
		var e *RepairError
		if !errors.As(failed.err, &e) || e.Stage != "work" || e.Index != failed.item-1 || e.Item != failed.item {
			t.Fatalf("%v of %d", failed.err, failed.item)
		}
		if (e.Attempt == 2) != (failed.item == 2) || (e.Stack != nil) != (failed.item >= 6) {
			t.Errorf("%+v", e)
		}
	}
	probe.Read(&stats).Conserved(t, map[string][]string{"mend": {}, "look": {"work", "mend"}})
}

// The items of every verb are routed, and go on in no other way.
func TestPromise07_EveryVerb(t *testing.T) {
	for _, stage := range []string{"keep_all", "same", "slice", "pairs", "emits", "look", "keep"} {
		f := newFailures()
		probe.Play(probe.Script{N: 10, Hook: func(c probe.Call) error {
			if c.Stage == stage && c.Item%4 == 1 {
				return errBoom
			}
			return nil
		}})
		var stats EveryStats
		if err := (Every{Stats: &stats}).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		counts := probe.Read(&stats)
		counts.Conserved(t, map[string][]string{"bury": {}})
		if counts.Of(stage, "failed") != 3 || stats.Bury.In() != 3 || stats.Keep.Done() != 7 || len(f.all) != 3 {
			t.Errorf("%s: %v, %s", stage, f.all, &stats)
		}
	}
}

// A stage that reads failed items may fail and route in turn.
func TestRouteOfRoute(t *testing.T) {
	f := newFailures()
	probe.Play(probe.Script{Hook: func(c probe.Call) error {
		switch {
		case c.Stage == "keep_all" && c.Item == 1:
			return errBoom
		case c.Stage == "tenfold" && c.Item == 2:
			return errBoom
		case c.Stage == "tenfold" && c.Item == 3:
			return errHopeless
		}
		return nil
	}})
	var stats FusedStats
	if err := (Fused{Stats: &stats}).Run(t.Context(), slices.Values([]int{0, 1, 2, 3, 4})); err != nil {
		t.Fatal(err)
	}
	counts := probe.Read(&stats)
	counts.Conserved(t, pipelines[2].From)
	if stats.Note.In() != 1 || stats.Mend.In() != 2 || stats.Mended.In() != 1 || stats.Bury.In() != 1 || stats.Keep.In() != 2 {
		t.Errorf("%s", &stats)
	}
	last := f.all[len(f.all)-1]
	if i := slices.IndexFunc(f.all, func(failed failure) bool {
		var e *FusedError
		return errors.As(failed.err, &e) && e.Stage == "mend"
	}); i < 0 || f.all[i].item != 3 || !errors.Is(f.all[i].err, errHopeless) {
		t.Errorf("%v", last)
	}
}

// Nothing is routed because the run ends; an item that fails while its port is full counts as interrupted then.
func TestPromise09_NotBecauseOfShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		newFailures()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		probe.Play(probe.Script{Hook: func(c probe.Call) error {
			switch {
			case c.Stage == "work" && c.Item == 0:
				<-c.Ctx.Done()
				return c.Ctx.Err()
			case c.Stage == "work":
				return errBoom
			case c.Stage == "mend":
				time.Sleep(2 * time.Second)
			}
			return nil
		}})
		in := make([]int, 30_000)
		for i := range in {
			in[i] = i
		}
		var stats RepairStats
		_, err := collect(Repair{Stats: &stats}.Stream(ctx, slices.Values(in)))
		if err != context.DeadlineExceeded || stats.Work.Interrupted() == 0 || stats.Work.Failed() != stats.Mend.In() {
			t.Errorf("%v, %s", err, &stats)
		}
		probe.Read(&stats).Conserved(t, map[string][]string{"mend": {}, "look": {"work", "mend"}})
	})
}

// Failed ports merge into the type that their reader takes.
func TestFailedPortsOfDifferentItems(t *testing.T) {
	current = new(failures)
	p := probe.Pipeline{Name: "Mixed", From: map[string][]string{"gather": {}}, New: func(drain <-chan struct{}) probe.Ends {
		p := Mixed{Drain: drain, Stats: new(MixedStats)}
		return probe.Sunk[*MixedError](p.Stats, p.RunSeq2)
	}}
	r := p.Do(t, probe.Script{N: 6, Hook: func(c probe.Call) error {
		if c.Stage == "write" && c.Item == 2 || c.Stage == "file" && c.Item == 4 {
			return errHopeless
		}
		return nil
	}}, probe.Plan{})
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	got := make(map[int]string)
	for _, f := range current.all {
		var e *MixedError
		if errors.As(f.err, &e) {
			got[f.item] = e.Stage
		}
	}
	if want := map[int]string{2: "write", 4: "file"}; !maps.Equal(got, want) {
		t.Errorf("collected %v, want %v", got, want)
	}
}
