package threads

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// command calls a stage's function where that is a program in any language. Each slot has a process of the program,
// which gets one item at a time: a line {"id":7,"item":…} on its standard input, to be answered by a line
// {"id":7,"item":…} or {"id":7,"error":"…"} on its standard output. Items are what encoding/json makes of them.
type command struct {
	group    *group
	fleet    *fleet
	stats    *processStats
	most     int // bytes of an item or a result
	attempts int // at an item in whose course processes die, the first included

	mu       sync.Mutex
	programs map[*worker]*program
}

// newCommand makes what calls the program that c names for the workers of g, and counts in stats.
func newCommand(g *group, c processConfig, stats *processStats, most int64, attempts int) *command {
	c.restarts = &stats.restarts
	return &command{
		group: g, fleet: g.run.newCommandFleet(g, c), stats: stats, most: int(most), attempts: attempts,
		programs: make(map[*worker]*program),
	}
}

// start starts the processes, which end when the last worker has handed on what is left. It comes after the group has
// been told how to finish.
func (c *command) start() {
	finish := c.group.finish
	c.group.finish = func() {
		if finish != nil {
			finish()
		}
		c.fleet.close()
	}
	c.group.run.atStop(c.halt)
	c.fleet.open()
}

// halt ends what is under way for a pool, which does not wait for it.
func (c *command) halt() {
	if c.group.run.tasks == nil {
		return
	}
	for _, p := range c.fleet.present() {
		p.stop(context.Cause(c.group.run.ctx))
	}
}

// ask calls the program for an item. Its error is what the program has answered, or says how the process has ended.
// A process that takes longer than timeout is killed, as long as that is not 0.
func ask[Out, In any](c *command, w *worker, timeout time.Duration, item In) (result Out, err error) {
	found, err := c.call(w, timeout, &item)
	if err == nil && found == nil {
		err = errNoResult
	}
	if err == nil {
		err = json.Unmarshal(found, &result)
	}
	return result, err
}

// askMaybe is ask where the program may leave an item out: its answer then has no item, or null.
func askMaybe[Out, In any](c *command, w *worker, timeout time.Duration, item In) (result Out, ok bool, err error) {
	found, err := c.call(w, timeout, &item)
	if err == nil && found != nil && string(found) != "null" {
		ok, err = true, json.Unmarshal(found, &result)
	}
	return result, ok && err == nil, err
}

// tell is ask where the program gives no result.
func tell[In any](c *command, w *worker, timeout time.Duration, item In) error {
	_, err := c.call(w, timeout, &item)
	return err
}

const errNoResult sentinel = "the program's answer has neither an item nor an error"

// call returns the item of the program's answer, nil where there is none.
func (c *command) call(w *worker, timeout time.Duration, item any) (json.RawMessage, error) {
	text, err := c.encode(item)
	if err != nil {
		return nil, err
	}
	p := c.program(w)
	for attempt := 1; ; {
		if p.process == nil && !p.start(c.fleet) {
			return nil, context.Cause(w.run.ctx)
		}
		a, begun, err := p.exchange(text, timeout)
		switch {
		case err == nil:
			if c.fleet.due(p.process, p.asked) {
				c.fleet.retire(p.process, true)
				p.process = nil
			}
			return a.result()
		case begun && (attempt == c.attempts || errors.Is(err, context.DeadlineExceeded)), w.stopped():
			w.attempt = max(w.attempt, attempt)
			return nil, err
		case begun:
			attempt++
			w.counts[0].retries++
		}
	}
}

// encode returns an item as JSON, which is one line.
func (c *command) encode(item any) ([]byte, error) {
	text, err := json.Marshal(item)
	if err == nil && len(text) > c.most {
		err = fmt.Errorf("the item takes %d bytes, more than max_item: %d", len(text), c.most)
	}
	return text, err
}

// program returns the worker's.
func (c *command) program(w *worker) *program {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.programs[w]
	if p == nil {
		p = &program{stats: c.stats, most: c.most}
		c.programs[w] = p
	}
	return p
}

// isCrash says whether err is that of an item whose process has died, other than by its timeout.
func isCrash(err error) bool {
	var c *crash
	return errors.As(err, &c) && !errors.Is(err, context.DeadlineExceeded)
}

// unlessCrashed is when, or true where that is nil, for errors other than crashes: whether an item goes to another
// process after one is not for its stage's retry to say.
func unlessCrashed(when func(error) bool) func(error) bool {
	return func(err error) bool { return !isCrash(err) && (when == nil || when(err)) }
}

// buryCrashed is bury for crashes, and policy for other errors; nil where these end the run.
func buryCrashed(bury, policy errorPolicy) errorPolicy {
	return func(w *worker, at int, f failure[any]) error {
		switch {
		case isCrash(f.err):
			return bury(w, at, f)
		case policy == nil || w.run.tasks != nil: // in a pool every error is its caller's
			return f.err
		}
		return policy(w, at, f)
	}
}
