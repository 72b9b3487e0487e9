package gen

import (
	"fmt"
	"go/types"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// planStage finds the function and the types of one stage. The stages that it reads are done, but for those
// whose items come back to it.
func (p *planner) planStage(n *node) {
	s := n.Spec
	defer func() { n.planned = true }()
	item := p.arriving(n, NoSide)
	n.OnError = onErrors[s.OnError.Value]
	n.Timeout = p.duration(s.Timeout)
	p.planProcess(n)
	n.source = n
	if n.Verb == "" {
		return
	}
	switch n.Verb {
	case spec.BatchVerb:
		p.planBatch(n, item)
	case spec.Unbatch:
		p.planUnbatch(n, item)
	case spec.ReduceV:
		p.planReduce(n, item)
	case spec.ZipV:
		p.planZip(n)
	case spec.JoinV:
		p.planJoin(n)
	default:
		p.planCall(n, item)
	}
	p.planCalls(n)
	if n.Out == nil && n.Verb != spec.Sink || n.In == nil && n.Verb != spec.Source {
		n.failed = true
	}
	if n.passes() && len(n.from) > 0 {
		n.source = n.first().maker()
	}
	for _, o := range n.Outputs {
		o.Type = n.Out
		if o.Failed {
			o.Type = n.In
		}
	}
	if n.failed {
		return
	}
	p.checkNameable(n)
	p.planPartition(n)
}

// onErrors are the error policies by their words.
var onErrors = map[string]OnError{"skip": Skip, "yield": Yield, "dead_letter": DeadLetter, "route": Route}

// passes says whether the items that leave n are those that came, or made of them, by no function's doing.
func (n *node) passes() bool {
	switch n.Verb {
	case spec.Filter, spec.Tap, spec.BatchVerb, spec.Unbatch, spec.SwitchV:
		return true
	}
	return false
}

// checkNameable reports items that generated code cannot write the type of.
func (p *planner) checkNameable(n *node) {
	for _, t := range []types.Type{n.In, n.Out} {
		if t == nil || t == n.In && len(n.from) > 0 {
			continue
		}
		if problem := p.unnameable(t); problem != "" {
			n.failed = true
			p.report(spec.Diagnostic{
				Code:    codeUnnameable,
				Span:    nameSpan(n.Spec),
				Message: fmt.Sprintf("generated code cannot name the items of %q, %s: %s", n.Name, p.typ(t), problem),
				Help:    "declare a function here that gives them an exported type, or an interface",
			})
			return
		}
	}
}

// known returns the edges of one side of n whose types are known: not those of stages that come later,
// whose items come back. It says false where one that should be is not.
func (n *node) known(side Side) (edges []edge, ok bool) {
	for _, e := range n.from {
		switch {
		case e.side != side || !e.node.planned:
		case e.Type == nil || e.node.failed:
			return nil, false
		default:
			edges = append(edges, e)
		}
	}
	return edges, true
}

// arriving returns the type of the items that n reads on one side: nil where it is not known, or where
// several stages write different types and n's function has the last word.
func (p *planner) arriving(n *node, side Side) types.Type {
	edges, ok := n.known(side)
	if !ok || len(edges) == 0 || mixed(edges) {
		return nil
	}
	return edges[0].Type
}

// mixed says whether the types of edges differ.
func mixed(edges []edge) bool {
	return slices.ContainsFunc(edges, func(e edge) bool { return !types.Identical(e.Type, edges[0].Type) })
}

// mixes says whether the outputs that n reads on one side are all known and differ in type.
func (n *node) mixes(side Side) bool {
	edges, ok := n.known(side)
	return ok && mixed(edges)
}

// planCall plans a stage whose verb takes a function of one item.
func (p *planner) planCall(n *node, item types.Type) {
	u := use{stage: n, role: role(n.Verb), ref: n.Spec.Func, args: n.Spec.Args, pair: n.Pair}
	if n.Verb != spec.Source {
		u.items = []types.Type{item}
	}
	if n.Pair {
		u.items = append(u.items, errorType)
	}
	b := p.bind(u)
	if b == nil {
		n.failed = true
		return
	}
	n.Call = b.Call
	if n.Verb == spec.Source {
		n.Out = b.out
		return
	}
	n.In = p.enter(n, NoSide, b.in[0], b.Call, n.Spec.Func)
	if n.Pair && !types.AssignableTo(errorType, b.in[1]) {
		n.failed = true
		p.report(spec.Diagnostic{
			Code:    codeMismatch,
			Span:    n.Spec.Func.Span,
			Message: fmt.Sprintf("%q reads failed items, each with its error, but takes %s second", n.Name, article(p.typ(b.in[1]))),
			Label:   "takes " + p.typ(b.in[1]),
			Where:   where(b.Pos),
			Help:    "its second parameter is an error",
		})
	}
	switch n.Verb {
	case spec.Filter, spec.Tap:
		n.Out = n.In
	case spec.SwitchV:
		n.Out = n.In
		p.planSwitch(n, b.out)
	case spec.Sink:
	default:
		n.Out = b.out
	}
}

// enter returns the type of the items as they arrive at a function whose parameter is param, and reports
// those that it cannot take.
func (p *planner) enter(n *node, side Side, param types.Type, call *Call, ref spec.Ref) types.Type {
	if n.caller {
		return param
	}
	edges, known := n.known(side)
	for _, e := range n.on(side) {
		if e.node.planned && !e.node.failed && e.Type != nil && !types.AssignableTo(e.Type, param) {
			p.mismatch(n, e, param, call, ref)
			n.failed, known = true, false
		}
	}
	switch {
	case !known || len(edges) == 0:
		return nil
	case mixed(edges):
		return param // the queue's elements are the reader's
	}
	return edges[0].Type
}

// checkReturning reports what comes back to a stage that does not take it. All types are known.
func (p *planner) checkReturning(order []*node) {
	for i, n := range order {
		for _, e := range n.from {
			if n.failed || e.node.failed || !slices.Contains(order[i:], e.node) || n.In == nil || types.AssignableTo(e.Type, n.In) {
				continue
			}
			n.failed = true
			d := spec.Diagnostic{
				Code:    codeMismatch,
				Span:    e.link.span,
				Message: fmt.Sprintf("%q emits %s but %q takes %s", e.title(), p.typ(e.Type), n.Name, p.typ(n.In)),
				Label:   fmt.Sprintf("%s comes back here", p.typ(e.Type)),
				Notes:   p.provenance(e.port),
				Help:    p.remedy(n, e.port, n.In),
			}
			p.report(d)
		}
	}
}

// passive returns the type of the items at a stage that has no function to take them.
func (p *planner) passive(n *node, item types.Type) types.Type {
	d := spec.Diagnostic{Span: n.Spec.VerbSpan}
	switch {
	case n.caller && !n.failed:
		d.Code = codeOpenType
		d.Message = fmt.Sprintf("nothing says what items %q takes from the caller", n.Name)
		d.Help = "begin with a stage that has a function: a tap will do"
	case n.mixes(NoSide):
		d.Code = codeMergeTypes
		d.Message = fmt.Sprintf("%q reads %s", n.Name, p.writes(n))
		d.Notes = []string{fmt.Sprintf("a %s has no function whose parameter would say what they have in common", n.Verb)}
		d.Help = "merge them in a stage with a function: a tap will do"
	default:
		if item == nil {
			n.failed = true
		}
		return item
	}
	n.failed = true
	p.report(d)
	return nil
}

// writes lists the outputs that n reads with their types: `int from "a" and string from "b"`.
func (p *planner) writes(n *node) string {
	var parts []string
	for _, e := range n.from {
		parts = append(parts, fmt.Sprintf("%s from %q", p.typ(e.Type), e.title()))
	}
	return andList(parts)
}

func (p *planner) planBatch(n *node, item types.Type) {
	n.Batch = &Batch{}
	if b := n.Spec.Batch; b != nil {
		n.Batch.Size, n.Batch.MaxWait = p.number(b.Size), p.duration(b.MaxWait)
	}
	if n.In = p.passive(n, item); n.In != nil {
		n.Out = types.NewSlice(n.In)
	}
}

func (p *planner) planUnbatch(n *node, item types.Type) {
	if n.In = p.passive(n, item); n.In == nil {
		return
	}
	if slice, ok := n.In.Underlying().(*types.Slice); ok {
		n.Out = slice.Elem()
		return
	}
	n.failed = true
	p.report(spec.Diagnostic{
		Code:    codeUnbatch,
		Span:    n.Spec.VerbSpan,
		Message: fmt.Sprintf("%q emits %s but %q takes slices apart", n.from[0].title(), p.typ(n.In), n.Name),
		Label:   "takes a slice",
		Notes:   p.provenance(n.from[0].port),
		Help:    "remove it, or use flat_map with a function that takes the item apart",
	})
}
