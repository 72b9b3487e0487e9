package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseRef(t *testing.T) {
	for text, want := range map[string]Ref{
		"F":                          {Name: "F"},
		"größe":                      {Name: "größe"},
		"pkg.F":                      {Pkg: "pkg", Name: "F"},
		"F[int]":                     {Name: "F", TypeArgs: []string{"int"}},
		"F[ []byte , *p.T ]":         {Name: "F", TypeArgs: []string{"[]byte", "*p.T"}},
		"pkg.F[map[string]T]":        {Pkg: "pkg", Name: "F", TypeArgs: []string{"map[string]T"}},
		"F[L[int], func(int) error]": {Name: "F", TypeArgs: []string{"L[int]", "func(int) error"}},
		"(*T).M":                     {Recv: "T", Ptr: true, Name: "M"},
		"(*pkg.T).M":                 {Pkg: "pkg", Recv: "T", Ptr: true, Name: "M"},
	} {
		want.Text = text
		got, bad := parseRef(text)
		if bad != nil {
			t.Errorf("%q: %s", text, bad.Message)
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
	for _, text := range []string{
		"", " ", "_", "_.F", "pkg._", "(*_).M", "1", `"F"`, "F()", "F(x)", "func() {}", "func(x int) int { return x }", "pkg/sub.F", "a.b.c", "(F)", "(T).M",
		"*T", "&T", "(&T).M", "(**T).M", "(*T[int]).M", "(*a.b.T).M", "(*T).M[int]", "(*T).M.N", "F[int][int]", "F[1]", "F[x+y]", "F[f()]", "F[:]", "F[_]",
		"F[struct{X int}]", "F[interface{ M() }]", "F[func() (x int)]extra", "F[int", "F]", "F,G", "F;G", "F\nG", "F // c", "F /* c */", "F*/G", "x.(T)", "[]T{}", "T{}",
		"`F`", "'F'", "F\x00", "F\u202e", "a b", "if", "F.type", "<-F", "F...", "F[...]", "chan int", "map[string]int", "F[[n]int]", "F[[1.5]int]", "F[[...]int]",
	} {
		if got, bad := parseRef(text); bad == nil {
			t.Errorf("%q is accepted: %+v", text, got)
		} else if bad.Code != CodeReference || bad.Help == "" {
			t.Errorf("%q: %+v", text, bad)
		}
	}
}

func TestCheckType(t *testing.T) {
	for text, want := range map[string]string{
		"string": "string", "duration": "duration", "*sql.DB": "*sql.DB", "[]byte": "[]byte", "[4]int": "[4]int", "map[string][]T": "map[string][]T",
		"chan<- int": "chan<- int", "func(context.Context, ...int) (string, error)": "func(context.Context, ...int) (string, error)",
		"interface{}": "interface{}", "map[string]struct{}": "map[string]struct{}", "Opt[int]": "Opt[int]", "pkg.Pair[K, V]": "pkg.Pair[K, V]", " T ": "T",
	} {
		if got, bad := checkType(text); bad != nil || got != want {
			t.Errorf("checkType(%q) = %q, %v", text, got, bad)
		}
	}
	for _, text := range []string{
		"", "x y", "T{}", "T()", "func() {}", "[n]int", "[...]int", "struct{X int}", "struct{X int `json:\"x\"`}", "interface{ M() }", "interface{ int | string }",
		"a.b.c", "T // c", "T /*", "T\n", "\"T\"", "5", "_", "[]_", "*", "map[string]", "func(x int", "T[", "T[1]", "~int", "int | string", "func[T any]()",
	} {
		if got, bad := checkType(text); bad == nil {
			t.Errorf("%q is accepted as %q", text, got)
		}
	}
}
