package threads

// putter is what elements are put into: put blocks until there is room and returns false, without having put
// e, when the run has stopped. When it returns true e is visible to its reader.
type putter[E any] interface{ put(e E) bool }

// hand is a putter for an output that is more than one plain queue: wiring says where each element goes.
type hand[E any] func(e E) bool

func (h hand[E]) put(e E) bool { return h(e) }
