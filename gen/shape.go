package gen

import (
	"fmt"
	"go/types"

	"github.com/pipegen/pipegen/spec"
)

// A role is what a function is for: its verb, or its part in a stage.
type role string

// The roles beside the verbs.
const (
	addRole   role = "reduce.add"
	initRole  role = "reduce.init"
	mergeRole role = "reduce.merge"
	keyRole   role = "reduce.key"
	stateRole role = "state.new"
	whenRole  role = "retry.when"
	limitRole role = "rate_limit.per"
	deadRole  role = "dead_letter"

	joinKeyRole   role = "a key of join"
	partitionRole role = "partition_by"
	hashRole      role = "fan_out.hash"
	priorityRole  role = "queue.key"
)

// takes says in Go what functions a role takes, apart from context and error.
var takes = map[role]string{
	role(spec.Source):    "func() iter.Seq[T], func() iter.Seq2[T, error], func() []T, func() <-chan T or func(emit func(T) error)",
	role(spec.Map):       "func(In) Out",
	role(spec.Filter):    "func(T) bool",
	role(spec.FilterMap): "func(In) (Out, bool)",
	role(spec.FlatMap):   "func(In) []Out, func(In) iter.Seq[Out], func(In) iter.Seq2[Out, error] or func(In, emit func(Out) error)",
	role(spec.Tap):       "func(T)",
	role(spec.Sink):      "func(T)",
	addRole:              "func(Acc, T) Acc",
	initRole:             "func() Acc",
	mergeRole:            "func(Acc, Acc) Acc",
	keyRole:              "func(T) K",
	stateRole:            "func() S",
	whenRole:             "func(error) bool",
	limitRole:            "func(T) K",
	deadRole:             "func(stage string, item T, err error)",
	role(spec.SwitchV):   "func(T) K",
	role(spec.ZipV):      "func(A, B) Out",
	role(spec.JoinV):     "func(A, B) Out",
	joinKeyRole:          "func(T) K",
	partitionRole:        "func(T) K",
	hashRole:             "func(T) K",
	priorityRole:         "func(T) K",
}

// isPure says whether functions of the role take nothing but the item or error and cannot fail.
func (r role) isPure() bool {
	switch r {
	case partitionRole, hashRole, priorityRole, limitRole, whenRole:
		return true
	}
	return false
}

// items returns how many items a call takes.
func (r role) items() int {
	switch r {
	case role(spec.Source), initRole, stateRole:
		return 0
	case deadRole:
		return 3
	case addRole, mergeRole, role(spec.ZipV), role(spec.JoinV):
		return 2
	}
	return 1
}

// emits says whether functions of the role may take an emit function.
func (r role) emits() bool { return r == role(spec.Source) || r == role(spec.FlatMap) }

// layout says what the parameters of a function are for, by index; −1 where there is none.
type layout struct {
	ctx   int
	state int
	items []int
	rest  []int // the others, emit among them
	emit  int
}

// layOut assigns sig's parameters: [ctx] [state] item [others…], after the receiver of a method, which is the
// state or else an item.
func layOut(u use, sig *types.Signature, method, stated bool) (layout, error) {
	l := layout{ctx: -1, state: -1, emit: -1}
	r, items := u.role, u.role.items()
	if u.pair {
		items = 2
	}
	n, i := sig.Params().Len(), 0
	switch {
	case method && stated:
		l.state = i
		i++
	case method && items == 0:
		return l, fmt.Errorf("there is no item whose method it could be")
	case method:
		l.items = append(l.items, i)
		i++
	}
	if i < n && isContext(sig.Params().At(i).Type()) {
		if r.isPure() {
			return l, fmt.Errorf("it takes a context")
		}
		l.ctx = i
		i++
	}
	if stated && l.state < 0 {
		if i == n {
			return l, fmt.Errorf("it takes no state")
		}
		l.state = i
		i++
	}
	for len(l.items) < items {
		if i == n {
			switch {
			case r == deadRole:
				return l, fmt.Errorf("it does not take the stage's name, the item and its error")
			case u.pair && len(l.items) > 0:
				return l, fmt.Errorf("it takes no error beside the item, and reads failed items with theirs")
			case len(l.items) > 0:
				return l, fmt.Errorf("it takes one value where there are two")
			case stated:
				return l, fmt.Errorf("it takes no item beside the state")
			}
			return l, fmt.Errorf("it takes no item")
		}
		l.items = append(l.items, i)
		i++
	}
	emits := func(i int) bool { return emitType(sig.Params().At(i).Type()) != nil }
	for ; i < n; i++ {
		l.rest = append(l.rest, i)
		named := sig.Params().At(i).Name() == "emit"
		if r.emits() && !hasItems(sig) && emits(i) && (l.emit < 0 || named) {
			l.emit = i
		}
	}
	return l, nil
}

// hasItems says whether sig returns anything beside an error.
func hasItems(sig *types.Signature) bool {
	n := sig.Results().Len()
	return n > 1 || n == 1 && !isError(sig.Results().At(0).Type())
}

// paramType returns the type of what is passed for the parameter: an element where it is variadic.
func paramType(sig *types.Signature, i int) types.Type {
	t := sig.Params().At(i).Type()
	if isVariadic(sig, i) {
		return t.Underlying().(*types.Slice).Elem()
	}
	return t
}

func isVariadic(sig *types.Signature, i int) bool { return sig.Variadic() && i == sig.Params().Len()-1 }

// outcome is what a call gives.
type outcome struct {
	shape Shape
	out   types.Type // nil for none
	err   bool
}

// outcomeOf reads sig's results. The error says what is wrong with them, and the help what to do.
func outcomeOf(r role, sig *types.Signature, l layout) (o outcome, help string, err error) {
	var results []types.Type
	for v := range sig.Results().Variables() {
		results = append(results, v.Type())
	}
	n := len(results)
	if n > 0 && isError(results[n-1]) {
		o.err = true
		n--
		results = results[:n]
	}
	nothing := fmt.Errorf("it returns nothing")
	if o.err {
		nothing = fmt.Errorf("it returns nothing but an error")
	}
	many := fmt.Errorf("it returns %d values", n)
	if o.err {
		many = fmt.Errorf("it returns %d values beside the error", n)
	}
	switch r {
	case role(spec.Source), role(spec.FlatMap):
		if n == 0 && l.emit >= 0 {
			o.shape, o.out = EmitShape, emitType(sig.Params().At(l.emit).Type())
			return o, "", nil
		}
		if n == 0 {
			return o, "return a slice or an iterator, or take emit func(T) error", nothing
		}
		if n > 1 {
			return o, "return one slice or iterator", many
		}
		return sequence(r, o, results[0])
	case role(spec.Tap), role(spec.Sink), deadRole:
		if n == 0 {
			return o, "", nil
		}
		help = "declare a function that calls it and drops the result"
		if r == role(spec.Tap) {
			help = "map passes a result on; or declare a function that drops it"
		}
		if n > 1 {
			return o, help, many
		}
		if o.err {
			return o, help, fmt.Errorf("it returns a value beside the error")
		}
		return o, help, fmt.Errorf("it returns a value")
	case whenRole:
		switch {
		case n == 1 && isBool(results[0]) && !o.err:
			return o, "", nil
		case n == 1 && isBool(results[0]):
			return o, "return false where it cannot tell", fmt.Errorf("it returns an error")
		case n == 1:
			return o, "", fmt.Errorf("it returns no bool")
		}
	case role(spec.Filter):
		switch {
		case n == 1 && isBool(results[0]):
			return o, "", nil
		case n == 2 && isBool(results[1]):
			return o, "use filter_map", many
		case n == 1:
			return o, "use map, if the result is the item to pass on", fmt.Errorf("it returns no bool")
		}
	case role(spec.FilterMap):
		switch {
		case n == 2 && isBool(results[1]):
			o.out = results[0]
			return o, "", nil
		case n == 1 && isBool(results[0]):
			return o, "use filter", fmt.Errorf("it returns one value")
		case n == 1:
			return o, "use map", fmt.Errorf("it returns one value")
		case n == 2:
			return o, "the second result says whether to keep the first", fmt.Errorf("its second result is no bool")
		}
	case limitRole, partitionRole, hashRole, priorityRole:
		if o.err {
			return o, "return a key for each item, such as one for all that have none", fmt.Errorf("it returns an error")
		}
		fallthrough
	default: // map, the parts of reduce, what makes a state
		if n == 1 {
			o.out = results[0]
			return o, "", nil
		}
		switch {
		case r == role(spec.Map) && n == 2 && isBool(results[1]):
			help = "use filter_map"
		case r == role(spec.Map) && n == 0:
			help = "use tap, which passes the item on, or sink at the end"
		case r == addRole && n == 0:
			help = "return the accumulator, also where it is a pointer"
		}
	}
	if n == 0 {
		return o, help, nothing
	}
	return o, help, many
}

// sequence completes o for a source or flat_map that returns t.
func sequence(r role, o outcome, t types.Type) (outcome, string, error) {
	if yield := yieldParams(t); yield != nil {
		switch {
		case yield.Len() == 1:
			o.shape, o.out = SeqShape, yield.At(0).Type()
			return o, "", nil
		case yield.Len() == 2 && isError(yield.At(1).Type()):
			o.shape, o.out = Seq2Shape, yield.At(0).Type()
			return o, "", nil
		}
		return o, "pass one item, or an item and its error", fmt.Errorf("its iterator does not yield items")
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		o.shape, o.out = SliceShape, u.Elem()
		return o, "", nil
	case *types.Chan:
		switch {
		case u.Dir() == types.SendOnly:
			return o, "return <-chan T", fmt.Errorf("nothing can be received from its channel")
		case r == role(spec.Source):
			o.shape, o.out = ChanShape, u.Elem()
			return o, "", nil
		}
		return o, "return an iterator, or take emit func(Out) error", fmt.Errorf("it returns a channel, which only a source may")
	}
	help := "return a slice or an iterator, or take emit func(T) error"
	if r == role(spec.FlatMap) {
		help = "use map for one result an item"
	}
	return o, help, fmt.Errorf("it returns a single value")
}
