package spec

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// head is the start of a spec; what a test adds to it begins on line 4.
const head = "version: 1\npipeline: p\nstages:\n"

// problems are the codes and positions that tests compare, with the message.
func problems(ds Diagnostics) []string {
	var lines []string
	for _, d := range ds {
		lines = append(lines, fmt.Sprintf("%d:%d %s %s", d.Span.Line, d.Span.Col, d.Code, d.Message))
	}
	return lines
}

func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }

// Each case is a text with all of its problems, in order.
var syntaxCases = []struct {
	name, src string
	want      []string
}{
	// PG101
	{"tab", head + "  - map: F\n\tworkers: 2\n", []string{
		`5:1 PG101 a tab indents this line`}},
	{"tab after spaces", head + "  - map: F\n  \tworkers: 2\n", []string{
		`5:3 PG101 a tab indents this line`}},
	{"indented less", head + "  - map: F\n   workers: 2\n  - map: G\n", []string{
		`5:4 PG101 this line does not continue the list above it`}},
	{"key between", head + "  - map: F\n    workers: 2\n x: 1\n  - map: G\n", []string{
		`6:2 PG101 this line does not continue the mapping above it`}},
	{"indented more", head + "  - map: F\n     workers: 2\n", []string{
		`5:6 PG101 a second key or colon in one value`}},
	{"colon in value", "version: 1\npipeline: p\ndoc: this: that\n" + "stages: [{map: F}]\n", []string{
		`3:10 PG101 a second key or colon in one value`}},
	{"no colon", "version: 1\npipeline p\nstages: [{map: F}]\n", []string{
		`2:1 PG101 a key without a colon`}},
	{"open quote", "version: 1\ndoc: \"text\npipeline: p\nstages: [{map: F}]\n", []string{
		`2:6 PG101 a quote that is never closed`}},
	{"open bracket", "version: 1\nimports: [net/url\npipeline: p\n", []string{
		`2:10 PG101 a list that is not closed`}},
	{"open brace", head + "  - batch: {size: 5\n  - map: F\n", []string{
		`4:12 PG101 a mapping that is not closed`}},
	{"at sign", head + "  - map: @F\n", []string{
		`4:10 PG101 a value cannot begin with this character`}},
	{"backquote", head + "  - map: `F`\n", []string{
		`4:10 PG101 a value cannot begin with this character`}},
	{"bad escape", "version: 1\npipeline: \"\\p\"\n", []string{
		`2:12 PG101 an unknown escape in a double-quoted value`}},
	{"comments do not move the line", "version: 1\npipeline: p\n\n# stages\nstages\n\n# end\n", []string{
		`5:1 PG101 a key without a colon`}},
	{"windows line ends", "version: 1\r\npipeline p\r\n", []string{
		`2:1 PG101 a key without a colon`}},

	// PG102
	{"unknown at top", "version: 1\npipeline: p\nmode: threads\nstages: [{map: F}]\n", []string{
		`3:1 PG102 unknown key "mode"`}},
	{"unknown in stage", head + "  - map: F\n    goroutines: 2\n    retry: 3\n", []string{
		`5:5 PG102 unknown key "goroutines"`,
		`6:5 PG102 unknown key "retry"`}},
	{"unknown verb", head + "  - mpa: F\n  - switch: G\n    cases: {a: b}\n", []string{
		`4:5 PG102 unknown key "mpa"`,
		`5:5 PG102 unknown key "switch"`,
		`6:5 PG102 unknown key "cases"`}},
	{"unknown in sub-mappings", lines("version: 1", "pipeline: p",
		"params: {n: {type: int, min: 1}}",
		"stages:",
		"  - batch: {size: $n, wait: 1s}",
		"    queue: {capacity: 5, kind: lifo}",
		"  - reduce: {add: F, every: 1m}"), []string{
		`3:25 PG102 unknown key "min"`,
		`5:23 PG102 unknown key "wait"`,
		`6:26 PG102 unknown key "kind"`,
		`7:22 PG102 unknown key "every"`}},
	{"stage key at top", "version: 1\npipeline: p\nworkers: 4\nstages: [{map: F}]\n", []string{
		`3:1 PG102 unknown key "workers"`}},
	{"misspelled required key is not missing too", "version: 1\npipeline: p\nstage: [{map: F}]\n", []string{
		`3:1 PG102 unknown key "stage"`}},

	// PG103
	{"key of another verb", head + "  - source: F\n    from: x\n    workers: 2\n  - tap: G\n    ordered: true\n  - batch: {size: 2}\n    timeout: 1s\n  - unbatch: true\n    args: {}\n", []string{
		`5:5 PG103 "source" takes no "from"`,
		`6:5 PG103 "source" takes no "workers"`,
		`8:5 PG103 "tap" takes no "ordered"`,
		`10:5 PG103 "batch" takes no "timeout"`,
		`12:5 PG103 "unbatch" takes no "args"`}},
	{"per-stage key in defaults", "version: 1\npipeline: p\ndefaults: {name: x, from: y, args: {a: 1}, workers: 2}\nstages: [{map: F}]\n", []string{
		`3:12 PG103 "name" cannot be a default: each stage has a name of its own`,
		`3:21 PG103 "from" cannot be a default: it says where one stage stands in the graph`,
		`3:30 PG103 "args" cannot be a default: it binds the parameters of one function`}},
	{"verb in defaults", "version: 1\npipeline: p\ndefaults: {map: F, workers: 2}\nstages: [{map: F}]\n", []string{
		`3:12 PG102 unknown key "map"`}},

	// PG104
	{"duplicate keys", head + "  - map: F\n    workers: 2\n    workers: 3\nversion: 1\n", []string{
		`6:5 PG104 duplicate key "workers"`,
		`7:1 PG104 duplicate key "version"`}},
	{"duplicate in flow", head + "  - {map: F, map: G}\n", []string{
		`4:14 PG104 duplicate key "map"`}},
	{"duplicate from", head + "  - {map: F, from: [a, b, a]}\n", []string{
		`4:27 PG104 "from" names "a" twice`}},

	// PG105
	{"root is a list", "- map: F\n", []string{
		`1:1 PG105 a spec must be a mapping, not a list`}},
	{"root is text", "hello\n", []string{
		`1:1 PG105 a spec must be a mapping, not the text "hello"`}},
	{"kinds at top", lines("version: one", "pipeline: [p]", "doc: 5", "imports: net/url", "params: [a]", "defaults: 3", "stages: {map: F}"), []string{
		`1:10 PG105 "version" must be a number, not the text "one"`,
		`2:11 PG105 "pipeline" must be a name, not a list`,
		`3:6 PG105 "doc" must be text, not the number 5`,
		`4:10 PG105 "imports" must be a list or a mapping, not the text "net/url"`,
		`5:9 PG105 "params" must be a mapping, not a list`,
		`6:11 PG105 "defaults" must be a mapping, not the number 3`,
		`7:9 PG105 "stages" must be a list, not a mapping`}},
	{"kinds in a stage", head + lines(
		"  - map: 5",
		"    workers: many",
		`    chunk: "4"`,
		"    ordered: yes",
		"    on_error: ignore",
		"    queue: unlimited",
		"    from: {a: b}",
		"    args: [1]",
		"    fuse: 1",
		"    name: true",
		"    max_ahead: 1.5"), []string{
		`4:10 PG105 "map" must be a function, not the number 5`,
		`5:14 PG105 "workers" must be a number from 1, auto or $param, not the text "many"`,
		`6:12 PG105 "chunk" must be a number from 1, auto or $param, not the text "4"`,
		`7:14 PG105 "ordered" must be true or false, not the text "yes"`,
		`8:15 PG105 "on_error" must be stop, skip or yield, not the text "ignore"`,
		`9:12 PG105 "queue" must be a number from 1, a mapping or $param, not the text "unlimited"`,
		`10:11 PG105 "from" must be a name or a list, not a mapping`,
		`11:11 PG105 "args" must be a mapping, not a list`,
		`12:11 PG105 "fuse" must be true, false or auto, not the number 1`,
		`13:11 PG105 "name" must be a name, not true`,
		`14:16 PG105 "max_ahead" must be a number from 1 or $param, not the number 1.5`}},
	{"no value", head + lines("  - map:", "    workers:", "    args: {a: }", "  -", "  - ~"), []string{
		`4:5 PG105 "map" has no value; it must be a function`,
		`5:5 PG105 "workers" has no value; it must be a number from 1, auto or $param`,
		`6:12 PG105 "a" has no value; it must be a number, text, true, false or $param`,
		`7:4 PG105 a stage must be a mapping, not nothing`,
		`8:5 PG105 a stage must be a mapping, not nothing`}},
	{"stage is a word", head + "  - Fetch\n", []string{
		`4:5 PG105 a stage must be a mapping, not the text "Fetch"`}},
	{"unbatch false", head + "  - unbatch: false\n", []string{
		`4:14 PG105 "unbatch" must be true, not false`}},
	{"reduce by a function", head + "  - reduce: Sum\n", []string{
		`4:13 PG105 "reduce" must be a mapping, not the text "Sum"`}},
	{"no param for what shapes the code", "version: 1\npipeline: p\nparams: {b: {type: bool}}\nstages:\n  - map: F\n    ordered: $b\n    on_error: $b\n    fuse: $b\n", []string{
		`6:14 PG105 "ordered" takes no $param: its value is fixed when the code is generated`,
		`7:15 PG105 "on_error" takes no $param: its value is fixed when the code is generated`,
		`8:11 PG105 "fuse" takes no $param: its value is fixed when the code is generated`}},
	{"param of the wrong type", "version: 1\npipeline: p\nparams: {d: {type: duration}, n: {type: int}}\nstages:\n  - map: F\n    workers: $d\n    timeout: $n\n", []string{
		`6:14 PG105 $d is a duration, but an int is needed here`,
		`7:14 PG105 $n is an int, but a duration is needed here`}},
	{"unquoted Go types", lines("version: 1", "pipeline: p", "params:",
		"  db:", "    type: *sql.DB", "  raw: {type: []byte, x: 1}", "  m: {type: map[string]int}",
		"stages:", "  - mpa: F"), []string{
		`5:11 PG105 *sql.DB is YAML for an alias: Go types and references that YAML misreads are quoted`,
		`6:15 PG105 []byte is YAML for a list: Go types and references that YAML misreads are quoted`,
		`6:23 PG102 unknown key "x"`,
		`7:13 PG105 map[string]int is cut at its bracket inside braces: Go types and references that YAML misreads are quoted`,
		`9:5 PG102 unknown key "mpa"`}},
	{"unquoted Go type and bad YAML", lines("version: 1", "params:", "  db: {type: *sql.DB}", "pipeline p"), []string{
		`3:14 PG105 *sql.DB is YAML for an alias: Go types and references that YAML misreads are quoted`,
		`4:1 PG101 a key without a colon`}},
	{"mapping as key", head + "  - {[a]: 5, map: F}\n", []string{
		`4:6 PG105 a key must be a word, not a list`}},

	// PG106
	{"empty", "", []string{`0:0 PG106 the spec is empty`}},
	{"only comments", "# nothing\n\n# here\n", []string{`0:0 PG106 the spec is empty`}},
	{"only a document start", "---\n", []string{`0:0 PG106 the spec is empty`}},
	{"null", "null\n", []string{`0:0 PG106 the spec is empty`}},
	{"required keys", "doc: x\n", []string{
		`1:1 PG106 the top of a spec has no "version"`,
		`1:1 PG106 the top of a spec has no "pipeline"`,
		`1:1 PG106 the top of a spec has no "stages"`}},
	{"required in sub-mappings", "version: 1\npipeline: p\nparams: {n: {doc: x}}\nstages:\n  - batch: {max_wait: 1s}\n    queue: {}\n  - reduce: {init: F}\n", []string{
		`3:10 PG106 the param "n" has no "type"`,
		`5:12 PG106 "batch" has no "size"`,
		`6:12 PG106 "queue" has no "capacity"`,
		`7:13 PG106 "reduce" has no "add"`}},
	{"no stages", "version: 1\npipeline: p\nstages: []\n", []string{
		`3:9 PG106 "stages" is empty`}},

	// PG107
	{"version", "version: 2\npipeline: p\nstages: [{map: F}]\n", []string{
		`1:10 PG107 version 2 of the language is not known`}},

	// PG108
	{"anchor, alias, merge", lines("version: 1", "pipeline: p", "stages:", "  - &a", "    map: F", "  - <<: *a", "    map: G", "  - *a"), []string{
		`4:5 PG108 the YAML anchor &a`,
		`6:5 PG108 the YAML merge key <<`,
		`8:5 PG108 the YAML alias *a`}},
	{"tags", "version: !!int 1\npipeline: !custom p\nstages: [{map: F}]\n", []string{
		`1:10 PG108 the YAML tag "!!int"`,
		`2:11 PG108 the YAML tag "!custom"`}},
	{"second document", "version: 1\npipeline: p\nstages: [{map: F}]\n---\nversion: 1\n", []string{
		`4:1 PG108 a second document begins here`}},
	{"empty second document", "version: 1\npipeline: p\nstages: [{map: F}]\n---\n", []string{
		`4:1 PG108 a second document begins here`}},

	// PG109: see also TestLimits
	{"deep", "version: 1\npipeline: p\nstages: [{map: F}]\ndoc: " + strings.Repeat("[", 32) + strings.Repeat("]", 32) + "\n", []string{
		`4:6 PG105 "doc" must be text, not a list`,
		`4:37 PG109 this value is nested more than 32 levels deep`}},

	// PG110
	{"not UTF-8", "version: 1\npipeline: p\xff\n", []string{
		`2:12 PG110 the byte 0xff is not UTF-8`}},
	{"UTF-16", "\xff\xfev\x00", []string{
		`1:1 PG110 the byte 0xff is not UTF-8`}},
	{"controls", "version: 1\x00\npipeline: p # \u202e\nstages: [{map: F}] # \u2028\u2028\n", []string{
		`1:11 PG110 the character U+0000 is not allowed in a spec`,
		`2:15 PG110 the character U+202E is not allowed in a spec`,
		`3:22 PG110 the character U+2028 is not allowed in a spec`}},
	{"escaped control in a comment's text", "version: 1\npipeline: p\ndoc: \"a\\u202eb\"\nstages: [{map: F}]\n", []string{
		`3:6 PG110 the character U+202E is not allowed in text for comments`}},
	{"old line ends", "version: 1\rpipeline: p\r\n", []string{
		`1:11 PG110 the character U+000D is not allowed in a spec`}},

	// PG111
	{"too small", head + lines("  - map: F", "    workers: 0", "    queue: 0", "    chunk: -1", "    ordered: true", "    max_ahead: 0", "    timeout: 0s",
		"  - batch: {size: 0, max_wait: 0ms}", "    queue: {capacity: 0}"), []string{
		`5:14 PG111 "workers" is 0; the least is 1`,
		`6:12 PG111 "queue" is 0; the least is 1`,
		`7:12 PG111 "chunk" is -1; the least is 1`,
		`9:16 PG111 "max_ahead" is 0; the least is 1`,
		`10:14 PG111 "timeout" is 0s; it must be more than zero`,
		`11:19 PG111 "size" is 0; the least is 1`,
		`11:32 PG111 "max_wait" is 0ms; it must be more than zero`,
		`12:23 PG111 "capacity" is 0; the least is 1`}},
	{"params that are zero by default", "version: 1\npipeline: p\nparams: {n: {type: int, default: -1}, d: {type: duration, default: 0s}}\nstages:\n  - map: F\n    workers: $n\n    timeout: $d\n    args: {n: $n}\n", []string{
		`6:14 PG111 $n is -1 by default; it must be more than zero here`,
		`7:14 PG111 $d is 0s by default; it must be more than zero here`}},
	{"too large", head + "  - map: F\n    workers: 99999999999\n", []string{
		`5:14 PG111 "workers" is 99999999999, which is out of range`}},

	// PG112
	{"units", head + lines("  - map: F", "    timeout: 5", "  - map: G", "    timeout: 1.5", "  - map: H", "    timeout: 1d", "  - batch: {size: 2, max_wait: -1s}", "  - map: I", `    timeout: "0"`), []string{
		`5:14 PG112 "timeout" is 5 without a unit`,
		`7:14 PG112 "timeout" is 1.5 without a unit`,
		`9:14 PG112 "timeout" is "1d", which is no duration`,
		`10:32 PG112 "max_wait" is "-1s", which is no duration`,
		`12:14 PG112 "timeout" is "0", which is no duration`}},

	// PG113
	{"names", lines("version: 1", "pipeline: Link Check", "params: {maxSize: {type: int}}", "stages:", "  - map: F", "    name: F-1", "    from: [a__b, c]", "    args: {a b: 1, func: 2}"), []string{
		`2:11 PG113 "Link Check" is not a name`,
		`3:10 PG113 "maxSize" is not a name`,
		`6:11 PG113 "F-1" is not a name`,
		`7:12 PG113 "a__b" is not a name`,
		`8:12 PG113 "a b" is not the name of a Go parameter`,
		`8:20 PG113 "func" is not the name of a Go parameter`}},
	{"long name", "version: 1\npipeline: " + strings.Repeat("a", 64) + "\nstages: [{map: F}]\n", []string{
		`2:11 PG113 "` + strings.Repeat("a", 60) + `…" is not a name`}},
	{"environment", "version: 1\npipeline: p\nparams: {n: {type: int, env: A-B}}\nstages: [{map: F}]\n", []string{
		`3:30 PG113 "A-B" is not the name of an environment variable`}},

	// PG114
	{"references", head + lines("  - map: F()", "  - filter: a.b.c", "  - reduce: {add: x+y, init: '(*T).M[int]'}", "  - tap: net/url.Parse", "  - sink: $f"), []string{
		`4:10 PG114 "F()" does not name a function`,
		`5:13 PG114 "a.b.c" does not name a function`,
		`6:19 PG114 "x+y" does not name a function`,
		`6:30 PG114 "(*T).M[int]" does not name a function`,
		`7:10 PG114 "net/url.Parse" does not name a function`,
		`8:11 PG114 "$f" does not name a function`}},

	// PG115
	{"verbs", head + lines("  - map: F", "    filter: G", "  - name: x", "    workers: 2", "  - {}"), []string{
		`5:5 PG115 a second verb, "filter", in a stage`,
		`6:5 PG115 a stage without a verb`,
		`8:5 PG115 a stage without a verb`}},

	// PG116
	{"unknown params", "version: 1\npipeline: p\nparams: {limit: {type: int}}\nstages:\n  - map: F\n    workers: $limt\n    args: {a: $limit, b: $X, c: $$X, d: \"$y\"}\n", []string{
		`6:14 PG116 unknown param $limt`,
		`7:26 PG116 "$X" does not name a param`,
		`7:41 PG116 unknown param $y`}},

	// PG117
	{"params", lines("version: 1", "pipeline: p", "params:",
		"  a: {type: int, default: x}",
		"  b: {type: bool, default: true}",
		"  c: {type: duration, default: 5}",
		"  d: {type: size, default: 5 potatoes}",
		"  e: {type: string, default: 5}",
		"  f: {type: float64, default: \"1\"}",
		"  g: {type: int64, default: 99999999999999999999}",
		"  h: {type: int, default: 1, required: true}",
		"  i: {type: \"*sql.DB\", default: x}",
		"  j: {type: time.Duration, env: X}",
		"  k: {type: float64, default: .inf}",
		"  l: {type: bool, default: 1}",
		"  m: int",
		"stages: [{map: F}]"), []string{
		`4:27 PG117 the default of "a" is not an int: "x"`,
		`5:28 PG117 the param "b" defaults to true`,
		`6:32 PG117 the default of "c" is 5 without a unit`,
		`7:28 PG117 the default of "d" is not a size: "5 potatoes"`,
		`8:30 PG117 the default of "e" is not a string: "5"`,
		`9:31 PG117 the default of "f" is not a float64: "1"`,
		`10:29 PG117 the default of "g" is not an int64: "99999999999999999999"`,
		`11:40 PG117 the param "h" is required and has a default`,
		`12:33 PG117 the param "i" has type *sql.DB, which has no default`,
		`13:33 PG117 the param "j" has type time.Duration, which cannot be read from the environment`,
		`14:31 PG117 the default of "k" is not a float64: ".inf"`,
		`15:28 PG117 the default of "l" is not a bool: "1"`,
		`16:6 PG105 the param "m" must be a mapping, not the text "int"`}},

	// PG118
	{"imports", lines("version: 1", "pipeline: p", "imports:", "  - ./x", "  - /abs", "  - ../up", "  - example.com/...", "  - all", "  - https://example.com/x", "  - 'a\"b'", "  - C", "  - net/url", "  - net/url", "  - 5", "  - -toolexec", "  - a//b", "stages: [{map: F}]"), []string{
		`4:5 PG118 "./x" is not an import path`,
		`5:5 PG118 "/abs" is not an import path`,
		`6:5 PG118 "../up" is not an import path`,
		`7:5 PG118 "example.com/..." is not an import path`,
		`8:5 PG118 "all" is not an import path`,
		`9:5 PG118 "https://example.com/x" is not an import path`,
		`10:5 PG118 "a\"b" is not an import path`,
		`11:5 PG118 "C" is not an import path`,
		`13:5 PG118 "net/url" is imported twice`,
		`14:5 PG105 an import must be a path, not the number 5`,
		`15:5 PG118 "-toolexec" is not an import path`,
		`16:5 PG118 "a//b" is not an import path`}},
	{"import aliases", "version: 1\npipeline: p\nimports: {a-b: net/url, func: net/http, ok: net/mail}\nstages: [{map: F}]\n", []string{
		`3:11 PG118 "a-b" cannot be the name of a package`,
		`3:25 PG118 "func" cannot be the name of a package`}},

	// PG119
	{"build", "version: 1\npipeline: p\nbuild: linux and arm\nstages: [{map: F}]\n", []string{
		`3:8 PG119 "linux and arm" is not a build constraint`}},
	{"build with the comment", "version: 1\npipeline: p\nbuild: //go:build linux\nstages: [{map: F}]\n", []string{
		`3:8 PG119 "//go:build linux" is not a build constraint`}},

	// PG120
	{"types", lines("version: 1", "pipeline: p", "params:",
		"  a: {type: 'x y'}", "  b: {type: '[n]int'}", "  c: {type: 'struct{X int}'}", "  d: {type: 'F()'}", "  e: {type: 'int // x'}", "stages: [{map: F}]"), []string{
		`4:13 PG120 "x y" is not a type`,
		`5:13 PG120 "[n]int" is not a type`,
		`6:13 PG120 "struct{X int}" is not a type`,
		`7:13 PG120 "F()" is not a type`,
		`8:13 PG120 "int // x" is not a type`}},

	// PG121
	{"max_ahead alone", head + "  - map: F\n    max_ahead: 5\n  - map: G\n    max_ahead: 5\n    ordered: false\n", []string{
		`5:16 PG121 "max_ahead" without "ordered: true"`,
		`7:16 PG121 "max_ahead" without "ordered: true"`}},

	// PG122
	{"ignore comments", head + lines("  - map: F # pipegen:ignore", "  - map: G # pipegen:ignore PG999 because", "  - map: H # pipegen:ignore PG101 because", "  # pipegen:ignore PG123 because"), []string{
		`4:12 PG122 this pipegen:ignore comment names no code`,
		`5:12 PG122 this pipegen:ignore comment names "PG999", which is no code`,
		`6:12 PG122 this pipegen:ignore comment names PG101, which is an error`,
		`7:3 PG122 this pipegen:ignore comment stands alone on its line`}},

	// PG123
	{"default that reaches nothing", "version: 1\npipeline: p\ndefaults: {workers: 2, ordered: true}\nstages: [{source: F}, {sink: G}]\n", []string{
		`3:24 PG123 no stage takes "ordered" from defaults`}},
	{"silenced", "version: 1\npipeline: p\ndefaults: {ordered: true} # pipegen:ignore PG123 for later stages\nstages: [{source: F}, {sink: G}]\n", nil},
}

func TestSyntax(t *testing.T) {
	for _, c := range syntaxCases {
		t.Run(c.name, func(t *testing.T) {
			_, ds := Parse("x.pipegen.yaml", []byte(c.src))
			if diff := cmp.Diff(c.want, problems(ds)); diff != "" {
				t.Errorf("%s\nproblems (-want +got):\n%s", c.src, diff)
			}
			for _, d := range ds {
				if d.Help == "" || d.File != "x.pipegen.yaml" || strings.ContainsAny(d.Message+d.Help, "\n") {
					t.Errorf("incomplete diagnostic: %+v", d)
				}
				if code, ok := LookupCode(d.Code); !ok || code.Severity != d.Severity {
					t.Errorf("%s: severity %v is not that of the table", d.Code, d.Severity)
				}
			}
		})
	}
}

// Every code of the family is shown to be reported.
func TestEverySyntaxCode(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range syntaxCases {
		for _, w := range c.want {
			seen[strings.Fields(w)[1]] = true
		}
	}
	for _, c := range Codes() {
		if strings.HasPrefix(c.ID, "PG1") && !seen[c.ID] {
			t.Errorf("no case reports %s", c.ID)
		}
	}
}

// TestModel decodes a spec that uses every key and looks at every field. Places are given as a line and the
// text that stands there.
func TestModel(t *testing.T) {
	const src = "\ufeffversion: 1\r\n" + `pipeline: http-get
doc: |
  Two
  lines.
build: (linux) && !race
imports: {thumb: example.com/app/thumb}
params:
  limit: {type: int, default: 10, env: LIMIT}
  patience: {type: duration, default: 1m30s, doc: How long.}
  db: {type: "*sql.DB"}
  key: {type: string, required: true}
defaults:
  timeout: 5s
  workers: 3
  max_ahead: 7
stages:
  - source: ReadURLs
    name: read
    timeout: $patience
  - source: pkg.Gen[int, map[string]bool]
    on_error: skip
  - map: (*thumb.Scaler).Resize
    from: [read, gen]
    workers: auto
    queue: {capacity: unlimited}
    ordered: true
    args: {n: 5, f: 1.5, s: "6", b: true, c: os.O_RDONLY, p: $limit, d: $$x, z: null}
    chunk: 16
    fuse: false
  - batch: {size: $limit, max_wait: 200ms}
    queue: 12
    workers: $limit
  - unbatch: true
    queue: $limit
    fuse: auto
  - reduce: {add: Add, init: New, merge: Join, key: T.Key}
  - reduce: {add: Add}
    from: unbatch
`
	got, ds := Parse("dir/x.pipegen.yaml", []byte(src))
	if len(ds) > 0 {
		t.Fatal(problems(ds))
	}
	at := func(line int, text string) Span {
		col := strings.Index(splitLines([]byte(src))[line-1], text)
		if col < 0 {
			t.Fatalf("line %d has no %q", line, text)
		}
		return Span{Pos{line, col + 1}, len(text)}
	}
	str := func(line int, text string) Scalar[string] { return Scalar[string]{Value: text, Span: at(line, text)} }
	num := func(line int, text string, v int) Scalar[int] { return Scalar[int]{Value: v, Span: at(line, text)} }
	yes := func(line int) Scalar[bool] { return Scalar[bool]{Value: true, Span: at(line, "true")} }
	param := func(line int) Scalar[int] { return Scalar[int]{Param: "limit", Span: at(line, "$limit")} }
	ref := func(line int, name string) Ref { return Ref{Text: name, Name: name, Span: at(line, name)} }
	arg := func(name string, l Literal, written string) Arg {
		l.Span = at(28, name+": "+written)
		l.Span.Col += len(name + ": ")
		l.Span.Len = len(written)
		return Arg{Name: Scalar[string]{Value: name, Span: Span{at(28, name+": "+written).Pos, len(name)}}, Value: l}
	}
	timeout := Scalar[time.Duration]{Value: 5 * time.Second, Span: at(14, "5s")}
	workers := Count{N: num(15, "3", 3), Span: at(15, "3")}
	want := &File{
		Name:     "dir/x.pipegen.yaml",
		Source:   []byte(src),
		Version:  num(1, "1", 1),
		Pipeline: str(2, "http-get"),
		Doc:      Scalar[string]{Value: "Two\nlines.\n", Span: at(3, "|")},
		Build:    Scalar[string]{Value: "linux && !race", Span: at(6, "(linux) && !race")},
		Imports:  []Import{{Alias: str(7, "thumb"), Path: str(7, "example.com/app/thumb")}},
		Params: []*Param{
			{Name: str(9, "limit"), Type: str(9, "int"), Default: Literal{Kind: IntLit, Text: "10", Span: at(9, "10")}, Env: str(9, "LIMIT")},
			{Name: str(10, "patience"), Type: str(10, "duration"), Default: Literal{Kind: StringLit, Text: "1m30s", Span: at(10, "1m30s")}, Doc: str(10, "How long.")},
			{Name: str(11, "db"), Type: Scalar[string]{Value: "*sql.DB", Span: at(11, `"*sql.DB"`)}},
			{Name: str(12, "key"), Type: str(12, "string"), Required: yes(12)},
		},
		Defaults: &Stage{Span: at(14, "timeout"), Timeout: timeout, Workers: workers, MaxAhead: num(16, "7", 7)},
		Stages: []*Stage{
			{Verb: Source, VerbSpan: at(18, "source"), Span: at(18, "source"), Func: ref(18, "ReadURLs"), Name: str(19, "read"),
				Timeout: Scalar[time.Duration]{Param: "patience", Span: at(20, "$patience")}},
			{Verb: Source, VerbSpan: at(21, "source"), Span: at(21, "source"), Timeout: timeout, OnError: str(22, "skip"),
				Func: Ref{Text: "pkg.Gen[int, map[string]bool]", Pkg: "pkg", Name: "Gen", TypeArgs: []string{"int", "map[string]bool"}, Span: at(21, "pkg.Gen[int, map[string]bool]")}},
			{Verb: Map, VerbSpan: at(23, "map"), Span: at(23, "map"), Timeout: timeout,
				Func:     Ref{Text: "(*thumb.Scaler).Resize", Pkg: "thumb", Recv: "Scaler", Ptr: true, Name: "Resize", Span: at(23, "(*thumb.Scaler).Resize")},
				From:     []Scalar[string]{str(24, "read"), str(24, "gen")},
				Workers:  Count{Auto: true, Span: at(25, "auto")},
				Queue:    &Queue{Unlimited: true, Span: at(26, "{")},
				Ordered:  yes(27),
				MaxAhead: num(16, "7", 7),
				Args: []Arg{
					arg("n", Literal{Kind: IntLit, Text: "5"}, "5"),
					arg("f", Literal{Kind: FloatLit, Text: "1.5"}, "1.5"),
					arg("s", Literal{Kind: StringLit, Text: "6", Quoted: true}, `"6"`),
					arg("b", Literal{Kind: BoolLit, Text: "true"}, "true"),
					arg("c", Literal{Kind: StringLit, Text: "os.O_RDONLY"}, "os.O_RDONLY"),
					arg("p", Literal{Kind: StringLit, Param: "limit"}, "$limit"),
					arg("d", Literal{Kind: StringLit, Text: "$x"}, "$$x"),
					arg("z", Literal{Kind: NullLit, Text: "null"}, "null"),
				},
				Chunk: Count{N: num(29, "16", 16), Span: at(29, "16")},
				Fuse:  Fuse{Value: Scalar[bool]{Span: at(30, "false")}, Span: at(30, "false")}},
			{Verb: BatchVerb, VerbSpan: at(31, "batch"), Span: at(31, "batch"),
				Batch:   &Batch{Size: param(31), MaxWait: Scalar[time.Duration]{Value: 200 * time.Millisecond, Span: at(31, "200ms")}},
				Queue:   &Queue{Capacity: num(32, "12", 12), Span: at(32, "12")},
				Workers: Count{N: param(33), Span: at(33, "$limit")}},
			{Verb: Unbatch, VerbSpan: at(34, "unbatch"), Span: at(34, "unbatch"), Workers: workers,
				Queue: &Queue{Capacity: param(35), Span: at(35, "$limit")},
				Fuse:  Fuse{Auto: true, Span: at(36, "auto")}},
			{Verb: ReduceV, VerbSpan: at(37, "reduce"), Span: at(37, "reduce"), Workers: workers,
				Reduce: &Reduce{Add: ref(37, "Add"), Init: ref(37, "New"), Merge: ref(37, "Join"),
					Key: Ref{Text: "T.Key", Pkg: "T", Name: "Key", Span: at(37, "T.Key")}}},
			// No merge, so the default number of workers is not for this one.
			{Verb: ReduceV, VerbSpan: at(38, "reduce"), Span: at(38, "reduce"), Reduce: &Reduce{Add: ref(38, "Add")},
				From: []Scalar[string]{str(39, "unbatch")}},
		},
		Ignores: map[int][]string{},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPartial shows that what could be decoded is there beside the problems.
func TestPartial(t *testing.T) {
	f, ds := Parse("x.pipegen.yaml", []byte("version: one\npipeline: p\nmode: x\nstages:\n  - map: F\n    workers: 0\n  - 5\n  - sink: G\n"))
	if len(ds) != 4 || !ds.HasErrors() {
		t.Fatal(problems(ds))
	}
	if f.Version.IsSet() || f.Pipeline.Value != "p" || len(f.Stages) != 2 {
		t.Fatalf("%+v", f)
	}
	if s := f.Stages[0]; s.Func.Name != "F" || s.Workers.IsSet() {
		t.Errorf("%+v", s)
	}
	if f, _ := Parse("x.pipegen.yaml", []byte("- 1\n")); f != nil {
		t.Errorf("a list decodes to %+v", f)
	}
}

// TestLimits feeds texts that cost naive readers much, and waits for none.
func TestLimits(t *testing.T) {
	var laughs, keys strings.Builder
	laughs.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&laughs, "a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d,", i-1), 9))
	}
	for i := range 30_000 {
		fmt.Fprintf(&keys, "k%d:\n", i)
	}
	flow := "stages: [{" + strings.ReplaceAll(strings.TrimSpace(keys.String()), "\n", " ,") + "}]\n"
	cases := []struct {
		name, src string
		code      string // of at least one problem
	}{
		{"laughs", laughs.String(), CodeYAMLFeature},
		{"keys", keys.String(), CodeLimit},
		{"flow keys", flow, CodeLimit},
		{"hundred thousand keys", strings.Repeat(keys.String(), 4), CodeLimit},
		{"open lists", strings.Repeat("[", maxBytes), CodeBadYAML},
		{"nested lists", "doc: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), CodeLimit},
		{"nested dashes", strings.Repeat("- ", 9000) + "x", CodeWrongKind},
		{"large", strings.Repeat("#", maxBytes+1), CodeLimit},
		{"open quote", "doc: \"" + strings.Repeat("x\n", maxBytes/2-10), CodeBadYAML},
		{"long word", "pipeline: " + strings.Repeat("a", maxBytes-100), CodeName},
		{"long key", strings.Repeat("a", maxBytes-100) + ": 1\n", ""},
		{"long reference", head + "  - map: " + strings.Repeat("(", maxBytes-100), CodeReference},
		{"long number", "version: " + strings.Repeat("9", maxBytes-100), CodeWrongKind},
		{"many stages", head + strings.Repeat("  - x\n", 40_000), CodeWrongKind},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			_, ds := Parse("x.pipegen.yaml", []byte(c.src))
			// The slowest takes a few hundred milliseconds; what is guarded against takes minutes.
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("took %v", d)
			}
			if c.code != "" && !slices.ContainsFunc(ds, func(d Diagnostic) bool { return d.Code == c.code }) {
				t.Errorf("no %s among %d problems", c.code, len(ds))
			}
			for _, d := range ds {
				if len(d.Message) > 1000 {
					t.Errorf("a message of %d bytes", len(d.Message))
					break
				}
			}
		})
	}
}

// A fault of the YAML library is an error of the text.
func TestLibraryPanics(t *testing.T) {
	err := decodeNode(func(any) error { panic("a fault") }, nil)
	if err == nil || err.Error() != "yaml: a fault" {
		t.Errorf("%v", err)
	}
}
