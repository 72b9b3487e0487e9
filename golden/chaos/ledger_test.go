//go:build linux

package chaos

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

// system is a pipeline with what is promised of it.
type system struct {
	name    string
	run     func(ctx context.Context, l *ledger, in iter.Seq[job])
	results int      // of a job without trouble
	resends bool     // another process gets what one has died with
	ordered bool     // results come in the order of the jobs
	flow    []string // the stages, each of which reads what the one before puts out
}

var systems = []system{
	{name: "resent", run: runResent, results: 1, resends: true, flow: []string{"prepare", "work", "check"}},
	{name: "pooled", run: runPooled, results: 1, resends: true, flow: []string{"prepare", "work", "check"}},
	{name: "failed", run: runFailed, results: 1, ordered: true, flow: []string{"prepare", "work"}},
	{name: "buried", run: runBuried, results: 1, flow: []string{"work", "check"}},
	{name: "stored", run: runStored, resends: true, flow: []string{"prepare", "store"}},
	{name: "spread", run: runSpread, results: copies, resends: true, flow: []string{"spread", "wanted", "finish"}},
}

func runResent(ctx context.Context, l *ledger, in iter.Seq[job]) {
	var stats ResentStats
	p := Resent{Dir: l.dir, Attempts: l.attempts, Stats: &stats, Log: l.log}
	l.read(p.Stream(ctx, in))
	stats.Each(l.count)
}

// runPooled takes back some of the jobs that wait.
func runPooled(ctx context.Context, l *ledger, in iter.Seq[job]) {
	var stats ResentStats
	pool, err := Resent{Dir: l.dir, Attempts: l.attempts, Stats: &stats, Log: l.log}.Start(ctx)
	if err != nil {
		l.final = err
		return
	}
	for r := range pool.Each(ctx, in) {
		if r.Err != nil {
			l.fail(r.In, r.Err)
		} else {
			l.result(r.Out)
		}
		if l.leave--; l.leave == 0 {
			break
		}
	}
	l.final = pool.Close()
	stats.Each(l.count)
}

func runFailed(ctx context.Context, l *ledger, in iter.Seq[job]) {
	var stats FailedStats
	l.read(Failed{Dir: l.dir, Stats: &stats, Log: l.log}.Stream(ctx, in))
	stats.Each(l.count)
}

func runBuried(ctx context.Context, l *ledger, in iter.Seq[job]) {
	var stats BuriedStats
	l.read(Buried{Dir: l.dir, Stats: &stats, Log: l.log}.Stream(ctx, in))
	stats.Each(l.count)
}

func runSpread(ctx context.Context, l *ledger, in iter.Seq[job]) {
	var stats SpreadStats
	l.read(Spread{Dir: l.dir, Stats: &stats, Log: l.log}.Stream(ctx, in))
	stats.Each(l.count)
}

func runStored(ctx context.Context, l *ledger, in iter.Seq[job]) {
	var stats StoredStats
	l.final = Stored{Dir: l.dir, Stats: &stats, Log: l.log}.Run(ctx, in)
	stats.Each(l.count)
}

// blame is what the error of an item says of it.
type blame struct {
	stage string
	item  any
	ok    bool
}

func blameOf(err error) blame {
	if e := new(ResentError); errors.As(err, &e) {
		return blame{e.Stage, e.Item, true}
	}
	if e := new(FailedError); errors.As(err, &e) {
		return blame{e.Stage, e.Item, true}
	}
	if e := new(BuriedError); errors.As(err, &e) {
		return blame{e.Stage, e.Item, true}
	}
	if e := new(StoredError); errors.As(err, &e) {
		return blame{e.Stage, e.Item, true}
	}
	if e := new(SpreadError); errors.As(err, &e) {
		return blame{e.Stage, e.Item, true}
	}
	return blame{}
}

// idOf is the job that an item belongs to; -1: none.
func idOf(item any) int {
	switch v := item.(type) {
	case job:
		return v.ID
	case part:
		return v.ID
	case done:
		return v.ID
	}
	return -1
}

// ledger says what has become of each job of a run.
type ledger struct {
	system   *system
	dir      string
	attempts int
	log      logger
	kills    *killer // who kills processes meanwhile; nil: nobody does
	partial  bool    // the run is ended before its end
	leave    int     // after so many results; 0: never

	jobs    []job // as they were taken
	results map[int]int
	sums    map[int]uint32  // of the results
	errors  map[int][]error // of items, dead letters included
	begun   map[int]int     // calls
	ended   map[int]int
	last    int // job of the last result or error in its place
	final   error
	counts  map[string]map[string]int
	wrong   []string
}

func newLedger(t *testing.T, s *system) *ledger {
	return &ledger{system: s, dir: t.TempDir(), attempts: 1000, log: quiet, last: -1, results: make(map[int]int), sums: make(map[int]uint32), errors: make(map[int][]error),
		begun: make(map[int]int), ended: make(map[int]int), counts: make(map[string]map[string]int)}
}

func (l *ledger) complain(format string, args ...any) {
	l.wrong = append(l.wrong, fmt.Sprintf(format, args...))
}

// take is in, of which the ledger takes note.
func (l *ledger) take(in iter.Seq[job]) iter.Seq[job] {
	return func(yield func(job) bool) {
		for j := range in {
			l.jobs = append(l.jobs, j)
			if !yield(j) {
				return
			}
		}
	}
}

// read takes note of all that a pipeline yields.
func (l *ledger) read(seq iter.Seq2[done, error]) {
	for d, err := range seq {
		if err == nil {
			l.result(d)
			if l.leave--; l.leave == 0 {
				return
			}
			continue
		}
		if b := blameOf(err); b.ok && idOf(b.item) >= 0 {
			l.fail(b.item, err)
		} else {
			l.final = err
		}
	}
}

func (l *ledger) result(d done) {
	l.results[d.ID]++
	l.inOrder(d.ID)
	l.sums[d.ID] = d.Sum
}

func (l *ledger) fail(item any, err error) {
	id := idOf(item)
	l.errors[id] = append(l.errors[id], err)
	l.inOrder(id)
}

func (l *ledger) inOrder(id int) {
	if l.system.ordered && id <= l.last {
		l.complain("job %d comes after job %d", id, l.last)
	}
	l.last = id
}

func (l *ledger) count(stage, metric string, v float64) {
	if l.counts[stage] == nil {
		l.counts[stage] = make(map[string]int)
	}
	l.counts[stage][metric] = int(v)
}

// fill runs the system with the jobs of in, and says what is wrong with what has become of them.
func (l *ledger) fill(ctx context.Context, in iter.Seq[job]) {
	l.system.run(ctx, l, l.take(in))
	for _, letter := range letters(l.dir) {
		l.fail(letter.item, letter.err)
	}
	notes, err := lines(l.dir)
	if err != nil {
		l.complain("%v", err)
	}
	for _, line := range notes {
		var what string
		var id int
		if _, err := fmt.Sscan(line, &what, &id); err != nil {
			l.complain("a line of the journal is %q", line)
		}
		if what == "begin" {
			l.begun[id]++
		} else {
			l.ended[id]++
		}
	}
	if l.final != nil && !(l.partial && (errors.Is(l.final, errEnough) || errors.Is(l.final, ErrResentTerminated))) {
		l.complain("the run ends with: %v", l.final)
	}
	l.complete()
	l.balance()
}

// complete holds that each job has come to exactly one end, and why.
func (l *ledger) complete() {
	s := l.system
	begun := 0
	for _, j := range l.jobs {
		results, errs := l.results[j.ID], l.errors[j.ID]
		begun += l.begun[j.ID]
		if !l.whole(j, results, len(errs)) {
			l.complain("job %d (%s) has %d results and %d errors: %v", j.ID, j.Trouble, results, len(errs), errs)
		}
		if !s.resends && l.begun[j.ID] > 1 {
			l.complain("job %d was begun %d times", j.ID, l.begun[j.ID])
		}
		if results >= s.results && len(errs) == 0 && l.ended[j.ID] == 0 && !l.partial {
			l.complain("job %d has a result, and no call for it has returned", j.ID)
		}
		if results == 1 && s.results == 1 && l.sums[j.ID] != j.done().Sum {
			l.complain("the result of job %d is damaged", j.ID)
		}
		for _, err := range errs {
			l.explained(j, err)
		}
		if l.kills == nil && j.Trouble != shuts && len(errs) == 0 != l.survives(j) && !l.spoiled(j) {
			l.complain("job %d (%s) has errors %v", j.ID, j.Trouble, errs)
		}
	}
	// What is done again is counted.
	worker := l.counts[s.worker()]
	if most := len(l.jobs) + worker["retries"]; begun > most {
		l.complain("%d calls, at most %d are counted", begun, most)
	}
}

// worker is the stage at which trouble strikes.
func (s *system) worker() string {
	if s.flow[0] == "prepare" {
		return s.flow[1]
	}
	return s.flow[0]
}

// whole says whether results and errors are one end of a job.
func (l *ledger) whole(j job, results, errs int) bool {
	switch {
	case l.partial:
		return results+errs <= max(1, l.system.results)
	case l.system.results == 0:
		return results == 0 && errs <= 1
	case l.system.results == 1 || errs == 0:
		return results+errs == l.system.results
	}
	return errs == 1 && results == copies-1 // those that it had handed out before
}

// survives says whether a job has a result where nobody kills its process from outside.
func (l *ledger) survives(j job) bool {
	switch {
	case j.Trouble == "" || j.Trouble == floods || j.Trouble == dawdles || j.Trouble == unhurried:
		return true
	case slices.Contains(harmless, j.Trouble):
		return false
	}
	return l.system.resends && !j.Always
}

// unanswered says whether a job, in which there is no trouble, may have been done by a process that was killed from
// outside before it could say so: its call has returned.
func (l *ledger) unanswered(j job) bool {
	return l.kills != nil && !l.system.resends && !slices.Contains(deadly, j.Trouble) && l.begun[j.ID] == 1
}

// entangled are the signs of another job's trouble that a job's error may show. A job that shuts its process's
// connection returns, and its process goes on with what it holds already: of what happens to those jobs the parent sees
// the closed connection first.
func (l *ledger) entangled(j job) (more []string) {
	const held = 256 // no process of these pipelines has more at once
	for _, other := range l.jobs[max(0, j.ID-held):j.ID] {
		if other.Trouble == shuts && slices.Contains(deadly, j.Trouble) {
			more = append(more, signs[shuts]...)
		}
	}
	return more
}

// spoiled says whether what a process had to say of a job, in which there is no trouble, may have been lost in the
// message that one behind it has torn: where its process has just sent something, that completes the message.
func (l *ledger) spoiled(j job) bool {
	const held = 256
	return !l.system.resends && j.Trouble == "" && slices.ContainsFunc(l.jobs[j.ID:min(len(l.jobs), j.ID+held)],
		func(other job) bool { return other.Trouble == tears })
}

// explained holds that an error names its stage, its item, and how its process ended.
func (l *ledger) explained(j job, err error) {
	b, text := blameOf(err), err.Error()
	if l.partial && !b.ok {
		return // the end of a task that has not begun
	}
	if b.stage != l.system.worker() || !strings.Contains(text, b.stage) {
		l.complain("job %d: the error names stage %q: %v", j.ID, b.stage, err)
	}
	if idOf(b.item) != j.ID {
		l.complain("job %d: the error is that of %v", j.ID, b.item)
	}
	if j.Trouble == fails && strings.Contains(text, errOnPurpose.Error()) && !errors.Is(err, errOnPurpose) {
		l.complain("job %d: the error is not what it was: %v", j.ID, err)
	}
	if l.partial && (errors.Is(err, errEnough) || errors.Is(err, context.Canceled)) {
		return
	}
	expected := append(slices.Clone(signs[j.Trouble]), l.entangled(j)...)
	if l.spoiled(j) {
		expected = append(expected, signs[garbage]...)
	}
	if l.unanswered(j) {
		for _, trouble := range deadly {
			expected = append(expected, signs[trouble]...)
		}
	}
	if l.kills != nil {
		expected = append(expected, killSigns...)
	}
	if !slices.ContainsFunc(expected, func(sign string) bool { return strings.Contains(text, sign) }) {
		l.complain("job %d (%s): the error says none of %q: %.600s", j.ID, j.Trouble, expected, text)
	}
}

// balance holds promise 7.
func (l *ledger) balance() {
	above := len(l.jobs)
	for _, stage := range l.system.flow {
		c := l.counts[stage]
		if ends := c["done"] + c["filtered"] + c["failed"] + c["dead_lettered"] + c["interrupted"]; c["in"] != ends || c["in"] > above || c["in"] < above && !l.partial {
			l.complain("%s: %d were put out above, %d taken in, %d ended: %v", stage, above, c["in"], ends, c)
		}
		above = c["out"]
	}
}
