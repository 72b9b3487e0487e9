package threads

import (
	"context"
	"runtime/debug"
	"time"
)

// group is a set of workers that run the same fused stages on the same queue. A source is a group of one.
type group struct {
	run     *run
	stages  []stageInfo
	slots   int
	active  int    // slots that have not ended; guarded by run.mu
	finish  func() // run by the last slot: hands on what is left and closes the queues it wrote
	workers []*worker
	order   sequencer // of its results, where it is ordered
}

// stageInfo is what the support needs to know of one stage of a group.
type stageInfo struct {
	name    string
	onError errorPolicy // nil: the run ends with the item's error
	buries  bool        // onError writes a dead letter
	many    bool        // Out is counted apart from Done: not exactly one element an item
	pairs   bool        // a call takes two items
	stats   *stageStats // nil: nobody looks
}

// items is how many items a call takes.
func (s *stageInfo) items() int64 {
	if s.pairs {
		return 2
	}
	return 1
}

// worker is one slot of a group. It outlives panics and runtime.Goexit in user functions: the slot goes on
// with its next item, on a new goroutine after Goexit.
type worker struct {
	run     *run
	group   *group
	ctx     context.Context // for user functions
	counts  []counts        // by stage; written by this worker alone
	ticket  *ticket         // of the chunk in hand, in an ordered group
	over    bool
	between bool         // no item is in hand: it emits in an order
	ending  bool         // the input is over, the stage's function is called for the last time
	timed   []*timedCall // calls under way that hand out items and have a timeout

	attempt int // the number of the attempt under way, 0 in a stage without retry
	before  int // attempts at the item in hand that processes have not survived

	number int // of the task in hand, in the run of a pool

	// loop works until the input is over or the run stops, and then returns true.
	loop func() bool
	// yield puts an error in the place of an item; set where a stage says on_error: yield.
	yield func(index int, err error) bool
	// routes put failed items into the failed ports of the stages; set where one says on_error: route.
	routes []func(failure[any]) bool

	resumed time.Time     // when the chunk in hand began
	paused  time.Duration // how long it has waited for room since then
	busy    time.Duration
	told    []counts // what stats have been told
}

// addGroup adds a group of workers. Each is to be given its loop before launch.
func (r *run) addGroup(slots int, stages ...stageInfo) *group {
	g := &group{run: r, stages: stages, slots: slots, active: slots}
	workers, tallies := make([]worker, slots), make([]counts, 2*slots*len(stages))
	for i := range workers {
		w := &workers[i]
		w.run, w.group, w.ctx = r, g, r.ctx
		w.counts, tallies = tallies[:len(stages)], tallies[len(stages):]
		w.told, tallies = tallies[:len(stages)], tallies[len(stages):]
		g.workers = append(g.workers, w)
	}
	r.groups = append(r.groups, g)
	return g
}

// launch starts the workers of all groups.
func (r *run) launch() {
	for _, g := range r.groups {
		r.alive.Add(g.slots)
		for _, w := range g.workers {
			go w.work()
		}
	}
}

// work is the life of a slot.
func (w *worker) work() {
	defer func() {
		if !w.over { // runtime.Goexit in a user function ends this goroutine, not the slot
			go w.work()
			return
		}
		if why := context.Cause(w.run.ctx); why != nil {
			w.run.fail(why) // before those below take the end of this group for that of the input
		}
		w.group.leave()
		w.run.alive.Done()
	}()
	for !w.over {
		w.over = w.loop()
	}
}

// leave ends one slot; the last one closes what the group wrote.
func (g *group) leave() {
	g.run.mu.Lock()
	g.active--
	last := g.active == 0
	g.run.mu.Unlock()
	if last && g.finish != nil {
		g.finish()
	}
}

// stopped says that no new call may start.
func (w *worker) stopped() bool { return w.run.stopped.Load() }

// failed records that item met an error in the group's stage at. It returns false when the worker must
// leave its loop.
func (w *worker) failed(at, index int, item any, err error) bool {
	return w.reject(at, index, item, err, nil)
}

// catch, deferred by a loop, turns a panic or Goexit of a user function into an error of the item that
// where names. The slot then goes on.
func (w *worker) catch(over *bool, where func() (at, index int, item any)) {
	why := recovered(recover(), *over)
	for _, c := range w.timed {
		c.end()
	}
	w.timed = nil
	if why == nil {
		return
	}
	if w.between { // the function of a key, called with others' results; it has ended the run
		w.between = false
		w.run.fail(why)
		return
	}
	at, index, item := where()
	counted := w.ending
	defer func() { // also where a key's function ends the run now, and this goroutine
		if !counted {
			w.interrupted(at)
		}
	}()
	if w.run.tasks != nil || !w.stopped() { // else why may be that of a key's function, which has ended the run
		w.reject(at, index, item, why, debug.Stack())
		counted = true
	}
}

func (w *worker) reject(at, index int, item any, err error, stack []byte) bool {
	s := &w.group.stages[at]
	policy := s.onError
	if w.run.tasks != nil && !s.buries {
		policy = nil // the error is its task's
	}
	return w.rejectBy(policy, at, index, item, err, stack)
}

// rejectBy is reject by another policy than the stage's.
func (w *worker) rejectBy(policy errorPolicy, at, index int, item any, err error, stack []byte) bool {
	attempt := max(1, w.attempt)
	w.attempt = 0
	if w.run.tasks != nil {
		return w.run.tasks.failTask(w, policy, at, attempt, item, err, stack)
	}
	if stack == nil && w.run.ctx.Err() != nil {
		// Cancelled under way: the run already has its error.
		w.interrupted(at)
		return false
	}
	s := &w.group.stages[at]
	err = w.run.newError(s.name, index, attempt, item, err, stack)
	if w.ending { // no item to leave out: a result would be missing
		w.run.fail(err)
		return false
	}
	if policy != nil {
		err = policy(w, at, failure[any]{item, index, err})
	}
	w.counts[at].failed += s.items()
	if err != nil {
		w.run.fail(err)
	}
	if err != nil || stack != nil {
		w.abandon(at)
	}
	return err == nil
}

// interrupted records that the run has stopped before the item in hand was through stage at.
func (w *worker) interrupted(at int) {
	w.counts[at].interrupted += w.group.stages[at].items()
	w.abandon(at)
}

// abandon counts the items of the stages above at that were still handing out theirs.
func (w *worker) abandon(at int) {
	for i := range at {
		if w.group.stages[i].many {
			w.counts[i].interrupted++
		}
	}
}

// cause is the error that tells a function to stop handing out items: that with which the run has stopped,
// or context.Canceled where Drain has ended a source.
func (w *worker) cause() error {
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	return context.Canceled
}

// passed records that the item in hand is an error on its way to the open end, not an item of this group.
func (w *worker) passed() { w.counts[0].in-- }

// settle accounts for n items that have begun since resume and returns the time spent on them.
func (w *worker) settle(n int) time.Duration {
	if n == 0 {
		return 0
	}
	w.counts[0].in += int64(n)
	spent := max(0, time.Since(w.resumed)-w.paused)
	w.paused = 0
	w.busy += spent
	w.tell()
	return spent
}

// resume begins the time of a chunk.
func (w *worker) resume() { w.resumed = time.Now() }
