package threads

import (
	"cmp"
	"fmt"
	"log/slog"
)

// errorPolicy is what a stage does with an item that met an error, and is counted as failed afterwards. It returns
// an error where the run must end: with that, unless it has ended already.
type errorPolicy func(w *worker, at int, f failure[any]) error

// yieldError puts the error in the place of the item, on its way to the open end.
func yieldError(w *worker, _ int, f failure[any]) error {
	if !w.yield(f.index, f.err) {
		return f.err
	}
	return nil
}

// routeItem puts the item with its error into the stage's failed port.
func routeItem(w *worker, at int, f failure[any]) error {
	if w.routes[at](f) {
		return nil
	}
	w.counts[at].failed--
	w.counts[at].interrupted++
	return f.err
}

// route tells the worker how items that fail in stage at reach its failed port.
func (w *worker) route(at int, put func(failure[any]) bool) {
	if w.routes == nil {
		w.routes = make([]func(failure[any]) bool, len(w.group.stages))
	}
	w.routes[at] = put
}

// deadLetter hands the item to save, the user's function. Where save fails in turn it returns both errors.
func (w *worker) deadLetter(at int, f failure[any], save func() error) error {
	saving, unsaved := make(chan struct{}), error(errGoexit)
	go func() { // of its own: runtime.Goexit in save must not be taken for the stage's
		defer close(saving)
		defer func() {
			if value := recover(); value != nil {
				unsaved = &panicError{value}
			}
		}()
		unsaved = save()
	}()
	<-saving
	if unsaved != nil {
		return fmt.Errorf("%w; dead letter: %w", f.err, unsaved)
	}
	w.counts[at].failed--
	w.counts[at].deadLettered++
	return nil
}

// skips are the items that a stage has left out because of their errors.
type skips struct {
	stage string
	items int
	first error
}

// skipItem leaves the item out. The log is told once a run and stage, so that it is not silent.
func skipItem(w *worker, at int, f failure[any]) error {
	r, stage := w.run, w.group.stages[at].name
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.skips {
		if r.skips[i].stage == stage {
			r.skips[i].items++
			return nil
		}
	}
	if len(r.skips) == 0 {
		r.onEnd = append(r.onEnd, r.logSkips)
	}
	r.skips = append(r.skips, skips{stage, 1, f.err})
	return nil
}

// logSkips says what has been left out.
func (r *run) logSkips() {
	for _, s := range r.skips {
		r.logger().Warn("items skipped", "stage", s.stage, "items", s.items, "first", s.first)
	}
}

// logger is where the run says what must not be silent.
func (r *run) logger() *slog.Logger {
	return cmp.Or(r.log, slog.Default())
}
