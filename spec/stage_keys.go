package spec

import "slices"

// Sets of verbs that take the same keys.
var (
	allVerbs         = []Verb{Source, Map, Filter, FilterMap, FlatMap, Tap, BatchVerb, Unbatch, ReduceV, SwitchV, ZipV, JoinV, Sink}
	readingVerbs     = without(allVerbs, Source)
	fromVerbs        = without(readingVerbs, ZipV, JoinV)
	toVerbs          = without(allVerbs, SwitchV, Sink)
	fanOutVerbs      = without(allVerbs, Sink)
	workerVerbs      = without(readingVerbs, SwitchV, ZipV, JoinV)
	functionVerbs    = without(allVerbs, BatchVerb, Unbatch, ReduceV)
	retryVerbs       = without(functionVerbs, Source)
	partitionedVerbs = []Verb{Map, Filter, FilterMap, FlatMap, Tap, Sink}
	orderedVerbs     = []Verb{Map, Filter, FilterMap, FlatMap}
	switchVerbs      = []Verb{SwitchV}
	modeVerbs        = []Verb{Source, Map, Filter, FilterMap, FlatMap, Tap, Sink}
	commandVerbs     = without(modeVerbs, Source)
)

// without returns the verbs that are not among others.
func without(verbs []Verb, others ...Verb) []Verb {
	return slices.DeleteFunc(slices.Clone(verbs), func(v Verb) bool { return slices.Contains(others, v) })
}

// stageKeys are the keys of a stage beside its verb.
var stageKeys = []row[Stage]{
	{key{name: "name", kinds: nameKind, verbs: allVerbs, check: checkStageName, example: "name: fetch",
		perStage: "each stage has a name of its own",
		defaults: "the function's name in lower_snake, the verb where there is none; `_2`, `_3` on repeats",
		doc:      "The stage's name, in `from`, errors and statistics. `(*Scaler).Resize` is called `resize` unless the spec says otherwise."},
		func(s *Stage) any { return &s.Name }},
	{key{name: "from", kinds: nameKind | listKind, verbs: fromVerbs, check: checkSource, example: "from: [read_urls, retry_urls]",
		perStage: "it says where one stage stands in the graph",
		defaults: "the stage above",
		doc:      "What this stage reads: a stage, a stage's port (`kind.pages` of a `switch`, `fetch.failed` of a stage with `on_error: route`) or a queue of `queues`; or a list of these, whose items are merged, in no order across them. Required below a `sink`, a `switch` and a stage with `to`."},
		func(s *Stage) any { return &s.From }},
	{key{name: "to", kinds: nameKind, verbs: toVerbs, check: checkName, example: "to: work",
		perStage: "it says where one stage stands in the graph",
		doc:      "The queue of `queues` that this stage writes to. The stage has no other reader unless one names it."},
		func(s *Stage) any { return &s.To }},
	{key{name: "cases", kinds: mappingKind, required: true, verbs: switchVerbs, example: "cases: {html: pages, pdf: papers}",
		perStage: "it belongs to one switch",
		doc:      "Which result leads to which port. A result is a literal or the name of a Go constant of the function's result type; several may lead to one port."},
		func(s *Stage) any { return &part(&s.Switch).Cases }},
	{key{name: "default", kinds: nameKind, verbs: switchVerbs, check: checkName, example: "default: others", needs: "cases: {html: pages}",
		perStage: "it belongs to one switch",
		doc:      "The port of all other results. It may be left out where `cases` has all there are: both values of a bool, or all package-level constants of a named type; any other value is then the item's error."},
		func(s *Stage) any { return &part(&s.Switch).Default }},
	{key{name: "fan_out", kinds: wordKind | mappingKind, words: []string{"broadcast", "round_robin"}, verbs: fanOutVerbs, example: "fan_out: broadcast",
		perStage: "it is for a stage with several readers",
		doc:      "How the items reach several readers; required where there are several. `broadcast` gives each item to all of them, the same value, not a copy; `round_robin` to one after the other; `{hash: F}` always sends items of one key to the same reader."},
		func(s *Stage) any { return &s.FanOut }},
	{key{name: "workers", kinds: numberKind | wordKind | paramKind, words: []string{"auto"}, min: 1, verbs: workerVerbs, example: "workers: 8",
		defaults: "1",
		doc:      "How many calls of this stage run at the same time. `auto` is GOMAXPROCS. `reduce` takes more than one only with `merge`."},
		func(s *Stage) any { return &s.Workers }},
	{key{name: "mode", kinds: wordKind, words: modes, verbs: modeVerbs, example: "mode: processes",
		defaults: "that of the top; `threads` for `source` and `sink`",
		doc:      "Where this stage runs: `threads` are the goroutines of this process, `processes` are worker processes, as many as `workers` says. A `source` is one."},
		func(s *Stage) any { return &s.Mode }},
	{key{name: "queue", kinds: numberKind | mappingKind | paramKind, min: 1, verbs: readingVerbs, example: "queue: 100",
		defaults: "chosen, bounded in items and bytes",
		doc:      "How many items may wait before this stage: a number, or a mapping that also says what happens when it is full and in which order it is read. A `zip` has two such queues."},
		func(s *Stage) any { return &s.Queue }},
	{key{name: "partition_by", kinds: funcKind, verbs: partitionedVerbs, example: "partition_by: Order.User",
		doc: "A function from the item to a key. Items of one key go to the same worker, in the order in which they arrive."},
		func(s *Stage) any { return &s.Partition }},
	{key{name: "ordered", kinds: boolKind, verbs: orderedVerbs, example: "ordered: true",
		defaults: "false",
		doc:      "Whether results leave in the order in which their items came, however long each took. One worker keeps the order anyway."},
		func(s *Stage) any { return &s.Ordered }},
	{key{name: "max_ahead", kinds: numberKind | paramKind, min: 1, verbs: orderedVerbs, example: "max_ahead: 64", needs: "ordered: true",
		defaults: "4 × workers × chunk; with `chunk: auto` at least the chosen capacity of the queue below",
		doc:      "With `ordered`: how many items may be taken and not yet passed on, so that one slow item holds up no more than that."},
		func(s *Stage) any { return &s.MaxAhead }},
	{key{name: "timeout", kinds: durationKind | paramKind, verbs: functionVerbs, example: "timeout: 5s",
		doc: "How long one call may take before its context is cancelled: with `retry`, each attempt. Time blocked in `emit` does not count. A `source` is one call, and a `timeout` limits all of it: the run ends with an error when it is over. In `mode: processes` a worker whose call does not return then is killed and replaced."},
		func(s *Stage) any { return &s.Timeout }},
	{key{name: "retry", kinds: numberKind | nameKind | mappingKind | paramKind, min: 1, verbs: retryVerbs, check: checkName, example: "retry: 3",
		doc: "How often a call that fails is made in all: a number of attempts, the name of a policy of `retries`, or a policy. A panic is not tried again, nor an error of the run's own end. An error with a method `RetryAfter() time.Duration` sets the wait before the next attempt."},
		func(s *Stage) any { return &s.Retry }},
	{key{name: "rate_limit", kinds: rateKind | mappingKind | paramKind, verbs: functionVerbs, example: "rate_limit: 50/s",
		doc: "How many calls may begin in a time, each attempt counted, over all workers of the stage; of a source, how many items. A param counts calls a second."},
		func(s *Stage) any { return &s.Rate }},
	{key{name: "on_error", kinds: wordKind, words: []string{"stop", "skip", "yield", "dead_letter", "route"}, verbs: functionVerbs, example: "on_error: skip",
		defaults: "stop",
		doc:      "What an item's error does: `stop` ends the run with it, `skip` drops the item and counts it as failed, `yield` hands the error out of the pipeline's open end in the item's place, `dead_letter` hands the item to the function of `dead_letter` at the top, and `route` sends it to the port `failed`, whose readers' functions take the item and its error. The error that these two hand on is the pipeline's own, with stage, position and attempt. A panic is an error like any other; in a `flat_map` or `join` an error ends the whole item, with what it has not handed out yet."},
		func(s *Stage) any { return &s.OnError }},
	{key{name: "state", kinds: mappingKind | paramKind, verbs: functionVerbs, example: "state: {new: Connect, args: {url: $url}}",
		doc: "What the function gets before the item, or as the receiver of a method expression: a param, or what `new` makes. A state that is an `io.Closer` is closed at the end."},
		func(s *Stage) any { return &s.State }},
	{key{name: "args", kinds: mappingKind, verbs: functionVerbs, example: "args: {limit: 10, prefix: $prefix}",
		perStage: "it binds the parameters of one function",
		doc:      "Binds the parameters that the function takes beside the item, by name: a literal, a Go constant, `$param`, or a [shared resource](#shared-resources), `$name`. Text that begins with a dollar is written `$$`."},
		func(s *Stage) any { return &s.Args }},
	{key{name: "chunk", kinds: numberKind | wordKind | paramKind, words: []string{"auto"}, min: 1, verbs: workerVerbs, example: "chunk: 16",
		defaults: "auto",
		doc:      "How many items a worker takes at a time; `auto` chooses by the measured cost of an item."},
		func(s *Stage) any { return &s.Chunk }},
	{key{name: "fuse", kinds: boolKind | wordKind, words: []string{"auto"}, verbs: workerVerbs, example: "fuse: false",
		defaults: "auto",
		doc:      "Whether this stage runs in the workers of the stage above, without a queue between them: `true` forces it, `false` keeps them apart, `auto` does it where both have `workers: auto`, and in worker processes where this stage has no `timeout` and the same `on_error` too: when a process dies it is not known in which of its stages."},
		func(s *Stage) any { return &s.Fuse }},
	{key{name: "processes", kinds: mappingKind, verbs: modeVerbs, example: "processes: {memory_limit: 1GiB}", needs: "mode: processes",
		defaults: "that of the top",
		doc:      "How the worker processes of this stage are started and supervised. What it leaves out is as at the top, also inside `restart` and `on_crash`; `env` is added to that of the top."},
		func(s *Stage) any { return &s.Process }},
	{key{name: "command", kinds: listKind, verbs: commandVerbs, example: "command: [python3, transcode.py]", needs: "mode: processes",
		perStage: "it belongs to the function of one stage",
		doc:      "A program in any language, and its arguments, that runs in place of a Go function. The verb then names a Go func type, whose signature says what the program takes and gives: `type Transcode func(Job) (Video, error)`. Items and results are lines of JSON on its standard input and output. It is started without a shell; a relative path begins in the working directory."},
		func(s *Stage) any { return &s.Command }},
	{key{name: "codec", kinds: wordKind, words: []string{"auto", "json"}, verbs: modeVerbs, example: "codec: json", needs: "mode: processes",
		defaults: "auto",
		doc:      "How items cross to worker processes and back: `auto` is code generated for their types, `json` is `encoding/json`, as a `command` always has it."},
		func(s *Stage) any { return &s.Codec }},
}

// stageKeysOf returns the keys that a verb takes beside itself.
func stageKeysOf(v Verb) []*key {
	return slices.DeleteFunc(keysOf(stageKeys), func(k *key) bool { return !slices.Contains(k.verbs, v) })
}
