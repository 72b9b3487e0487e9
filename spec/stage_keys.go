package spec

import "slices"

// A verbRow is the row of a verb, with what the manual says of its function.
type verbRow struct {
	row[Stage]
	verb      Verb
	functions []string // shapes of the function without ctx and error; none for batch and unbatch
}

// verbRows are the verbs, in the order of the manual.
var verbRows = []verbRow{
	{row[Stage]{key{name: "source", kinds: funcKind, example: "source: ReadURLs",
		doc: "Produces items. A pipeline may have several sources; one without any takes its items from the caller."},
		stageFunc}, Source, []string{"() → iter.Seq[T]", "() → iter.Seq2[T, error]", "() → []T", "() → <-chan T", "(emit func(T) error)"}},
	{row[Stage]{key{name: "map", kinds: funcKind, example: "map: Fetch",
		doc: "Turns each item into one other."},
		stageFunc}, Map, []string{"In → Out"}},
	{row[Stage]{key{name: "filter", kinds: funcKind, example: "filter: IsHTML",
		doc: "Keeps the items for which the function says true."},
		stageFunc}, Filter, []string{"T → bool"}},
	{row[Stage]{key{name: "filter_map", kinds: funcKind, example: "filter_map: ParseLine",
		doc: "Turns each item into one other or, where the second result is false, into none."},
		stageFunc}, FilterMap, []string{"In → (Out, bool)"}},
	{row[Stage]{key{name: "flat_map", kinds: funcKind, example: "flat_map: Links",
		doc: "Turns each item into any number of others."},
		stageFunc}, FlatMap, []string{"In → []Out", "In → iter.Seq[Out]", "In → iter.Seq2[Out, error]", "(In, emit func(Out) error)"}},
	{row[Stage]{key{name: "tap", kinds: funcKind, example: "tap: LogPage",
		doc: "Calls the function for its side effect; the item goes on unchanged."},
		stageFunc}, Tap, []string{"T → nothing"}},
	{row[Stage]{key{name: "batch", kinds: mappingKind, example: "batch: {size: 100, max_wait: 1s}",
		doc: "Collects items into slices. A batch goes on when it is full, when `max_wait` has passed since its first item, or at the end of the input. It is never empty, and each is a slice of its own. Several workers fill batches independently of each other."},
		func(s *Stage) any { return &s.Batch }}, BatchVerb, nil},
	{row[Stage]{key{name: "unbatch", kinds: wordKind, words: []string{"true"}, example: "unbatch: true",
		doc: "Takes slices apart again: `[]T` becomes its elements."},
		func(*Stage) any { return nil }}, Unbatch, nil},
	{row[Stage]{key{name: "reduce", kinds: mappingKind, example: "reduce: {add: Tally, merge: MergeTallies}",
		doc: "Folds all items into one value, which goes on at the end of the input, also of an empty one."},
		func(s *Stage) any { return &s.Reduce }}, ReduceV, nil},
	{row[Stage]{key{name: "sink", kinds: funcKind, example: "sink: Print",
		doc: "Ends a branch. A pipeline with an open end hands its items to the caller."},
		stageFunc}, Sink, []string{"T → nothing"}},
}

func stageFunc(s *Stage) any { return &s.Func }

// findVerb returns the row of the verb with the given name, or nil.
func findVerb(name string) *verbRow {
	for i := range verbRows {
		if verbRows[i].name == name {
			return &verbRows[i]
		}
	}
	return nil
}

// verbKeys are the verbs as keys.
func verbKeys() []*key {
	keys := make([]*key, len(verbRows))
	for i := range verbRows {
		keys[i] = &verbRows[i].key
	}
	return keys
}

// Sets of verbs that take the same keys.
var (
	allVerbs      = []Verb{Source, Map, Filter, FilterMap, FlatMap, Tap, BatchVerb, Unbatch, ReduceV, Sink}
	readingVerbs  = []Verb{Map, Filter, FilterMap, FlatMap, Tap, BatchVerb, Unbatch, ReduceV, Sink}
	functionVerbs = []Verb{Source, Map, Filter, FilterMap, FlatMap, Tap, Sink}
	orderedVerbs  = []Verb{Map, Filter, FilterMap, FlatMap}
)

// stageKeys are the keys of a stage beside its verb.
var stageKeys = []row[Stage]{
	{key{name: "name", kinds: nameKind, verbs: allVerbs, check: checkName, example: "name: fetch",
		perStage: "each stage has a name of its own",
		defaults: "the function's name in lower_snake, the verb where there is none; `_2`, `_3` on repeats",
		doc:      "The stage's name, in `from`, errors and statistics. `(*Scaler).Resize` is called `resize` unless the spec says otherwise."},
		func(s *Stage) any { return &s.Name }},
	{key{name: "from", kinds: nameKind | listKind, verbs: readingVerbs, check: checkName, example: "from: [read_urls, retry_urls]",
		perStage: "it says where one stage stands in the graph",
		defaults: "the stage above",
		doc:      "The stage whose items this one reads, or a list of stages whose items are merged, in no order across them. Required below a `sink`."},
		func(s *Stage) any { return &s.From }},
	{key{name: "workers", kinds: numberKind | wordKind | paramKind, words: []string{"auto"}, min: 1, verbs: readingVerbs, example: "workers: 8",
		defaults: "1",
		doc:      "How many calls of this stage run at the same time. `auto` is GOMAXPROCS. `reduce` takes more than one only with `merge`."},
		func(s *Stage) any { return &s.Workers }},
	{key{name: "queue", kinds: numberKind | mappingKind | paramKind, min: 1, verbs: readingVerbs, example: "queue: 100",
		defaults: "chosen, bounded in items and bytes",
		doc:      "How many items may wait before this stage: a number, or a mapping with `capacity`."},
		func(s *Stage) any { return &s.Queue }},
	{key{name: "ordered", kinds: boolKind, verbs: orderedVerbs, example: "ordered: true",
		defaults: "false",
		doc:      "Whether results leave in the order in which their items came, however long each took. One worker keeps the order anyway."},
		func(s *Stage) any { return &s.Ordered }},
	{key{name: "max_ahead", kinds: numberKind | paramKind, min: 1, verbs: orderedVerbs, example: "max_ahead: 64",
		defaults: "4 × workers × chunk",
		doc:      "With `ordered`: how many items may be taken and not yet passed on, so that one slow item holds up no more than that."},
		func(s *Stage) any { return &s.MaxAhead }},
	{key{name: "timeout", kinds: durationKind | paramKind, verbs: functionVerbs, example: "timeout: 5s",
		doc: "How long one call may take before its context is cancelled. Time blocked in `emit` does not count."},
		func(s *Stage) any { return &s.Timeout }},
	{key{name: "on_error", kinds: wordKind, words: []string{"stop", "skip", "yield"}, verbs: functionVerbs, example: "on_error: skip",
		defaults: "stop",
		doc:      "What an item's error does: `stop` ends the run with it, `skip` drops the item and counts it as failed, `yield` hands the error out of the pipeline's open end in the item's place."},
		func(s *Stage) any { return &s.OnError }},
	{key{name: "args", kinds: mappingKind, verbs: functionVerbs, example: "args: {limit: 10, prefix: $prefix}",
		perStage: "it binds the parameters of one function",
		doc:      "Binds the parameters that the function takes beside the item, by name: a literal, a Go constant, or `$param`. Text that begins with a dollar is written `$$`."},
		func(s *Stage) any { return &s.Args }},
	{key{name: "chunk", kinds: numberKind | wordKind | paramKind, words: []string{"auto"}, min: 1, verbs: readingVerbs, example: "chunk: 16",
		defaults: "auto",
		doc:      "How many items a worker takes at a time; `auto` chooses by the measured cost of an item."},
		func(s *Stage) any { return &s.Chunk }},
	{key{name: "fuse", kinds: boolKind | wordKind, words: []string{"auto"}, verbs: readingVerbs, example: "fuse: false",
		defaults: "auto",
		doc:      "Whether this stage runs in the workers of the stage above, without a queue between them: `true` forces it, `false` keeps them apart, `auto` does it where both have `workers: auto`."},
		func(s *Stage) any { return &s.Fuse }},
}

// batchKeys are the keys of batch.
var batchKeys = []row[Batch]{
	{key{name: "size", kinds: numberKind | paramKind, min: 1, required: true, example: "size: 100",
		doc: "How many items make a full batch."},
		func(b *Batch) any { return &b.Size }},
	{key{name: "max_wait", kinds: durationKind | paramKind, example: "max_wait: 1s",
		defaults: "no limit",
		doc:      "How long the first item of a batch waits for the batch to fill."},
		func(b *Batch) any { return &b.MaxWait }},
}

// reduceKeys are the keys of reduce.
var reduceKeys = []row[Reduce]{
	{key{name: "add", kinds: funcKind, required: true, example: "add: Tally",
		doc: "Adds an item: `(Acc, T) → Acc`."},
		func(r *Reduce) any { return &r.Add }},
	{key{name: "init", kinds: funcKind, example: "init: NewTally",
		defaults: "the zero value",
		doc:      "Makes the value to start from: `() → Acc`."},
		func(r *Reduce) any { return &r.Init }},
	{key{name: "merge", kinds: funcKind, example: "merge: MergeTallies",
		doc: "Joins the values of two workers: `(Acc, Acc) → Acc`."},
		func(r *Reduce) any { return &r.Merge }},
	{key{name: "key", kinds: funcKind, example: "key: Host",
		doc: "Groups the items: `T → K`. One `map[K]Acc` comes out."},
		func(r *Reduce) any { return &r.Key }},
}

// queueKeys are the keys of queue.
var queueKeys = []row[Queue]{
	{key{name: "capacity", kinds: numberKind | wordKind | paramKind, words: []string{"unlimited"}, min: 1, required: true, example: "capacity: 100",
		doc: "How many items may wait, exactly; `unlimited` gives up the bound on memory."},
		func(q *Queue) any { return q }},
}

// stageKeysOf returns the keys that a verb takes beside itself.
func stageKeysOf(v Verb) []*key {
	return slices.DeleteFunc(keysOf(stageKeys), func(k *key) bool { return !slices.Contains(k.verbs, v) })
}
