package gen

import (
	"fmt"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// This file proves that no zip waits for itself.
//
// A stage waits for items of the stages above it, or for room in the queues below it. Only two kinds of stages
// turn one kind of waiting into the other: a stage with several readers that waits for room before one of them
// hands the others nothing, and a zip that lacks the items of one input takes none of the other. So a circle
// of waiting leads from a zip upwards, along what it lacks, to a split, from there down along full queues to a
// zip, and so on until it is back at the first one. Say the split is numbers, which even filters:
//
//	numbers → {even → add, double → add}
//
//	add waits for items of even, even for items of numbers,
//	numbers waits for room before double, double for room before add
//
// As long as each stage passes on as many items as it gets, one item on the way up stands for one on the way
// down, and nobody lacks what another has too much of. So there has to be a stage on the way that drifts: one
// that may pass on fewer items than it gets, where it is lacked; or more, where its queue is full. And the
// queues on the way down have to be bounded and make their writers wait.

// maxSteps bounds the search in graphs that no human wrote.
const maxSteps = 100_000

// A drift is a stage that may change the number of items, and how. The zero drift is none.
type drift struct {
	by  *node
	why string
}

// or returns d, or the drift of n where there is none yet.
func (d drift) or(n *node, why string) drift {
	if d.by == nil && why != "" {
		return drift{n, why}
	}
	return d
}

// A search looks for circles of waiting that begin at a zip which lacks the items of one side.
type search struct {
	p     *planner
	zip   *node
	lacks Side
	path  []string       // the circle so far, in words
	on    map[*node]bool // stages of the path
	split *node          // the first one that holds up others
	turns int
	steps int
	found map[*node]bool // zips of circles that are reported
}

// checkDeadlocks reports zips that may wait for themselves, each circle of waiting once.
func (p *planner) checkDeadlocks(order []*node) {
	s := &search{p: p, on: make(map[*node]bool), found: make(map[*node]bool)}
	for _, n := range order {
		if n.Verb != spec.ZipV || n.circle != nil || len(n.on(Left)) != 1 || len(n.on(Right)) != 1 { // else reported
			continue
		}
		s.zip, s.on[n] = n, true
		for _, side := range []Side{Left, Right} {
			s.lacks = side
			if !s.found[n] && s.lacking(n.on(side)[0], drift{}, false) {
				break
			}
		}
		delete(s.on, n)
	}
}

// walk calls next while n is on the path. It returns false where n is on it already.
func (s *search) walk(n *node, step string, next func() bool) bool {
	s.steps++
	if s.on[n] || s.steps > maxSteps {
		return false
	}
	s.on[n] = true
	s.path = append(s.path, step)
	found := next()
	s.path = s.path[:len(s.path)-1]
	delete(s.on, n)
	return found
}

// lacking follows e upwards: its reader waits for items or, where a reduce below waits for the end of its
// input, for that.
func (s *search) lacking(e edge, d drift, end bool) bool {
	n := e.node
	d = d.or(e.reader, dropped(e))
	what := "items"
	if end {
		what = "the end"
	}
	return s.walk(n, fmt.Sprintf("%q waits for %s of %q", e.reader.Name, what, e.title()), func() bool {
		for _, o := range n.ports {
			for _, out := range o.outlets() {
				if o == e.port && out.queue == e.queue && out.side == e.side && out.readers[0] == e.reader {
					continue
				}
				s.turn(n, 1)
				held := s.full(n, out, d.or(n, uneven(e.port, o)))
				s.turn(n, -1)
				if held {
					return true
				}
			}
		}
		end := end || n.Verb == spec.ReduceV
		if len(n.from) > 1 && n.Verb != spec.ZipV && !end {
			return false // one of the others may bring what it lacks
		}
		for _, up := range n.from {
			if s.lacking(up, d.or(n, fewer(n, e.port)), end) {
				return true
			}
		}
		return false
	})
}

func (s *search) turn(n *node, by int) {
	if s.turns == 0 {
		s.split = n
	}
	s.turns += by
}

// full follows an outlet of n downwards: n waits for room there.
func (s *search) full(n *node, out outlet, d drift) bool {
	r := out.readers[0]
	if len(out.readers) > 1 || !r.holdsUp(out.side) {
		return false
	}
	step := fmt.Sprintf("%q waits for room before %q", n.Name, r.Name)
	if r == s.zip {
		if out.side == s.lacks || d.by == nil {
			return false
		}
		s.report(d, append(s.path, step))
		return true
	}
	return s.walk(r, step, func() bool {
		for _, o := range r.ports {
			for _, below := range o.outlets() {
				if s.full(r, below, d.or(r, more(r))) {
					return true
				}
			}
		}
		if r.Verb != spec.ZipV {
			return false
		}
		for _, e := range r.from {
			if e.side != out.side && s.lacking(e, d, false) {
				return true
			}
		}
		return false
	})
}

// holdsUp says whether the queue of n, or of one side of it, makes its writers wait when n does not read.
func (n *node) holdsUp(side Side) bool {
	s := n.settings(side)
	blocks := s == nil || !s.Unlimited && (!s.OnFull.IsSet() || s.OnFull.Value == "block")
	return blocks && n.Verb != spec.ReduceV // which reads to the end whatever its readers do
}

// dropped says how items get lost in the queue of e, "" where they do not. Those that go to other readers of it are
// no matter here: a zip below is refused, since its positions would mean nothing.
func dropped(e edge) string {
	if s := e.reader.settings(e.side); s != nil && (s.OnFull.Value == "drop_newest" || s.OnFull.Value == "drop_oldest") {
		return "drops items when its queue is full"
	}
	return ""
}

// fewer says how n may pass on fewer items by o than it gets, "" where it does not.
func fewer(n *node, o *port) string {
	switch {
	case o.Failed:
		return "sends on that way only what fails"
	case n.Verb == spec.SwitchV:
		return "sends only some of its items there"
	case o.FanOut == RoundRobin || o.FanOut == Hash:
		return "shares its items out among its readers"
	case n.Verb == spec.Filter || n.Verb == spec.FilterMap:
		return "filters"
	case n.Verb == spec.BatchVerb:
		return "collects many items in one"
	case n.Verb == spec.ReduceV:
		return "emits at the end of its input"
	case n.Verb == spec.JoinV:
		return "joins by key"
	case n.OnError == Skip || n.OnError == DeadLetter || n.OnError == Route:
		return fmt.Sprintf("passes on no item that fails, on_error: %s", n.Spec.OnError.Value)
	case n.letters():
		return "passes on no item that kills its worker, in_flight: dead_letter"
	}
	return more(n)
}

// more says how n may pass on more items than it gets, "" where it does not.
func more(n *node) string {
	switch n.Verb {
	case spec.FlatMap, spec.Unbatch:
		return "makes any number of items out of one"
	case spec.JoinV:
		return "joins by key"
	}
	return ""
}

// uneven says how two ways that begin at the ports a and b of a stage may get different numbers of items, ""
// where they do not.
func uneven(a, b *port) string {
	switch {
	case a != b:
		return "sends items to one port or the other as they come"
	case a.FanOut == Hash:
		return "shares its items out by a key"
	}
	return ""
}

func (s *search) report(d drift, path []string) {
	z := s.zip
	for n := range s.on {
		s.found[n] = true
	}
	message := fmt.Sprintf("%q would stand still: both its inputs come from %q, and %q %s", z.Name, s.split.Name, d.by.Name, d.why)
	if s.turns > 1 {
		message = fmt.Sprintf("%q would stand still, waiting for itself: %q %s", z.Name, d.by.Name, d.why)
	}
	s.p.report(spec.Diagnostic{
		Code:    codeDeadlock,
		Span:    z.Spec.VerbSpan,
		Message: message,
		Label:   "pairs by position",
		Notes: []string{
			fmt.Sprintf("%s: %q is here", s.p.at(nameSpan(d.by.Spec)), d.by.Name),
			"in the end " + strings.Join(path, ", "),
		},
		Help: s.p.unbound(z) + ", if memory allows; or join by a key, which needs no equal numbers",
	})
}

// unbound says how to give the inputs of a zip queues without bound.
func (p *planner) unbound(z *node) string {
	var names []string
	for _, side := range []Side{Left, Right} {
		if q := z.shared(side); q != nil {
			names = append(names, fmt.Sprintf("the queue %q", q.name))
		}
	}
	help := fmt.Sprintf("write queue: {capacity: unlimited} at %q", z.Name)
	switch len(names) {
	case 0:
		return help
	case 1:
		return help + " and capacity: unlimited at " + names[0]
	}
	return "write capacity: unlimited at " + andList(names)
}
