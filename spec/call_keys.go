package spec

// retryKeys are the keys of retry, and of an entry of retries.
var retryKeys = []row[Retry]{
	{key{name: "max_attempts", kinds: numberKind | paramKind, min: 1, required: true, example: "max_attempts: 5",
		doc: "How many attempts there are at most, the first included."},
		func(r *Retry) any { return &r.MaxAttempts }},
	{key{name: "when", kinds: funcKind, example: "when: IsTemporary",
		defaults: "every error",
		doc:      "Says whether an error is worth another attempt: `error → bool`."},
		func(r *Retry) any { return &r.When }},
	{key{name: "backoff", kinds: mappingKind, example: "backoff: {initial: 1s, max: 1m}",
		defaults: "100ms, doubled up to 10s",
		doc:      "How long to wait between attempts."},
		func(r *Retry) any { return &r.Backoff }},
}

// backoffKeys are the keys of backoff.
var backoffKeys = []row[Backoff]{
	{key{name: "initial", kinds: durationKind | paramKind, example: "initial: 1s",
		defaults: "100ms",
		doc:      "The wait before the second attempt."},
		func(b *Backoff) any { return &b.Initial }},
	{key{name: "max", kinds: durationKind | paramKind, example: "max: 1m",
		defaults: "10s",
		doc:      "The longest wait."},
		func(b *Backoff) any { return &b.Max }},
	{key{name: "multiplier", kinds: floatKind | paramKind, min: 1, example: "multiplier: 1.5",
		defaults: "2",
		doc:      "By how much each wait is longer than the one before."},
		func(b *Backoff) any { return &b.Multiplier }},
	{key{name: "jitter", kinds: floatKind | paramKind, max: 1, example: "jitter: 0.5",
		defaults: "0.2",
		doc:      "The share of a wait by which it is made longer or shorter at random, so that calls which failed together do not come back together."},
		func(b *Backoff) any { return &b.Jitter }},
}

// rateLimitKeys are the keys of rate_limit as a mapping.
var rateLimitKeys = []row[RateLimit]{
	{key{name: "rate", kinds: rateKind | paramKind, required: true, example: "rate: 3000/m",
		doc: "How many calls may begin in a second (`/s`), a minute (`/m`) or an hour (`/h`). A param counts calls a second."},
		func(r *RateLimit) any { return r }},
	{key{name: "burst", kinds: numberKind | paramKind, min: 1, example: "burst: 10",
		defaults: "1",
		doc:      "How many calls may begin at once after a pause."},
		func(r *RateLimit) any { return &r.Burst }},
	{key{name: "per", kinds: funcKind, example: "per: Page.Host",
		doc: "Gives the item's key, `T → K`: there is a limit for each key instead of one for all."},
		func(r *RateLimit) any { return &r.Key }},
}

// stateKeys are the keys of state as a mapping.
var stateKeys = []row[State]{
	{key{name: "new", kinds: funcKind, required: true, example: "new: Connect",
		doc: "Makes the state: `(…) → S`, with or without a context and an error."},
		func(s *State) any { return &s.New }},
	{key{name: "args", kinds: mappingKind, example: "args: {url: $url}",
		doc: "Binds the parameters of `new` by name, as [args](#args) does those of the stage's function."},
		func(s *State) any { return &s.Args }},
	{key{name: "scope", kinds: wordKind, words: []string{"worker", "process", "pipeline"}, example: "scope: pipeline",
		defaults: "worker",
		doc:      "Whether each worker has a state of its own, or each process that the stage runs in, or all workers share one. A shared one must bear being used by several goroutines at once. In `mode: processes` a worker is a process, so `worker` and `process` are the same and `pipeline` is refused; in `mode: threads` there is one process, so `process` and `pipeline` are the same."},
		func(s *State) any { return &s.Scope }},
}

// deadLetterKeys are the keys of dead_letter as a mapping.
var deadLetterKeys = []row[DeadLetter]{
	{key{name: "func", kinds: funcKind, required: true, example: "func: SaveLetter",
		doc: "The function."},
		func(l *DeadLetter) any { return &l.Func }},
	{key{name: "args", kinds: mappingKind, example: "args: {path: failed.json}",
		doc: "Binds the function's parameters after the error, by name."},
		func(l *DeadLetter) any { return &l.Args }},
}
