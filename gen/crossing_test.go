package gen

import (
	"fmt"
	"go/types"
	"strings"
	"testing"

	"github.com/pipegen/pipegen/spec"
)

const farSource = `package far

import "errors"

type (
	hidden struct{ N int }
	Open   struct{ N int }
	Closed struct{ n int }
	Mixed  struct {
		_  func()
		no [0]func()
		N  int
	}
	Leaky  struct{ H hidden }
	Chain  struct{ Next *Chain; C chan int }
	Sealed struct{ n int }
)

func (Sealed) MarshalBinary() ([]byte, error)     { return nil, nil }
func (*Sealed) UnmarshalBinary(data []byte) error { return nil }

var ErrFar = errors.New("far")
`

const crossingSource = `package own

import (
	"database/sql"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"
	"unsafe"

	"example.com/far"
)

type (
	Body  struct{ conn chan int }
	Page  struct{ Name string; Body Body }
	Twice struct{ A, B Body; F func() }
	Node  struct{ Next *Node; By map[string][]Node; Out io.Writer }
	Keyed map[Body]int
	Own   struct{ far.Closed }
	Meth  struct{ c chan int }
	Half  struct{ c chan int }
	Value struct{ c chan int }
	Prom  struct{ time.Time; c chan int }
	Gen[T any] struct{ V T }
	Fail  interface{ error }
	Temp  interface{ error; Temporary() bool }
	Blank struct{ _ func(); _ chan int; N int }
	Copy  far.Closed
)

func (Meth) MarshalBinary() ([]byte, error)     { return nil, nil }
func (*Meth) UnmarshalBinary(data []byte) error { return nil }
func (Half) MarshalBinary() ([]byte, error)     { return nil, nil }
func (Value) MarshalBinary() ([]byte, error)    { return nil, nil }
func (Value) UnmarshalBinary(data []byte) error { return nil }
`

// crossingTypes returns the types that are written in a package with the declarations of crossingSource.
func crossingTypes(t *testing.T, texts ...string) (own *types.Package, list []types.Type) {
	t.Helper()
	im := make(testImporter)
	im.check(t, "example.com/far", farSource)
	var b strings.Builder
	b.WriteString(crossingSource)
	for i, text := range texts {
		fmt.Fprintf(&b, "var v%d %s\n", i, text)
	}
	b.WriteString("var _ = []any{io.EOF, http.ErrServerClosed, sql.ErrNoRows, big.Above, sync.NewCond, time.Now, unsafe.Pointer(nil), far.ErrFar}\n")
	own = im.check(t, "example.com/own", b.String())
	for i := range texts {
		list = append(list, own.Scope().Lookup(fmt.Sprint("v", i)).Type())
	}
	return own, list
}

func joined(found []refusal) string {
	var list []string
	for _, r := range found {
		list = append(list, r.String())
	}
	return strings.Join(list, "|")
}

// TestRefusals holds what cannot cross between processes, and the path that leads there.
func TestRefusals(t *testing.T) {
	cases := []struct{ typ, want string }{
		{"chan int", "chan int"},
		{"Page", "Page.Body.conn: chan int"},
		{"*[]Page", "Page.Body.conn: chan int"},
		{"Twice", "Twice.A.conn: chan int|Twice.F: func()"},
		{"Node", "Node.Out: io.Writer"},
		{"Keyed", "Keyed[key].conn: chan int"},
		{"Own", "Own.Closed.n: an unexported field of package far"},
		{"far.Closed", "far.Closed.n: an unexported field of package far"},
		{"far.Leaky", "far.Leaky.H: far.hidden, which only its own package can name"},
		{"far.Chain", "far.Chain.C: chan int"},
		{"Half", "Half.c: chan int"},
		{"Value", "Value.c: chan int"},
		{"Prom", "Prom.c: chan int"},
		{"Gen[func()]", "Gen[func()].V: func()"},
		{"Temp", "Temp"},
		{"any", "any"},
		{"map[string]unsafe.Pointer", "[]: unsafe.Pointer"},
		{"struct{ P unsafe.Pointer }", "P: unsafe.Pointer"},
		{"*sql.DB", "sql.DB.waitDuration: an unexported field of package sql"},
		{"sync.Mutex", "sync.Mutex.mu: an unexported field of package sync"},
		{"big.Int", "big.Int.neg: an unexported field of package big"},
		{"http.Header", ""},
		{"far.Mixed", ""},
		{"far.Sealed", ""},
		{"Meth", ""},
		{"Fail", ""},
		{"Blank", ""},
		{"[0]chan int", ""},
		{"[]error", ""},
		{"Gen[*far.Open]", ""},
		{"Copy", "Copy.n: an unexported field of package far"},
		{"[2]map[int][]func()", "[][][]: func()"},
	}
	var texts []string
	for _, c := range cases {
		texts = append(texts, c.typ)
	}
	own, list := crossingTypes(t, texts...)
	for i, c := range cases {
		if got := joined(refusals(own, list[i])); got != c.want {
			t.Errorf("%s: %s, want %s", c.typ, got, c.want)
		}
	}
}

// TestJSONRefusals is the same for codec: json.
func TestJSONRefusals(t *testing.T) {
	cases := []struct{ typ, want string }{
		{"[]Page", ""}, // conn is not exported
		{"map[string]any", ""},
		{"map[time.Time][]*big.Int", ""},
		{"struct{ F func() `json:\"-\"`; N int }", ""},
		{"*Node", "Node.Out: io.Writer"},
		{"Twice", "Twice.F: func()"},
		{"complex128", "complex128"},
		{"error", "error"},
		{"Gen[chan int]", "Gen[chan int].V: chan int"},
		{"map[far.Open]int", "[key]: far.Open"},
		{"[3]map[int]Fail", "[][]: Fail"},
		{"unsafe.Pointer", "unsafe.Pointer"},
	}
	var texts []string
	for _, c := range cases {
		texts = append(texts, c.typ)
	}
	own, list := crossingTypes(t, texts...)
	for i, c := range cases {
		if got := joined(jsonRefusals(own, list[i])); got != c.want {
			t.Errorf("%s: %s, want %s", c.typ, got, c.want)
		}
	}
}

// What takes no bytes is of no size, and everything else of at least one: lengths are believed by this.
func TestLeastBytes(t *testing.T) {
	cases := []struct {
		typ  string
		want int
	}{
		{"int", 8}, {"bool", 1}, {"rune", 4}, {"uint16", 2}, {"complex64", 8}, {"complex128", 16}, {"string", 1},
		{"[]int", 1}, {"*[9]int", 1}, {"[9]int", 72}, {"[9]byte", 9}, {"error", 1}, {"time.Time", 13}, {"map[int]int", 1},
		{"struct{}", 0}, {"[1<<40]struct{}", 0}, {"[0]int", 0}, {"Blank", 8}, {"struct{ _ int }", 1}, {"far.Sealed", 1},
		{"struct { A, B int32; C [2]string; D struct{} }", 10}, {"[1<<40]int", 1<<31 - 1}, {"struct { A, B [1<<40]int }", 1<<31 - 1},
	}
	var texts []string
	for _, c := range cases {
		texts = append(texts, c.typ)
	}
	_, list := crossingTypes(t, texts...)
	for i, c := range cases {
		if got := leastBytes(list[i]); got != c.want {
			t.Errorf("%s: %d, want %d", c.typ, got, c.want)
		}
	}
}

func TestIsRecursive(t *testing.T) {
	_, list := crossingTypes(t, "Node", "far.Chain", "Page", "Gen[*Node]", "[]Node", "Gen[int]")
	for i, want := range []bool{true, true, false, false, false, false} {
		if got := isRecursive(list[i]); got != want {
			t.Errorf("%v: %v", list[i], got)
		}
	}
}

// The fingerprint changes with anything that the two ends must agree about, and with nothing else.
func TestFingerprint(t *testing.T) {
	of := func(declarations string, known ...string) string {
		im := make(testImporter)
		own := im.check(t, "example.com/own", "package own\nimport \"time\"\nvar _ time.Time\n"+declarations)
		p := &Plan{File: &spec.File{}, Package: own}
		for _, name := range known {
			p.Known = append(p.Known, own.Scope().Lookup(name).(*types.Var))
		}
		p.Stages = []*Stage{
			{In: own.Scope().Lookup("A").Type(), Process: &Process{}, Outputs: []*Output{{Type: types.Typ[types.Int]}}},
			{In: own.Scope().Lookup("Local").Type()},
		}
		return p.Fingerprint()
	}
	const base = "type A struct{ N int; B *B; T time.Time }; type B struct{ As []A }; type Local int; var E1, E2 error\n"
	want := of(base, "E1", "E2")
	if len(want) != 16 || of(base, "E1", "E2") != want {
		t.Errorf("%q is no fingerprint", want)
	}
	if of(strings.Replace(base, "Local int", "Local string", 1)+"func F() {}", "E1", "E2") != want {
		t.Error("what does not cross changes it")
	}
	seen := map[string]string{want: base}
	for _, change := range [][]string{
		{"N int", "N int64"}, {"N int", "M int"}, {"As []A", "As map[int]A"}, {"As []A", "As []A; C int"}, {"N int; B *B", "B *B; N int"},
	} {
		got := of(strings.Replace(base, change[0], change[1], 1), "E1", "E2")
		if other := seen[got]; other != "" {
			t.Errorf("%s makes no difference to %s", change, other)
		}
		seen[got] = change[1]
	}
	if of(base, "E2", "E1") == want || of(base, "E1") == want {
		t.Error("the known errors make no difference")
	}
}
