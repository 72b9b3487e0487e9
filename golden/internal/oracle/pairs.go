package oracle

import (
	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/golden/internal/oracle/rig"
	"github.com/pipegen/pipegen/spec"
)

// pairs interprets a zip or join.
type pairs struct {
	*interpreter
	s           *gen.Stage
	n           *Node
	left, right *Stream
	out         *Stream
	counts      Counts
	failed      bool
}

func (in *interpreter) pairs(s *gen.Stage, n *Node, left, right *Stream) *pairs {
	p := &pairs{interpreter: in, s: s, n: n, left: left, right: right}
	in.enters(n, left)
	in.enters(n, right)
	in.inputs[n.ID] = nil // its function gets pairs
	p.out = &Stream{Extent: max(left.Extent, right.Extent)}
	if left.Loose || right.Loose {
		p.anything()
	}
	return p
}

// anything says that nothing is fixed of what comes out.
func (p *pairs) anything() {
	p.out.Extent = Anything
	p.loose[p.n.ID] = true
}

// call calls the stage's function.
func (p *pairs) call(a, b rig.Value) {
	if p.Total > tooMany {
		return
	}
	v := rig.Pair(p.n.ID, a, b)
	p.inputs[p.n.ID] = append(p.inputs[p.n.ID], v.Identity())
	p.Total++
	ok, attempts := p.outcome(p.s, p.n, v.Identity())
	p.counts.Retries += attempts - 1
	if ok {
		p.counts.Out++
		p.out.Elems = append(p.out.Elems, Elem{Value: v})
		return
	}
	p.failed = true
	p.counts.Failed++ // the item in hand of a join, both of a zip
	if p.s.Verb == spec.ZipV {
		p.counts.Failed++
	}
	token := errToken(p.s.Name, v.Identity())
	switch p.s.OnError {
	case gen.Stop:
		p.fatal(token, p.out)
	case gen.Yield:
		p.out.Elems = append(p.out.Elems, Elem{Err: token})
	}
}

// finish hands on what has come out.
func (p *pairs) finish(known bool) {
	p.counts.In = len(items(p.left)) + len(items(p.right))
	p.counts.Done = p.counts.In - p.counts.Filtered - p.counts.Failed
	if known && !p.early && p.out.Extent == Whole {
		p.Stats[p.s.Name] = &p.counts
	}
	p.deliver(p.s.Outputs[0], p.out)
}

func items(s *Stream) (all []rig.Value) {
	for _, e := range s.Elems {
		if e.Err == "" {
			all = append(all, e.Value)
		}
	}
	return all
}

// zip pairs by position. An error on its way to the open end has one, too, and its partner gets lost.
func (in *interpreter) zip(s *gen.Stage, n *Node) {
	g := in.groups[s]
	p := in.pairs(s, n, in.queue(g.In, gen.Left), in.queue(g.In2, gen.Right))
	if p.left.Order != Sequence || p.right.Order != Sequence || p.out.Extent == Part || p.left.Apart || p.right.Apart {
		p.anything()
	}
	for i := range max(len(p.left.Elems), len(p.right.Elems)) {
		var pair []Elem
		whole := true
		for _, from := range []*Stream{p.left, p.right} {
			if i < len(from.Elems) {
				pair = append(pair, from.Elems[i])
			}
		}
		for _, e := range pair {
			whole = whole && e.Err == ""
		}
		if whole && len(pair) == 2 {
			p.call(pair[0].Value, pair[1].Value)
			continue
		}
		for _, e := range pair {
			if e.Err != "" {
				p.out.Elems = append(p.out.Elems, e)
			} else {
				p.counts.Filtered++
			}
		}
	}
	p.finish(true)
}

// join pairs by key. A pair that fails keeps the item that came later from meeting others, now or later: which one
// that is, is not fixed.
func (in *interpreter) join(s *gen.Stage, n *Node) {
	g := in.groups[s]
	p := in.pairs(s, n, in.queue(g.In, gen.Left), in.queue(g.In, gen.Right))
	p.out.Order = Multiset
	most := int(s.Join.MaxItems.Lit.(int64))
	for _, from := range []*Stream{p.left, p.right} {
		if len(items(from)) > most {
			p.out.Extent = max(p.out.Extent, Part)
		}
		for _, e := range from.Elems {
			if e.Err != "" {
				p.out.Elems = append(p.out.Elems, e)
			}
		}
	}
	for _, a := range items(p.left) {
		for _, b := range items(p.right) {
			if keyOf(n.Key, a) == keyOf(n.Key, b) {
				p.call(a, b)
			}
		}
	}
	if p.failed {
		p.out.Extent = max(p.out.Extent, Part)
	}
	p.finish(!p.failed)
}
