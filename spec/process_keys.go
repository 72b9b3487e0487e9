package spec

// processesKeys are the keys of processes, at the top and on a stage.
var processesKeys = []row[Processes]{
	{key{name: "start", kinds: wordKind, words: []string{"spawn", "forkserver"}, example: "start: forkserver",
		defaults: "spawn",
		doc:      "How a worker process comes to be. `spawn` starts the program anew for each. `forkserver` takes each from a reserve of processes that are started and initialised already: a Go process cannot be forked once it runs, and this gives what Python's server is for, quick and clean starts. `fork` is refused."},
		func(p *Processes) any { return &p.Start }},
	{key{name: "spare", kinds: numberKind | paramKind, example: "spare: 2",
		defaults: "0; 1 with `start: forkserver`",
		doc:      "How many processes are kept started and initialised beside those at work, so that a replacement costs no time."},
		func(p *Processes) any { return &p.Spare }},
	{key{name: "env", kinds: mappingKind, example: "env: {GOMAXPROCS: 1, API_TOKEN: $token}",
		defaults: "the parent's environment",
		doc:      "Variables that worker processes have beside those of the parent, or with another value. A param must be a string."},
		func(p *Processes) any { return &p.Env }},
	{key{name: "stdout", kinds: wordKind, words: []string{"inherit", "log"}, example: "stdout: log",
		defaults: "inherit",
		doc:      "Where the standard output of worker processes goes: to that of the parent, or line by line to the pipeline's `Log`. The standard error always goes to that of the parent; its end stands in the error of a crash."},
		func(p *Processes) any { return &p.Stdout }},
	{key{name: "restart", kinds: mappingKind, example: "restart: {max_restarts: 10, within: 1m}",
		defaults: "3 within 5s",
		doc:      "How often worker processes that die, or cannot start, are replaced before the stage fails with the first cause. One that dies is replaced at once, not at the next item."},
		func(p *Processes) any { return &p.Restart }},
	{key{name: "on_crash", kinds: mappingKind, example: "on_crash: {in_flight: retry, max_attempts: 3}",
		defaults: "`in_flight: fail`",
		doc:      "What becomes of the item that a worker process was at when it died. Items that it had not begun go to another worker, uncounted. Not for a `source`, which has no item in hand."},
		func(p *Processes) any { return &p.OnCrash }},
	{key{name: "recycle_after", kinds: numberKind | paramKind, min: 1, example: "recycle_after: 10_000",
		defaults: "never",
		doc:      "After how many items a worker process is replaced by a fresh one, between two items. Not for a `source`."},
		func(p *Processes) any { return &p.RecycleAfter }},
	{key{name: "memory_limit", kinds: sizeKind | paramKind, min: 1, example: "memory_limit: 512MiB",
		defaults: "none",
		doc:      "How much memory a worker process may take. It is replaced between two items, and killed where it takes twice as much. Of a `command` only Linux tells."},
		func(p *Processes) any { return &p.MemoryLimit }},
	{key{name: "heartbeat", kinds: durationKind | paramKind, example: "heartbeat: 30s",
		defaults: "10s",
		doc:      "For how long a worker process may show no sign of life before it is stopped: the whole process, such as one that is suspended; a long call is the business of `timeout`. Not for a stage with `command`."},
		func(p *Processes) any { return &p.Heartbeat }},
	{key{name: "shutdown_timeout", kinds: durationKind | paramKind, example: "shutdown_timeout: 30s",
		defaults: "10s",
		doc:      "How long the run waits at its end for a worker process before it kills it."},
		func(p *Processes) any { return &p.ShutdownTimeout }},
	{key{name: "max_item", kinds: sizeKind | paramKind, min: 1, max: LargestItem, example: "max_item: 256MiB",
		defaults: "64MiB",
		doc:      "How large an item or result may be as it crosses, at most 1GiB. A larger one is that item's error, before it is sent and before memory is taken for it."},
		func(p *Processes) any { return &p.MaxItem }},
	{key{name: "max_depth", kinds: numberKind | paramKind, min: 1, example: "max_depth: 2",
		defaults: "1",
		doc:      "How many levels of worker processes there may be: with 1 a worker starts no workers of its own, with 2 its workers start none."},
		func(p *Processes) any { return &p.MaxDepth }},
}

// LargestItem is the largest max_item: what a frame and a slice hold on every system, with room to spare.
const LargestItem = 1 << 30

// restartKeys are the keys of restart.
var restartKeys = []row[Restart]{
	{key{name: "max_restarts", kinds: numberKind | paramKind, example: "max_restarts: 10",
		defaults: "3",
		doc:      "How many replacements there may be; with one more the stage fails."},
		func(r *Restart) any { return &r.MaxRestarts }},
	{key{name: "within", kinds: durationKind | paramKind, example: "within: 1m",
		defaults: "5s",
		doc:      "In which time. Those that are longer ago do not count."},
		func(r *Restart) any { return &r.Within }},
}

// onCrashKeys are the keys of on_crash.
var onCrashKeys = []row[OnCrash]{
	{key{name: "in_flight", kinds: wordKind, words: []string{"fail", "retry", "dead_letter"}, example: "in_flight: retry",
		defaults: "fail",
		doc:      "`fail`: the crash is the item's error, for `on_error`. `retry`: another worker gets it, so it may be done twice, for the first may have done it and died before it could say so. `dead_letter`: it goes to the function of `dead_letter` at the top."},
		func(c *OnCrash) any { return &c.InFlight }},
	{key{name: "max_attempts", kinds: numberKind | paramKind, min: 1, example: "max_attempts: 3", needs: "in_flight: retry",
		defaults: "2",
		doc:      "With `in_flight: retry`: how many workers an item may kill before it fails, the first included."},
		func(c *OnCrash) any { return &c.MaxAttempts }},
}
