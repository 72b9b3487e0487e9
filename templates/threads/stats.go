package threads

import (
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// counts are what happened to the items of one stage in one worker. Items that are begun and end in no
// other way are done.
type counts struct {
	in, out, filtered, failed, deadLettered, interrupted, retries int64
}

func (c counts) done() int64 { return c.in - c.filtered - c.failed - c.deadLettered - c.interrupted }

// stageStats are the live counters of one stage, over all runs that were given them. The zero value is
// ready to use, and all methods may be called while the pipeline runs: counters of fast stages follow
// within a chunk of items.
type stageStats struct {
	in, out, done, filtered, failed, retries, deadLettered, dropped, interrupted, busy atomic.Int64

	depth atomic.Pointer[func() (now, high int)] // of the queue that feeds the stage
}

// In is the number of items that reached the stage. In = Done + Filtered + Failed + DeadLettered +
// Interrupted at the end.
func (s *stageStats) In() int64 { return s.in.Load() }

// Out is the number of items that the stage handed on.
func (s *stageStats) Out() int64 { return s.out.Load() }

// Done is the number of items that went through the stage's function without an error.
func (s *stageStats) Done() int64 { return s.done.Load() }

// Filtered is the number of items that the stage's function left out.
func (s *stageStats) Filtered() int64 { return s.filtered.Load() }

// Failed is the number of items that met an error or a panic, whatever on_error made of it, dead letters aside.
func (s *stageStats) Failed() int64 { return s.failed.Load() }

// Retries is the number of attempts beside the first one of each item.
func (s *stageStats) Retries() int64 { return s.retries.Load() }

// DeadLettered is the number of failed items that the dead letter function has taken.
func (s *stageStats) DeadLettered() int64 { return s.deadLettered.Load() }

// Dropped is the number of items that the stage's queue had no room for. They are not counted by In.
func (s *stageStats) Dropped() int64 { return s.dropped.Load() }

// Interrupted is the number of items that were under way or waiting when the run, or their context, ended.
func (s *stageStats) Interrupted() int64 { return s.interrupted.Load() }

// Busy is the time that the stage's workers have spent on items, waiting for room below excluded. The time
// of fused stages stands at the first of them.
func (s *stageStats) Busy() time.Duration { return time.Duration(s.busy.Load()) }

// QueueDepth is the number of elements that wait for the stage now, or did at the end of its last run.
func (s *stageStats) QueueDepth() int { now, _ := s.queue(); return now }

// QueueHighWater is the largest number of elements seen waiting for the stage in its latest run.
func (s *stageStats) QueueHighWater() int { _, high := s.queue(); return high }

func (s *stageStats) queue() (now, high int) {
	if f := s.depth.Load(); f != nil {
		return (*f)()
	}
	return 0, 0
}

// each calls f for every metric of the stage, times in seconds.
func (s *stageStats) each(name string, f func(stage, metric string, v float64)) {
	depth, high := s.queue()
	f(name, "in", float64(s.In()))
	f(name, "out", float64(s.Out()))
	f(name, "done", float64(s.Done()))
	f(name, "filtered", float64(s.Filtered()))
	f(name, "failed", float64(s.Failed()))
	f(name, "retries", float64(s.Retries()))
	f(name, "dead_lettered", float64(s.DeadLettered()))
	f(name, "dropped", float64(s.Dropped()))
	f(name, "interrupted", float64(s.Interrupted()))
	f(name, "busy", s.Busy().Seconds())
	f(name, "queue_depth", float64(depth))
	f(name, "queue_high_water", float64(high))
}

// statsJSON is a JSON object of objects: stage, metric, value.
func statsJSON(each func(f func(stage, metric string, v float64))) string {
	var b strings.Builder
	last := ""
	each(func(stage, metric string, v float64) {
		switch {
		case stage == last:
			b.WriteString(", ")
		case last == "":
			b.WriteString("{" + strconv.Quote(stage) + ": {")
		default:
			b.WriteString("}, " + strconv.Quote(stage) + ": {")
		}
		last = stage
		b.WriteString(strconv.Quote(metric) + ": " + strconv.FormatFloat(v, 'f', -1, 64))
	})
	return b.String() + "}}"
}

// tell brings the stats up to date with what the worker has counted.
func (w *worker) tell() {
	stages := w.group.stages
	for i := range stages {
		c := &w.counts[i]
		if i > 0 {
			c.in = w.counts[i-1].out
		}
		if !stages[i].many {
			c.out = c.done()
		}
		s := stages[i].stats
		if s == nil {
			continue
		}
		was := &w.told[i]
		s.in.Add(c.in - was.in)
		s.out.Add(c.out - was.out)
		s.filtered.Add(c.filtered - was.filtered)
		s.failed.Add(c.failed - was.failed)
		s.retries.Add(c.retries - was.retries)
		s.deadLettered.Add(c.deadLettered - was.deadLettered)
		s.interrupted.Add(c.interrupted - was.interrupted)
		s.done.Add(c.done() - was.done())
		*was = *c
	}
	if s := stages[0].stats; s != nil {
		s.busy.Add(int64(w.busy))
		w.busy = 0
	}
}

// retract makes n results that were never handed on count as interrupted.
func (g *group) retract(n int) {
	last := len(g.stages) - 1
	c := &g.workers[0].counts[last]
	if g.stages[last].many {
		c.out -= int64(n)
	} else {
		c.interrupted += int64(n)
	}
}

// observe lets s see the queue that feeds its stage.
func (q *queue[E]) observe(s *stageStats) {
	if s == nil {
		return
	}
	if q.stats == nil {
		q.stats = s
	}
	look := func() (now, high int) {
		q.mu.Lock()
		defer q.mu.Unlock()
		now = q.depth()
		q.high = max(q.high, now)
		return now, q.high
	}
	s.depth.Store(&look)
	q.run.onEnd = append(q.run.onEnd, func() {
		now, high := look()
		s.depth.Store(&[]func() (int, int){func() (int, int) { return now, high }}[0])
	})
}

// count adds what is left in the queue to the counts of its reader: items that the run's end interrupted.
func (q *queue[E]) count() {
	reading := q.readers[0].worker
	if reading == nil {
		return // the open end: nobody counts there
	}
	left := q.lost
	for _, r := range q.readers {
		begun := min(r.pos+1, r.end)
		r.worker.counts[0].in += int64(begun)
		left = append(left, r.items[begun:r.end]...)
	}
	for _, c := range q.returned {
		left = append(left, c.items...)
	}
	for _, s := range q.slots {
		for _, l := range s.lanes {
			rest := make([]E, l.len())
			l.claim(rest)
			left = append(left, rest...)
		}
	}
	n := int64(countItems(left))
	reading.counts[0].in += n
	reading.counts[0].interrupted += n
}
