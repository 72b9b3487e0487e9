package gen

import (
	"fmt"
	"go/types"

	"github.com/pipegen/pipegen/spec"
)

// planStage finds the function and the types of one stage. The stages that it reads are done.
func (p *planner) planStage(n *node) {
	s := n.Spec
	item := p.arriving(n)
	switch s.OnError.Value {
	case "skip":
		n.OnError = Skip
	case "yield":
		n.OnError = Yield
	case "dead_letter":
		n.OnError = DeadLetter
	case "route":
		n.OnError = Route
	}
	n.Timeout = p.duration(s.Timeout)
	n.source = n
	switch n.Verb {
	case "":
		return
	case spec.BatchVerb:
		p.planBatch(n, item)
	case spec.Unbatch:
		p.planUnbatch(n, item)
	case spec.ReduceV:
		p.planReduce(n, item)
	default:
		p.planCall(n, item)
	}
	p.planCalls(n)
	if n.Out == nil && n.Verb != spec.Sink || n.In == nil && n.Verb != spec.Source {
		n.failed = true
	}
	if len(n.from) > 0 && (n.Verb == spec.Filter || n.Verb == spec.Tap || n.Verb == spec.BatchVerb || n.Verb == spec.Unbatch) {
		n.source = n.from[0].source
	}
	if n.failed {
		return
	}
	for _, t := range []types.Type{n.In, n.Out} {
		if t == nil || t == n.In && len(n.from) > 0 {
			continue
		}
		if problem := p.unnameable(t); problem != "" {
			n.failed = true
			p.report(spec.Diagnostic{
				Code:    codeUnnameable,
				Span:    nameSpan(s),
				Message: fmt.Sprintf("generated code cannot name the items of %q, %s: %s", n.Name, p.typ(t), problem),
				Help:    "declare a function here that gives them an exported type, or an interface",
			})
			return
		}
	}
}

// arriving returns the type of the items that n reads: nil where it is not known, or where several stages
// write different types and n's function has the last word.
func (p *planner) arriving(n *node) types.Type {
	var t types.Type
	for _, e := range n.from {
		if e.failed || e.Out == nil {
			return nil
		}
		if t == nil {
			t = e.Out
		} else if !types.Identical(t, e.Out) {
			return nil
		}
	}
	return t
}

// mixed says whether the stages that n reads are all known and write different types.
func (n *node) mixed() bool {
	var t types.Type
	mixed := false
	for _, e := range n.from {
		if e.failed || e.Out == nil {
			return false
		}
		if t != nil && !types.Identical(t, e.Out) {
			mixed = true
		}
		t = e.Out
	}
	return mixed
}

// planCall plans a stage whose verb takes a function.
func (p *planner) planCall(n *node, item types.Type) {
	u := use{stage: n, role: role(n.Verb), ref: n.Spec.Func, args: n.Spec.Args}
	if n.Verb != spec.Source {
		u.items = []types.Type{item}
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
	n.In = p.enter(n, item, b.in[0], b.Call, n.Spec.Func)
	switch n.Verb {
	case spec.Filter, spec.Tap:
		n.Out = n.In
	case spec.Sink:
	default:
		n.Out = b.out
	}
}

// enter returns the type of the items as they arrive at a function whose parameter is param, and reports
// those that it cannot take.
func (p *planner) enter(n *node, item, param types.Type, call *Call, ref spec.Ref) types.Type {
	if n.caller {
		return param
	}
	ok := true
	for _, e := range n.from {
		if !e.failed && e.Out != nil && !types.AssignableTo(e.Out, param) {
			p.mismatch(n, e, param, call, ref)
			ok = false
		}
	}
	switch {
	case !ok:
		n.failed = true
		return nil
	case item != nil:
		return item
	case n.mixed():
		return param // the queue's elements are the reader's
	}
	return nil
}

// passive returns the type of the items at a stage that has no function to take them.
func (p *planner) passive(n *node, item types.Type) types.Type {
	d := spec.Diagnostic{Span: n.Spec.VerbSpan}
	switch {
	case n.caller && !n.failed:
		d.Code = codeOpenType
		d.Message = fmt.Sprintf("nothing says what items %q takes from the caller", n.Name)
		d.Help = "begin with a stage that has a function: a tap will do"
	case n.mixed():
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

// writes lists the stages that n reads with their types: `int from "a" and string from "b"`.
func (p *planner) writes(n *node) string {
	var parts []string
	for _, e := range n.from {
		parts = append(parts, fmt.Sprintf("%s from %q", p.typ(e.Out), e.Name))
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
		Message: fmt.Sprintf("%q emits %s but %q takes slices apart", n.from[0].Name, p.typ(n.In), n.Name),
		Label:   "takes a slice",
		Notes:   p.provenance(n.from[0].node),
		Help:    "remove it, or use flat_map with a function that takes the item apart",
	})
}
