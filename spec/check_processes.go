package spec

import (
	"fmt"
	"slices"
)

// checkProcesses checks what is said of worker processes against where the stages run.
func (d *decoder) checkProcesses(f *File, top *node) {
	running := false
	for _, s := range f.Stages {
		in := f.InProcesses(s)
		running = running || in
		if !in {
			d.checkOutside(s)
			continue
		}
		d.checkSharedState(f, s)
		d.checkCrashAttempts(f, s.Process)
		if s.Verb == Source {
			d.checkSourceProcess(f, s)
		}
		if s.Command != nil {
			d.checkCommand(f, s)
		}
	}
	d.checkCrashAttempts(f, f.Process)
	d.checkCrashLetters(f, top)
	if running || len(f.Stages) == 0 {
		return
	}
	switch {
	case f.Process != nil:
		d.noProcesses(f.Process.Span, `"processes" has no effect: no stage runs in worker processes`,
			"write `mode: processes` at the top or in the stage that is meant, or remove it")
	case f.Mode.Value == "processes":
		d.noProcesses(f.Mode.Span, `"mode: processes" has no effect: no stage is one of `+joinList(wordsOf(processVerbs), ", "),
			"write it in the `source` or `sink` that is meant, or remove it")
	}
}

func (d *decoder) noProcesses(at Span, message, help string) {
	d.ds.Add(Diagnostic{
		Code: CodeNoProcesses, Severity: Warning, File: d.name, Span: at,
		Message: message,
		Label:   "no effect",
		Help:    help,
	})
}

// checkOutside checks a stage that runs on goroutines.
func (d *decoder) checkOutside(s *Stage) {
	if s.Command != nil {
		d.contradiction(s.Command.Span, `"command" without "mode: processes"`, "a program is a process",
			"write `mode: processes` beside it")
	}
	if s.Process != nil {
		d.noProcesses(s.Process.Span, fmt.Sprintf(`"processes" has no effect: this %s does not run in worker processes`, s.Verb),
			"write `mode: processes` beside it, or remove it")
	}
	if s.Codec.IsSet() {
		d.noProcesses(s.Codec.Span, fmt.Sprintf(`"codec" has no effect: this %s does not run in worker processes`, s.Verb),
			"write `mode: processes` beside it, or remove it")
	}
}

// checkSharedState refuses one state for the workers of several processes.
func (d *decoder) checkSharedState(f *File, s *Stage) {
	if s.State == nil || s.State.Scope.Value != "pipeline" {
		return
	}
	at := s.State.Scope.Span
	if slices.ContainsFunc(*d.ds, func(p Diagnostic) bool { return p.Code == CodePipelineState && p.Span == at }) {
		return // from defaults, for another stage
	}
	d.report(CodePipelineState, at, Diagnostic{
		Message: "one state cannot serve several worker processes: each has memory of its own",
		Label:   "would be one for all",
		Notes:   []string{d.at(modeSpan(f, s).Pos) + ": this stage runs in processes"},
		Help:    "write `scope: process`, which makes one in each of them, or `mode: threads` in this stage; counters, maps and locks for all of them are `shared`",
	})
}

// modeSpan is the place of what makes s run in processes.
func modeSpan(f *File, s *Stage) Span {
	if s.Mode.IsSet() {
		return s.Mode.Span
	}
	return f.Mode.Span
}

// ownProcesses returns what s itself says of its processes, which defaults have not brought; else nil.
func ownProcesses(f *File, s *Stage) *Processes {
	if f.Defaults != nil && s.Process == f.Defaults.Process {
		return nil
	}
	return s.Process
}

// checkSourceProcess refuses what is meant for processes that work item by item.
func (d *decoder) checkSourceProcess(f *File, s *Stage) {
	p := ownProcesses(f, s)
	if p == nil {
		return
	}
	refuse := func(name string, at Span) {
		d.report(CodeKeyNotTaken, at, Diagnostic{
			Message: fmt.Sprintf("the processes of a source take no %q", name),
			Label:   `not for "source"`,
			Notes:   []string{"a source is one call in one process, which has no item in hand: if the process dies, the source has failed"},
			Help:    "remove it",
		})
	}
	if at := p.OnCrash.span(); at.IsValid() {
		refuse("on_crash", at)
	}
	if p.RecycleAfter.IsSet() {
		refuse("recycle_after", p.RecycleAfter.Span)
	}
}

// span is the place of the first key that is set.
func (c OnCrash) span() Span {
	if c.InFlight.IsSet() {
		return c.InFlight.Span
	}
	return c.MaxAttempts.Span
}

// checkCommand refuses what a program in another language cannot be given.
func (d *decoder) checkCommand(f *File, s *Stage) {
	refuse := func(name string, at Span, why, help string) {
		d.report(CodeCommandKey, at, Diagnostic{
			Message: fmt.Sprintf("a command worker takes no %q: %s", name, why),
			Label:   "not with command",
			Notes:   []string{d.at(s.Command.Span.Pos) + ": the command is here"},
			Help:    help,
		})
	}
	if s.State != nil {
		refuse("state", s.State.Span, "it keeps its own", "remove it; what the program needs to know can stand in its arguments or in `processes: {env: {…}}`")
	}
	if len(s.Args) > 0 {
		refuse("args", s.Args[0].Name.Span, "it gets the item and nothing else", "remove it; put the value into the command or `processes: {env: {…}}`")
	}
	p := ownProcesses(f, s)
	if p == nil {
		return
	}
	if p.Heartbeat.IsSet() {
		refuse("heartbeat", p.Heartbeat.Span, "it gives no sign of life but its answers", "remove it, or write `timeout` in the stage")
	}
	if p.Stdout.IsSet() {
		refuse("stdout", p.Stdout.Span, "its results come out there", "remove it; let the program write what is for people to its standard error")
	}
}

// checkCrashAttempts reports a number of attempts where what is in hand at a crash is not tried again. p is one
// mapping of processes, nil for none.
func (d *decoder) checkCrashAttempts(f *File, p *Processes) {
	if p == nil || !p.OnCrash.MaxAttempts.IsSet() {
		return
	}
	decides := []*Processes{p}
	if p == f.Process {
		for _, s := range f.Stages {
			decides = append(decides, s.Process)
		}
	} else if !p.OnCrash.InFlight.IsSet() {
		decides = append(decides, f.Process)
	}
	if slices.ContainsFunc(decides, func(o *Processes) bool { return o != nil && o.OnCrash.InFlight.Value == "retry" }) {
		return
	}
	d.contradiction(p.OnCrash.MaxAttempts.Span, `"max_attempts" without "in_flight: retry"`, "only with retry",
		"write `in_flight: retry` beside it, or remove it: the item in hand at a crash is not tried again")
}

// checkCrashLetters reports items that are to go to a dead letter function that is not there.
func (d *decoder) checkCrashLetters(f *File, top *node) {
	if top.has("dead_letter") {
		return
	}
	blocks := []*Processes{f.Process}
	for _, s := range f.Stages {
		blocks = append(blocks, s.Process)
	}
	for _, p := range blocks {
		if p != nil && p.OnCrash.InFlight.Value == "dead_letter" {
			d.contradiction(p.OnCrash.InFlight.Span, `"in_flight: dead_letter" without a dead letter function`, "no function",
				"name the function that takes such items at the top: `dead_letter: SaveLetter`")
		}
	}
}
