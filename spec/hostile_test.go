package spec

import (
	"fmt"
	"go/token"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// hostile are strings that do harm where text becomes code, paths, commands or terminal output.
var hostile = []string{
	"a\nb", "a\r\nb", "//go:generate rm -rf /", "/*", "*/ func init() { panic(0) } /*", "*/", "`", "\"", "'", "\\", "a\"b", "a`+`b",
	"../../etc/passwd", "..", "/abs", "C:\\x", "a\x00b", "\x1b[2J", "a\u202eb", "a\u2066b", "\u2028", "\ufeff", "x; import \"C\"",
	"func(){}()", "F()", "F; G", "F // x", "%s%n", "${HOME}", "$(id)", "{{.}}", "-toolexec=id", "&&", "a b", " ", "",
	"import \"C\"", "_", "init", "\U000e0001", "é\u0301", strings.Repeat("a", 5000), strings.Repeat("(", 5000),
}

// TestHostileStrings puts each string everywhere a string can stand, and checks that what gets into the
// model there satisfies the grammar of the place.
func TestHostileStrings(t *testing.T) {
	places := map[string]func(f *File) bool{ // a spec with %s, and whether the value is safe
		"version: 1\npipeline: %s\nstages: [{map: F}]\n":                                   func(f *File) bool { return IsName(f.Pipeline.Value) },
		head + "  - map: F\n    name: %s\n":                                                func(f *File) bool { return IsName(f.Stages[0].Name.Value) },
		head + "  - map: F\n    from: [%s]\n":                                              func(f *File) bool { return IsName(f.Stages[0].From[0].Value) },
		"version: 1\npipeline: p\nparams: {%s: {type: int}}\nstages: [{map: F}]\n":         func(f *File) bool { return IsName(f.Params[0].Name.Value) },
		"version: 1\npipeline: p\nparams: {a: {type: int, env: %s}}\nstages: [{map: F}]\n": func(f *File) bool { return isWord(f.Params[0].Env.Value) },
		"version: 1\npipeline: p\nparams: {a: {type: %s}}\nstages: [{map: F}]\n":           func(f *File) bool { return isGo(f.Params[0].Type.Value) },
		"version: 1\npipeline: p\nparams: {a: {type: int, doc: %s}}\nstages: [{map: F}]\n": func(f *File) bool { return isProse(f.Params[0].Doc.Value) },
		"version: 1\npipeline: p\ndoc: %s\nstages: [{map: F}]\n":                           func(f *File) bool { return isProse(f.Doc.Value) },
		"version: 1\npipeline: p\nbuild: %s\nstages: [{map: F}]\n":                         func(f *File) bool { return isLine(f.Build.Value) },
		"version: 1\npipeline: p\nimports: [%s]\nstages: [{map: F}]\n":                     func(f *File) bool { return isPath(f.Imports[0].Path.Value) },
		"version: 1\npipeline: p\nimports: {%s: net/url}\nstages: [{map: F}]\n":            func(f *File) bool { return token.IsIdentifier(f.Imports[0].Alias.Value) },
		head + "  - map: %s\n":                                func(f *File) bool { return isGo(refText(f.Stages[0].Func)) },
		head + "  - reduce: {add: F, init: %s}\n":             func(f *File) bool { return isGo(refText(f.Stages[0].Reduce.Init)) },
		head + "  - map: F\n    args: {%s: 1}\n":              func(f *File) bool { return token.IsIdentifier(f.Stages[0].Args[0].Name.Value) },
		head + "  - map: F\n    on_error: %s\n":               func(f *File) bool { return f.Stages[0].OnError.Value == "" },
		head + "  - map: F\n    timeout: %s\n":                func(f *File) bool { return f.Stages[0].Timeout.Value == 0 },
		head + "  - map: F\n    workers: %s\n":                func(f *File) bool { return !f.Stages[0].Workers.IsSet() },
		head + "  - map: F\n    %s: 1\n":                      func(*File) bool { return false },
		head + "  - map: F\n    from: x.%s\n":                 func(f *File) bool { return isSource(f.Stages[0].From[0].Value) },
		head + "  - map: F\n    to: %s\n":                     func(f *File) bool { return IsName(f.Stages[0].To.Value) },
		head + "  - map: F\n    fan_out: %s\n":                func(*File) bool { return false },
		head + "  - map: F\n    fan_out: {hash: %s}\n":        func(f *File) bool { return isGo(refText(f.Stages[0].FanOut.Hash)) },
		head + "  - map: F\n    partition_by: %s\n":           func(f *File) bool { return isGo(refText(f.Stages[0].Partition)) },
		head + "  - map: F\n    retry: %s\n":                  func(*File) bool { return false },
		head + "  - map: F\n    rate_limit: %s\n":             func(*File) bool { return false },
		head + "  - map: F\n    rate_limit: {rate: %s}\n":     func(*File) bool { return false },
		head + "  - map: F\n    state: %s\n":                  func(*File) bool { return false },
		head + "  - map: F\n    state: {new: %s}\n":           func(f *File) bool { return isGo(refText(f.Stages[0].State.New)) },
		head + "  - map: F\n    state: {new: F, scope: %s}\n": func(*File) bool { return false },
		head + "  - map: F\n    queue: {kind: %s}\n":          func(*File) bool { return false },
		head + "  - map: F\n    queue: {on_full: %s}\n":       func(*File) bool { return false },
		head + "  - switch: F\n    cases: {x: %s}\n":          func(f *File) bool { return IsName(f.Stages[0].Switch.Cases[0].Port.Value) },
		head + "  - switch: F\n    cases: {x: y}\n    default: %s\n": func(f *File) bool {
			return IsName(f.Stages[0].Switch.Default.Value)
		},
		head + "  - zip: {inputs: [a, %s], with: F}\n": func(f *File) bool { return isSource(f.Stages[0].Zip.Inputs[1].Value) },
		head + "  - zip: {inputs: [a, b], with: %s}\n": func(f *File) bool { return isGo(refText(f.Stages[0].Func)) },
		head + "  - join: {left: {from: %s, key: F}, right: {from: b, key: F}, with: F, max_items: 1}\n": func(f *File) bool {
			return isSource(f.Stages[0].Join.Left.From.Value)
		},
		"version: 1\npipeline: p\nmode: %s\nstages: [{map: F}]\n":                     func(*File) bool { return false },
		head + "  - map: F\n    mode: %s\n":                                           func(*File) bool { return false },
		head + "  - map: F\n    mode: processes\n    codec: %s\n":                     func(*File) bool { return false },
		head + "  - map: F\n    mode: processes\n    command: %s\n":                   func(*File) bool { return false },
		head + "  - map: F\n    mode: processes\n    command: [%s]\n":                 func(f *File) bool { return isWordOfCommand(f.Stages[0].Command.Args[0]) },
		head + "  - map: F\n    mode: processes\n    processes: {start: %s}\n":        func(*File) bool { return false },
		head + "  - map: F\n    mode: processes\n    processes: {%s: 1}\n":            func(*File) bool { return false },
		head + "  - map: F\n    mode: processes\n    processes: {memory_limit: %s}\n": func(*File) bool { return false },
		head + "  - map: F\n    mode: processes\n    processes: {env: {%s: 1}}\n":     func(f *File) bool { return isWord(f.Stages[0].Process.Env[0].Name.Value) },
		head + "  - map: F\n    mode: processes\n    processes: {env: {A: %s}}\n":     func(f *File) bool { return !strings.Contains(f.Stages[0].Process.Env[0].Value.Text, "\x00") },
		"version: 1\npipeline: p\nqueues: {%s: 5}\nstages: [{map: F}]\n":              func(f *File) bool { return IsName(f.Queues[0].Name.Value) },
		"version: 1\npipeline: p\nretries: {%s: 5}\nstages: [{map: F}]\n":             func(*File) bool { return false },
		"version: 1\npipeline: p\ndead_letter: %s\nstages: [{map: F}]\n":              func(f *File) bool { return isGo(refText(f.Dead.Func)) },
		"version: 1\npipeline: p\nqueues: {q: {%s: 5}}\nstages: [{map: F}]\n":         func(*File) bool { return false },
		"version: 1\npipeline: p\nstages: [{map: F}]\n%s: 1\n":                        func(*File) bool { return false },
	}
	for place, safe := range places {
		for _, s := range hostile {
			// JSON's escapes are YAML's too, for what strconv writes here.
			src := strings.Replace(place, "%s", yamlQuote(s), 1)
			f, ds := Parse("x.pipegen.yaml", []byte(src))
			checkDiagnostics(t, src, ds)
			if !ds.HasErrors() && !safe(f) {
				t.Errorf("%q is accepted in\n%s", s, src)
			}
		}
	}
}

// isWordOfCommand says whether s can be a program: text that the system can be given.
func isWordOfCommand(s string) bool {
	return strings.TrimSpace(s) != "" && !strings.Contains(s, "\x00")
}

// Literals are text for strconv.Quote: they come through as they are.
func TestHostileLiterals(t *testing.T) {
	for _, s := range hostile {
		if strings.HasPrefix(s, "$") {
			continue
		}
		src := head + "  - map: F\n    args: {a: " + yamlQuote(s) + "}\n"
		f, ds := Parse("x.pipegen.yaml", []byte(src))
		if len(ds) > 0 {
			t.Errorf("%q: %v", s, problems(ds))
		} else if a := f.Stages[0].Args[0].Value; a.Text != s || !a.Quoted || a.Kind != StringLit {
			t.Errorf("%q becomes %+v", s, a)
		}
		src = head + "  - switch: F\n    cases:\n      ? " + yamlQuote(s) + "\n      : port\n"
		f, ds = Parse("x.pipegen.yaml", []byte(src))
		if len(ds) > 0 {
			t.Errorf("%q: %v", s, problems(ds))
		} else if c := f.Stages[0].Switch.Cases[0]; c.Value.Text != s || !c.Value.Quoted || c.Port.Value != "port" {
			t.Errorf("%q becomes %+v", s, c)
		}
		if strings.Contains(s, "\x00") {
			continue // which no process can be given
		}
		src = head + "  - map: F\n    mode: processes\n    command: [f, " + yamlQuote(s) + "]\n    processes: {env: {A: " + yamlQuote(s) + "}}\n"
		f, ds = Parse("x.pipegen.yaml", []byte(src))
		if len(ds) > 0 {
			t.Errorf("%q: %v", s, problems(ds))
		} else if c, v := f.Stages[0].Command.Args[1], f.Stages[0].Process.Env[0].Value.Text; c != s || v != s {
			t.Errorf("%q becomes %q and %q", s, c, v)
		}
	}
}

// isSource says whether s can be what a stage reads: a name, or two with a dot between them.
func isSource(s string) bool {
	stage, port, dotted := strings.Cut(s, ".")
	return IsName(stage) && (!dotted || IsName(port))
}

// yamlQuote writes s as a double-quoted scalar in ASCII.
func yamlQuote(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r < ' ' || r > '~':
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

func isWord(s string) bool {
	return strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

// isGo says whether s has nothing that ends, opens or comments anything in Go source.
func isGo(s string) bool {
	return !strings.ContainsAny(s, "\n\r;\"'`\\{}@$%&") && !strings.Contains(s, "/") && isProse(s)
}

// refText is what of a reference can get into code.
func refText(r Ref) string {
	return strings.Join(append([]string{r.Pkg, r.Recv, r.Name}, r.TypeArgs...), " ")
}

func isLine(s string) bool { return isProse(s) && !strings.ContainsAny(s, "\n\"'`/*") }

func isPath(s string) bool {
	return isLine(strings.ReplaceAll(s, "/", "")) && !strings.Contains(s, "..") && !strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "-") && s != ""
}

func isProse(s string) bool {
	for _, r := range s {
		if isControl(r) && r != '\n' && r != '\t' {
			return false
		}
	}
	return true
}

// checkDiagnostics checks what holds for diagnostics of every text: they are sorted, lie inside the text,
// are one printable line each, and say what to do.
func checkDiagnostics(t *testing.T, src string, ds Diagnostics) {
	t.Helper()
	lines := splitLines([]byte(src))
	last := Pos{}
	for _, d := range ds {
		p := d.Span.Pos
		if p.Line < last.Line || p.Line == last.Line && p.Col < last.Col {
			t.Errorf("%v after %v", p, last)
		}
		last = p
		for _, s := range append([]string{d.Message, d.Label, d.Help}, d.Notes...) {
			for _, r := range s {
				if isControl(r) && r != utf8.RuneError {
					t.Errorf("%s: %U in %q", d.Code, r, s)
				}
			}
		}
		if d.Message == "" || d.Help == "" {
			t.Errorf("no message or no help: %+v", d)
		}
		if _, ok := LookupCode(d.Code); !ok {
			t.Errorf("no such code: %q", d.Code)
		}
		if p == (Pos{}) {
			continue
		}
		if p.Line < 1 || p.Line > len(lines) {
			t.Errorf("%s: line %d of %d", d.Code, p.Line, len(lines))
			continue
		}
		if width := utf8.RuneCountInString(lines[p.Line-1]); p.Col < 1 || d.Span.Len < 1 || p.Col+d.Span.Len > width+2 {
			t.Errorf("%s: column %d, %d long, in %q", d.Code, p.Col, d.Span.Len, lines[p.Line-1])
		}
	}
}

// FuzzParse looks for texts that make Parse panic, take long, or say something false.
func FuzzParse(f *testing.F) {
	for _, c := range slices.Concat(syntaxCases, sharedCases) {
		f.Add(c.src)
	}
	f.Fuzz(func(t *testing.T, src string) {
		start := time.Now()
		file, ds := Parse("x.pipegen.yaml", []byte(src))
		if d := time.Since(start); d > 5*time.Second {
			t.Errorf("took %v", d)
		}
		checkDiagnostics(t, src, ds)
		if file == nil {
			if !ds.HasErrors() {
				t.Error("neither a file nor an error")
			}
			return
		}
		checkSpans(t, splitLines([]byte(src)), reflect.ValueOf(file).Elem())
		if ds.HasErrors() {
			return
		}
		if !IsName(file.Pipeline.Value) || file.Version.Value != 1 || len(file.Stages) == 0 {
			t.Errorf("accepted: %+v", file)
		}
		for _, s := range file.Stages {
			if findVerb(string(s.Verb)) == nil || s.Workers.N.Value < 0 {
				t.Errorf("accepted: %+v", s)
			}
			if (s.Verb == SwitchV) != (s.Switch != nil) || (s.Verb == ZipV) != (s.Zip != nil) || (s.Verb == JoinV) != (s.Join != nil) {
				t.Errorf("%s: the parts are those of another verb: %+v", s.Verb, s)
			}
			if r := s.Rate; r != nil && (r.Per <= 0 || r.Count.Param == "" && r.Count.Value <= 0) {
				t.Errorf("accepted: %+v", r)
			}
			if r := s.Retry; r != nil && r.Name.Value == "" && r.MaxAttempts.Param == "" && r.MaxAttempts.Value < 1 {
				t.Errorf("accepted: %+v", r)
			}
		}
	})
}

// checkSpans checks that every span of the model lies inside the text.
func checkSpans(t *testing.T, lines []string, v reflect.Value) {
	if v.Type() == reflect.TypeFor[Span]() {
		s := v.Interface().(Span)
		if s == (Span{}) {
			return
		}
		if s.Line < 1 || s.Line > len(lines) || s.Col < 1 || s.Len < 1 || s.Col+s.Len > utf8.RuneCountInString(lines[s.Line-1])+2 {
			t.Errorf("span %s of %d", strconv.Itoa(s.Line)+":"+strconv.Itoa(s.Col), s.Len)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			checkSpans(t, lines, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			checkSpans(t, lines, v.Field(i))
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			checkSpans(t, lines, v.Index(i))
		}
	}
}
