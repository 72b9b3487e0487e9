package spec

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
	{row[Stage]{key{name: "switch", kinds: funcKind, example: "switch: Page.Kind\ncases: {html: pages, pdf: papers}\ndefault: others",
		doc: "Sends each item to the port that `cases` gives for the function's result. Stages read a port with `from: kind.pages`."},
		stageFunc}, SwitchV, []string{"T → K"}},
	{row[Stage]{key{name: "zip", kinds: mappingKind, example: "zip: {inputs: [names, sizes], with: Label}",
		doc: "Puts the items of two stages together by position: the first with the first, and so on. Where one has more, the rest is dropped and counted as filtered. Both inputs must arrive in order."},
		func(s *Stage) any { return s }}, ZipV, []string{"(A, B) → Out"}},
	{row[Stage]{key{name: "join", kinds: mappingKind, example: "join: {left: {from: orders, key: Order.User}, right: {from: users, key: User.ID}, with: Bill, max_items: 1000}",
		doc: "Puts items of two stages together whose keys are equal, each with each (an inner join, many to many). Of each side the last `max_items` are remembered; the oldest is forgotten first and counted as filtered."},
		func(s *Stage) any { return s }}, JoinV, []string{"(A, B) → Out"}},
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

// zipKeys are the keys of zip.
var zipKeys = []row[Stage]{
	{key{name: "inputs", kinds: listKind, items: 2, required: true, check: checkSource, example: "inputs: [names, sizes]",
		doc: "The two inputs, each named as in `from`."},
		func(s *Stage) any { return &part(&s.Zip).Inputs }},
	{key{name: "with", kinds: funcKind, required: true, example: "with: Label",
		doc: "Makes one item of two: `(A, B) → Out`."},
		stageFunc},
}

// joinKeys are the keys of join.
var joinKeys = []row[Stage]{
	{key{name: "left", kinds: mappingKind, required: true, example: "left: {from: orders, key: Order.User}",
		doc: "The stage whose items are the function's first, named as in `from`, and the function that gives an item's key: `A → K`."},
		func(s *Stage) any { return &part(&s.Join).Left }},
	{key{name: "right", kinds: mappingKind, required: true, example: "right: {from: users, key: User.ID}",
		doc: "The same for the function's second: `B → K`."},
		func(s *Stage) any { return &part(&s.Join).Right }},
	{key{name: "with", kinds: funcKind, required: true, example: "with: Bill",
		doc: "Makes one item of two whose keys are equal: `(A, B) → Out`."},
		stageFunc},
	{key{name: "max_items", kinds: numberKind | paramKind, min: 1, required: true, example: "max_items: 1000",
		doc: "How many items of each side are remembered."},
		func(s *Stage) any { return &part(&s.Join).MaxItems }},
}

// joinSideKeys are the keys of left and right.
var joinSideKeys = []row[JoinSide]{
	{key{name: "from", kinds: nameKind, required: true, check: checkSource, example: "from: orders",
		doc: "The stage, port or queue that is read."},
		func(j *JoinSide) any { return &j.From }},
	{key{name: "key", kinds: funcKind, required: true, example: "key: Order.User",
		doc: "Gives an item's key."},
		func(j *JoinSide) any { return &j.Key }},
}

// part returns what p points to, made where it is nil.
func part[T any](p **T) *T {
	if *p == nil {
		*p = new(T)
	}
	return *p
}
