package gen

import (
	"fmt"
	"go/types"

	"github.com/pipegen/pipegen/spec"
)

// planZip plans a zip: its function takes an item of each side.
func (p *planner) planZip(n *node) {
	if n.failed {
		return
	}
	if b := p.planWith(n); b != nil {
		n.Out = b.out
	}
}

// planWith binds the function of a zip or join and settles the types of both sides.
func (p *planner) planWith(n *node) *bound {
	left, right := p.arriving(n, Left), p.arriving(n, Right)
	b := p.bind(use{stage: n, role: role(n.Verb), ref: n.Spec.Func, items: []types.Type{left, right}, args: n.Spec.Args})
	if b == nil {
		n.failed = true
		return nil
	}
	n.Call = b.Call
	n.In = p.enter(n, Left, b.in[0], b.Call, n.Spec.Func)
	n.In2 = p.enter(n, Right, b.in[1], b.Call, n.Spec.Func)
	if n.In == nil || n.In2 == nil {
		n.failed = true
		return nil
	}
	return b
}

// planJoin plans a join: the keys of both sides have one type.
func (p *planner) planJoin(n *node) {
	s := n.Spec.Join
	if s == nil || n.failed {
		n.failed = true
		return
	}
	b := p.planWith(n)
	if b == nil {
		return
	}
	left := p.bindKey(n, joinKeyRole, s.Left.Key, n.In)
	right := p.bindKey(n, joinKeyRole, s.Right.Key, n.In2)
	if left == nil || right == nil {
		n.failed = true
		return
	}
	if !types.Identical(left.out, right.out) {
		n.failed = true
		p.report(spec.Diagnostic{
			Code:    codeJoinKeys,
			Span:    s.Right.Key.Span,
			Message: fmt.Sprintf("%s returns %s but %s returns %s: they are never equal", s.Left.Key.Text, p.typ(left.out), s.Right.Key.Text, p.typ(right.out)),
			Label:   "returns " + p.typ(right.out),
			Where:   where(right.Pos),
			Notes:   []string{fmt.Sprintf("%s: %s is here%s", p.at(s.Left.Key.Span), s.Left.Key.Text, inParens(where(left.Pos)))},
			Help:    "let both functions return the same type",
		})
		return
	}
	n.Out = b.out
	n.Join = &Join{
		LeftKey: left.Call, RightKey: right.Call,
		Left: n.In, Right: n.In2,
		Key:      left.out,
		MaxItems: p.number(s.MaxItems),
	}
}
