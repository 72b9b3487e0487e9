package threads

import (
	"context"
	"errors"
	"runtime/debug"
)

// addSource adds the one worker of a source. Its context ends with the run, or when Drain is closed.
func (r *run) addSource(s stageInfo) *worker {
	w := r.addGroup(1, s).workers[0]
	w.ctx = r.sources
	return w
}

// produced counts an item that the source has put. It returns false when the source is to end after it.
func (w *worker) produced() bool {
	w.counts[0].in++
	if w.group.stages[0].stats != nil {
		w.tell() // a source has no chunks after which to tell
	}
	return !w.run.drained.Load()
}

// erred records an error that the source handed out in the place of an item. It returns false when the
// source must end.
func (w *worker) erred(index int, err error) bool {
	if w.drained(err) {
		return false
	}
	w.counts[0].in++
	return w.failed(0, index, nil, err) && !w.run.drained.Load()
}

// broken records that the source itself has failed. That ends the run whatever on_error says: what the
// source would still have produced is missing.
func (w *worker) broken(err error) {
	if err != nil && !w.drained(err) && w.run.ctx.Err() == nil {
		w.run.fail(w.run.newError(w.group.stages[0].name, -1, 1, nil, err, nil))
	}
}

// drained says whether err only says that Drain has ended the source's context.
func (w *worker) drained(err error) bool {
	return w.run.drained.Load() && errors.Is(err, context.Canceled)
}

// catchSource, deferred by the loop of a source, ends the run where the source panics or calls Goexit.
func (w *worker) catchSource(over *bool) {
	why := recovered(recover(), *over)
	for _, c := range w.timed {
		c.end()
	}
	w.over, *over = true, true // it cannot be resumed
	if why != nil {
		w.run.fail(w.run.newError(w.group.stages[0].name, -1, 1, nil, why, debug.Stack()))
	}
}

// errDrained is Map's error where Drain was closed before all of its items were taken.
const errDrained sentinel = "drained before all items were taken"

// taken is the number of items that the caller's input has handed on.
func (r *run) taken() int { return int(r.groups[0].workers[0].counts[0].in) }
