package oracle

import (
	"fmt"
	"slices"

	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
)

// Stream is what goes over an edge or arrives at an end, and how much of that is fixed.
type Stream struct {
	Elems  []Elem
	Order  Order
	Key    Key // with PerKey
	Extent Extent
	Loose  bool // it consists of batches, and where one ends and the next begins is not fixed
	Apart  bool // errors are not in the place of their items
}

// Elem is an item, or an error in its place.
type Elem struct {
	Value rig.Value
	Err   string // token of the error; "" for an item
	Index int    // in the caller's input, below a pool
}

// Order says what is fixed of the order.
type Order int

// From all to nothing.
const (
	Sequence Order = iota
	PerKey
	Multiset
)

// Extent says how much of the stream really comes.
type Extent int

// The extents: all of it; where the run ends early, a part from the beginning, of each key or of all in no order; any part of it in
// the same order; anything at all.
const (
	Whole Extent = iota
	Prefix
	Part
	Anything
)

// clone is s with elements of its own.
func (s *Stream) clone() *Stream {
	c := *s
	c.Elems = slices.Clone(s.Elems)
	return &c
}

// like is a stream without elements that guarantees what s does.
func (s *Stream) like() *Stream {
	c := *s
	c.Elems = nil
	return &c
}

// mergeStreams is what comes of several streams in no order across them.
func mergeStreams(all []*Stream) *Stream {
	if len(all) == 1 {
		return all[0].clone()
	}
	m := &Stream{Order: Multiset}
	for _, s := range all {
		m.Elems = append(m.Elems, s.Elems...)
		m.Extent = max(m.Extent, s.Extent)
		m.Loose = m.Loose || s.Loose
	}
	return m
}

// token is what an element is compared by.
func (e Elem) token() string {
	if e.Err != "" {
		return e.Err
	}
	return e.Value.String()
}

// errToken is the token of the error that the item of the identity meets in a stage.
func errToken(stage string, identity uint64) string { return fmt.Sprintf("!%s:%x", stage, identity) }

// keyOf is the group of PerKey that v belongs to.
func keyOf(k Key, v rig.Value) int {
	if k == HalfKey {
		return rig.Half(v.Item)
	}
	return v.Item.Key
}

// group is a part of a stream that is compared by itself.
type group struct {
	name    string
	ordered bool
	tokens  []string
}

// groups are the parts of elems, which are some of those of s or what was seen instead.
func (s *Stream) groups(elems []Elem) map[string]*group {
	all := make(map[string]*group)
	add := func(name string, ordered bool, token string) {
		if all[name] == nil {
			all[name] = &group{name: name, ordered: ordered}
		}
		all[name].tokens = append(all[name].tokens, token)
	}
	for _, e := range elems {
		switch {
		case s.Order == Multiset:
			s.each(e, func(_ rig.Value, token string) { add("all", false, token) })
		case e.Err != "" && (s.Order == PerKey || s.Apart || s.Loose):
			add("errors", false, e.Err)
		case s.Order == PerKey:
			s.each(e, func(v rig.Value, token string) { add(fmt.Sprint("key ", keyOf(s.Key, v)), true, token) })
		default:
			s.each(e, func(_ rig.Value, token string) { add("all", true, token) })
		}
	}
	return all
}

// each calls f for e, or for each item of a batch whose bounds are not fixed.
func (s *Stream) each(e Elem, f func(v rig.Value, token string)) {
	if e.Err != "" || !s.Loose {
		f(e.Value, e.token())
		return
	}
	for _, i := range e.Value.Items() {
		f(rig.Value{Item: i}, i.String())
	}
}

// compare says in what way the elements that were seen are not those of s; "" if they are.
func (s *Stream) compare(seen []Elem) string {
	if s.Extent == Anything {
		return ""
	}
	want, got := s.groups(s.Elems), s.groups(seen)
	for name, g := range got {
		w := want[name]
		if w == nil {
			return fmt.Sprintf("%s: %d that were not expected: %.500v", name, len(g.tokens), g.tokens)
		}
		if problem := s.compareGroup(w, g); problem != "" {
			return name + ": " + problem
		}
	}
	if s.Extent == Whole {
		for name, w := range want {
			if got[name] == nil {
				return fmt.Sprintf("%s: all missing: %.500v", name, w.tokens)
			}
		}
	}
	return ""
}

func (s *Stream) compareGroup(want, got *group) string {
	w, g := want.tokens, got.tokens
	if !want.ordered {
		w, g = slices.Sorted(slices.Values(w)), slices.Sorted(slices.Values(g))
	}
	// Without an order, a part from the beginning may be any part.
	part := s.Extent == Part || s.Extent == Prefix && !want.ordered
	i := 0
	for _, token := range g {
		for part && i < len(w) && w[i] != token {
			i++
		}
		if i == len(w) || w[i] != token {
			return fmt.Sprintf("%s was not expected here, after %d\nwant %.2000v\ngot  %.2000v", token, i, w, g)
		}
		i++
	}
	if s.Extent == Whole && i < len(w) {
		return fmt.Sprintf("%d are missing\nwant %.2000v\ngot  %.2000v", len(w)-i, w, g)
	}
	return ""
}
