package main

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/pipegen/pipegen/bench/peers"
	"github.com/pipegen/pipegen/bench/stages"
)

// steps is a shape of P8: a worker process does n steps with a shared resource that nobody else uses meanwhile.
type steps func(ctx context.Context, n int) (int, error)

// run does them and leaves the result in stages.Total.
func (do steps) run(ctx context.Context, n int) error {
	result, err := do(ctx, n)
	if err != nil {
		return err
	}
	return stages.Add(ctx, result)
}

// stepping is a shape of P8. Python's resource is used by a process of its pool.
func stepping(id, title string, n int, start func(context.Context) (steps, func() error, error), limits []side, job, resource string) shape {
	var (
		python peers.Python
		pool   steps
	)
	return shape{
		id: id, title: title, items: n, metrics: perItem, check: stages.CheckOften,
		prepare: func(ctx context.Context) (func(), error) {
			do, end, err := start(ctx)
			pool = do
			return func() { python.Stop(); _ = end() }, err
		},
		sides: append(append([]side{pipegen(func(ctx context.Context, n int) error { return pool.run(ctx, n) })}, limits...),
			side{name: "Python " + resource, variants: []variant{
				{"from a Pool's process", func(ctx context.Context, n int) error { return python.Do(ctx, job, 1, n) }},
			}}),
	}
}

// inProcess is the same with a resource of this process alone.
func inProcess(name string, do steps) []side {
	return []side{{name: "limit: " + name, target: target{atMost: 3}, variants: []variant{{"in this process", do.run}}}}
}

func adding(n int) shape {
	return stepping("P8", "a worker adds to a shared counter", n, func(ctx context.Context) (steps, func() error, error) {
		pool, err := stages.Adding{}.Start(ctx)
		return pool.Do, pool.Close, err
	}, inProcess("atomic.Int64", func(ctx context.Context, n int) (int, error) {
		return stages.AddOften(ctx, n, new(atomic.Int64))
	}), "value", "Value with its lock")
}

func locking(n int) shape {
	return stepping("P8l", "a worker takes a lock that is free", n, func(ctx context.Context) (steps, func() error, error) {
		pool, err := stages.Locking{}.Start(ctx)
		return pool.Do, pool.Close, err
	}, inProcess("sync.Mutex", func(ctx context.Context, n int) (int, error) {
		return stages.LockOften(ctx, n, new(sync.Mutex))
	}), "lock", "Lock")
}

func counting(n int) shape {
	return stepping("P8m", "a worker gets and sets in a map of its parent", n, func(ctx context.Context) (steps, func() error, error) {
		pool, err := stages.Counting{}.Start(ctx)
		return pool.Do, pool.Close, err
	}, nil, "manager", "Manager().dict")
}
