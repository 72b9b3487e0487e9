package gen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/pipegen/pipegen/spec"
)

// marker stands in hostile values where code would be: an identifier that no legitimate output contains.
const marker = "pwned"

// hostileValues try to leave the place that a string of a spec has in YAML, in Go source or on disk.
var hostileValues = []string{
	// Ends of Go lines, comments and literals.
	"a\nfunc pwned() {}",
	"a\r\nfunc pwned() {}",
	"a\rfunc pwned() {}",
	"a\u2028func pwned() {}",
	"a\u2029func pwned() {}",
	"a\u0085func pwned() {}",
	"a\vfunc pwned() {}",
	"a\ffunc pwned() {}",
	"*/ pwned() /*",
	"a */ func pwned() {} /* b",
	"/* pwned",
	"// pwned",
	"\"; pwned(); \"",
	"\"+pwned()+\"",
	"\\\"+pwned()+\\\"",
	"`+pwned()+`",
	"'+pwned()+'",
	"\\", "\\\\\"", "\"", "`", "'",
	"a\" + pwned + \"b",
	"\\u0022+pwned()+\\u0022",
	"\\x22+pwned()+\\x22",
	"%s%d%!(pwned)", "%", "{{pwned}}", "${pwned}", "$(pwned)", "$pwned", "$$pwned", "$",
	// Directives.
	"//go:generate pwned", "go:generate pwned", "a\n//go:generate pwned",
	"//go:build pwned\n", "a\n//go:build ignore", "+build pwned", "//go:embed pwned",
	"//go:linkname pwned runtime.pwned", "//export pwned", "#cgo LDFLAGS: -pwned", "//line pwned.go:1",
	"/*line pwned.go:1*/", "//nolint:pwned", "// +pwned", "import \"C\"",
	// Go where a name or an expression stands.
	"Inc; pwned()", "Inc(pwned())", "Inc,pwned", "Inc}\nfunc init() { pwned() }", "func() int { pwned() }()",
	"Inc[func() { pwned() }]", "Same[struct{ pwned int }]", "Same[pwned]", "(*pwned).Inc", "pwned.Inc", "os.Exit",
	"Same[[pwned()]int]", "Same[interface{ pwned() }]", "unsafe.Pointer", "C.pwned", "linux && pwned",
	"linux\npackage pwned", "map[string]pwned", "chan<- pwned", "_", ".", "init", "main", "type", "import", "nil",
	// Places on disk.
	"../pwned", "../../../../../../tmp/pwned", "/tmp/pwned", "a/../../pwned", "..\\pwned", "file:///pwned", "C:\\pwned", "a\x00pwned", "-pwned",
	// What looks different from what it is.
	"a\u202epwned\u202c", "\u2066pwned\u2069", "pw\u200bned", "\ufeffpwned", "рwned", "\u00adpwned", "a\x1b[31mpwned", "\b\b\bpwned", "\U000e0041pwned", "\ufffd", "\xff\xfe",
	// Sizes and numbers.
	strings.Repeat("pwned", 2_000), strings.Repeat("(", 5_000), strings.Repeat("[]", 5_000) + "int",
	"99999999999999999999", "-1", "1e309", "0x7fffffffffffffff", "NaN", "9223372036854775807h", "999999999TiB",
	// YAML.
	"&a pwned", "*a", "!!binary pwned", "<<", "? pwned", "a: pwned", "[pwned", "{pwned: pwned}", "|\n  pwned", "--- pwned", "~", "yes", "",
}

// hostilePlaces are specs with one %s where a string stands; every string position of the language has one.
var hostilePlaces = map[string]string{
	"version":         "version: %s\npipeline: p\nstages:\n  - source: Slice\n  - sink: See\n",
	"pipeline":        "version: 1\npipeline: %s\nstages:\n  - source: Slice\n  - sink: See\n",
	"doc":             "version: 1\npipeline: p\ndoc: %s\nstages:\n  - source: Slice\n  - sink: See\n",
	"build":           "version: 1\npipeline: p\nbuild: %s\nstages:\n  - source: Slice\n  - sink: See\n",
	"import":          "version: 1\npipeline: p\nimports: [%s]\nstages:\n  - source: Slice\n  - sink: See\n",
	"import alias":    "version: 1\npipeline: p\nimports: {%s: strings}\nstages:\n  - source: Words\n  - map: strings.TrimSpace\n  - sink: Any\n",
	"import path":     "version: 1\npipeline: p\nimports: {s: %s}\nstages:\n  - source: Slice\n  - sink: See\n",
	"param name":      "version: 1\npipeline: p\nparams: {%s: {type: int}}\nstages:\n  - source: Slice\n  - sink: See\n",
	"param type":      "version: 1\npipeline: p\nparams: {by: {type: %s}}\nstages:\n  - source: Slice\n  - map: Add\n    args: {by: $by}\n  - sink: See\n",
	"param default":   "version: 1\npipeline: p\nparams: {l: {type: string, default: %s}}\nstages:\n  - source: SeqArgs\n    args: {from: 1, to: 2, label: $l}\n  - sink: See\n",
	"int default":     "version: 1\npipeline: p\nparams: {by: {type: int, default: %s}}\nstages:\n  - source: Slice\n  - map: Add\n    args: {by: $by}\n  - sink: See\n",
	"param env":       "version: 1\npipeline: p\nparams: {l: {type: string, env: %s}}\nstages:\n  - source: SeqArgs\n    args: {from: 1, to: 2, label: $l}\n  - sink: See\n",
	"param doc":       "version: 1\npipeline: p\nparams: {l: {type: string, doc: %s}}\nstages:\n  - source: SeqArgs\n    args: {from: 1, to: 2, label: $l}\n  - sink: See\n",
	"param key":       "version: 1\npipeline: p\nparams: {l: {type: string, %s: 1}}\nstages:\n  - source: SeqArgs\n    args: {from: 1, to: 2, label: $l}\n  - sink: See\n",
	"defaults":        "version: 1\npipeline: p\ndefaults: {on_error: %s}\nstages:\n  - source: Slice\n  - map: IncErr\n  - sink: See\n",
	"top-level key":   "version: 1\npipeline: p\n%s: x\nstages:\n  - source: Slice\n  - sink: See\n",
	"source":          "version: 1\npipeline: p\nstages:\n  - source: %s\n  - sink: See\n",
	"map":             "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: %s\n  - sink: See\n",
	"filter":          "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - filter: %s\n  - sink: See\n",
	"filter_map":      "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - filter_map: %s\n  - sink: See\n",
	"flat_map":        "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - flat_map: %s\n  - sink: See\n",
	"tap":             "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - tap: %s\n  - sink: See\n",
	"sink":            "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - sink: %s\n",
	"batch size":      "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - batch: {size: %s}\n  - unbatch: true\n  - sink: See\n",
	"batch max_wait":  "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - batch: {size: 2, max_wait: %s}\n  - unbatch: true\n  - sink: See\n",
	"unbatch":         "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - batch: {size: 2}\n  - unbatch: %s\n  - sink: See\n",
	"reduce add":      "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - reduce: {add: %s}\n  - sink: See\n",
	"reduce init":     "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - reduce: {add: Sum, init: %s}\n  - sink: See\n",
	"reduce merge":    "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - reduce: {add: Sum, merge: %s}\n    workers: 2\n  - sink: See\n",
	"reduce key":      "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - reduce: {add: Sum, key: %s}\n  - sink: Any\n",
	"stage name":      "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    name: %s\n  - sink: See\n",
	"stage key":       "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    %s: 1\n  - sink: See\n",
	"from":            "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    from: %s\n  - sink: See\n",
	"from in a list":  "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    from: [slice, %s]\n  - sink: See\n",
	"workers":         "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    workers: %s\n  - sink: See\n",
	"queue":           "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    queue: %s\n  - sink: See\n",
	"queue capacity":  "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    queue: {capacity: %s}\n  - sink: See\n",
	"ordered":         "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    ordered: %s\n    workers: 2\n  - sink: See\n",
	"max_ahead":       "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    ordered: true\n    workers: 2\n    max_ahead: %s\n  - sink: See\n",
	"timeout":         "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: IncCtx\n    timeout: %s\n  - sink: See\n",
	"on_error":        "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: IncErr\n    on_error: %s\n  - sink: See\n",
	"chunk":           "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    chunk: %s\n  - sink: See\n",
	"fuse":            "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Inc\n    fuse: %s\n  - sink: See\n",
	"arg name":        "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Add\n    args: {%s: 1}\n  - sink: See\n",
	"arg value":       "version: 1\npipeline: p\nstages:\n  - source: SeqArgs\n    args: {from: 1, to: 2, label: %s}\n  - sink: See\n",
	"int arg value":   "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Add\n    args: {by: %s}\n  - sink: See\n",
	"const arg value": "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Rune\n    args: {r: 97, e: %s}\n  - sink: See\n",
	"command":         "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Program\n    mode: processes\n    command: [%s]\n  - sink: See\n",
	"command arg":     "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Program\n    mode: processes\n    command: [f, %s]\n  - sink: See\n",
	"env name":        "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Program\n    mode: processes\n    command: [f]\n    processes: {env: {%s: 1}}\n  - sink: See\n",
	"env value":       "version: 1\npipeline: p\nstages:\n  - source: Slice\n  - map: Program\n    mode: processes\n    command: [f]\n    processes: {env: {A: %s}}\n  - sink: See\n",
	"comment":         "version: 1 # %s\npipeline: p\nstages:\n  - source: Slice # pipegen:ignore %[1]s\n  - sink: See\n",
}

// TestHostileValues puts every hostile value into every place, quoted in two ways and raw. Each ends as
// diagnostics that are safe to print or as output in which the value is a string or a comment.
func TestHostileValues(t *testing.T) {
	s, err := loadShapes()
	if err != nil {
		t.Fatal(err)
	}
	if len(hostileValues) < 60 {
		t.Fatalf("only %d values", len(hostileValues))
	}
	accepted := 0
	for place, text := range hostilePlaces {
		t.Run(place, func(t *testing.T) {
			for _, value := range hostileValues {
				for _, written := range slices.Compact([]string{yamlDouble(value), yamlSingle(value), value}) {
					if place == "comment" && written != value {
						continue // quotes mean nothing there
					}
					texts := map[string]string{"x.pipegen.yaml": fmt.Sprintf(text, written)}
					if len(texts["x.pipegen.yaml"]) > 300_000 {
						continue
					}
					files, diags := s.compile(t, texts)
					checkPrintable(t, diags, texts)
					if diags.HasErrors() {
						continue
					}
					accepted++
					s.check(t, files, marker, texts)
				}
			}
		})
	}
	// Places for free text take most values, so that the test is known to get as far as output.
	if accepted < len(hostileValues) {
		t.Errorf("only %d specs were accepted", accepted)
	}
}

// TestHostilePlacesAreGood says that each place is part of a spec that works with a good value there; a
// mistake elsewhere would keep every value from being tried.
func TestHostilePlacesAreGood(t *testing.T) {
	good := map[string]string{
		"version": "1", "pipeline": "p", "doc": "text", "build": "linux", "import": "strings", "import alias": "strings",
		"import path": "strings", "param name": "by", "param type": "int", "param default": "text", "int default": "3",
		"param env": "BY", "param doc": "text", "param key": "doc", "defaults": "skip", "top-level key": "doc",
		"source": "Seq", "map": "Inc", "filter": "Even", "filter_map": "Half", "flat_map": "Twice", "tap": "See", "sink": "See",
		"batch size": "3", "batch max_wait": "1s", "unbatch": "true", "reduce add": "Sum", "reduce init": "Zero", "reduce merge": "Merge",
		"reduce key": "Key", "stage name": "inc", "stage key": "workers", "from": "slice", "from in a list": "slice", "workers": "2",
		"queue": "8", "queue capacity": "8", "ordered": "true", "max_ahead": "8", "timeout": "1s", "on_error": "skip", "chunk": "4",
		"fuse": "false", "arg name": "by", "arg value": "text", "int arg value": "3", "const arg value": "High", "comment": "text",
		"command": "program", "command arg": "-n", "env name": "HOME", "env value": "text",
	}
	refused := map[string]bool{
		"param name":     true, // nothing uses it
		"from in a list": true, // twice the same
		"param key":      true, // a doc must be text
	}
	s, err := loadShapes()
	if err != nil {
		t.Fatal(err)
	}
	for place, text := range hostilePlaces {
		value, ok := good[place]
		if !ok {
			t.Errorf("no good value for %s", place)
		}
		texts := map[string]string{"x.pipegen.yaml": fmt.Sprintf(text, value)}
		files, diags := s.compile(t, texts)
		if diags.HasErrors() != refused[place] {
			t.Errorf("%s: %v\n%s", place, diags, dump(texts))
		}
		if !diags.HasErrors() {
			s.check(t, files, marker, texts)
		}
	}
}

// checkPrintable says that no renderer hands a terminal or a program something that it would act on.
func checkPrintable(t *testing.T, diags spec.Diagnostics, texts map[string]string) {
	t.Helper()
	sources := make(map[string][]byte)
	for name, text := range texts {
		sources["testdata/shapes/"+name] = []byte(text)
	}
	var human, github, objects bytes.Buffer
	diags.WriteHuman(&human, sources, false)
	diags.WriteGitHub(&github)
	diags.WriteJSON(&objects)
	for _, r := range human.String() {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			t.Fatalf("a diagnostic contains %U:\n%q\n%s", r, human.String(), dump(texts))
		}
	}
	for line := range strings.Lines(github.String()) {
		if !strings.HasPrefix(line, "::error ") && !strings.HasPrefix(line, "::warning ") {
			t.Fatalf("a workflow command was broken up: %q\n%s", line, dump(texts))
		}
	}
	dec := json.NewDecoder(&objects)
	for range diags {
		if err := dec.Decode(new(struct{})); err != nil {
			t.Fatalf("a diagnostic is no JSON: %v\n%s", err, dump(texts))
		}
	}
}

// yamlDouble quotes a value so that YAML reads exactly that value, where it is UTF-8.
func yamlDouble(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// yamlSingle quotes a value with everything but the quote as it is.
func yamlSingle(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
