package gen

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/pipegen/pipegen/spec"
)

// held warns of shared locks that the function of a stage holds while it hands out an item.
func (v *vetter) held(u *unit, s *Stage) []spec.Diagnostic {
	if s.Call.EmitAt < 0 && s.Call.Shape != SeqShape && s.Call.Shape != Seq2Shape {
		return nil
	}
	locks := make(map[string]*Resource) // by parameter
	for _, a := range s.Call.Args {
		if r := a.Value.Shared; r != nil && r.hasLock() {
			locks[a.Name] = r
		}
	}
	pkg := v.packageOf(u, s.Call.Object)
	if len(locks) == 0 || pkg == nil {
		return nil
	}
	f, ok := pkg.bodies[funcKey(s.Call.Object)]
	if !ok {
		return nil
	}
	w := &lockWalk{pkg: pkg, locks: make(map[types.Object]*Resource), emits: make(map[types.Object]bool)}
	for _, param := range pkg.params(f.typ) {
		switch {
		case locks[param.Name()] != nil:
			w.locks[param] = locks[param.Name()]
		case s.Call.EmitAt >= 0 && emitType(param.Type()) != nil:
			w.emits[param] = true
		}
	}
	w.block(f.body.List, make(holding))
	slices.SortFunc(w.found, func(a, b emission) int {
		return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.locked, b.locked))
	})
	var diags []spec.Diagnostic
	reported := make(map[types.Object]bool)
	for _, e := range w.found {
		if reported[e.lock] {
			continue // one place of a lock is enough
		}
		reported[e.lock] = true
		r := w.locks[e.lock]
		diags = append(diags, spec.Diagnostic{
			Code:     codeHeld,
			Severity: spec.Warning,
			Span:     s.Spec.Func.Span,
			Message:  fmt.Sprintf("%s hands out an item while it holds the %s %s: where the queue below is full, all who need it wait", s.Spec.Func.Text, r.Kind, r.Name),
			Label:    fmt.Sprintf("holds %s", r.Name),
			Where:    where(v.relative(u, e.pos)),
			Notes:    []string{fmt.Sprintf("%s: it is locked here", v.relative(u, e.locked))},
			Help:     "take what is to be handed out, unlock, and then hand it out",
		})
	}
	return diags
}

// hasLock says whether a worker can hold the resource.
func (r *Resource) hasLock() bool {
	return r.Kind == spec.SharedLock || r.Kind == spec.SharedRLock || r.Kind == spec.SharedCondition
}

// params returns the parameters of a function whose body uses them.
func (pkg *vetted) params(typ *ast.FuncType) []types.Object {
	var list []types.Object
	for _, field := range typ.Params.List {
		for _, name := range field.Names {
			if obj := pkg.info.Defs[name]; obj != nil {
				list = append(list, obj)
			}
		}
	}
	return list
}

// holding is where each of the locks that may be held has been taken.
type holding map[types.Object]token.Pos

// join adds what another way to the same place may hold.
func (h holding) join(other holding) {
	for lock, pos := range other {
		if _, both := h[lock]; !both {
			h[lock] = pos
		}
	}
}

// An emission is a place where an item is handed out and a lock may be held.
type emission struct {
	lock        types.Object
	locked, pos token.Pos
}

// A lockWalk follows a body statement by statement and keeps in mind which locks may be held: those that some way
// to the place takes and does not give back. A deferred Unlock gives back at the end only. Where break, continue and
// goto lead is not followed.
type lockWalk struct {
	pkg   *vetted
	locks map[types.Object]*Resource
	emits map[types.Object]bool // functions that hand out items
	found []emission
}

// block follows statements and says whether their end is out of reach. It changes held.
func (w *lockWalk) block(list []ast.Stmt, held holding) (ends bool) {
	for _, s := range list {
		if w.stmt(s, held) {
			return true
		}
	}
	return false
}

func (w *lockWalk) stmt(s ast.Stmt, held holding) (ends bool) {
	switch s := s.(type) {
	case nil:
	case *ast.BlockStmt:
		return w.block(s.List, held)
	case *ast.LabeledStmt:
		return w.stmt(s.Stmt, held)
	case *ast.IfStmt:
		return w.branch(s, held)
	case *ast.ForStmt:
		w.stmt(s.Init, held)
		w.loop(held, func(h holding) {
			w.expr(s.Cond, h)
			w.block(s.Body.List, h)
			w.stmt(s.Post, h)
		})
	case *ast.RangeStmt:
		w.expr(s.X, held)
		w.loop(held, func(h holding) { w.block(s.Body.List, h) })
	case *ast.SwitchStmt:
		w.stmt(s.Init, held)
		w.expr(s.Tag, held)
		return w.clauses(s.Body, held)
	case *ast.TypeSwitchStmt:
		w.stmt(s.Init, held)
		w.stmt(s.Assign, held)
		return w.clauses(s.Body, held)
	case *ast.SelectStmt:
		return w.clauses(s.Body, held)
	case *ast.DeferStmt: // it runs at the end
	case *ast.GoStmt:
		w.expr(s.Call, make(holding))
	case *ast.ReturnStmt, *ast.BranchStmt:
		w.expr(s, held)
		return true
	default:
		w.expr(s, held)
	}
	return false
}

// branch follows an if. TryLock has taken the lock on one side only.
func (w *lockWalk) branch(s *ast.IfStmt, held holding) (ends bool) {
	w.stmt(s.Init, held)
	cond, negated := ast.Unparen(s.Cond), false
	if not, ok := cond.(*ast.UnaryExpr); ok && not.Op == token.NOT {
		cond, negated = ast.Unparen(not.X), true
	}
	other := maps.Clone(held)
	if lock := w.method(cond, "TryLock"); lock != nil && negated {
		other[lock] = cond.Pos()
	} else if lock != nil {
		held[lock] = cond.Pos()
	} else {
		w.expr(s.Cond, held)
		other = maps.Clone(held)
	}
	ends, otherEnds := w.block(s.Body.List, held), false
	if s.Else != nil {
		otherEnds = w.stmt(s.Else, other)
	}
	if ends {
		clear(held)
	}
	if !otherEnds {
		held.join(other)
	}
	return ends && otherEnds
}

// loop follows a body twice, so that what one round leaves locked the next one finds.
func (w *lockWalk) loop(held holding, body func(holding)) {
	for range 2 {
		round := maps.Clone(held)
		body(round)
		held.join(round)
	}
}

// clauses follows those of a switch or select. Without a default a switch may choose none.
func (w *lockWalk) clauses(body *ast.BlockStmt, held holding) bool {
	before, ends := maps.Clone(held), true
	clear(held)
	chosen := false
	for _, c := range body.List {
		way := maps.Clone(before)
		var list []ast.Stmt
		switch c := c.(type) {
		case *ast.CaseClause:
			for _, e := range c.List {
				w.expr(e, way)
			}
			list, chosen = c.Body, chosen || c.List == nil
		case *ast.CommClause:
			w.stmt(c.Comm, way)
			list, chosen = c.Body, true
		}
		if n := len(list) - 1; n >= 0 && isBreak(list[n]) {
			list = list[:n]
		}
		if !w.block(list, way) {
			held.join(way)
			ends = false
		}
	}
	if !chosen {
		held.join(before)
		ends = false
	}
	return ends
}

// isBreak says whether a statement leaves the clause that it stands in.
func isBreak(s ast.Stmt) bool {
	b, ok := s.(*ast.BranchStmt)
	return ok && b.Tok == token.BREAK && b.Label == nil
}

// expr looks at the calls in a statement or expression. What a function literal does, it does when it is called: at
// once only where it stands in the place of the function.
func (w *lockWalk) expr(n ast.Node, held holding) {
	if n == nil {
		return
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			w.literal(n)
			return false
		case *ast.CallExpr:
			if lit, ok := ast.Unparen(n.Fun).(*ast.FuncLit); ok {
				w.block(lit.Body.List, held)
				return false
			}
			w.call(n, held)
		}
		return true
	})
}

// literal follows a function of its own; that of an iterator hands out items by its parameter.
func (w *lockWalk) literal(lit *ast.FuncLit) {
	for _, param := range w.pkg.params(lit.Type) {
		if f, ok := param.Type().Underlying().(*types.Signature); ok && f.Results().Len() == 1 && isBool(f.Results().At(0).Type()) {
			w.emits[param] = true
		}
	}
	w.block(lit.Body.List, make(holding))
}

func (w *lockWalk) call(n *ast.CallExpr, held holding) {
	if lock := w.method(n, "Lock"); lock != nil {
		held[lock] = n.Pos()
		return
	}
	if lock := w.method(n, "Unlock"); lock != nil {
		delete(held, lock)
		return
	}
	for _, e := range append([]ast.Expr{n.Fun}, n.Args...) {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok || !w.emits[w.pkg.info.Uses[id]] {
			continue
		}
		for lock, pos := range held {
			w.found = append(w.found, emission{lock, pos, n.Pos()})
		}
	}
}

// method returns the lock whose method an expression calls, or nil.
func (w *lockWalk) method(e ast.Node, name string) types.Object {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return nil
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != name {
		return nil
	}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return nil
	}
	if obj := w.pkg.info.Uses[id]; w.locks[obj] != nil {
		return obj
	}
	return nil
}
