package spec

// queueKeys are the keys of queue.
var queueKeys = []row[Queue]{
	{key{name: "capacity", kinds: numberKind | wordKind | paramKind, words: []string{"unlimited"}, min: 1, example: "capacity: 100",
		defaults: "chosen, bounded in items and bytes",
		doc:      "How many items may wait, exactly; `unlimited` gives up the bound on memory."},
		func(q *Queue) any { return q }},
	{key{name: "on_full", kinds: wordKind, words: []string{"block", "drop_newest", "drop_oldest", "fail"}, example: "on_full: drop_oldest",
		defaults: "block",
		doc:      "What happens to an item for which there is no room: its writer waits (`block`), it is dropped (`drop_newest`), the item that has waited longest is dropped for it (`drop_oldest`), or the run ends with an error (`fail`). Dropped items are counted at the reader."},
		func(q *Queue) any { return &q.OnFull }},
	{key{name: "kind", kinds: wordKind, words: []string{"fifo", "lifo", "priority"}, example: "kind: lifo",
		defaults: "fifo",
		doc:      "The order in which items are read: the first come first, the last come first, or the smallest key first. Items of one key keep their order."},
		func(q *Queue) any { return &q.Kind }},
	{key{name: "key", kinds: funcKind, example: "key: Job.Urgency", needs: "kind: priority",
		doc: "With `kind: priority`, and required there: gives an item's key, a number or string."},
		func(q *Queue) any { return &q.Key }},
}

// namedQueueKeys are the keys of an entry of queues.
var namedQueueKeys = append(queueRows(),
	row[NamedQueue]{key{name: "feedback", kinds: boolKind, example: "feedback: true", needs: "capacity: unlimited",
		defaults: "false",
		doc:      "Whether stages that read this queue may write to it, themselves or through others below them. The run ends when the sources are done and nothing is left on that way."},
		func(q *NamedQueue) any { return &q.Feedback }},
	row[NamedQueue]{key{name: "fan_out", kinds: wordKind | mappingKind, words: []string{"broadcast", "round_robin"}, example: "fan_out: round_robin",
		defaults: "readers compete",
		doc:      "As the key of stages: each reader then has a queue of its own, with the capacity given here."},
		func(q *NamedQueue) any { return &q.FanOut }},
)

// queueRows are queueKeys as keys of a named queue.
func queueRows() []row[NamedQueue] {
	var rows []row[NamedQueue]
	for _, r := range queueKeys {
		rows = append(rows, row[NamedQueue]{r.key, func(q *NamedQueue) any { return r.into(&q.Queue) }})
	}
	return rows
}

// fanOutKeys are the keys of fan_out as a mapping.
var fanOutKeys = []row[FanOut]{
	{key{name: "hash", kinds: funcKind, required: true, example: "hash: Page.Host",
		doc: "Gives the key by which the reader is chosen: `T → K`."},
		func(f *FanOut) any { return &f.Hash }},
}
