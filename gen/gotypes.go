package gen

import (
	"go/types"
)

// This file asks questions of Go types that go/types does not answer in one call.

var errorType = types.Universe.Lookup("error").Type()

func isError(t types.Type) bool { return types.Identical(t, errorType) }

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

func isDuration(t types.Type) bool { return isNamed(t, "time", "Duration") }

func isNamed(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path
}

func isBool(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsBoolean != 0
}

// isAny says whether t is an interface that every value implements.
func isAny(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty()
}

// yieldParams returns the parameters of the yield function of an iter.Seq or iter.Seq2, or nil.
func yieldParams(t types.Type) *types.Tuple {
	seq, ok := t.Underlying().(*types.Signature)
	if !ok || seq.Params().Len() != 1 || seq.Results().Len() != 0 || seq.Variadic() {
		return nil
	}
	yield, ok := seq.Params().At(0).Type().Underlying().(*types.Signature)
	if !ok || yield.Results().Len() != 1 || !isBool(yield.Results().At(0).Type()) || yield.Variadic() {
		return nil
	}
	return yield.Params()
}

// emitType returns T of func(T) error, or nil.
func emitType(t types.Type) types.Type {
	f, ok := t.Underlying().(*types.Signature)
	if !ok || f.Params().Len() != 1 || f.Variadic() || f.Results().Len() != 1 || !isError(f.Results().At(0).Type()) {
		return nil
	}
	return f.Params().At(0).Type()
}

// isBroken says whether t, as it is written, contains a type that does not check: an undeclared name.
func isBroken(t types.Type) bool {
	return contains(t, func(t types.Type) bool {
		_, isParam := t.(*types.TypeParam)
		return t == types.Typ[types.Invalid] || !isParam && t.Underlying() == types.Typ[types.Invalid]
	})
}

// hasTypeParam says whether t contains a type parameter.
func hasTypeParam(t types.Type) bool {
	return contains(t, func(t types.Type) bool { _, ok := t.(*types.TypeParam); return ok })
}

// contains says whether ok holds for t or a type that t is written with. It does not look into named types
// but for their type arguments.
func contains(t types.Type, ok func(types.Type) bool) bool {
	if t == nil {
		return false
	}
	if ok(t) {
		return true
	}
	in := func(t types.Type) bool { return contains(t, ok) }
	args := func(l *types.TypeList) bool {
		for a := range l.Types() {
			if in(a) {
				return true
			}
		}
		return false
	}
	switch t := t.(type) {
	case *types.Alias:
		return args(t.TypeArgs()) || in(t.Rhs())
	case *types.Named:
		return args(t.TypeArgs())
	case *types.Pointer:
		return in(t.Elem())
	case *types.Slice:
		return in(t.Elem())
	case *types.Array:
		return in(t.Elem())
	case *types.Chan:
		return in(t.Elem())
	case *types.Map:
		return in(t.Key()) || in(t.Elem())
	case *types.Signature:
		return in(t.Params()) || in(t.Results())
	case *types.Tuple:
		for v := range t.Variables() {
			if in(v.Type()) {
				return true
			}
		}
	case *types.Struct:
		for f := range t.Fields() {
			if in(f.Type()) {
				return true
			}
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			if in(m.Type()) {
				return true
			}
		}
		for e := range t.EmbeddedTypes() {
			if in(e) {
				return true
			}
		}
	case *types.Union:
		for term := range t.Terms() {
			if in(term.Type()) {
				return true
			}
		}
	}
	return false
}
