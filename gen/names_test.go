package gen

import (
	"go/types"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
	"github.com/google/go-cmp/cmp"
)

func TestImportNames(t *testing.T) {
	user := testImporter{}.check(t, "example.com/user", "package user\nvar context, rand, mathrand int\nfunc url() {}")
	n := newNames(user)
	local := n.Scope().Local("json")
	f := n.File()
	use := func(path, realName string) { f.Var().Id("_").Add(n.Qual(path, realName, "X")) }
	use("context", "context")
	use("math/rand", "rand")
	use("crypto/rand", "rand")
	use("net/url", "url")
	use("encoding/json", "json")
	use("text/template", "template")
	use("html/template", "template")
	use("example.com/a/store", "store")
	use("example.com/b/store", "store")
	use("example.com/c/b/store", "store")
	use("example.com/d/len", "len")
	use("example.com/d/err", "err") // jennifer renames it by itself
	use("example.com/d/go-yaml/v3", "yaml")
	use("gopkg.in/yaml.v3", "yaml")
	use("example.com/x.y/1.2/init", "init")
	use("example.com/odd-name", "other")
	use("example.com/pipegen/pipegenRun", "pipegenRun")
	use("example.com/user", "user") // our own
	out, err := n.Render(f)
	if err != nil {
		t.Fatal(err)
	}
	const want = `package user

import (
	stdcontext "context"
	cryptorand "crypto/rand"
	encodingjson "encoding/json"
	htmltemplate "html/template"
	mathrand2 "math/rand"
	neturl "net/url"
	"text/template"

	"example.com/a/store"
	bstore "example.com/b/store"
	bstore2 "example.com/c/b/store"
	derr "example.com/d/err"
	"example.com/d/go-yaml/v3"
	dlen "example.com/d/len"
	other "example.com/odd-name"
	pipegenpipegenrun "example.com/pipegen/pipegenRun"
	pkginit "example.com/x.y/1.2/init"
	gopkginyaml "gopkg.in/yaml.v3"
)
`
	got, _, _ := strings.Cut(string(out), "\nvar")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("imports differ (-want +got):\n%s", diff)
	}
	if local != "json" || !strings.HasSuffix(string(out), "var _ X\n") {
		t.Errorf("local %q, text\n%s", local, out)
	}
	census := CensusWant{Header: "package user", Package: "user", Imports: n.ImportPaths(), Decls: make([]string, 18)}
	for i := range census.Decls {
		census.Decls[i] = "_"
	}
	if err := Census(out, census); err != nil {
		t.Error(err)
	}
}

func TestOnlyUsedImports(t *testing.T) {
	n := newNames(testImporter{}.check(t, "example.com/user", "package user"))
	n.Std("context", "Context")
	f := n.File()
	f.Var().Id("x").Add(n.Std("time", "Duration"))
	out, err := n.Render(f)
	if want := "package user\n\nimport \"time\"\n\nvar x time.Duration\n"; err != nil || string(out) != want {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestLocals(t *testing.T) {
	n := newNames(testImporter{}.check(t, "example.com/user", "package user\nfunc fetch() {}\ntype page int"))
	n.Std("net/url", "URL")
	s := n.Scope()
	tests := []struct{ hint, want string }{
		{"item", "item"},
		{"item", "item2"},
		{"item", "item3"},
		{"url", "url2"}, // an import
		{"URL", "url3"},
		{"fetch", "fetch2"}, // the package's
		{"Page", "page2"},
		{"len", "len2"}, // predeclared
		{"error", "error2"},
		{"range", "range2"}, // keyword
		{"read-words", "readWords"},
		{"read_more_words", "readMoreWords"},
		{"HTTPClient", "httpClient"},
		{"userID", "userID"},
		{"ID", "id"},
		{"X", "x"},
		{"", "item4"},
		{"_", "item5"},
		{"42nd", "nd"},
		{"a b; panic()", "aBPanic"},
		{"éclair", "éclair"},
		{"pipegenRun", "pipegenrun"}, // the support's
		{"Pipegen-run", "pipegenrun2"},
	}
	for _, test := range tests {
		got := s.Local(test.hint)
		if got != test.want {
			t.Errorf("Local(%q) = %q, want %q", test.hint, got, test.want)
		}
	}
}

// Every package of the plan has its name before the first local.
func TestReserve(t *testing.T) {
	im := testImporter{}
	user := im.check(t, "example.com/user", `package user
import ("bytes"; "image"; "io"; "math/big"; "net/url"; "os"; "strings"; "time")
var (
	in    *url.URL
	out   []image.Image
	param time.Location
	acc   map[string]*big.Int
	recv  *bytes.Buffer
	arg   io.Reader
)
var _ = os.O_RDONLY
var _ = strings.ToUpper
`)
	typ := func(name string) types.Type { return user.Scope().Lookup(name).Type() }
	object := func(path, name string) types.Object {
		pkg, err := im.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		return pkg.Scope().Lookup(name)
	}
	n := newNames(user)
	n.Reserve(&Plan{
		Package: user,
		Params:  []*Param{{Type: typ("param")}},
		Stages: []*Stage{
			{In: typ("in"), Out: typ("out"), Call: &Call{
				Object: object("strings", "ToUpper"),
				Args:   []Arg{{Value: Value{Const: object("os", "O_RDONLY").(*types.Const)}}},
			}},
			{Call: &Call{Object: object("bytes", "NewBuffer"), Recv: typ("recv"), TypeArgs: []types.Type{typ("arg")}}},
			{Reduce: &Reduce{Acc: typ("acc"), Add: &Call{Object: object("math", "Max")}}},
		},
		Queues: []*Queue{{Type: object("regexp", "Regexp").Type()}},
		Output: object("bufio", "Reader").Type(),
	})
	if len(n.errs) > 0 {
		t.Fatal(n.errs)
	}
	want := []string{"big", "bufio", "bytes", "image", "io", "math", "os", "regexp", "strings", "time", "url"}
	if diff := cmp.Diff(want, sortedKeys(n.aliases)); diff != "" {
		t.Errorf("imports differ (-want +got):\n%s", diff)
	}
	if got := n.Scope().Local("url"); got != "url2" {
		t.Errorf("local %q beside net/url", got)
	}
}

func TestNestedScopes(t *testing.T) {
	n := newNames(testImporter{}.check(t, "example.com/user", "package user"))
	outer := n.Scope()
	first := outer.Local("x")
	inner, sibling := outer.Child(), outer.Child()
	got := []string{first, inner.Local("x"), inner.Local("y"), sibling.Local("x"), outer.Local("y"), n.Scope().Local("x")}
	// The children keep clear of x; the siblings do not meet; outer's second y must not be taken for inner's.
	want := []string{"x", "x2", "y", "x2", "y2", "x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRenderRefuses(t *testing.T) {
	im := testImporter{}
	tests := []struct {
		name, user string
		build      func(n *names, f *jen.File)
		want       string
	}{
		{"syntax", "package user", func(n *names, f *jen.File) { f.Id("a").Line().Id("b") }, "generated code does not parse: line 4: "},
		{"hidden builtin", "package user\nfunc len(int) int { return 0 }", func(n *names, f *jen.File) {
			f.Func().Id("f").Params(jen.Id("s").Index().Int()).Block(jen.Id("_").Op("=").Len(jen.Id("s")))
		}, "package user declares len, which hides"},
		{"hidden type", "package user\ntype string int", func(n *names, f *jen.File) { f.Var().Id("x").String() }, "declares string, which hides"},
		{"cgo", "package user", func(n *names, f *jen.File) { f.Var().Id("x").Add(n.Qual("C", "C", "int")) }, "package C cannot be imported"},
	}
	for _, test := range tests {
		n := newNames(im.check(t, "example.com/user", test.user))
		f := n.File()
		test.build(n, f)
		_, err := n.Render(f)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.want)
		}
		if err != nil && strings.Count(err.Error(), "\n") > 0 {
			t.Errorf("%s: the error has several lines: %v", test.name, err)
		}
	}
	// A local of that name, or a field, hides nothing.
	n := newNames(im.check(t, "example.com/user", "package user\nfunc len(int) int { return 0 }"))
	f := n.File()
	f.Type().Id("s").Struct(jen.Id("len").Int())
	if _, err := n.Render(f); err != nil {
		t.Error(err)
	}
}

func TestImportable(t *testing.T) {
	tests := []struct {
		path, from string
		want       bool
	}{
		{"a.com/x", "b.com/y", true},
		{"a.com/internal", "a.com/y", true},
		{"a.com/internal", "a.com", true},
		{"a.com/x/internal/z", "a.com/x/y", true},
		{"a.com/x/internal/z", "a.com/x", true},
		{"a.com/x/internal/z", "a.com/xy", false},
		{"a.com/internal/x/internal/z", "a.com/y", false},
		{"internal/abi", "a.com/y", false},
		{"net/http/internal", "a.com/y", false},
		{"vendor/golang.org/x/net", "a.com/y", false},
		{"a.com/internals", "b.com", true},
	}
	for _, test := range tests {
		if got := importable(test.path, test.from); got != test.want {
			t.Errorf("importable(%q, %q) = %v", test.path, test.from, got)
		}
	}
}
