package gen

import (
	"fmt"

	"github.com/pipegen/pipegen/spec"
)

// checkStages reports what a stage asks for and cannot have where it stands, and warns of what it may not
// mean. The types of the stages are known.
func (p *planner) checkStages(order []*node) {
	unordered := make(map[*node]string) // stages whose items no longer come in order → why
	for _, n := range order {
		s := n.Spec
		why := ""
		for _, e := range n.from {
			if why == "" {
				why = unordered[e.node]
			}
		}
		if len(n.from) > 1 {
			why = fmt.Sprintf("%q merges several stages, in no order across them", n.Name)
		}
		if s.Ordered.Value && why != "" {
			p.warn(spec.Diagnostic{
				Code:    codeOrderLost,
				Span:    p.keySpan(n, s.Ordered.Span),
				Message: fmt.Sprintf("%q is ordered, but its items do not come in order: %s", n.Name, why),
				Help:    "it keeps the order in which they come; remove ordered, or order the stages above too",
			})
		}
		switch w := p.workers(n); {
		case n.Verb == spec.ReduceV || n.Verb == spec.Source:
			why = ""
		case why == "" && !w.isOne() && !s.Ordered.Value:
			why = fmt.Sprintf("%q has workers: %s and is not ordered", n.Name, w.text())
		}
		if why != "" {
			unordered[n] = why
		}
		p.checkOutput(n)
		p.checkTimeout(n)
		p.checkMergeFunction(n)
		p.checkYield(n)
		if s.Queue != nil && s.Queue.Unlimited {
			p.warn(spec.Diagnostic{
				Code:    codeUnlimited,
				Span:    p.keySpan(n, s.Queue.Span),
				Message: fmt.Sprintf("the queue of %q is unlimited: it grows as long as %q is slower than what feeds it", n.Name, n.Name),
				Help:    "give it a capacity; 1,000,000 is one, too",
			})
		}
	}
}

// keySpan returns the place of a key of n; where the key stands under defaults, that of the stage.
func (p *planner) keySpan(n *node, span spec.Span) spec.Span {
	if d := p.file.Defaults; d != nil {
		for _, given := range []spec.Span{d.Ordered.Span, d.Timeout.Span, d.OnError.Span, d.Workers.Span, d.Fuse.Span} {
			if span == given {
				return nameSpan(n.Spec)
			}
		}
		if d.Queue != nil && span == d.Queue.Span {
			return nameSpan(n.Spec)
		}
	}
	return span
}

// checkOutput warns of a stage that lets the compiler know nothing of its items.
func (p *planner) checkOutput(n *node) {
	if n.Call == nil || n.Out == nil || n.to == nil || n.source != n || !isAny(n.Out) {
		return
	}
	p.warn(spec.Diagnostic{
		Code:    codeAny,
		Span:    n.Spec.Func.Span,
		Message: fmt.Sprintf("%q emits %s: what %q takes is not checked", n.Name, p.typ(n.Out), n.to.Name),
		Label:   "emits " + p.typ(n.Out),
		Where:   where(n.Call.Pos),
		Help:    "return a concrete type, or an interface with methods",
	})
}

// checkTimeout warns of a timeout that a function cannot learn of.
func (p *planner) checkTimeout(n *node) {
	if !n.Spec.Timeout.IsSet() || n.Call == nil || n.Call.Ctx {
		return
	}
	p.warn(spec.Diagnostic{
		Code:    codeNoContext,
		Span:    p.keySpan(n, n.Spec.Timeout.Span),
		Message: fmt.Sprintf("the timeout of %q has no effect: %s takes no context", n.Name, n.Spec.Func.Text),
		Label:   "no context to cancel",
		Where:   where(n.Call.Pos),
		Help:    fmt.Sprintf("let %s take ctx context.Context first", n.Spec.Func.Text),
	})
}

// checkMergeFunction reports a reduce whose workers' values nothing joins.
func (p *planner) checkMergeFunction(n *node) {
	if n.Verb != spec.ReduceV || n.Spec.Reduce == nil || n.Spec.Reduce.Merge.IsSet() || p.workers(n).isOne() {
		return
	}
	p.report(spec.Diagnostic{
		Code:    codeNoMerge,
		Span:    n.Spec.Workers.Span,
		Message: fmt.Sprintf("%q has several workers and no merge", n.Name),
		Label:   "each worker has a value of its own",
		Help:    "add merge: a function (Acc, Acc) → Acc; or leave out workers",
	})
}

// checkYield reports errors that have no open end to come out of.
func (p *planner) checkYield(n *node) {
	if n.OnError != Yield {
		return
	}
	end, steps := n, 0
	for end.to != nil && steps <= len(p.nodes) { // a cycle has no end; it is reported
		end, steps = end.to, steps+1
	}
	if end.Verb != spec.Sink {
		return
	}
	message := fmt.Sprintf("%q yields errors, but its branch ends in the sink %q", n.Name, end.Name)
	if end == n {
		message = fmt.Sprintf("%q yields errors, but is itself the end: nothing comes out of a sink", n.Name)
	}
	p.report(spec.Diagnostic{
		Code:    codeNowhere,
		Span:    p.keySpan(n, n.Spec.OnError.Span),
		Message: message,
		Label:   "no open end below",
		Help:    "on_error: skip drops the item, stop ends the run; or make the sink a tap and leave the end open",
	})
}

// workers returns how many goroutines the spec asks for.
func (p *planner) workers(n *node) Workers {
	switch w := n.Spec.Workers; {
	case w.Auto:
		return Workers{Auto: true}
	case w.N.Param != "":
		if param := p.keyParam(w.N.Param, IntParam).Param; param != nil {
			return Workers{Param: param}
		}
	case w.IsSet():
		return Workers{N: w.N.Value}
	}
	return Workers{N: 1}
}

// isOne says whether there is surely one worker.
func (w Workers) isOne() bool { return w.N == 1 && !w.Auto && w.Param == nil }

// text writes w as a spec does.
func (w Workers) text() string {
	switch {
	case w.Auto:
		return "auto"
	case w.Param != nil:
		return "$" + w.Param.Name
	}
	return fmt.Sprint(w.N)
}
