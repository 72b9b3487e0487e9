package gen

import (
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// memoryRefusals returns what keeps values of t from living in memory that several processes map: nothing, or each
// obstacle once. There is room for numbers, bools, and arrays and structs of these: a pointer, or what is made of
// one, leads to the memory of one process.
func memoryRefusals(own *types.Package, t types.Type) []refusal {
	w := &memoryWalk{crossingWalk{own: own}}
	w.walk(t, "")
	return w.found
}

type memoryWalk struct{ crossingWalk }

func (w *memoryWalk) walk(t types.Type, path string) {
	if !w.enters(t) {
		return
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&(types.IsBoolean|types.IsNumeric) == 0 || u.Info()&types.IsUntyped != 0 {
			w.refuse(path, "%s", w.text(t))
		}
	case *types.Array:
		w.walk(u.Elem(), path+"[]")
	case *types.Struct:
		if named, ok := types.Unalias(t).(*types.Named); ok {
			if pkg := named.Obj().Pkg().Path(); pkg == "sync" || pkg == "sync/atomic" {
				w.refuse(path, "%s, which must not be copied", w.text(t))
				return
			}
			if strings.Trim(path, "[]") == "" {
				path = w.text(t)
			}
		}
		for f := range u.Fields() {
			w.walk(f.Type(), joinPath(path, f.Name()))
		}
	default:
		w.refuse(path, "%s", w.text(t))
	}
}

// keyRefusals returns what keeps keys of a shared map from being found again once they have crossed to another
// process: what is compared by its address, or changes on the way. That they can cross is known.
func keyRefusals(own *types.Package, t types.Type) []refusal {
	w := &crossingWalk{own: own}
	var seen typeutil.Map
	var walk func(t types.Type, path string)
	walk = func(t types.Type, path string) {
		if seen.Set(t, true) != nil {
			return
		}
		m := mannerOf(t)
		if m == asPointer || m == asError || m == asTime {
			w.refuse(path, "%s", w.text(t))
			return
		}
		if _, named := types.Unalias(t).(*types.Named); named && strings.Trim(path, "[]") == "" {
			path = w.text(t)
		}
		switch m {
		case asArray:
			walk(elemOf(t), path+"[]")
		case asStruct:
			for _, f := range crossingFields(t.Underlying().(*types.Struct)) {
				walk(f.Type(), joinPath(path, f.Name()))
			}
		}
	}
	walk(t, "")
	return w.found
}
