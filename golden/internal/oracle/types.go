package oracle

// Type is the Go type of items, as far as random pipelines use any.
type Type struct {
	Base  Base
	Batch bool // a slice of it
}

// Base is a type that is no slice.
type Base int

// The types of items. Those from Total on are results of a reduction.
const (
	Struct Base = iota
	Pointer
	Number
	Text
	Total
	TotalByInt
	TotalByString
)

// bases is the number of types that are no results of a reduction.
const bases = int(Total)

// Go is the type in a Go file that imports rig.
func (t Type) Go() string {
	s := [...]string{"rig.Item", "*rig.Item", "int64", "string", "rig.Sum", "map[int]rig.Sum", "map[string]rig.Sum"}[t.Base]
	if t.Batch {
		return "[]" + s
	}
	return s
}

// plain says whether items of the type can be batched, merged, reduced and made by any function.
func (t Type) plain() bool { return !t.Batch && t.Base < Total }

// A Key is a way to group items, by one of rig's key functions.
type Key string

// The keys: each of them, or two halves. No key is the empty one.
const (
	EachKey Key = "Key"
	HalfKey Key = "Half"
)

// keyFunc is the name of rig's function that gives the key of items of type t.
func keyFunc(t Type, k Key) string {
	return "rig." + [...]string{"Item", "Ptr", "Num", "Str"}[t.Base] + string(k)
}
