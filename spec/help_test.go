package spec

import (
	"strings"
	"testing"
)

// TestHelp looks at what a diagnostic says to do, where that depends on the text.
func TestHelp(t *testing.T) {
	params := func(entry string) string {
		return "version: 1\npipeline: p\nparams: {a: {" + entry + "}}\nstages: [{map: F}]\n"
	}
	stage := func(entry string) string { return head + "  - map: F\n    " + entry + "\n" }
	for _, c := range []struct{ src, help string }{
		{stage("goroutines: 2"), `did you mean "workers"?`},
		{stage("concurrency: 2"), `did you mean "workers"?`},
		{stage("buffer: 2"), `did you mean "queue"?`},
		{stage("colour: 3"), "remove it, or use one of the keys allowed here"},
		{stage("pipeline: p"), "it is a key of the top of a spec: move it there"},
		{stage("throttle: 5/s"), `did you mean "rate_limit"?`},
		{stage("attempts: 5"), `did you mean "retry"?`},
		{stage("retry: {attempts: 5}"), `did you mean "max_attempts"?`},
		{stage("retry: {max_attempts: 5, delay: 5s}"), `did you mean "backoff"?`},
		{stage("on_full: fail"), `did you mean "queue"?`},
		{stage(`retry: "3"`), "remove the quotes: `retry: 3`"},
		{stage("retry: 0"), "write `retry: 1` or more"},
		{stage("retry: quick"), "declare it: `retries: {quick: {max_attempts: 3}}`"},
		{"version: 1\npipeline: p\nretries: {quick: 3, slow: 5}\nstages: [{map: F, retry: quik}, {map: G, retry: slow}]\n", `did you mean "quick"?`},
		{stage("shard_by: F"), `did you mean "partition_by"?`},
		{stage("fan_out: rr"), `did you mean "round_robin"?`},
		{stage("queue: {on_full: ring}"), `did you mean "drop_oldest"?`},
		{stage("queue: {kind: stack}"), `did you mean "lifo"?`},
		{stage("state: Connect"), "write `state: {new: Connect}` if it makes the state"},
		{stage("state: {factory: Connect}"), `did you mean "new"?`},
		{stage("state: {new: Connect, scope: global}"), `did you mean "pipeline"?`},
		{stage("state: {new: Connect, scope: machine}"), "write `scope: pipeline`"},
		{stage("state: {new: Connect, scope: per_process}"), `did you mean "process"?`},
		{stage("mode: process"), `did you mean "processes"?`},
		{stage("mode: processes\n    processes: 4"), "write `workers: 4`: a stage has as many processes as workers"},
		{stage("mode: processes\n    processes: {maxtasksperchild: 4}"), `did you mean "recycle_after"?`},
		{stage("mode: processes\n    processes: {start: fork}"), "write `start: spawn`, which starts the program anew, or `start: forkserver`, which keeps a reserve of started and initialised processes"},
		{stage("mode: processes\n    processes: {memory_limit: 1 gig}"), "write `memory_limit: 512MiB`; the units of sizes are B, KB, MB, GB, TB (powers of 1000) and KiB, MiB, GiB, TiB (powers of 1024)"},
		{stage("mode: processes\n    processes: {memory_limit: 0}"), "remove it, or write `memory_limit: 512MiB`"},
		{stage("mode: processes\n    processes: {memory_limit: $m}"), "declare it: `params: {m: {type: size}}`"},
		{stage("mode: processes\n    processes: {max_item: 2GiB}"), "write `max_item: 1GiB` or less"},
		{stage("mode: processes\n    processes: {spare: -1}"), "write `spare: 0` or more"},
		{stage("mode: processes\n    processes: {heartbeat: 10}"), "write `heartbeat: 10s` if it is seconds; the units of durations are ns, us, ms, s, m and h"},
		{stage("mode: processes\n    processes: {env: {a-b: 1}}"), "write letters, digits and underscores: `env: {APP_TIMEOUT: 5s}`"},
		{stage("mode: processes\n    processes: {env: {A: $a}}"), "declare it: `params: {a: {type: string}}`"},
		{stage("mode: processes\n    processes: {env: {A: null}}"), "quote it if it is meant: `A: \"null\"`"},
		{stage("mode: processes\n    processes: {env: {PIPEGEN_WORKER: a}}"), "use another name: those that begin with PIPEGEN_ belong to generated code"},
		{stage("mode: processes\n    command: python3 work.py"), "there is no shell to take it apart: write `command: [python3, work.py]`"},
		{stage("mode: processes\n    command: [work, $x]"), "write `command: [python3, transcode.py]`; text that begins with a dollar is written with two: $$"},
		{stage("command: [work]"), "write `mode: processes` beside it"},
		{stage("rate_limit: 50"), "write `rate_limit: 50/s` if it is for a second; rates are so many a second (/s), a minute (/m) or an hour (/h)"},
		{stage("rate_limit: 50/day"), "write `rate_limit: 50/s`; rates are so many a second (/s), a minute (/m) or an hour (/h)"},
		{stage("rate_limit: 0/s"), "remove it, or write `rate_limit: 50/s`"},
		{stage("rate_limit: {rate: $r}"), "declare it: `params: {r: {type: float64}}`"},
		{stage("from: fetch.Failed"), `write "failed": names are lower-case words joined by - or _, at most 63 characters`},
		{head + "  - switch: F\n    cases: {a: b}\n    otherwise: c\n", `did you mean "default"?`},
		{head + "  - switch: F\n    default: b\n", "add `cases: {html: pages, pdf: papers}`"},
		{head + "  - zip: F\n", "write `zip: {inputs: [names, sizes], with: Label}`"},
		{head + "  - router: F\n", `did you mean "switch"?`},
		{"version: 1\npipeline: p\nmode: goroutines\nstages: [{map: F}]\n", `did you mean "threads"?`},
		{"version: 1\npipeline: p\nmode: distributed\nstages: [{map: F}]\n", "write `mode: processes`"},
		{"version: 1\npipeline: p\ndlq: F\nstages: [{map: F}]\n", `did you mean "dead_letter"?`},
		{head + "  - transform: F\n", `did you mean "map"?`},
		{head + "  - fold: {add: F}\n", `did you mean "reduce"?`},
		{"version: 1\nname: p\nstages: [{map: F}]\n", `did you mean "pipeline"?`},
		{"version: 1\npipeline: p\nworkers: 2\nstages: [{map: F}]\n", "it is a key of stages: move it into a stage, or under `defaults` for all of them"},
		{stage("on_error: ignore"), `did you mean "skip"?`},
		{stage("on_error: sotp"), `did you mean "stop"?`},
		{stage("on_error: whatever"), "write `on_error: skip`"},
		{stage("workers: atuo"), `did you mean "auto"?`},
		{stage(`workers: "4"`), "remove the quotes: `workers: 4`"},
		{stage(`ordered: "true"`), "remove the quotes: `ordered: true`"},
		{stage("ordered: yes"), "write `ordered: true`"},
		{stage("queue: unlimited"), "write `queue: {capacity: unlimited}`"},
		{stage("queue: {capacity: unbounded}"), `did you mean "unlimited"?`},
		{stage("name: true"), "quote it if it is meant: `name: \"true\"`"},
		{stage("name: 5"), "write `name: fetch`"},
		{stage("name: ReadURLs"), `write "read_urls": names are lower-case words joined by - or _, at most 63 characters`},
		{stage("name: été"), `write lower-case words joined by - or _, such as "link-check", at most 63 characters`},
		{stage("from: []"), "write `from: [read_urls, retry_urls]`, or remove it"},
		{stage("from: [a, 5]"), "write `from: [read_urls, retry_urls]`"},
		{stage("timeout: 5"), "write `timeout: 5s` if it is seconds; the units of durations are ns, us, ms, s, m and h"},
		{stage("timeout: 1d"), "write `timeout: 5s`; the units of durations are ns, us, ms, s, m and h"},
		{stage("timeout: -1s"), "write `timeout: 5s`; a duration has no sign"},
		{stage("args: {a: [1]}"), "write `args: {a: 10}`"},
		{stage("args: {a: $X}"), "write $ and the name of a param; text that begins with a dollar is written with two: $$"},
		{stage("args: {a: $x}"), "declare it: `params: {x: {type: string}}`"},
		{stage("timeout: $x"), "declare it: `params: {x: {type: duration}}`"},
		{stage("workers: $"), "write $ and the name of a param"},
		{head + "  - reduce: Sum\n", "write `reduce: {add: Sum}`"},
		{head + "  - reduce: a b\n", "write `reduce: {add: Tally, merge: MergeTallies}`"},
		{head + "  - map: F(x)\n", "name the function without calling it; its arguments stand under args"},
		{head + "  - map: 'func() {}'\n", "a spec contains no code: declare the function in Go and name it here"},
		{head + "  - map: net/url.Parse\n", "list the package's path under imports and write its name here: pkg.F"},
		{head + "  - map: F[1]\n", "the brackets hold type arguments: name a Go function: F, pkg.F, F[T], pkg.F[T], T.M, (*T).M or (*pkg.T).M"},
		{"version: 1\npipeline: p\ndoc: 5\nstages: [{map: F}]\n", "quote it if it is meant: `doc: \"5\"`"},
		{"version: 1\npipeline: p\nimports: [https://example.com/x]\nstages: [{map: F}]\n", `leave out the scheme: "example.com/x"`},
		{"version: 1\npipeline: p\nbuild: //go:build linux\nstages: [{map: F}]\n", "leave out //go:build: `build: linux`"},
		{params("type: []"), "quote a Go type that begins with a bracket: `type: \"[]byte\"`"},
		{params("type: time.Duration, default: 5s"), "remove it: only the caller can give this value; for a time write `type: duration`"},
		{params("type: uint32, env: X"), "remove it; for a number write `type: int` or `type: int64`"},
		{params("type: float32, env: X"), "remove it; for a number write `type: float64`"},
		{params("type: strng, env: X"), "remove it; did you mean `type: string`?"},
		{params(`type: "*sql.DB", env: X`), "remove it"},
		{params("type: bool, default: true"), `turn the name round, so that false is the default: "no_a"`},
		{strings.Replace(params("type: bool, default: true"), "a:", "no_cache:", 1), `turn the name round, so that false is the default: "cache"`},
		{params("type: string, default: yes, default: no"), "remove one of the two"},
		{params("type: string, default: 5"), "quote it: `default: \"5\"`"},
		{params("type: string, default: $b"), "write `default: 30s`; text that begins with a dollar is written with two: $$"},
		{"version: 1\npipeline: p\nstages:\n\t- map: F\n\t- map: G\n", "indent with spaces: YAML takes no tabs"},
	} {
		_, ds := Parse("x", []byte(c.src))
		if len(ds) == 0 {
			t.Errorf("no problem in\n%s", c.src)
			continue
		}
		found := false
		for _, d := range ds {
			found = found || d.Help == c.help
		}
		if !found {
			t.Errorf("%s%v\nhelp %q, want %q", c.src, problems(ds), ds[0].Help, c.help)
		}
	}
}

// TestSpans looks at the text that the caret marks.
func TestSpans(t *testing.T) {
	for _, c := range []struct{ line, marked string }{
		{`  - map: 5 # five`, `5`},
		{`  - map: "F \"q\" ()" # c`, `"F \"q\" ()"`},
		{`  - map: 'it''s()' # c`, `'it''s()'`},
		{`  - map: "open \\" # c`, `"open \\"`},
		{`  - map: [F, G]`, `[`},
		{`  - map: {f: G}`, `{`},
		{`  - map: F G   # c`, `F G`},
		{`  - map: 日本 語`, `日本 語`},
		{`  - {map: F, workrs: 2}`, `workrs`},
		{`  - ? map`, `map`},
		{`  - map: F G # not "closed`, `F G`},
		{"  - map: |", "|"},
		{"  - map: >-", ">-"},
		{`  - map: "two`, `"two`},
	} {
		src := head + c.line + "\n"
		switch {
		case strings.HasSuffix(c.line, "|") || strings.HasSuffix(c.line, ">-"):
			src += "      F G\n"
		case strings.HasSuffix(c.line, "two"):
			src += "      lines\"\n"
		}
		_, ds := Parse("x", []byte(src))
		if len(ds) != 1 {
			t.Errorf("%s: %v", c.line, problems(ds))
			continue
		}
		at := ds[0].Span
		rs := []rune(splitLines([]byte(src))[at.Line-1])
		if got := string(rs[at.Col-1 : at.Col-1+at.Len]); got != c.marked || at.Line != 4 {
			t.Errorf("%s: marks %q on line %d, want %q (%s)", c.line, got, at.Line, c.marked, ds[0].Message)
		}
	}
}
