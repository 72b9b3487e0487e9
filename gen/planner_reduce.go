package gen

import (
	"fmt"
	"go/types"

	"github.com/pipegen/pipegen/spec"
)

// planReduce plans a reduce: the types of its functions have to agree with each other and with the items.
func (p *planner) planReduce(n *node, item types.Type) {
	s := n.Spec.Reduce
	if s == nil {
		n.failed = true
		return
	}
	call := func(r role, ref spec.Ref, items ...types.Type) *bound {
		b := p.bind(use{stage: n, role: r, ref: ref, items: items})
		if b == nil && ref.Name != "" {
			n.failed = true
		}
		return b
	}
	n.Reduce = &Reduce{}
	var initial, add *bound
	var acc types.Type
	inferred := p.awaitsInference(s.Init) // which takes nothing that could tell: the accumulator does
	broken := false
	if s.Init.Name != "" && !inferred {
		if initial = call(initRole, s.Init); initial != nil {
			acc = initial.out
		} else {
			broken = true
		}
	}
	if !broken || !p.awaitsInference(s.Add) { // else it cannot be told what add accumulates
		add = call(addRole, s.Add, acc, item)
	}
	if add == nil {
		n.failed = true
		call(mergeRole, s.Merge, nil, nil)
		call(keyRole, s.Key, item)
		return
	}
	n.Reduce.Add = add.Call
	acc = add.in[0]
	n.Reduce.Acc, n.Out = acc, acc
	n.In = p.enter(n, NoSide, add.in[1], add.Call, s.Add)
	p.accumulates(n, s.Add, add.Call, "returns", add.out, acc)
	if inferred {
		initial = p.bind(use{stage: n, role: initRole, ref: s.Init, gives: acc})
		n.failed = n.failed || initial == nil
	}
	if initial != nil {
		n.Reduce.Init = initial.Call
		p.accumulates(n, s.Init, initial.Call, "returns", initial.out, acc)
	}
	if merge := call(mergeRole, s.Merge, acc, acc); merge != nil {
		n.Reduce.Merge = merge.Call
		p.accumulates(n, s.Merge, merge.Call, "returns", merge.out, acc)
		for _, t := range merge.in {
			if !types.AssignableTo(acc, t) {
				p.accumulates(n, s.Merge, merge.Call, "takes", t, acc)
				break
			}
		}
	}
	if n.In == nil {
		n.failed = true
		return
	}
	if !s.Key.IsSet() {
		return
	}
	key := p.bindKey(n, keyRole, s.Key, n.In)
	if key == nil {
		n.failed = true
		return
	}
	n.Reduce.Key, n.Reduce.KeyType = key.Call, key.out
	n.Out = types.NewMap(key.out, acc)
}

// awaitsInference says whether ref is a generic function whose type arguments the spec does not write.
func (p *planner) awaitsInference(ref spec.Ref) bool {
	if ref.Recv != "" {
		return false
	}
	f, ok := p.scope.object(ref.Pkg, ref.Name).(*types.Func)
	return ok && f.Signature().TypeParams().Len() > len(ref.TypeArgs)
}

// accumulates reports a function of a reduce whose type is not the accumulator's.
func (p *planner) accumulates(n *node, ref spec.Ref, call *Call, does string, t, acc types.Type) {
	if does == "returns" && types.AssignableTo(t, acc) {
		return
	}
	n.failed = true
	p.report(spec.Diagnostic{
		Code:    codeAccumulator,
		Span:    ref.Span,
		Message: fmt.Sprintf("%s %s %s, but the accumulator of %q is %s", ref.Text, does, p.typ(t), n.Name, p.typ(acc)),
		Label:   fmt.Sprintf("%s %s", does, p.typ(t)),
		Where:   where(call.Pos),
		Notes:   []string{fmt.Sprintf("the accumulator is what %s takes first", n.Spec.Reduce.Add.Text)},
	})
}
