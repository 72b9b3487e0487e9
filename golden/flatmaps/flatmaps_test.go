package flatmaps

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Slices", Items: 3, New: func(drain <-chan struct{}) probe.Ends {
		p := Slices{Drain: drain, Stats: new(SlicesStats)}
		return probe.Open[*SlicesError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Seqs", Items: 3, New: func(drain <-chan struct{}) probe.Ends {
		p := Seqs{Drain: drain, Stats: new(SeqsStats)}
		return probe.Open[*SeqsError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Seq2s", Items: 3, New: func(drain <-chan struct{}) probe.Ends {
		p := Seq2s{Drain: drain, Stats: new(Seq2sStats)}
		return probe.Open[*Seq2sError](p.Stats, p.StreamSeq2)
	}},
	{Name: "Emits", Items: 3, New: func(drain <-chan struct{}) probe.Ends {
		p := Emits{Drain: drain, Stats: new(EmitsStats)}
		return probe.Open[*EmitsError](p.Stats, p.StreamSeq2)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// One worker keeps the order, within an item and from item to item.
func TestPromise11_Items(t *testing.T) {
	for _, p := range pipelines {
		r := p.Do(t, probe.Script{N: 4}, probe.Plan{})
		if r.Err != nil {
			t.Error(r.Err)
		}
		each := 1 << len(r.Counts.Stages)
		if len(r.Out) != 4*each {
			t.Errorf("%s: %d items, want %d", p.Name, len(r.Out), 4*each)
		}
		for i, n := range r.Out {
			if n != i {
				t.Fatalf("%s: item %d is %v", p.Name, i, n)
			}
		}
		for i, stage := range r.Counts.Stages {
			if in, out := r.Counts.Of(stage, "in"), r.Counts.Of(stage, "out"); in != 4<<i || out != 8<<i {
				t.Errorf("%s: In = %d, Out = %d of stage %d", p.Name, in, out, i)
			}
		}
	}
}

// What an item put out before it failed has been put out; the item counts as failed.
func TestPromise07_FailureAfterOutput(t *testing.T) {
	boom := errors.New("boom")
	for _, p := range []struct {
		probe.Pipeline
		stage string
	}{{pipelines[2], "seq2_ctx"}, {pipelines[3], "emitting_both"}} {
		r := p.Do(t, probe.Script{N: 3, Hook: func(c probe.Call) error {
			if c.Stage == p.stage && !c.Source {
				return boom
			}
			return nil
		}}, probe.Plan{})
		if !errors.Is(r.Err, boom) {
			t.Error(r.Err)
		}
		if out, failed := r.Counts.Of(p.stage, "out"), r.Counts.Of(p.stage, "failed"); out != 1 || failed != 1 {
			t.Errorf("%s: Out = %d, Failed = %d", p.Name, out, failed)
		}
	}
}

// The items of one call flow while the call goes on: a flat_map of any length needs no memory for its result.
func TestPromise13_ItemsFlowDuringTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		gate := make(chan struct{})
		run := pipelines[3].Start(t, probe.Script{N: 1, Hook: func(c probe.Call) error {
			if c.Stage == "emitting_both" {
				<-gate
			}
			return nil
		}}, probe.Plan{})
		synctest.Wait()
		// The first call holds after its first item, which must have reached the output.
		if n := run.Received(); n != 1 {
			t.Errorf("%d items received while the call goes on, want 1", n)
		}
		close(gate)
		if r := run.Wait(); r.Err != nil || len(r.Out) != 16 {
			t.Errorf("%d items, %v", len(r.Out), r.Err)
		}
	})
}

// An item in hand when the run stops is interrupted once, also where its function does not heed the error of emit.
func TestPromise07_EmitAfterAStop(t *testing.T) {
	boom := errors.New("boom")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		run := pipelines[3].Start(t, probe.Script{N: 1 << 20, Hook: func(c probe.Call) error {
			if c.Stage == "emitting_ctx" {
				<-c.Ctx.Done()
			}
			return nil
		}}, probe.Plan{Ctx: ctx})
		synctest.Wait() // emitting waits for room
		cancel(boom)
		r := run.Wait()
		begun, done := r.Counts.Of("emitting", "out")/2, r.Counts.Of("emitting", "done")
		if r.Err != boom || begun == 0 || done != begun {
			t.Errorf("%d items are done, %d have been put out, %v", done, begun, r.Err)
		}
	})
}
