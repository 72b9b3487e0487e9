package sources

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Seq", New: func(drain <-chan struct{}) probe.Ends {
		p := Seq{Drain: drain, Stats: new(SeqStats)}
		return probe.Closed[*SeqError](p.Stats, p.Run)
	}},
	{Name: "SeqCtx", New: func(drain <-chan struct{}) probe.Ends {
		p := SeqCtx{Drain: drain, Stats: new(SeqCtxStats)}
		return probe.Closed[*SeqCtxError](p.Stats, p.Run)
	}},
	{Name: "SeqErr", New: func(drain <-chan struct{}) probe.Ends {
		p := SeqErr{Drain: drain, Stats: new(SeqErrStats)}
		return probe.Closed[*SeqErrError](p.Stats, p.Run)
	}},
	{Name: "Seq2", New: func(drain <-chan struct{}) probe.Ends {
		p := Seq2{Drain: drain, Stats: new(Seq2Stats)}
		return probe.Closed[*Seq2Error](p.Stats, p.Run)
	}},
	{Name: "Seq2Ctx", New: func(drain <-chan struct{}) probe.Ends {
		p := Seq2Ctx{Drain: drain, Stats: new(Seq2CtxStats)}
		return probe.Closed[*Seq2CtxError](p.Stats, p.Run)
	}},
	{Name: "Slice", New: func(drain <-chan struct{}) probe.Ends {
		p := Slice{Drain: drain, Stats: new(SliceStats)}
		return probe.Closed[*SliceError](p.Stats, p.Run)
	}},
	{Name: "SliceCtx", New: func(drain <-chan struct{}) probe.Ends {
		p := SliceCtx{Drain: drain, Stats: new(SliceCtxStats)}
		return probe.Closed[*SliceCtxError](p.Stats, p.Run)
	}},
	{Name: "SliceErr", New: func(drain <-chan struct{}) probe.Ends {
		p := SliceErr{Drain: drain, Stats: new(SliceErrStats)}
		return probe.Closed[*SliceErrError](p.Stats, p.Run)
	}},
	{Name: "SliceBoth", New: func(drain <-chan struct{}) probe.Ends {
		p := SliceBoth{Drain: drain, Stats: new(SliceBothStats)}
		return probe.Closed[*SliceBothError](p.Stats, p.Run)
	}},
	{Name: "Chan", New: func(drain <-chan struct{}) probe.Ends {
		p := Chan{Drain: drain, Stats: new(ChanStats)}
		return probe.Closed[*ChanError](p.Stats, p.Run)
	}},
	{Name: "ChanCtx", New: func(drain <-chan struct{}) probe.Ends {
		p := ChanCtx{Drain: drain, Stats: new(ChanCtxStats)}
		return probe.Closed[*ChanCtxError](p.Stats, p.Run)
	}},
	{Name: "ChanErr", New: func(drain <-chan struct{}) probe.Ends {
		p := ChanErr{Drain: drain, Stats: new(ChanErrStats)}
		return probe.Closed[*ChanErrError](p.Stats, p.Run)
	}},
	{Name: "Emit", New: func(drain <-chan struct{}) probe.Ends {
		p := Emit{Drain: drain, Stats: new(EmitStats)}
		return probe.Closed[*EmitError](p.Stats, p.Run)
	}},
	{Name: "EmitCtx", New: func(drain <-chan struct{}) probe.Ends {
		p := EmitCtx{Drain: drain, Stats: new(EmitCtxStats)}
		return probe.Closed[*EmitCtxError](p.Stats, p.Run)
	}},
	{Name: "EmitErr", New: func(drain <-chan struct{}) probe.Ends {
		p := EmitErr{Drain: drain, Stats: new(EmitErrStats)}
		return probe.Closed[*EmitErrError](p.Stats, p.Run)
	}},
	{Name: "EmitBoth", New: func(drain <-chan struct{}) probe.Ends {
		p := EmitBoth{Drain: drain, Stats: new(EmitBothStats)}
		return probe.Closed[*EmitBothError](p.Stats, p.Run)
	}},
	{Name: "Bare", New: func(drain <-chan struct{}) probe.Ends {
		p := Bare{Drain: drain, Stats: new(BareStats)}
		return probe.Sourced[*BareError](p.Stats, p.Stream)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

// Every shape hands out the same items in the same order.
func TestItems(t *testing.T) {
	for _, p := range pipelines {
		t.Run(p.Name, func(t *testing.T) {
			var kept []int
			r := p.Do(t, probe.Script{N: 50, Hook: func(c probe.Call) error {
				if c.Stage == "keep" {
					kept = append(kept, c.Item)
				}
				return nil
			}}, probe.Plan{Consume: func(i int) bool {
				kept = append(kept, i)
				return true
			}})
			if r.Err != nil || len(kept) != 50 {
				t.Fatalf("%d items, %v", len(kept), r.Err)
			}
			for i, n := range kept {
				if n != i {
					t.Fatalf("item %d is %d", i, n)
				}
			}
			source := r.Counts.Stages[0]
			if in, out := r.Counts.Of(source, "in"), r.Counts.Of(source, "out"); in != 50 || out != 50 {
				t.Errorf("In = %d, Out = %d of %s", in, out, source)
			}
		})
	}
}

// A channel that nobody sends on holds up neither a drained nor a cancelled run.
func TestPromise03_SilentChannel(t *testing.T) {
	for _, cause := range []error{nil, errors.New("cancelled")} {
		synctest.Test(t, func(t *testing.T) {
			drain := make(chan struct{})
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			done := make(chan error)
			go func() { done <- Silent{Drain: drain}.Run(ctx) }()
			time.Sleep(time.Hour)
			select {
			case err := <-done:
				t.Fatal("ended by itself:", err)
			default:
			}
			if cause == nil {
				close(drain)
			} else {
				cancel(cause)
			}
			if err := <-done; err != cause {
				t.Errorf("%v, want %v", err, cause)
			}
		})
	}
}

// What a source returns because it was drained is no error of the run.
func TestPromise04_DrainedSourceReturnsItsContextError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		drain := make(chan struct{})
		probe.Play(probe.Script{N: 1 << 40, Hook: func(c probe.Call) error {
			if !c.Source || c.Item < 5 {
				return nil
			}
			<-c.Ctx.Done()
			return c.Ctx.Err()
		}})
		p := EmitBoth{Drain: drain, Stats: new(EmitBothStats)}
		done := make(chan error)
		go func() { done <- p.Run(t.Context()) }()
		synctest.Wait()
		close(drain)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := probe.Read(p.Stats).Of("keep", "done"); n != 5 {
			t.Errorf("%d items kept, want the 5 that were handed out", n)
		}
	})
}

// Drain excuses the error of the source's context and no other: one that is about something else fails the run.
func TestPromise04_DrainedSourceFailsForAnotherReason(t *testing.T) {
	boom := errors.New("boom")
	for _, p := range pipelines {
		if !slices.Contains([]string{"SeqErr", "Seq2", "Seq2Ctx", "SliceErr", "SliceBoth", "ChanErr", "EmitErr", "EmitBoth", "Bare"}, p.Name) {
			continue // it cannot fail
		}
		synctest.Test(t, func(t *testing.T) {
			source, drain := "", make(chan struct{})
			run := p.Start(t, probe.Script{N: 1 << 40, Hook: func(c probe.Call) error {
				if !c.Source {
					return nil
				}
				source = c.Stage
				<-drain
				time.Sleep(time.Second)
				return boom
			}}, probe.Plan{Drain: drain})
			synctest.Wait()
			close(drain)
			if r := run.Wait(); r.AsError() == nil || r.AsError().Stage != source || r.AsError().Err != boom {
				t.Errorf("%s, drained, returns an error of its own, and the run ends with %v", p.Name, r.Err)
			}
		})
	}
}

// A source may hand out items and then fail: what came before is delivered or counted, and the error is its.
func TestPromise05_SourceFailsMidway(t *testing.T) {
	boom := errors.New("boom")
	probe.Play(probe.Script{N: 10, Hook: func(c probe.Call) error {
		if c.Source && c.Item == 7 {
			return boom
		}
		return nil
	}})
	var e *EmitErrError
	if err := (EmitErr{}).Run(t.Context()); !errors.As(err, &e) || e.Stage != "emitting_err" || e.Err != boom {
		t.Errorf("%v", err)
	}
}

// The emit that puts the last item before Drain succeeds; the next one tells the source to end.
func TestPromise04_EmitAfterDrain(t *testing.T) {
	var drain chan struct{}
	var asked, kept []int
	probe.Play(probe.Script{N: 1000, Hook: func(c probe.Call) error {
		switch {
		case !c.Source:
			kept = append(kept, c.Item)
		default:
			if asked = append(asked, c.Item); c.Item == 3 {
				close(drain)
				synctest.Wait() // the run knows
			}
		}
		return nil
	}})
	synctest.Test(t, func(t *testing.T) {
		drain = make(chan struct{})
		if err := (EmitErr{Drain: drain}).Run(t.Context()); err != nil {
			t.Error(err)
		}
	})
	if !slices.Equal(asked, []int{0, 1, 2, 3, 4}) || !slices.Equal(kept, []int{0, 1, 2, 3}) {
		t.Errorf("the source was asked for %v, the sink has %v", asked, kept)
	}
}
