package gen

import (
	"fmt"
	"go/types"
	"testing"

	"github.com/pipegen/pipegen/spec"
)

const memorySource = `package own

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

type (
	Point   struct{ X, Y float64; _ [4]byte; kind kind }
	kind    uint8
	Grid    [4][2]Point
	Page    struct{ Size int; Title string; Body Body }
	Body    struct{ Links [3]*Page; Read func() }
	Pair[T any] struct{ A, B T }
	Locked  struct{ mu sync.Mutex; N int }
	Counted struct{ N [2]atomic.Int64 }
	Same    = Point
	Owner   struct{ ID int; Names [2]struct{ P *string } }
	Text    string
	Empty   struct{}
)

var _ = []any{time.Now, netip.Addr{}, unsafe.Pointer(nil)}
`

// TestMemoryRefusals holds what cannot live in memory that several processes map, and the path that leads there.
func TestMemoryRefusals(t *testing.T) {
	own, list := typesIn(t, memorySource, memoryCases)
	for i, c := range memoryCases {
		if got := joined(memoryRefusals(own, list[i])); got != c.want {
			t.Errorf("%s: %q, want %q", c.typ, got, c.want)
		}
	}
}

var memoryCases = []refusalCase{
	{"int", ""}, {"uintptr", ""}, {"complex128", ""}, {"bool", ""}, {"kind", ""}, {"Point", ""}, {"Grid", ""}, {"Same", ""},
	{"[3]struct{ A int8; B uint16 }", ""}, {"Pair[Pair[kind]]", ""}, {"time.Duration", ""}, {"Empty", ""},
	{"string", "string"}, {"Text", "Text"}, {"*int", "*int"}, {"[]int", "[]int"}, {"map[int]int", "map[int]int"}, {"any", "any"}, {"error", "error"},
	{"chan int", "chan int"}, {"func()", "func()"}, {"unsafe.Pointer", "unsafe.Pointer"}, {"[2]string", "[]: string"},
	{"Page", "Page.Title: string|Page.Body.Links[]: *Page|Page.Body.Read: func()"},
	{"[2]Page", "Page.Title: string|Page.Body.Links[]: *Page|Page.Body.Read: func()"},
	{"Pair[string]", "Pair[string].A: string"},
	{"time.Time", "time.Time.loc: *time.Location"},
	{"Locked", "Locked.mu: sync.Mutex, which must not be copied"}, {"Counted", "Counted.N[]: atomic.Int64, which must not be copied"},
	{"sync.Once", "sync.Once, which must not be copied"},
}

// TestKeyRefusals holds which keys would be others once they have crossed.
func TestKeyRefusals(t *testing.T) {
	cases := []refusalCase{
		{"int", ""}, {"string", ""}, {"Point", ""}, {"Text", ""}, {"[2]Text", ""}, {"netip.Addr", ""}, {"Empty", ""},
		{"*int", "*int"}, {"error", "error"}, {"time.Time", "time.Time"}, {"Owner", "Owner.Names[].P: *string"}, {"Pair[time.Time]", "Pair[time.Time].A: time.Time"},
		{"[2]*int", "[]: *int"},
	}
	own, list := typesIn(t, memorySource, cases)
	for i, c := range cases {
		if got := joined(keyRefusals(own, list[i])); got != c.want {
			t.Errorf("%s: %q, want %q", c.typ, got, c.want)
		}
	}
}

type refusalCase struct{ typ, want string }

// typesIn returns the types of the cases, written in a package with the source.
func typesIn(t *testing.T, source string, cases []refusalCase) (own *types.Package, list []types.Type) {
	t.Helper()
	for i, c := range cases {
		source += fmt.Sprintf("var v%d %s\n", i, c.typ)
	}
	own = make(testImporter).check(t, "example.com/own", source)
	for i := range cases {
		list = append(list, own.Scope().Lookup(fmt.Sprint("v", i)).Type())
	}
	return own, list
}

// The fingerprint changes with the layout of what is mapped and the types of what is called for, where workers share
// it, and with nothing else.
func TestFingerprintOfShared(t *testing.T) {
	of := func(declarations string, change func([]*Resource)) string {
		own := make(testImporter).check(t, "example.com/own", "package own\n"+declarations)
		typ := func(name string) types.Type { return own.Scope().Lookup(name).Type() }
		p := &Plan{File: &spec.File{}, Package: own, Shared: []*Resource{
			{Name: "grid", Kind: spec.SharedArray, Elem: typ("Point"), N: 4, InWorkers: true},
			{Name: "seen", Kind: spec.SharedMap, Key: typ("Key"), Elem: typ("Page"), InWorkers: true},
			{Name: "here", Kind: spec.SharedList, Elem: typ("Local")},
		}}
		if change != nil {
			change(p.Shared)
		}
		return p.Fingerprint()
	}
	const base = "type Point struct{ X, Y float64; M Mark }; type Mark [2]uint8; type Key string; type Page struct{ Text string }; type Local int\n"
	want := of(base, nil)
	same := "type Point struct{ X, Y float64; M Mark }; type Mark [2]uint8; type Key string; type Page struct{ Text string }; type Local struct{}\n"
	if of(same, nil) != want || of(base, func(r []*Resource) { r[2].N = 5 }) != want {
		t.Error("what no worker shares changes it")
	}
	seen := map[string]string{want: "nothing"}
	note := func(what, got string) {
		if other := seen[got]; other != "" {
			t.Errorf("%s makes no difference to %s", what, other)
		}
		seen[got] = what
	}
	note("a field's order", of("type Point struct{ Y, X float64; M Mark }; type Mark [2]uint8; type Key string; type Page struct{ Text string }; type Local int\n", nil))
	note("a length below", of("type Point struct{ X, Y float64; M Mark }; type Mark [3]uint8; type Key string; type Page struct{ Text string }; type Local int\n", nil))
	note("a type below", of("type Point struct{ X, Y float64; M Mark }; type Mark [2]int8; type Key string; type Page struct{ Text string }; type Local int\n", nil))
	note("a value", of("type Point struct{ X, Y float64; M Mark }; type Mark [2]uint8; type Key string; type Page struct{ Text []byte }; type Local int\n", nil))
	note("a key", of("type Point struct{ X, Y float64; M Mark }; type Mark [2]uint8; type Key int; type Page struct{ Text string }; type Local int\n", nil))
	note("a number", of(base, func(r []*Resource) { r[0].N = 5 }))
	note("a kind", of(base, func(r []*Resource) { r[0].Kind = spec.SharedValue }))
	note("a name", of(base, func(r []*Resource) { r[0].Name = "plan" }))
	note("one more", of(base, func(r []*Resource) { r[2].InWorkers = true }))
}
