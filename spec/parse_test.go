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

type syntaxCase struct {
	name, src string
	want      []string
}

// Each case is a text with all of its problems, in order.
var syntaxCases = []syntaxCase{
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
	{"unknown at top", "version: 1\npipeline: p\nengine: nats\nstages: [{map: F}]\n", []string{
		`3:1 PG102 unknown key "engine"`}},
	{"unknown in stage", head + "  - map: F\n    goroutines: 2\n    imports: net/url\n", []string{
		`5:5 PG102 unknown key "goroutines"`,
		`6:5 PG102 unknown key "imports"`}},
	{"unknown verb", head + "  - mpa: F\n  - switsh: G\n    cases: {a: b}\n", []string{
		`4:5 PG102 unknown key "mpa"`,
		`5:5 PG102 unknown key "switsh"`}},
	{"unknown in sub-mappings", lines("version: 1", "pipeline: p",
		"params: {n: {type: int, min: 1}}",
		"stages:",
		"  - batch: {size: $n, wait: 1s}",
		"    queue: {capacity: 5, feedback: true}",
		"  - reduce: {add: F, every: 1m}",
		"  - zip: {inputs: [a, b], with: F, key: K}",
		"  - join: {left: {from: a, key: K, with: F}, right: {from: b, key: K}, with: F, max_items: 5, within: 1m}",
		"    fan_out: {hash: K, by: K}",
		"    retry: {max_attempts: 3, until: 1m, backoff: {initial: 1s, maximum: 5s}}",
		"    rate_limit: {rate: 5/s, limit: 5}",
		"    state: {new: F, closed: G}"), []string{
		`3:25 PG102 unknown key "min"`,
		`5:23 PG102 unknown key "wait"`,
		`6:26 PG102 unknown key "feedback"`,
		`7:22 PG102 unknown key "every"`,
		`8:36 PG102 unknown key "key"`,
		`9:36 PG102 unknown key "with"`,
		`9:95 PG102 unknown key "within"`,
		`10:24 PG102 unknown key "by"`,
		`11:30 PG102 unknown key "until"`,
		`11:64 PG102 unknown key "maximum"`,
		`12:29 PG102 unknown key "limit"`,
		`13:21 PG102 unknown key "closed"`}},
	{"unknown in named entries", lines("version: 1", "pipeline: p",
		"retries: {slow: {max_attempts: 3, forever: true}}",
		"queues: {work: {capacity: 5, size: 5}}",
		"dead_letter: {func: F, queue: work}",
		"stages: [{map: F, retry: slow}]"), []string{
		`3:35 PG102 unknown key "forever"`,
		`4:30 PG102 unknown key "size"`,
		`5:24 PG102 unknown key "queue"`}},
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
	{"new keys of another verb", head + lines(
		"  - source: F", "    retry: 3", "    queue: 5", "    partition_by: K",
		"  - map: F", "    cases: {a: b}", "    default: c",
		"  - switch: F", "    cases: {a: b}", "    to: work", "    workers: 2", "    partition_by: K",
		"  - zip: {inputs: [a, b], with: F}", "    from: x", "    workers: 2", "    chunk: 5",
		"  - join: {left: {from: a, key: K}, right: {from: b, key: K}, with: F, max_items: 5}", "    from: x", "    workers: 2", "    fuse: true",
		"  - batch: {size: 2}", "    retry: 3", "    rate_limit: 5/s", "    state: {new: F}", "    partition_by: K",
		"  - sink: F", "    to: work", "    fan_out: broadcast"), []string{
		`5:5 PG103 "source" takes no "retry"`,
		`6:5 PG103 "source" takes no "queue"`,
		`7:5 PG103 "source" takes no "partition_by"`,
		`9:5 PG103 "map" takes no "cases"`,
		`10:5 PG103 "map" takes no "default"`,
		`13:5 PG103 "switch" takes no "to"`,
		`14:5 PG103 "switch" takes no "workers"`,
		`15:5 PG103 "switch" takes no "partition_by"`,
		`17:5 PG103 "zip" takes no "from"`,
		`18:5 PG103 "zip" takes no "workers"`,
		`19:5 PG103 "zip" takes no "chunk"`,
		`21:5 PG103 "join" takes no "from"`,
		`22:5 PG103 "join" takes no "workers"`,
		`23:5 PG103 "join" takes no "fuse"`,
		`25:5 PG103 "batch" takes no "retry"`,
		`26:5 PG103 "batch" takes no "rate_limit"`,
		`27:5 PG103 "batch" takes no "state"`,
		`28:5 PG103 "batch" takes no "partition_by"`,
		`30:5 PG103 "sink" takes no "to"`,
		`31:5 PG103 "sink" takes no "fan_out"`}},
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
	{"duplicate case", head + "  - switch: F\n    cases: {a: b, c: d, \"a\": e}\n", []string{
		`5:25 PG104 duplicate key "a"`}},
	{"duplicate input", head + "  - zip: {inputs: [a, a], with: F}\n", []string{
		`4:23 PG104 "inputs" names "a" twice`}},
	{"duplicate names", lines("version: 1", "pipeline: p", "retries: {a: 1, a: 2}", "queues: {q: 1, q: 2}", "stages: [{map: F, retry: a}]"), []string{
		`3:17 PG104 duplicate key "a"`,
		`4:16 PG104 duplicate key "q"`}},

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
		`8:15 PG105 "on_error" must be stop, skip, yield, dead_letter or route, not the text "ignore"`,
		`9:12 PG105 "queue" must be a number from 1, a mapping or $param, not the text "unlimited"`,
		`10:11 PG105 "from" must be a name or a list, not a mapping`,
		`11:11 PG105 "args" must be a mapping, not a list`,
		`12:11 PG105 "fuse" must be true, false or auto, not the number 1`,
		`13:11 PG105 "name" must be a name, not true`,
		`14:16 PG105 "max_ahead" must be a number from 1 or $param, not the number 1.5`}},
	{"kinds of the graph", head + lines(
		"  - switch: F",
		"    cases: [a]",
		"    default: 5",
		"  - switch: {func: F}",
		"    cases: {~: a, b: 5, c: , d: [e]}",
		"  - switch: F",
		"    cases: {$p: a, b: $p}",
		"  - zip: [a, b]",
		"  - zip: {inputs: a, with: F}",
		"  - zip: {inputs: [a, b, c], with: [F]}",
		"  - zip: {inputs: [], with: F}",
		"  - join: {left: a, right: [b], with: F, max_items: many}",
		"    fan_out: random",
		"    to: [a, b]",
		"  - map: F",
		"    fan_out: hash",
		"    partition_by: {hash: F}",
		"    queue: {on_full: wait, kind: random, key: 5}"), []string{
		`5:12 PG105 "cases" must be a mapping, not a list`,
		`6:14 PG105 "default" must be a name, not the number 5`,
		`7:13 PG105 "switch" must be a function, not a mapping`,
		`8:13 PG105 a case must be a value, not nothing`,
		`8:22 PG105 "b" must be a name, not the number 5`,
		`8:25 PG105 "c" has no value; it must be a name`,
		`8:33 PG105 "d" must be a name, not a list`,
		`10:13 PG105 "cases" takes no $param: its value is fixed when the code is generated`,
		`10:23 PG105 "b" takes no $param: its value is fixed when the code is generated`,
		`11:10 PG105 "zip" must be a mapping, not a list`,
		`12:19 PG105 "inputs" must be a list of 2, not the text "a"`,
		`13:19 PG105 "inputs" must be a list of 2, not of 3`,
		`13:36 PG105 "with" must be a function, not a list`,
		`14:19 PG105 "inputs" is an empty list`,
		`15:18 PG105 "left" must be a mapping, not the text "a"`,
		`15:28 PG105 "right" must be a mapping, not a list`,
		`15:53 PG105 "max_items" must be a number from 1 or $param, not the text "many"`,
		`16:14 PG105 "fan_out" must be broadcast, round_robin or a mapping, not the text "random"`,
		`17:9 PG105 "to" must be a name, not a list`,
		`19:14 PG105 "fan_out" must be broadcast, round_robin or a mapping, not the text "hash"`,
		`20:19 PG105 "partition_by" must be a function, not a mapping`,
		`21:22 PG105 "on_full" must be block, drop_newest, drop_oldest or fail, not the text "wait"`,
		`21:34 PG105 "kind" must be fifo, lifo or priority, not the text "random"`,
		`21:47 PG105 "key" must be a function, not the number 5`}},
	{"kinds of calls", head + lines(
		"  - map: F",
		"    retry: true",
		"    rate_limit: [50/s]",
		"    state: 5",
		"  - map: F",
		"    retry: {max_attempts: all, when: 5, backoff: 1s}",
		"    rate_limit: {rate: true, burst: 1.5, per: 1}",
		"    state: {new: 5, args: F, scope: machine}",
		"  - map: F",
		"    retry: {max_attempts: 3, backoff: {initial: soon, multiplier: two, jitter: ten}}",
		"    state: F"), []string{
		`5:12 PG105 "retry" must be a number from 1, a name, a mapping or $param, not true`,
		`6:17 PG105 "rate_limit" must be a rate, a mapping or $param, not a list`,
		`7:12 PG105 "state" must be a mapping or $param, not the number 5`,
		`9:27 PG105 "max_attempts" must be a number from 1 or $param, not the text "all"`,
		`9:38 PG105 "when" must be a function, not the number 5`,
		`9:50 PG105 "backoff" must be a mapping, not the text "1s"`,
		`10:24 PG105 "rate" must be a rate or $param, not true`,
		`10:37 PG105 "burst" must be a number from 1 or $param, not the number 1.5`,
		`10:47 PG105 "per" must be a function, not the number 1`,
		`11:18 PG105 "new" must be a function, not the number 5`,
		`11:27 PG105 "args" must be a mapping, not the text "F"`,
		`11:37 PG105 "scope" must be worker, process or pipeline, not the text "machine"`,
		`13:49 PG112 "initial" is "soon", which is no duration`,
		`13:67 PG105 "multiplier" must be a number from 1 or $param, not the text "two"`,
		`13:80 PG105 "jitter" must be a number from 0 to 1 or $param, not the text "ten"`,
		`14:12 PG105 "state" must be a mapping or $param, not the text "F"`}},
	{"kinds at the top, the rest", lines("version: 1", "pipeline: p", "mode: distributed", "retries: 3", "queues: [work]", "dead_letter: 5", "stages: [{map: F}]"), []string{
		`3:7 PG105 "mode" must be threads or processes, not the text "distributed"`,
		`4:10 PG105 "retries" must be a mapping, not the number 3`,
		`5:9 PG105 "queues" must be a mapping, not a list`,
		`6:14 PG105 "dead_letter" must be a function or a mapping, not the number 5`}},
	{"kinds of named entries", lines("version: 1", "pipeline: p", "retries: {a: b, c: }", "queues: {q: lots, r: }", "stages: [{map: F, retry: a}, {map: F, retry: c}]"), []string{
		`3:14 PG105 "a" must be a number from 1, a mapping or $param, not the text "b"`,
		`3:17 PG105 "c" has no value; it must be a number from 1, a mapping or $param`,
		`4:13 PG105 "q" must be a number from 1, unlimited, a mapping or $param, not the text "lots"`,
		`4:19 PG105 "r" has no value; it must be a number from 1, unlimited, a mapping or $param`}},
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
	{"new params of the wrong type", lines("version: 1", "pipeline: p", "params: {d: {type: duration}, n: {type: int}, f: {type: float64}}", "retries: {a: $d}", "queues: {q: $d}", "stages:",
		"  - map: F", "    retry: {max_attempts: $f, backoff: {initial: $n, multiplier: $n, jitter: $f}}", "    rate_limit: $n",
		"  - map: F", "    retry: $d", "    rate_limit: {rate: $d, burst: $f}", "  - map: F", "    retry: a"), []string{
		`4:14 PG105 $d is a duration, but an int is needed here`,
		`5:13 PG105 $d is a duration, but an int is needed here`,
		`8:27 PG105 $f is a float64, but an int is needed here`,
		`8:50 PG105 $n is an int, but a duration is needed here`,
		`8:66 PG105 $n is an int, but a float64 is needed here`,
		`9:17 PG105 $n is an int, but a float64 is needed here`,
		`11:12 PG105 $d is a duration, but an int is needed here`,
		`12:24 PG105 $d is a duration, but a float64 is needed here`,
		`12:35 PG105 $f is a float64, but an int is needed here`}},
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
		`6:12 PG106 "queue" is empty`,
		`7:13 PG106 "reduce" has no "add"`}},
	{"required in the graph", head + lines("  - switch: F", "  - switch: F", "    cases: {}", "  - zip: {}", "  - join: {left: {}}",
		"    fan_out: {}", "    retry: {}", "    rate_limit: {burst: 5}", "    state: {}", "  - map: F", "    queue: {kind: priority}"), []string{
		`4:5 PG106 "switch" has no "cases"`,
		`6:12 PG106 "cases" is empty`,
		`7:10 PG106 "zip" has no "inputs"`,
		`7:10 PG106 "zip" has no "with"`,
		`8:11 PG106 "join" has no "right"`,
		`8:11 PG106 "join" has no "with"`,
		`8:11 PG106 "join" has no "max_items"`,
		`8:18 PG106 "left" has no "from"`,
		`8:18 PG106 "left" has no "key"`,
		`9:14 PG106 "fan_out" has no "hash"`,
		`10:12 PG106 "retry" has no "max_attempts"`,
		`11:17 PG106 "rate_limit" has no "rate"`,
		`12:12 PG106 "state" has no "new"`,
		`14:19 PG106 a queue of "kind: priority" has no "key"`}},
	{"required at the top", lines("version: 1", "pipeline: p", "retries: {a: {when: F}}", "dead_letter: {args: {a: 1}}", "stages: [{map: F, retry: a, on_error: dead_letter}]"), []string{
		`3:14 PG106 "a" has no "max_attempts"`,
		`4:14 PG106 "dead_letter" has no "func"`}},
	{"misspelled required key of a stage", head + "  - switch: F\n    case: {a: b}\n", []string{
		`5:5 PG102 unknown key "case"`}},
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
	{"out of range", head + lines("  - map: F", "    retry: 0", "    rate_limit: 0/s", "  - map: F",
		"    retry: {max_attempts: 0, backoff: {initial: 0s, max: 0s, multiplier: 0.5, jitter: 1.5}}",
		"    rate_limit: {rate: 0.0/m, burst: 0}", "  - map: F", "    retry: {max_attempts: 3, backoff: {multiplier: 1e999, jitter: -0.1}}",
		"  - join: {left: {from: a, key: K}, right: {from: b, key: K}, with: F, max_items: 0}"), []string{
		`5:12 PG111 "retry" is 0; the least is 1`,
		`6:17 PG111 "rate_limit" is 0/s; it must be more than zero`,
		`8:27 PG111 "max_attempts" is 0; the least is 1`,
		`8:49 PG111 "initial" is 0s; it must be more than zero`,
		`8:58 PG111 "max" is 0s; it must be more than zero`,
		`8:74 PG111 "multiplier" is 0.5; it must be a number from 1`,
		`8:87 PG111 "jitter" is 1.5; it must be a number from 0 to 1`,
		`9:24 PG111 "rate" is 0.0/m; it must be more than zero`,
		`9:38 PG111 "burst" is 0; the least is 1`,
		`11:52 PG105 "multiplier" must be a number from 1 or $param, not the text "1e999"`,
		`11:67 PG111 "jitter" is -0.1; it must be a number from 0 to 1`,
		`12:83 PG111 "max_items" is 0; the least is 1`}},
	{"params that are out of range by default", lines("version: 1", "pipeline: p", "params: {m: {type: float64, default: 0.5}, j: {type: float64, default: 2}, r: {type: float64, default: 0}, ok: {type: float64, default: 1}}",
		"stages:", "  - map: F", "    rate_limit: $r", "    retry: {max_attempts: 3, backoff: {multiplier: $m, jitter: $j}}",
		"  - map: F", "    rate_limit: {rate: $ok}", "    retry: {max_attempts: 3, backoff: {multiplier: $ok, jitter: $ok}}"), []string{
		`6:17 PG111 $r is 0 by default; it must be more than zero here`,
		`7:52 PG111 $m is 0.5 by default; it must be a number from 1 here`,
		`7:64 PG111 $j is 2 by default; it must be a number from 0 to 1 here`}},
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
	{"rates", head + lines("  - map: F", "    rate_limit: 50", "  - map: F", "    rate_limit: 0.5", "  - map: F", "    rate_limit: 50/d", "  - map: F", "    rate_limit: -5/s",
		"  - map: F", "    rate_limit: {rate: 50}", "  - map: F", "    rate_limit: /s", "  - map: F", "    rate_limit: 1e3/s", "  - map: F", "    rate_limit: 5 /s", "  - map: F", "    rate_limit: 5/s/m"), []string{
		`5:17 PG112 "rate_limit" is 50 without a unit`,
		`7:17 PG112 "rate_limit" is 0.5 without a unit`,
		`9:17 PG112 "rate_limit" is "50/d", which is no rate`,
		`11:17 PG112 "rate_limit" is "-5/s", which is no rate`,
		`13:24 PG112 "rate" is 50 without a unit`,
		`15:17 PG112 "rate_limit" is "/s", which is no rate`,
		`17:17 PG112 "rate_limit" is "1e3/s", which is no rate`,
		`19:17 PG112 "rate_limit" is "5 /s", which is no rate`,
		`21:17 PG112 "rate_limit" is "5/s/m", which is no rate`}},

	// PG113
	{"new names", lines("version: 1", "pipeline: p", "retries: {Slow: 3}", "queues: {in-: 3}", "stages:", "  - map: F", "    to: Work", "    retry: 3x", "    from: [a.B, a.b.c, .a, a., A.b, a.b]",
		"  - switch: F", "    cases: {a: Html, b: x.y}", "    default: '*'", "  - join: {left: {from: a b, key: K}, right: {from: a.b, key: K}, with: F, max_items: 5}"), []string{
		`3:11 PG113 "Slow" is not a name`,
		`4:10 PG113 "in-" is not a name`,
		`7:9 PG113 "Work" is not a name`,
		`8:12 PG113 "3x" is not a name`,
		`9:12 PG113 "B" is not a name`,
		`9:17 PG113 "b.c" is not a name`,
		`9:24 PG113 "" is not a name`,
		`9:28 PG113 "" is not a name`,
		`9:32 PG113 "A" is not a name`,
		`11:16 PG113 "Html" is not a name`,
		`11:25 PG113 "x.y" is not a name`,
		`12:14 PG113 "*" is not a name`,
		`13:25 PG113 "a b" is not a name`}},
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
	{"new references", lines("version: 1", "pipeline: p", "dead_letter: F()", "stages:", "  - map: F", "    partition_by: $k", "    fan_out: {hash: a.b.c}",
		"    queue: {kind: priority, key: 'x+y'}", "    retry: {max_attempts: 3, when: '!Is'}", "    rate_limit: {rate: 5/s, per: 'a b'}", "    state: {new: 'New()'}", "    on_error: dead_letter"), []string{
		`3:14 PG114 "F()" does not name a function`,
		`6:19 PG114 "$k" does not name a function`,
		`7:21 PG114 "a.b.c" does not name a function`,
		`8:34 PG114 "x+y" does not name a function`,
		`9:36 PG114 "!Is" does not name a function`,
		`10:34 PG114 "a b" does not name a function`,
		`11:18 PG114 "New()" does not name a function`}},

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
		`6:13 PG120 "struct{X int}" is a type without a name`,
		`7:13 PG120 "F()" is not a type`,
		`8:13 PG120 "int // x" is not a type`}},

	// PG121
	{"max_ahead alone", head + "  - map: F\n    max_ahead: 5\n  - map: G\n    max_ahead: 5\n    ordered: false\n", []string{
		`5:16 PG121 "max_ahead" without "ordered: true"`,
		`7:16 PG121 "max_ahead" without "ordered: true"`}},
	{"queues that contradict themselves", lines("version: 1", "pipeline: p", "queues: {q: {key: K}, r: {capacity: unlimited, on_full: fail}}", "stages:", "  - map: F", "    queue: {kind: lifo, key: K}", "  - map: F", "    queue: {capacity: unlimited, on_full: block}"), []string{
		`3:19 PG121 "key" without "kind: priority"`,
		`3:57 PG121 "on_full" of an unlimited queue`,
		`6:30 PG121 "key" without "kind: priority"`,
		`8:43 PG121 "on_full" of an unlimited queue`}},
	{"nothing more about what is wrong already", lines("version: 1", "pipeline: p", "dead_letter: F()", "queues: {q: {kind: urgent, key: K}}", "stages: [{map: F, on_error: dead_letter}]"), []string{
		`3:14 PG114 "F()" does not name a function`,
		`4:20 PG105 "kind" must be fifo, lifo or priority, not the text "urgent"`}},
	{"queues that do not fit", head + lines("  - zip: {inputs: [a, b], with: F}", "    queue: {kind: lifo}", "  - zip: {inputs: [a, b], with: F}", "    queue: {capacity: 5, on_full: drop_oldest}",
		"  - join: {left: {from: a, key: K}, right: {from: b, key: K}, with: F, max_items: 5}", "    queue: {kind: priority, key: K}",
		"  - map: F", "    partition_by: K", "    queue: {kind: lifo}", "  - zip: {inputs: [c, d], with: F}", "    queue: {capacity: 5, on_full: fail}",
		"  - map: F", "    ordered: true", "    queue: {kind: lifo}"), []string{
		`5:19 PG121 a "lifo" queue before a zip: it makes pairs by position`,
		`7:35 PG121 a "drop_oldest" queue before a zip: a dropped item would shift all pairs after it`,
		`9:19 PG121 a "priority" queue before a join: its two inputs have items of different types`,
		"12:19 PG121 a \"lifo\" queue before a map: `partition_by` keeps the order of arrival",
		"17:19 PG121 a \"lifo\" queue before a map: `ordered` keeps the order of arrival"}},
	{"a default queue does not reach what it does not fit", lines("version: 1", "pipeline: p", "defaults: {queue: {capacity: 5, on_full: drop_oldest}}", "stages: [{map: F}, {zip: {inputs: [a, b], with: F}}]"), nil},
	{"defaults do not reach calls without an item of their own", lines("version: 1", "pipeline: p", "defaults: {on_error: dead_letter, rate_limit: {rate: 5/s, per: K}, retry: 3}", "dead_letter: D",
		"stages: [{source: F}, {source: G}, {zip: {inputs: [f, g], with: F}}]"), []string{
		`3:12 PG123 no stage takes "on_error" from defaults`}},
	{"dead letters without a function", lines("version: 1", "pipeline: p", "defaults: {on_error: dead_letter}", "stages: [{map: F}, {map: G}, {map: H, on_error: dead_letter}]"), []string{
		`3:22 PG121 "on_error: dead_letter" without a dead letter function`,
		`4:49 PG121 "on_error: dead_letter" without a dead letter function`}},
	{"ports", head + lines("  - switch: F", "    cases: {a: failed, b: ok}", "    default: failed", "    on_error: route", "  - switch: F", "    cases: {a: failed}"), []string{
		`5:16 PG121 the port "failed" is that of "on_error: route"`,
		`6:14 PG121 the port "failed" is that of "on_error: route"`}},
	{"backoff", head + "  - map: F\n    retry: {max_attempts: 3, backoff: {initial: 1m, max: 1s}}\n", []string{
		`5:49 PG121 the first wait, 1m0s, is longer than the longest, 1s`}},
	{"backoff by default", head + lines("  - map: F", "    retry: {max_attempts: 3, backoff: {initial: 11s}}", "  - map: F", "    retry: {max_attempts: 3, backoff: {initial: 10s}}"), []string{
		`5:49 PG121 the first wait, 11s, is longer than the longest, 10s by default`}},

	// PG122
	{"ignore comments", head + lines("  - map: F # pipegen:ignore", "  - map: G # pipegen:ignore PG999 because", "  - map: H # pipegen:ignore PG101 because", "  # pipegen:ignore PG123 because"), []string{
		`4:12 PG122 this pipegen:ignore comment names no code`,
		`5:12 PG122 this pipegen:ignore comment names "PG999", which is no code`,
		`6:12 PG122 this pipegen:ignore comment names PG101, which is an error`,
		`7:3 PG122 this pipegen:ignore comment stands alone on its line`}},

	// PG123
	{"default that reaches nothing", "version: 1\npipeline: p\ndefaults: {workers: 2, ordered: true}\nstages: [{source: F}, {sink: G}]\n", []string{
		`3:24 PG123 no stage takes "ordered" from defaults`}},
	{"a default of calls", "version: 1\npipeline: p\ndefaults: {retry: 3, state: {new: F}}\nstages: [{batch: {size: 5}}, {source: F}]\n", []string{
		`3:12 PG123 no stage takes "retry" from defaults`}},
	{"silenced", "version: 1\npipeline: p\ndefaults: {ordered: true} # pipegen:ignore PG123 for later stages\nstages: [{source: F}, {sink: G}]\n", nil},

	// PG124
	{"unknown retries", lines("version: 1", "pipeline: p", "retries: {slow: 5}", "defaults: {retry: fast}", "stages: [{map: F}, {map: F}, {map: F, retry: slwo}, {map: F, retry: slow}]"), []string{
		`4:19 PG124 unknown retry policy "fast"`,
		`5:46 PG124 unknown retry policy "slwo"`}},

	// Of the graph, what can be seen here.
	{"unused retries", lines("version: 1", "pipeline: p", "retries: {slow: 5, fast: {max_attempts: 2}}", "stages: [{map: F, retry: slow}]"), []string{
		`3:20 PG407 nothing uses the retry policy "fast"`}},
	{"feedback that blocks", lines("version: 1", "pipeline: p", "params: {n: {type: int}}", "queues:", "  a: {capacity: 5, feedback: true}", "  b: {feedback: true}", "  c: {capacity: $n, on_full: block, feedback: true}",
		"  d: {capacity: unlimited, feedback: true}", "  e: {capacity: 5, on_full: drop_newest, feedback: true}", "  f: {capacity: 5, feedback: false}", "stages: [{map: F}]"), []string{
		`5:17 PG413 the feedback queue "a" can block`,
		`6:17 PG413 the feedback queue "b" can block`,
		`7:17 PG413 the feedback queue "c" can block`}},
}

func TestSyntax(t *testing.T) {
	for _, c := range slices.Concat(syntaxCases, processCases, sharedCases) {
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
	for _, c := range slices.Concat(syntaxCases, processCases, sharedCases) {
		for _, w := range c.want {
			seen[strings.Fields(w)[1]] = true
		}
	}
	for _, c := range Codes() {
		ours := strings.HasPrefix(c.ID, "PG1") || slices.Contains([]string{CodePipelineState, CodeFork, CodeCommandKey, CodeNoProcesses}, c.ID)
		if ours && !seen[c.ID] {
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
		Mentions: map[string]bool{"limit": true, "patience": true},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestModelOfTheGraph decodes the keys that connect stages, and those that say how a call is made, in every
// form, and compares the fields without their places.
func TestModelOfTheGraph(t *testing.T) {
	const src = `version: 1
pipeline: crawl
mode: threads
params: {rps: {type: float64}, n: {type: int}, d: {type: duration}, db: {type: "*sql.DB"}}
retries:
  patient: {max_attempts: $n, when: net.IsTemporary, backoff: {initial: 1s, max: $d, multiplier: 1.5, jitter: 0}}
  quick: 2
  some: $n
queues:
  work: {capacity: unlimited, feedback: true}
  out: {capacity: 10, on_full: drop_oldest, kind: priority, key: K, fan_out: {hash: H}}
  five: 5
  many: unlimited
  few: $n
  open: {fan_out: round_robin}
dead_letter: {func: Save, args: {path: x}}
stages:
  - source: Gen
    to: work
    rate_limit: $rps
  - map: Fetch
    from: work
    retry: patient
    rate_limit: {rate: 3000/m, burst: 10, per: Host}
    on_error: route
    state: {new: Connect, args: {db: $db}, scope: pipeline}
    partition_by: Host
    fan_out: broadcast
  - switch: Page.Kind
    cases: {html: a, 5: b, true: c, "x": a, pkg.Const: d, 1.5: b, $$y: b}
    default: others
    retry: 1
  - zip: {inputs: [kind.a, kind.b], with: Z}
    queue: {capacity: 5, on_full: fail, kind: fifo}
    rate_limit: {rate: $rps, burst: $n}
  - join: {left: {from: kind.c, key: A}, right: {from: kind.others, key: B}, with: C, max_items: $n}
    retry: {max_attempts: 3, backoff: {multiplier: $rps, jitter: 1}}
    rate_limit: 0.5/h
  - sink: T
    from: [zip, join, fetch.failed]
    state: $db
    retry: $n
    on_error: dead_letter
    queue: {kind: lifo}
  - tap: Q
    from: kind.d
    retry: quick
    rate_limit: 50/s
  - tap: R
    retry: some
`
	got, ds := Parse("x.pipegen.yaml", []byte(src))
	if len(ds) > 0 {
		t.Fatal(problems(ds))
	}
	str := func(text string) Scalar[string] { return Scalar[string]{Value: text} }
	strs := func(texts ...string) (all []Scalar[string]) {
		for _, text := range texts {
			all = append(all, str(text))
		}
		return all
	}
	num := func(v int) Scalar[int] { return Scalar[int]{Value: v} }
	float := func(v float64) Scalar[float64] { return Scalar[float64]{Value: v} }
	ref := func(name string) Ref { return Ref{Text: name, Name: name} }
	text := func(s string) Literal { return Literal{Kind: StringLit, Text: s} }
	n, rps := Scalar[int]{Param: "n"}, Scalar[float64]{Param: "rps"}
	second := Scalar[time.Duration]{Value: time.Second}
	want := &File{
		Mode: str("threads"),
		Retries: []*NamedRetry{
			{Name: str("patient"), Retry: Retry{MaxAttempts: n, When: Ref{Text: "net.IsTemporary", Pkg: "net", Name: "IsTemporary"},
				Backoff: &Backoff{Initial: second, Max: Scalar[time.Duration]{Param: "d"}, Multiplier: float(1.5), Jitter: float(0)}}},
			{Name: str("quick"), Retry: Retry{MaxAttempts: num(2)}},
			{Name: str("some"), Retry: Retry{MaxAttempts: n}},
		},
		Queues: []*NamedQueue{
			{Name: str("work"), Queue: Queue{Unlimited: true}, Feedback: Scalar[bool]{Value: true}},
			{Name: str("out"), Queue: Queue{Capacity: num(10), OnFull: str("drop_oldest"), Kind: str("priority"), Key: ref("K")},
				FanOut: &FanOut{Kind: str("hash"), Hash: ref("H")}},
			{Name: str("five"), Queue: Queue{Capacity: num(5)}},
			{Name: str("many"), Queue: Queue{Unlimited: true}},
			{Name: str("few"), Queue: Queue{Capacity: n}},
			{Name: str("open"), FanOut: &FanOut{Kind: str("round_robin")}},
		},
		Dead: &DeadLetter{Func: ref("Save"), Args: []Arg{{Name: str("path"), Value: text("x")}}},
		Stages: []*Stage{
			{Verb: Source, Func: ref("Gen"), To: str("work"), Rate: &RateLimit{Count: rps, Per: time.Second}},
			{Verb: Map, Func: ref("Fetch"), From: strs("work"), Retry: &Retry{Name: str("patient")},
				Rate:    &RateLimit{Count: float(3000), Per: time.Minute, Burst: num(10), Key: ref("Host")},
				OnError: str("route"), Partition: ref("Host"), FanOut: &FanOut{Kind: str("broadcast")},
				State: &State{New: ref("Connect"), Scope: str("pipeline"),
					Args: []Arg{{Name: str("db"), Value: Literal{Kind: StringLit, Param: "db"}}}}},
			{Verb: SwitchV, Func: Ref{Text: "Page.Kind", Pkg: "Page", Name: "Kind"}, Retry: &Retry{MaxAttempts: num(1)},
				Switch: &Switch{Default: str("others"), Cases: []Case{
					{text("html"), str("a")},
					{Literal{Kind: IntLit, Text: "5"}, str("b")},
					{Literal{Kind: BoolLit, Text: "true"}, str("c")},
					{Literal{Kind: StringLit, Text: "x", Quoted: true}, str("a")},
					{text("pkg.Const"), str("d")},
					{Literal{Kind: FloatLit, Text: "1.5"}, str("b")},
					{text("$y"), str("b")},
				}}},
			{Verb: ZipV, Func: ref("Z"), Zip: &Zip{Inputs: strs("kind.a", "kind.b")},
				Queue: &Queue{Capacity: num(5), OnFull: str("fail"), Kind: str("fifo")}, Rate: &RateLimit{Count: rps, Per: time.Second, Burst: n}},
			{Verb: JoinV, Func: ref("C"),
				Join: &Join{Left: JoinSide{From: str("kind.c"), Key: ref("A")}, Right: JoinSide{From: str("kind.others"), Key: ref("B")}, MaxItems: n},
				Rate: &RateLimit{Count: float(0.5), Per: time.Hour}, Retry: &Retry{MaxAttempts: num(3), Backoff: &Backoff{Multiplier: rps, Jitter: float(1)}}},
			{Verb: Sink, Func: ref("T"), From: strs("zip", "join", "fetch.failed"), State: &State{Param: Scalar[string]{Param: "db"}},
				Retry: &Retry{MaxAttempts: n}, OnError: str("dead_letter"), Queue: &Queue{Kind: str("lifo")}},
			{Verb: Tap, Func: ref("Q"), From: strs("kind.d"), Retry: &Retry{Name: str("quick")}, Rate: &RateLimit{Count: float(50), Per: time.Second}},
			{Verb: Tap, Func: ref("R"), Retry: &Retry{Name: str("some")}},
		},
	}
	noPlaces := cmp.Transformer("place", func(Span) struct{} { return struct{}{} })
	for what, pair := range map[string][2]any{
		"mode": {want.Mode, got.Mode}, "retries": {want.Retries, got.Retries}, "queues": {want.Queues, got.Queues},
		"dead_letter": {want.Dead, got.Dead}, "stages": {want.Stages, got.Stages},
	} {
		if diff := cmp.Diff(pair[0], pair[1], noPlaces); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
	}
	// Every value that is given has a place: that is how IsSet knows it.
	if q := got.Queues[1]; !q.Queue.Span.IsValid() || !q.FanOut.Span.IsValid() || !q.FanOut.Kind.IsSet() {
		t.Errorf("%+v", q)
	}
	if s := got.Stages[1]; !s.Retry.Span.IsValid() || !s.Retry.Name.IsSet() || !s.Rate.Count.IsSet() || !s.State.Span.IsValid() || !s.State.New.IsSet() {
		t.Errorf("%+v", s)
	}
	if s := got.Stages[4]; !s.Join.Left.Span.IsValid() || !s.Join.Right.From.IsSet() || !s.Retry.Backoff.Jitter.IsSet() {
		t.Errorf("%+v", s)
	}
	if s := got.Stages[5]; !s.State.Param.IsSet() || !s.Retry.MaxAttempts.IsSet() {
		t.Errorf("%+v", s)
	}
	if !got.Dead.Span.IsValid() || !got.Stages[0].Rate.Count.IsSet() {
		t.Errorf("%+v %+v", got.Dead, got.Stages[0].Rate)
	}
}

// TestPartial shows that what could be decoded is there beside the problems.
func TestPartial(t *testing.T) {
	f, ds := Parse("x.pipegen.yaml", []byte("version: one\npipeline: p\nmode: x\nstages:\n  - map: F\n    workers: 0\n  - 5\n  - sink: G\n"))
	if len(ds) != 4 || !ds.HasErrors() {
		t.Fatal(problems(ds))
	}
	if f.Version.IsSet() || f.Pipeline.Value != "p" || len(f.Stages) != 3 || f.Stages[1].Verb != "" {
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
