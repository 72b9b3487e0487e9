package threads

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
)

// graph is a run that tests connect by hand, as generated code does.
type graph struct{ *run }

func newGraph(ctx context.Context) graph {
	return graph{newRun(ctx, nil, slog.New(slog.DiscardHandler), func(name string, _, _ int, _ any, err error, _ []byte) error {
		return fmt.Errorf("%s: %w", name, err)
	})}
}

// finish launches the run and waits for it.
func (g graph) finish() error {
	g.launch()
	return g.wait()
}

// producer is a source that puts into queues.
type producer[E any] struct {
	*worker
	out []*writer[E]
}

// put puts e into queue i.
func (p *producer[E]) put(i int, e E) bool { return p.out[i].put(e) && p.produced() }

func produce[E any](g graph, f func(p *producer[E]), queues ...*queue[E]) *producer[E] {
	p := &producer[E]{worker: g.addSource(stageInfo{name: "source"})}
	for _, q := range queues {
		p.out = append(p.out, q.writer(p.worker))
	}
	p.loop = func() (over bool) {
		defer p.catchSource(&over)
		f(p)
		return true
	}
	p.group.finish = func() {
		for _, q := range queues {
			q.close()
		}
	}
	return p
}

// consume adds a group that calls f on each element of in, and skips those for which f returns an error.
func consume[E any](g graph, in *queue[E], workers int, f func(w *worker, e E) error) *group {
	stats := new(stageStats)
	in.observe(stats)
	made := g.addGroup(workers, stageInfo{name: "work", onError: skipItem, many: true, stats: stats})
	for _, w := range made.workers {
		r := in.reader(w)
		w.loop = func() (over bool) {
			defer w.catch(&over, func() (int, int, any) { return 0, -1, nil })
			for r.next() {
				e := *r.item()
				if err := f(w, e); err != nil && !w.failed(0, -1, e, err) {
					return true
				}
			}
			return true
		}
	}
	return made
}

// total is the sum of the workers' counts.
func (g *group) total() (c counts) {
	for _, w := range g.workers {
		c.in += w.counts[0].in
		c.out += w.counts[0].out
		c.failed += w.counts[0].failed
		c.interrupted += w.counts[0].interrupted
	}
	return c
}

// balance fails the test where what was put into q has not all arrived: promise 7.
func balance[E any](t *testing.T, q *queue[E], put int64, reading ...*group) {
	t.Helper()
	read := q.stats.Dropped()
	for _, g := range reading {
		read += g.total().in
	}
	if put != read {
		t.Errorf("%d put, but %d read or dropped", put, read)
	}
}
