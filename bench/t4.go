package main

import (
	"context"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// drops is how many items trickle in a run.
const drops = 1500

// trickle is T4: how long an item takes from the source to the sink where items come one by one. A busy
// source computes between items and keeps a core; the other one sleeps, and the whole program with it.
func trickle(id string, busy bool) shape {
	title, n := "trickle: an item every 200 µs through T2, busy source", drops
	if !busy {
		title, n = "trickle through T2, sleeping source (about 1 ms)", drops/4
	}
	drip := func(label string, f func(ctx context.Context, j peers.Job) error) variant {
		return variant{label, func(ctx context.Context, n int) error {
			return f(ctx, peers.Job{Source: stages.Drip(n, busy), Sink: stages.Arrive})
		}}
	}
	return shape{
		id: id, title: title, items: n,
		metrics: []metric{{"p50", "µs", quantile(0.50)}, {"p99", "µs", quantile(0.99)}},
		check:   func(int) error { _, err := stages.Latencies(); return err },
		sides: []side{
			pipegen(func(ctx context.Context, n int) error { return stages.Trickle{Items: n, Busy: busy}.Run(ctx) }),
			{name: "errgroup + channels", target: target{atMost: 1.2}, variants: []variant{
				drip("unbuffered", func(ctx context.Context, j peers.Job) error { return peers.Channels(ctx, j, 0) }),
			}},
			{name: "errgroup + channels", variants: []variant{
				drip("64 buffered", func(ctx context.Context, j peers.Job) error { return peers.Channels(ctx, j, 64) }),
			}},
			{name: "rill Map", module: rillModule, variants: []variant{
				drip("defaults", func(ctx context.Context, j peers.Job) error { return peers.Rill(ctx, j, 0) }),
			}},
			{name: "conc stream a stage", module: concModule, variants: []variant{drip("2 goroutines", peers.ConcStream)}},
		},
	}
}

// quantile is a quantile of the latencies of the run that just ended, in µs.
func quantile(p float64) func(time.Duration, int) (float64, error) {
	return func(time.Duration, int) (float64, error) {
		latencies, err := stages.Latencies()
		return quantileOf(latencies, p, time.Microsecond), err
	}
}

// quantileOf returns a quantile of durations, 0 if there are none.
func quantileOf(durations []time.Duration, p float64, unit time.Duration) float64 {
	if len(durations) == 0 {
		return 0
	}
	var values []float64
	for _, d := range durations {
		values = append(values, float64(d)/float64(unit))
	}
	slices.Sort(values)
	return stat.Quantile(p, stat.Empirical, values, nil)
}
