package gen

import (
	"fmt"
	"go/types"
	"time"

	"github.com/pipegen/pipegen/spec"
)

// planCalls finds what stands around the calls of the stage's function: retries, the rate limit, dead
// letters. The stage's types are known unless it has failed; then what does not need them is still checked.
// (Its state is found with the function, which it has to fit.)
func (p *planner) planCalls(n *node) {
	if n.Spec.Retry != nil {
		p.planRetry(n)
		p.checkRetry(n)
	}
	if n.Spec.Rate != nil {
		p.planRate(n)
	}
	if n.letters() {
		p.planDeadLetter(n)
	}
}

// What the spec leaves out of a retry policy and of a rate limit.
var (
	defaultInitial    = Value{Lit: 100 * time.Millisecond}
	defaultMax        = Value{Lit: 10 * time.Second}
	defaultMultiplier = Value{Lit: 2.0}
	defaultJitter     = Value{Lit: 0.2}
	defaultBurst      = Value{Lit: int64(1)}
)

// planRetry resolves the stage's policy, or the named one that it uses.
func (p *planner) planRetry(n *node) {
	policy := n.Spec.Retry
	if policy.Name.IsSet() {
		policy = p.namedRetry(policy.Name.Value)
		if policy == nil {
			return // reported with the text of the spec
		}
	}
	n.Retry = &Retry{
		MaxAttempts: p.number(policy.MaxAttempts),
		Initial:     defaultInitial,
		Max:         defaultMax,
		Multiplier:  defaultMultiplier,
		Jitter:      defaultJitter,
		When:        p.planWhen(n, policy.When),
	}
	if b := policy.Backoff; b != nil {
		n.Retry.Initial = otherwise(p.duration(b.Initial), defaultInitial)
		n.Retry.Max = otherwise(p.duration(b.Max), defaultMax)
		n.Retry.Multiplier = otherwise(p.float(b.Multiplier), defaultMultiplier)
		n.Retry.Jitter = otherwise(p.float(b.Jitter), defaultJitter)
	}
}

// checkRetry warns of a policy that is the stage's own and has no effect. Defaults are for those that can fail.
func (p *planner) checkRetry(n *node) {
	if n.Call == nil || n.canFail() || p.inDefaults(n.Spec.Retry.Span) {
		return
	}
	p.warn(spec.Diagnostic{
		Code:    codeNoError,
		Span:    n.Spec.Retry.Span,
		Message: fmt.Sprintf("the retry of %q has no effect: %s cannot fail", n.Name, n.Spec.Func.Text),
		Label:   "never repeated",
		Where:   where(n.Call.Pos),
		Help:    fmt.Sprintf("let %s return an error, or remove the key", n.Spec.Func.Text),
	})
}

// otherwise returns v, or the default where the spec gives no value.
func otherwise(v, byDefault Value) Value {
	if v.IsSet() {
		return v
	}
	return byDefault
}

func (p *planner) namedRetry(name string) *spec.Retry {
	for _, r := range p.file.Retries {
		if r.Name.Value == name {
			return &r.Retry
		}
	}
	return nil
}

// planWhen binds the function that says which errors are worth another attempt. That of a policy that
// several stages use is looked at once.
func (p *planner) planWhen(n *node, ref spec.Ref) *Call {
	if !ref.IsSet() {
		return nil
	}
	if call, seen := p.whens[ref.Span]; seen {
		return call
	}
	b := p.bind(use{stage: n, role: whenRole, ref: ref, items: []types.Type{errorType}})
	var call *Call
	if b != nil && types.AssignableTo(errorType, b.in[0]) {
		call = b.Call
	} else if b != nil {
		p.report(spec.Diagnostic{
			Code:    codeShape,
			Span:    ref.Span,
			Message: fmt.Sprintf("%s does not fit %s: it takes %s", ref.Text, whenRole, p.typ(b.in[0])),
			Label:   p.typ(b.Sig),
			Where:   where(b.Pos),
			Notes:   []string{fmt.Sprintf("%s takes %s, without context and error", whenRole, takes[whenRole])},
			Help:    "take an error, and look into it with errors.As",
		})
	}
	if p.whens == nil {
		p.whens = make(map[spec.Span]*Call)
	}
	p.whens[ref.Span] = call
	return call
}

// planRate resolves the stage's rate limit.
func (p *planner) planRate(n *node) {
	s := n.Spec.Rate
	n.Rate = &RateLimit{Count: p.float(s.Count), Per: s.Per, Burst: otherwise(p.number(s.Burst), defaultBurst)}
	if !s.Key.IsSet() {
		return
	}
	if n.Verb == spec.ZipV || n.Verb == spec.JoinV {
		p.report(spec.Diagnostic{
			Code:    codeShape,
			Span:    s.Key.Span,
			Message: fmt.Sprintf("a %s has no limits by key: each of its calls is made for two items", n.Verb),
			Help:    fmt.Sprintf("remove per, or limit a stage below %q, by what it emits", n.Name),
		})
		return
	}
	item := n.In
	if n.Verb == spec.Source {
		item = n.Out
	}
	if b := p.bindKey(n, limitRole, s.Key, item); b != nil {
		n.Rate.Key = b.Call
	}
}

// planDeadLetter fits the dead letter function to the stage's items.
func (p *planner) planDeadLetter(n *node) {
	dead := p.file.Dead
	if dead == nil || p.deadBroken {
		return // reported
	}
	name, before := types.Typ[types.String], len(p.diags)
	b := p.bind(use{stage: n, role: deadRole, ref: dead.Func, args: dead.Args, items: []types.Type{name, n.In, errorType}})
	if b == nil {
		p.deadBroken = len(p.diags) > before // most likely for all stages alike
		return
	}
	switch {
	case !types.AssignableTo(name, b.in[0]) || !types.AssignableTo(errorType, b.in[2]):
		p.deadBroken = true
		p.report(spec.Diagnostic{
			Code:    codeShape,
			Span:    dead.Func.Span,
			Message: fmt.Sprintf("%s does not fit dead_letter: it takes %s, %s and %s", dead.Func.Text, p.typ(b.in[0]), p.typ(b.in[1]), p.typ(b.in[2])),
			Label:   p.typ(b.Sig),
			Where:   where(b.Pos),
			Notes:   []string{fmt.Sprintf("dead_letter takes %s; ctx context.Context may come first, an error last", takes[deadRole])},
			Help:    "the stage's name comes first, then the item, then its error",
		})
	case n.In == nil: // the stage has failed
	case !types.AssignableTo(n.In, b.in[1]):
		at := nameSpan(n.Spec) // at a crash, as the top may say
		if n.OnError == DeadLetter {
			at = p.keySpan(n, n.Spec.OnError.Span)
		}
		p.report(spec.Diagnostic{
			Code:    codeDeadLetter,
			Span:    at,
			Message: fmt.Sprintf("the items of %q are %s but the dead letter function %s takes %s", n.Name, p.typ(n.In), dead.Func.Text, p.typ(b.in[1])),
			Label:   "its items are " + p.typ(n.In),
			Notes:   []string{fmt.Sprintf("%s: %s is the dead letter function of all stages%s", p.at(dead.Func.Span), dead.Func.Text, inParens(where(b.Pos)))},
			Help:    fmt.Sprintf("make it generic: func %s[T any](ctx context.Context, stage string, item T, err error) error", dead.Func.Name),
		})
	default:
		n.Dead = b.Call
	}
}

// checkDeadLetter reports a dead letter function that no stage uses.
func (p *planner) checkDeadLetter() {
	dead := p.file.Dead
	if dead == nil || !dead.Func.IsSet() {
		return
	}
	crashes := func(r *spec.Processes) bool { return r != nil && r.OnCrash.InFlight.Value == "dead_letter" }
	for _, s := range p.file.Stages {
		if s.OnError.Value == "dead_letter" || p.file.InProcesses(s) && (crashes(s.Process) || crashes(p.file.Process)) {
			return
		}
	}
	p.report(spec.Diagnostic{
		Code:    codeUnused,
		Span:    dead.Func.Span,
		Message: fmt.Sprintf("no stage sends its failed items to the dead letter function %s", dead.Func.Text),
		Help:    "write on_error: dead_letter in a stage, or under defaults",
	})
}

// float resolves a key that takes a number with a fraction or $param; an absent one has no value.
func (p *planner) float(s spec.Scalar[float64]) Value {
	switch {
	case s.Param != "":
		return p.keyParam(s.Param, Float64Param)
	case s.IsSet():
		return Value{Lit: s.Value}
	}
	return Value{}
}
