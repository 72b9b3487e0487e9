package oracle

// Expectation is what a run must come to.
type Expectation struct {
	Ends    map[string]*Stream // by the names of rig: sinks, "out", "dead"
	Results map[int]string     // of a pool's items, or Map's, by index: a token, "filtered", or "" where there is no output
	Stats   map[string]*Counts // by stage, of those whose counters are fixed
	Fatal   map[string]bool    // tokens of the errors that may end the run
	Sure    bool               // one of them does, unless something else ends it
	Errors  map[string]Mark    // by token: what else an error says
	Total   int                // elements that stages take in

	inputs map[int][]uint64 // what reaches each node: the identities of its items
	loose  map[int]bool     // nodes whose items are not fixed
}

// Mark is what an error says of its item: its position, -1 where that is not known, and the number of the attempt.
type Mark struct{ Index, Attempt int }

// Counts are the counters of a stage that are fixed.
type Counts struct{ In, Out, Done, Filtered, Failed, DeadLettered, Retries int }
