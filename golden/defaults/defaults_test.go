package defaults

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

var pipelines = []probe.Pipeline{
	{Name: "Defaults", Tolerant: []string{"numbers", "first", "keep"}, New: func(drain <-chan struct{}) probe.Ends {
		p := Defaults{Drain: drain, Log: probe.Quiet, Stats: new(DefaultsStats)}
		return probe.Closed[*DefaultsError](p.Stats, p.Run)
	}},
}

func TestLifeCycle(t *testing.T) { probe.LifeCycle(t, pipelines...) }

func TestWorkers(t *testing.T) {
	probe.Peak(t, pipelines[0], "first", 3)
	probe.Peak(t, pipelines[0], "second", 1)
	probe.Peak(t, pipelines[0], "keep", 3)
}

func TestMaxAhead(t *testing.T) { probe.Ahead(t, pipelines[0], "first", 7) }

func TestQueue(t *testing.T) {
	probe.Capacity(t, pipelines[0], "numbers", 1, "first", 2)
}

func TestTimeoutAndOnError(t *testing.T) {
	for stage, want := range map[string]time.Duration{"first": 10 * time.Second, "second": 20 * time.Second, "keep": 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			r := pipelines[0].Do(t, probe.Script{N: 10, Hook: func(c probe.Call) error {
				if c.Stage == stage && c.Item == 4 {
					<-c.Ctx.Done()
					return c.Ctx.Err()
				}
				return nil
			}}, probe.Plan{})
			if r.Took != want {
				t.Errorf("%s has a time limit of %v, want %v", stage, r.Took, want)
			}
			if stopped := errors.Is(r.Err, context.DeadlineExceeded); stopped != (stage == "second") {
				t.Errorf("%s: %v", stage, r.Err)
			}
			if n := r.Counts.Of(stage, "failed"); n != 1 {
				t.Errorf("%s: Failed = %d", stage, n)
			}
		})
	}
}
