package gen

import (
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// jsonRefusals returns what encoding/json would refuse in values of t, or not read again as it was. Paths are
// those of refusals.
func jsonRefusals(own *types.Package, t types.Type) []refusal {
	w := &jsonWalk{crossingWalk{own: own}}
	w.walk(t, "")
	return w.found
}

type jsonWalk struct{ crossingWalk }

func (w *jsonWalk) walk(t types.Type, path string) {
	if !w.enters(t) || jsonMarshals(t) {
		return
	}
	outer := path
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if strings.Trim(path, "[]") == "" {
			path = w.text(t)
		}
		defer w.enter(named)()
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&types.IsComplex != 0 || u.Kind() == types.UnsafePointer {
			w.refuse(outer, "%s", w.text(t))
		}
	case *types.Interface:
		if u.NumMethods() > 0 { // any becomes whatever the JSON says
			w.refuse(outer, "%s", w.text(t))
		}
	case *types.Chan, *types.Signature:
		w.refuse(outer, "%s", w.text(t))
	case *types.Pointer:
		w.walk(u.Elem(), path)
	case *types.Slice:
		w.walk(u.Elem(), path+"[]")
	case *types.Array:
		w.walk(u.Elem(), path+"[]")
	case *types.Map:
		if key, ok := u.Key().Underlying().(*types.Basic); (!ok || key.Info()&(types.IsInteger|types.IsString) == 0) && !textMarshals(u.Key()) {
			w.refuse(path+"[key]", "%s", w.text(u.Key()))
		}
		w.walk(u.Elem(), path+"[]")
	case *types.Struct:
		for i := range u.NumFields() {
			f := u.Field(i)
			if (f.Exported() || f.Embedded()) && reflect.StructTag(u.Tag(i)).Get("json") != "-" {
				w.walk(f.Type(), joinPath(path, f.Name()))
			}
		}
	}
}

// jsonMarshals says whether values of t, or pointers to them, write and read themselves.
func jsonMarshals(t types.Type) bool {
	return hasMethods(t, "MarshalJSON", "UnmarshalJSON") || textMarshals(t)
}

func textMarshals(t types.Type) bool { return hasMethods(t, "MarshalText", "UnmarshalText") }

// hasMethods says whether pointers to t have all the methods, promoted ones too.
func hasMethods(t types.Type, names ...string) bool {
	methods := typeutil.IntuitiveMethodSet(t, nil)
	for _, name := range names {
		found := false
		for _, m := range methods {
			found = found || m.Obj().Name() == name
		}
		if !found {
			return false
		}
	}
	return true
}
