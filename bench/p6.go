package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// span is what the side that ran last has measured of its run.
var span time.Duration

// perSpan is the time that counts of a run.
var perSpan = []metric{{unit: "µs", of: func(time.Duration, int) (float64, error) {
	return float64(span.Nanoseconds()) / 1e3, nil
}}}

// firstItem is P6: from nothing to the first result of a worker process; what follows does not count.
func firstItem() shape {
	return shape{
		id: "P6", title: "from Start to the first result", items: 1, metrics: perSpan, check: noItems,
		sides: []side{
			pipegen(func(ctx context.Context, _ int) error {
				start := time.Now()
				pool, err := stages.Ask{}.Start(ctx)
				if err != nil {
					return err
				}
				_, err = pool.Do(ctx, 1)
				span = time.Since(start)
				return errors.Join(err, pool.Close())
			}),
			{name: "limit: the program says one byte", target: target{atMost: 1.3}, variants: []variant{{"", hello}}},
		},
	}
}

// replaced is P6s: a worker process has died, another one has been in reserve.
func replaced() shape {
	var pool *stages.MortalPool
	return shape{
		id: "P6s", title: "from the death of a worker process to the next result, spare: 1", items: 1, metrics: perSpan, check: noItems,
		prepare: func(ctx context.Context) (cleanup func(), err error) {
			pool, err = stages.Mortal{Log: slog.New(slog.DiscardHandler)}.Start(ctx)
			return func() { _ = pool.Terminate() }, err
		},
		sides: []side{
			pipegen(func(ctx context.Context, _ int) error {
				if _, err := pool.Do(ctx, stages.Fatal); err == nil {
					return errors.New("nobody has died")
				}
				start := time.Now()
				_, err := pool.Do(ctx, 1)
				span = time.Since(start)
				time.Sleep(20 * time.Millisecond) // until the next one is in reserve
				return err
			}),
			{name: "the program says one byte", target: target{atMost: 0.2}, variants: []variant{{"", hello}}},
		},
	}
}

// hello starts this program, which says one byte and ends.
func hello(context.Context, int) error {
	start := time.Now()
	w, err := peers.StartRaw("hello")
	if err != nil {
		return err
	}
	err = w.Hello()
	span = time.Since(start)
	return errors.Join(err, w.Stop())
}
