package gen

import (
	"fmt"
	"slices"
	"strings"
)

// processes says how many worker processes run what, how they are started, what happens when one dies, and what
// bounds their time and memory.
func (e *explainer) processes() {
	places := e.plan.workerPlaces()
	if len(places) == 0 {
		return
	}
	e.section("Worker processes")
	var rows [][]string
	var total, spare quantity
	for _, w := range places {
		var n quantity
		n.addWorkers(w.workers)
		total.addWorkers(w.workers)
		spare.addValue(w.process.Spare)
		rows = append(rows, []string{n.String(), strings.Join(w.stages, " + "), e.started(w.process)})
	}
	e.table(rows)
	e.printf("  In all: %s", total.String())
	if !spare.isZero() {
		e.printf(" at work and %s started and waiting", spare.String())
	}
	e.printf(".\n")
	if slices.ContainsFunc(places, func(w workerPlace) bool { return w.process.Command == nil }) {
		e.printf("  main calls %sWorker() before anything else: a worker is the same program, and goes no further.\n", e.plan.Name)
	}
	e.each(places, "Crash", e.crash)
	e.each(places, "Replacement", e.replaced)
	e.each(places, "Time limits", e.limits)
	e.each(places, "Memory", e.bounds)
	e.elsewhere(places)
}

// elsewhere says what is not as on Linux.
func (e *explainer) elsewhere(places []workerPlace) {
	commands, own, bounded := false, false, false
	for _, w := range places {
		commands = commands || w.process.Command != nil
		own = own || w.process.Command == nil
		bounded = bounded || w.process.Command != nil && w.process.MemoryLimit.IsSet()
	}
	var differences []string
	if own {
		differences = append(differences, "a worker that is suspended when the parent is killed ends when it goes on")
	}
	if commands {
		differences = append(differences, "a program that is at an item when the parent is killed ends at its next read")
	}
	if bounded {
		differences = append(differences, "nothing tells how much memory a program takes")
	}
	e.printf("  Not on Linux: on macOS, the BSDs and Windows %s.", strings.Join(differences, "; "))
	if commands {
		e.printf(" On Windows what a program has started is not killed with it.")
	}
	e.printf(" Other systems have no worker processes, and a run there is an error.\n")
}

// A workerPlace is a source or a group that runs in worker processes.
type workerPlace struct {
	stages  []string
	timed   []string // stages with a timeout, and how long
	process *Process
	workers Workers
	source  bool
}

// workerPlaces returns what runs in worker processes, in the order items flow.
func (p *Plan) workerPlaces() []workerPlace {
	var all []workerPlace
	add := func(process *Process, stages []*Stage, workers Workers, source bool) {
		if process == nil {
			return
		}
		w := workerPlace{stages: stageNames(stages), process: process, workers: workers, source: source}
		for _, s := range stages {
			if s.Timeout.IsSet() {
				w.timed = append(w.timed, fmt.Sprintf("a call of %s that takes longer than %s", s.Name, valueText(s.Timeout)))
			}
		}
		all = append(all, w)
	}
	for _, s := range p.Sources {
		add(s.Process, []*Stage{s.Stage}, Workers{N: 1}, true)
	}
	for _, g := range p.Groups {
		add(g.Process, g.Stages, g.Workers, false)
	}
	return all
}

// started says what a worker process is and how it comes to be.
func (e *explainer) started(p *Process) string {
	text := "this program, started anew"
	if p.Command != nil {
		words := make([]string, len(p.Command))
		for i, word := range p.Command {
			words[i] = commandWord(word)
		}
		text = strings.Join(words, " ") + ", started anew; items cross as lines of JSON"
	} else if p.JSON {
		text += "; items cross as JSON"
	}
	if p.ForkServer {
		text = strings.Replace(text, "started anew", "taken from a reserve", 1)
	}
	if len(p.Env) > 0 {
		var names []string
		for _, v := range p.Env {
			names = append(names, v.Name)
		}
		text += fmt.Sprintf("; with %s set", andList(names))
	}
	if p.LogStdout {
		text += "; what it prints goes to Log"
	}
	return text
}

// commandWord writes a word of a command so that its end can be seen.
func commandWord(word string) string {
	if word == "" || strings.ContainsAny(word, " \t\"'") || word != printable(word) {
		return fmt.Sprintf("%q", word)
	}
	return word
}

// each prints what text says of the places, once for those of which it says the same.
func (e *explainer) each(places []workerPlace, title string, text func(workerPlace) string) {
	var order []string
	names := make(map[string][]string)
	for _, w := range places {
		said := text(w)
		if said == "" {
			continue
		}
		if names[said] == nil {
			order = append(order, said)
		}
		names[said] = append(names[said], strings.Join(w.stages, " + "))
	}
	for _, said := range order {
		who := ""
		if len(names[said]) < len(places) {
			who = " of " + orList(names[said])
		}
		e.printf("  %s%s: %s\n", title, who, said)
	}
}

func (e *explainer) crash(w workerPlace) string {
	p := w.process
	if w.source {
		return "the source has failed with it; it is not started again in the middle."
	}
	text := "the item in hand fails with it"
	switch p.InFlight {
	case RetryInFlight:
		text = fmt.Sprintf("the item in hand goes to another worker and may so be done twice, until it has killed %s", valueText(p.MaxAttempts))
	case DeadLetterInFlight:
		text = "the item in hand goes to the dead letter function"
	}
	return text + "; items that were not begun go to another worker."
}

func (e *explainer) replaced(w workerPlace) string {
	p := w.process
	what, never := "one that dies or cannot start is replaced at once", "the first that dies or cannot start"
	if w.source {
		what, never = "one that cannot start is replaced at once", "the first that cannot start"
	}
	text := fmt.Sprintf("%s; with more than %s within %s the stage fails", what, valueText(p.MaxRestarts), valueText(p.Within))
	if n, ok := fixed(p.MaxRestarts); ok && n == 0 {
		text = never + " fails the stage"
	}
	if p.RecycleAfter.IsSet() {
		text += fmt.Sprintf("; every one is replaced after %s items, between two", valueText(p.RecycleAfter))
	}
	return text + "."
}

func (e *explainer) limits(w workerPlace) string {
	p := w.process
	var killed []string
	if p.Heartbeat.IsSet() {
		killed = append(killed, fmt.Sprintf("a worker that shows no sign of life for %s", valueText(p.Heartbeat)))
	}
	killed = append(killed, w.timed...)
	killed = append(killed, fmt.Sprintf("what goes on for %s after the end of the run", valueText(p.ShutdownTimeout)))
	return orList(killed) + " is killed."
}

func (e *explainer) bounds(w workerPlace) string {
	p := w.process
	text := fmt.Sprintf("an item or result takes at most %s as it crosses", sizeValue(p.MaxItem))
	if p.MemoryLimit.IsSet() {
		text += fmt.Sprintf("; a worker above %s is replaced between two items, and killed at twice as much", sizeValue(p.MemoryLimit))
	} else {
		text += "; that of a worker is not limited"
	}
	return text + "."
}

// sizeValue writes a number of bytes as a spec does.
func sizeValue(v Value) string {
	n, ok := v.Lit.(int64)
	if !ok {
		return valueText(v)
	}
	for _, unit := range []struct {
		name  string
		bytes int64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}} {
		if n >= unit.bytes && n%unit.bytes == 0 {
			return fmt.Sprintf("%d%s", n/unit.bytes, unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
