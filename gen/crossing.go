package gen

import (
	"fmt"
	"go/types"
	"math"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// A manner is how values of a type cross to another process.
type manner int

const (
	refused     manner = iota
	asNothing          // the type has one value
	asBasic            // a number, a bool or a string
	asBytes            // a slice of bytes
	asByteArray        //
	asError            // text, type's name and known errors
	asTime             // time.Time
	asMarshaled        // it declares MarshalBinary and UnmarshalBinary
	asStruct           // field by field
	asSlice            // element by element, as all below
	asArray
	asMap
	asPointer
)

// mannerOf returns how values of t cross, looking at what t is made of as little as possible.
func mannerOf(t types.Type) manner {
	switch {
	case isNamed(t, "time", "Time"):
		return asTime
	case marshals(t):
		return asMarshaled
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		if u.Info()&(types.IsBoolean|types.IsNumeric|types.IsString) != 0 && u.Info()&types.IsUntyped == 0 {
			return asBasic
		}
	case *types.Interface:
		if types.Identical(u, errorType.Underlying()) {
			return asError
		}
	case *types.Slice:
		if isByte(u.Elem()) {
			return asBytes
		}
		return asSlice
	case *types.Array:
		switch {
		case u.Len() == 0 || mannerOf(u.Elem()) == asNothing:
			return asNothing
		case isByte(u.Elem()):
			return asByteArray
		}
		return asArray
	case *types.Struct:
		for f := range u.Fields() {
			if mannerOf(f.Type()) != asNothing {
				return asStruct
			}
		}
		return asNothing
	case *types.Map:
		return asMap
	case *types.Pointer:
		return asPointer
	}
	return refused
}

func isByte(t types.Type) bool { return types.Identical(t, types.Typ[types.Uint8]) }

// marshals says whether t itself declares MarshalBinary and UnmarshalBinary. Promoted ones know nothing of the
// other fields.
func marshals(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.Named); !ok {
		return false
	}
	methods := types.NewMethodSet(types.NewPointer(t))
	declares := func(name string, pointer bool, params, results []types.Type) bool {
		s := methods.Lookup(nil, name)
		if s == nil || len(s.Index()) != 1 {
			return false
		}
		sig := s.Obj().Type().(*types.Signature)
		_, isPointer := sig.Recv().Type().(*types.Pointer)
		return (isPointer || !pointer) && consistsOf(sig.Params(), params) && consistsOf(sig.Results(), results)
	}
	bytes := types.NewSlice(types.Typ[types.Uint8])
	return declares("MarshalBinary", false, nil, []types.Type{bytes, errorType}) &&
		declares("UnmarshalBinary", true, []types.Type{bytes}, []types.Type{errorType})
}

func consistsOf(tuple *types.Tuple, list []types.Type) bool {
	if tuple.Len() != len(list) {
		return false
	}
	for i, t := range list {
		if !types.Identical(tuple.At(i).Type(), t) {
			return false
		}
	}
	return true
}

// crossingFields returns the fields of a struct that have something to tell and a name to be told by.
func crossingFields(t *types.Struct) []*types.Var {
	var fields []*types.Var
	for f := range t.Fields() {
		if f.Name() != "_" && mannerOf(f.Type()) != asNothing {
			fields = append(fields, f)
		}
	}
	return fields
}

// parts returns the types that values of t are encoded with.
func parts(t types.Type) []types.Type {
	switch mannerOf(t) {
	case asStruct:
		var list []types.Type
		for _, f := range crossingFields(t.Underlying().(*types.Struct)) {
			list = append(list, f.Type())
		}
		return list
	case asSlice, asArray, asPointer:
		return []types.Type{elemOf(t)}
	case asMap:
		m := t.Underlying().(*types.Map)
		return []types.Type{m.Key(), m.Elem()}
	}
	return nil
}

// elemOf returns the type of what stands in, or behind, values of t.
func elemOf(t types.Type) types.Type { return t.Underlying().(interface{ Elem() types.Type }).Elem() }

// isRecursive says whether values of the named type t can stand in each other.
func isRecursive(t types.Type) bool {
	if _, ok := types.Unalias(t).(*types.Named); !ok {
		return false
	}
	var seen typeutil.Map
	var reaches func(types.Type) bool
	reaches = func(from types.Type) bool {
		for _, part := range parts(from) {
			if types.Identical(part, t) {
				return true
			}
			if seen.Set(part, true) == nil && reaches(part) {
				return true
			}
		}
		return false
	}
	return reaches(t)
}

// leastBytes is how many bytes a value of t takes at least, encoded.
func leastBytes(t types.Type) int {
	switch mannerOf(t) {
	case asNothing:
		return 0
	case asBasic:
		switch kind := t.Underlying().(*types.Basic).Kind(); kind {
		case types.String:
			return 1
		case types.Int, types.Uint, types.Uintptr:
			return 8
		default:
			return int((&types.StdSizes{WordSize: 8, MaxAlign: 8}).Sizeof(types.Typ[kind]))
		}
	case asByteArray, asArray:
		n := min(t.Underlying().(*types.Array).Len(), math.MaxInt32)
		return int(min(n*int64(leastBytes(elemOf(t))), math.MaxInt32))
	case asTime:
		return 13
	case asStruct:
		sum := 0
		for _, part := range parts(t) {
			sum = min(sum+leastBytes(part), math.MaxInt32)
		}
		return max(sum, 1)
	}
	return 1
}

// A refusal is a value that cannot cross, by the path that leads to it. Owner is the named type of the package
// that has it and could have methods of its own; "" for none.
type refusal struct{ path, why, owner string }

func (r refusal) String() string {
	if r.path == "" {
		return r.why
	}
	return r.path + ": " + r.why
}

// refusals returns what keeps values of t from crossing between two processes of own's program: nothing, or
// each obstacle once. Paths begin at the first named type: Page.Body.conn.
func refusals(own *types.Package, t types.Type) []refusal {
	w := &crossingWalk{own: own}
	w.walk(t, "")
	return w.found
}

type crossingWalk struct {
	own   *types.Package
	owner string // the package's own type that is being walked
	seen  typeutil.Map
	found []refusal

	instances map[*types.TypeName]int // of generic types that have been seen
	endless   bool
}

// mostInstances is how many instances of one generic type a type may be made of. Nobody needs so many; without end they
// are where a type holds itself with ever larger arguments, which the compiler refuses as an instantiation cycle:
// type T[E any] struct{ next *T[[]E] }.
const mostInstances = 200

// enters says whether t is to be walked: it has not been, and there is an end to what it is made of.
func (w *crossingWalk) enters(t types.Type) bool {
	if w.endless || w.seen.Set(t, true) != nil {
		return false
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.TypeArgs().Len() == 0 {
		return true
	}
	if w.instances == nil {
		w.instances = make(map[*types.TypeName]int)
	}
	generic := named.Obj()
	if w.instances[generic]++; w.instances[generic] > mostInstances {
		w.endless = true
		w.refuse("", "%s, which holds itself with ever larger type arguments", generic.Name())
	}
	return !w.endless
}

func (w *crossingWalk) text(t types.Type) string {
	return types.TypeString(t, func(pkg *types.Package) string {
		if pkg.Path() == w.own.Path() {
			return ""
		}
		return pkg.Name()
	})
}

func (w *crossingWalk) refuse(path, format string, args ...any) {
	w.found = append(w.found, refusal{path, fmt.Sprintf(format, args...), w.owner})
}

func (w *crossingWalk) walk(t types.Type, path string) {
	if !w.enters(t) {
		return
	}
	m := mannerOf(t)
	if m == refused {
		w.refuse(path, "%s", w.text(t))
		return
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != nil {
		n := newNames(w.own)
		if n.Type(t); len(n.errs) > 0 {
			w.refuse(path, "%s, which only its own package can name", w.text(t))
			return
		}
		if strings.Trim(path, "[]") == "" {
			path = w.text(t)
		}
		defer w.enter(named)()
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if m == asStruct {
			w.fields(u, path)
		}
	case *types.Map:
		w.walk(u.Key(), path+"[key]")
		w.walk(u.Elem(), path+"[]")
	case *types.Pointer:
		w.walk(u.Elem(), path)
	default:
		if m == asSlice || m == asArray {
			w.walk(elemOf(t), path+"[]")
		}
	}
}

// enter makes a type of the package the owner of what is found, until leave is called.
func (w *crossingWalk) enter(t *types.Named) (leave func()) {
	outer := w.owner
	if pkg := t.Obj().Pkg(); pkg != nil && pkg.Path() == w.own.Path() {
		w.owner = t.Obj().Name()
	}
	return func() { w.owner = outer }
}

func joinPath(path, field string) string {
	if path == "" {
		return field
	}
	return path + "." + field
}

func (w *crossingWalk) fields(s *types.Struct, path string) {
	for _, f := range crossingFields(s) {
		if !f.Exported() && f.Pkg().Path() != w.own.Path() {
			w.refuse(joinPath(path, f.Name()), "an unexported field of package %s", f.Pkg().Name())
			return // one is enough
		}
		w.walk(f.Type(), joinPath(path, f.Name()))
	}
}
