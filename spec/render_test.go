package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// human renders one diagnostic against a source.
func renderHuman(t *testing.T, d Diagnostic, src string, color bool) string {
	t.Helper()
	var b bytes.Buffer
	if err := (Diagnostics{d}).WriteHuman(&b, map[string][]byte{d.File: []byte(src)}, color); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWriteHuman(t *testing.T) {
	src := strings.Repeat("#\n", 13) + "  - map: Resize\n"
	got := renderHuman(t, Diagnostic{
		Code: "PG301", File: "thumbs.pipegen.yaml", Span: Span{Pos{14, 10}, 6},
		Message: `"download" emits Page but "resize" takes image.Image`,
		Label:   "takes image.Image", Where: "resize.go:9:6",
		Notes: []string{`thumbs.pipegen.yaml:11:10: "download" is Download, which returns Page (download.go:22:6)`},
		Help:  `Decode takes Page and returns image.Image (decode.go:5:6): insert "- map: Decode" above`,
	}, src, false)
	want := `error[PG301]: "download" emits Page but "resize" takes image.Image
  --> thumbs.pipegen.yaml:14:10
   |
14 |   - map: Resize
   |          ^^^^^^ takes image.Image      resize.go:9:6
   |
   = note: thumbs.pipegen.yaml:11:10: "download" is Download, which returns Page (download.go:22:6)
   = help: Decode takes Page and returns image.Image (decode.go:5:6): insert "- map: Decode" above
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteHumanWhole(t *testing.T) {
	ds := Diagnostics{
		{Code: "PG106", File: "a.yaml", Message: "the spec is empty", Help: "write one"},
		{Code: "PG123", Severity: Warning, File: "b.yaml", Span: Span{Pos{1234, 1}, 3}, Message: "m"}, // the source ends before
		{Code: "PG123", Severity: Warning, File: "c.yaml", Span: Span{Pos{1, 1}, 3}, Message: "m"},    // no source
	}
	var b bytes.Buffer
	if err := ds.WriteHuman(&b, map[string][]byte{"a.yaml": nil, "b.yaml": []byte("abc\n")}, false); err != nil {
		t.Fatal(err)
	}
	want := `error[PG106]: the spec is empty
  --> a.yaml
   = help: write one

warning[PG123]: m
    --> b.yaml:1234:1

warning[PG123]: m
  --> c.yaml:1:1
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestCaret looks at the source line and the line with the caret below it.
func TestCaret(t *testing.T) {
	long := strings.Repeat("a", 500)
	for _, c := range []struct {
		name, src    string
		col, n       int
		source, mark string
	}{
		{"plain", "  - map: F", 10, 1, "  - map: F", "         ^"},
		{"tabs", "\tab\tc", 5, 1, "    ab  c", "        ^"},
		{"under a tab", "a\tb", 2, 1, "a   b", " ^^^"},
		{"wide", "日本: 語", 5, 1, "日本: 語", "      ^^"},
		{"combining", "e\u0301: x", 5, 1, "e\u0301: x", "   ^"},
		{"emoji", "🙂: x", 4, 1, "🙂: x", "    ^"},
		{"past the end", "ab", 3, 1, "ab", "  ^"},
		{"longer than the line", "abc", 2, 99, "abc", " ^^"},
		{"byte order mark", "\ufeffab", 1, 2, "ab", "^^"},
		{"carriage return", "ab\r", 2, 1, "ab", " ^"},
		{"control", "a\x1b[31mb", 7, 1, "a\ufffd[31mb", "      ^"},
		{"direction", "a\u202eb", 3, 1, "a\ufffdb", "  ^"},
		{"long, at the start", long, 1, 3, long[:120] + "…", "^^^"},
		{"long, in the middle", long, 250, 3, "…" + long[:120] + "…", " " + strings.Repeat(" ", 40) + "^^^"},
		{"long, at the end", long, 500, 1, "…" + long[:41], " " + strings.Repeat(" ", 40) + "^"},
		{"long span", long, 1, 500, long[:120] + "…", strings.Repeat("^", 120)},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := renderHuman(t, Diagnostic{Code: "PG101", File: "f", Message: "m", Span: Span{Pos{1, c.col}, c.n}}, c.src, false)
			want := "error[PG101]: m\n  --> f:1:" + itoa(c.col) + "\n   |\n 1 | " + c.source + "\n   | " + c.mark + "\n"
			if diff := cmp.Diff(want, out); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func itoa(n int) string { b, _ := json.Marshal(n); return string(b) }

// TestHumanIsPrintable: whatever a diagnostic contains, a terminal gets lines of text.
func TestHumanIsPrintable(t *testing.T) {
	evil := "a\x1b[2J\n\r\u202e\u2028b"
	out := renderHuman(t, Diagnostic{
		Code: "PG101", File: evil, Span: Span{Pos{1, 1}, 1}, Message: evil, Label: evil, Where: evil, Notes: []string{evil}, Help: evil,
	}, evil, false)
	if n := strings.Count(out, "\n"); n != 8 {
		t.Errorf("%d lines instead of 8:\n%s", n, out)
	}
	for _, r := range out {
		if r != '\n' && r != '\ufffd' && isControl(r) {
			t.Errorf("%U in the output", r)
		}
	}
}

func TestColor(t *testing.T) {
	d := Diagnostic{Code: "PG101", File: "f", Message: "m", Span: Span{Pos{1, 1}, 1}, Label: "l", Where: "w", Notes: []string{"n"}, Help: "h"}
	plain := renderHuman(t, d, "x\n", false)
	colored := renderHuman(t, d, "x\n", true)
	if strings.Contains(plain, "\x1b") {
		t.Error("escape sequences without color")
	}
	for _, s := range []string{"\x1b[1;31merror[PG101]\x1b[0m", "\x1b[1;31m^\x1b[0m"} {
		if !strings.Contains(colored, s) {
			t.Errorf("no %q in %q", s, colored)
		}
	}
	stripped := colored
	for _, code := range []string{bold, red, yellow, blue, "0"} {
		stripped = strings.ReplaceAll(stripped, "\x1b["+code+"m", "")
	}
	if stripped != plain {
		t.Errorf("color changes the text:\n%s\n%s", plain, stripped)
	}
}

func TestWriteJSON(t *testing.T) {
	ds := Diagnostics{
		{Code: "PG301", File: "x.yaml", Span: Span{Pos{4, 2}, 3}, Message: `a "b" <c>`, Label: "l", Where: "w.go:1:2", Notes: []string{"n1", "n2"}, Help: "h"},
		{Code: "PG123", Severity: Warning, File: "y.yaml", Message: "line\nbreak"},
	}
	var b bytes.Buffer
	if err := ds.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	want := `{"code":"PG301","severity":"error","message":"a \"b\" <c>","file":"x.yaml","line":4,"column":2,"length":3,"label":"l","where":"w.go:1:2","notes":["n1","n2"],"help":"h"}
{"code":"PG123","severity":"warning","message":"line\nbreak","file":"y.yaml"}
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriteGitHub(t *testing.T) {
	ds := Diagnostics{
		{Code: "PG301", File: "a,b:c%.yaml", Span: Span{Pos{4, 2}, 3}, Message: "100%: a, b\r\n::error::no", Notes: []string{"n"}, Help: "h"},
		{Code: "PG123", Severity: Warning, File: "y.yaml", Message: "m"},
	}
	var b bytes.Buffer
	if err := ds.WriteGitHub(&b); err != nil {
		t.Fatal(err)
	}
	want := "::error file=a%2Cb%3Ac%25.yaml,line=4,col=2,title=PG301::100%25: a, b%0D%0A::error::no%0Anote: n%0Ahelp: h\n" +
		"::warning file=y.yaml,title=PG123::m\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A renderer says when its writer fails.
func TestWriteFails(t *testing.T) {
	ds := Diagnostics{{Code: "PG101", File: "f", Message: "m"}}
	for name, err := range map[string]error{
		"human":  ds.WriteHuman(broken{}, nil, false),
		"json":   ds.WriteJSON(broken{}),
		"github": ds.WriteGitHub(broken{}),
	} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestDiagnostics(t *testing.T) {
	var ds Diagnostics
	if ds.HasErrors() {
		t.Error("the zero value has errors")
	}
	add := func(file string, line, col int, sev Severity, msg string) {
		ds.Add(Diagnostic{File: file, Span: Span{Pos{line, col}, 1}, Severity: sev, Message: msg})
	}
	add("b", 1, 1, Warning, "g")
	if ds.HasErrors() {
		t.Error("a warning counts as an error")
	}
	add("a", 2, 1, Error, "e")
	add("a", 1, 9, Error, "c")
	add("a", 1, 9, Warning, "d")
	add("a", 1, 3, Error, "b")
	add("a", 10, 1, Error, "f")
	add("a", 0, 0, Error, "a")
	ds.Sort()
	order := ""
	for _, d := range ds {
		order += d.Message
	}
	if order != "abcdefg" {
		t.Errorf("order %s", order)
	}
	if ds.Errors() != 5 || ds.Warnings() != 2 || !ds.HasErrors() {
		t.Errorf("%d errors, %d warnings", ds.Errors(), ds.Warnings())
	}
}

func TestSilence(t *testing.T) {
	f, ds := Parse("x.yaml", []byte(head+"  - map: F # pipegen:ignore PG123 why\n"))
	if len(ds) > 0 {
		t.Fatal(problems(ds))
	}
	at := func(file string, line int, code string, sev Severity) Diagnostic {
		return Diagnostic{File: file, Span: Span{Pos{line, 1}, 1}, Code: code, Severity: sev}
	}
	stay := Diagnostics{
		at("x.yaml", 4, "PG123", Error),   // an error
		at("x.yaml", 4, "PG122", Warning), // another code
		at("x.yaml", 3, "PG123", Warning), // another line
		at("y.yaml", 4, "PG123", Warning), // another file
	}
	all := append(Diagnostics{at("x.yaml", 4, "PG123", Warning)}, stay...)
	if diff := cmp.Diff(stay, f.Silence(all)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
