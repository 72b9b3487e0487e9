package spec

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// processCases are further cases of TestSyntax: what is said of worker processes.
var processCases = []syntaxCase{
	{"verbs without a mode", head + "  - source: F\n    command: [f]\n  - batch: {size: 5}\n    mode: processes\n  - reduce: {add: F}\n    processes: {}\n    codec: json\n", []string{
		`5:5 PG103 "source" takes no "command"`,
		`7:5 PG103 "batch" takes no "mode"`,
		`9:5 PG103 "reduce" takes no "processes"`,
		`10:5 PG103 "reduce" takes no "codec"`}},
	{"kinds in processes", lines("version: 1", "pipeline: p", "mode: processes", "processes:",
		"  start: spoon", "  spare: some", "  env: [A]", "  stdout: file", "  restart: 5", "  on_crash: retry", "  recycle_after: 1s",
		"  memory_limit: [1]", "  heartbeat: never", "  shutdown_timeout: 5", "  max_item: big", "  max_depth: {}",
		"stages: [{map: F, mode: fork, command: {}, codec: gob, processes: true}]"), []string{
		`5:10 PG105 "start" must be spawn or forkserver, not the text "spoon"`,
		`6:10 PG105 "spare" must be a number or $param, not the text "some"`,
		`7:8 PG105 "env" must be a mapping, not a list`,
		`8:11 PG105 "stdout" must be inherit or log, not the text "file"`,
		`9:12 PG105 "restart" must be a mapping, not the number 5`,
		`10:13 PG105 "on_crash" must be a mapping, not the text "retry"`,
		`11:18 PG105 "recycle_after" must be a number from 1 or $param, not the text "1s"`,
		`12:17 PG105 "memory_limit" must be a size or $param, not a list`,
		`13:14 PG112 "heartbeat" is "never", which is no duration`,
		`14:21 PG112 "shutdown_timeout" is 5 without a unit`,
		`15:13 PG112 "max_item" is "big", which is no size`,
		`16:14 PG105 "max_depth" must be a number from 1 or $param, not a mapping`,
		`17:25 PG105 "mode" must be threads or processes, not the text "fork"`,
		`17:40 PG105 "command" must be a list, not a mapping`,
		`17:51 PG105 "codec" must be auto or json, not the text "gob"`,
		`17:67 PG105 "processes" must be a mapping, not true`}},
	{"ranges in processes", lines("version: 1", "pipeline: p", "mode: processes", "processes:",
		"  spare: -1", "  restart: {max_restarts: -1, within: 0s}", "  on_crash: {in_flight: retry, max_attempts: 0}", "  recycle_after: 0",
		"  memory_limit: -5", "  heartbeat: 0s", "  max_item: 2GiB", "  max_depth: 0",
		"stages: [{map: F}]"), []string{
		`5:10 PG111 "spare" is -1; the least is 0`,
		`6:27 PG111 "max_restarts" is -1; the least is 0`,
		`6:39 PG111 "within" is 0s; it must be more than zero`,
		`7:46 PG111 "max_attempts" is 0; the least is 1`,
		`8:18 PG111 "recycle_after" is 0; the least is 1`,
		`9:17 PG111 "memory_limit" is -5; it must be more than zero`,
		`10:14 PG111 "heartbeat" is 0s; it must be more than zero`,
		`11:13 PG111 "max_item" is 2GiB; the most is 1GiB`,
		`12:14 PG111 "max_depth" is 0; the least is 1`}},
	{"params in processes", lines("version: 1", "pipeline: p",
		"params: {n: {type: int, default: -1}, zero: {type: int, default: 0}, big: {type: size, default: 2GiB}, none: {type: size, default: 0}, t: {type: string}, d: {type: duration}}",
		"mode: processes",
		"processes: {spare: $n, recycle_after: $zero, max_item: $big, memory_limit: $none, heartbeat: $t, env: {A: $d, B: $t}, restart: {max_restarts: $zero, within: $d}, max_depth: $t}",
		"stages: [{map: F, processes: {start: $t}}]"), []string{
		`5:20 PG111 $n is -1 by default; it must be zero or more here`,
		`5:39 PG111 $zero is 0 by default; it must be more than zero here`,
		`5:56 PG111 $big is 2GiB by default; it must be at most 1GiB here`,
		`5:76 PG111 $none is 0 by default; it must be more than zero here`,
		`5:94 PG105 $t is a string, but a duration is needed here`,
		`5:107 PG105 $d is a duration, but a string is needed here`,
		`5:174 PG105 $t is a string, but an int is needed here`,
		`6:38 PG105 "start" takes no $param: its value is fixed when the code is generated`}},
	{"environment", lines("version: 1", "pipeline: p", "mode: processes",
		`processes: {env: {A: 1, B: true, C: 1.5, D: "", E: $$x, 1F: a, PIPEGEN_DEPTH: 3, G: null, H: [1], I: "a\0b"}}`,
		"stages: [{map: F}]"), []string{
		`4:57 PG113 "1F" is not the name of an environment variable`,
		`4:64 PG113 PIPEGEN_DEPTH is a variable of the generated code itself`,
		`4:85 PG105 the variable G has no value`,
		`4:94 PG105 "H" must be a number, text, true, false or $param, not a list`,
		`4:102 PG110 the character U+0000 is not allowed in a variable of the environment`}},
	{"programs", head + "  - map: F\n    mode: processes\n    command: []\n  - map: F\n    mode: processes\n    command: [\"\", a]\n" +
		"  - map: F\n    mode: processes\n    command: [a, [b]]\n  - map: F\n    mode: processes\n    command: [a, 1, true, null, $$b]\n" +
		"  - map: F\n    mode: processes\n    command: [a, \"b\\0\"]\n", []string{
		`6:14 PG105 "command" names no program`,
		`9:14 PG105 "command" names no program`,
		`12:18 PG105 "command" must be a number, text, true or false, not a list`,
		`18:18 PG110 the character U+0000 is not allowed in an argument`}},
	{"fork", lines("version: 1", "pipeline: p", "mode: processes", "processes: {start: fork}", "stages: [{map: F, processes: {start: fork}}]"), []string{
		`4:20 PG504 worker processes cannot be forked`,
		`5:38 PG504 worker processes cannot be forked`}},
	{"one state for all", lines("version: 1", "pipeline: p", "mode: processes", "defaults: {state: {new: N, scope: pipeline}}",
		"stages:", "  - map: F", "  - map: F", "  - map: F", "    state: {new: N, scope: process}", "  - map: F", "    mode: threads", "  - sink: F"), []string{
		`4:35 PG503 one state cannot serve several worker processes: each has memory of its own`}},
	{"a command has no use for", lines("version: 1", "pipeline: p", "mode: processes", "processes: {heartbeat: 1s, stdout: log}", "stages:",
		"  - map: F", "    command: [f]", "    state: {new: N}", "    args: {a: 1}", "    processes: {heartbeat: 1s, stdout: log, spare: 1}",
		"  - map: F", "    command: [f]", "    retry: 3", "    timeout: 1s", "    codec: json"), []string{
		`8:12 PG505 a command worker takes no "state": it keeps its own`,
		`9:12 PG505 a command worker takes no "args": it gets the item and nothing else`,
		`10:28 PG505 a command worker takes no "heartbeat": it gives no sign of life but its answers`,
		`10:40 PG505 a command worker takes no "stdout": its results come out there`}},
	{"defaults and commands", lines("version: 1", "pipeline: p", "mode: processes", "defaults: {state: {new: N}, processes: {heartbeat: 1s}, codec: json}", "stages:",
		"  - map: F", "    command: [f]", "  - map: F", "  - sink: F"), nil},
	{"a source has no item in hand", lines("version: 1", "pipeline: p", "processes: {recycle_after: 5, on_crash: {in_flight: retry}}", "stages:",
		"  - source: F", "    mode: processes", "    processes: {recycle_after: 5, on_crash: {max_attempts: 1}}"), []string{
		`7:32 PG103 the processes of a source take no "recycle_after"`,
		`7:60 PG103 the processes of a source take no "on_crash"`}},
	{"not in processes", lines("version: 1", "pipeline: p", "mode: processes", "stages:",
		"  - source: F", "    processes: {spare: 1}", "  - map: F", "    mode: threads", "    codec: json", "    command: [f]", "  - map: F", "  - sink: F", "    codec: json"), []string{
		`6:16 PG507 "processes" has no effect: this source does not run in worker processes`,
		`9:12 PG507 "codec" has no effect: this map does not run in worker processes`,
		`10:14 PG121 "command" without "mode: processes"`,
		`13:12 PG507 "codec" has no effect: this sink does not run in worker processes`}},
	{"nothing in processes", lines("version: 1", "pipeline: p", "processes: {spare: 1}", "stages: [{map: F}]"), []string{
		`3:12 PG507 "processes" has no effect: no stage runs in worker processes`}},
	{"nothing that could be", lines("version: 1", "pipeline: p", "mode: processes", "stages: [{source: F}, {sink: G}]"), []string{
		`3:7 PG507 "mode: processes" has no effect: no stage is one of map, filter, filter_map, flat_map, tap`}},
	{"attempts at a crash", lines("version: 1", "pipeline: p", "mode: processes", "processes: {on_crash: {max_attempts: 3}}",
		"stages: [{map: F, processes: {on_crash: {in_flight: fail, max_attempts: 3}}}]"), []string{
		`4:38 PG121 "max_attempts" without "in_flight: retry"`,
		`5:73 PG121 "max_attempts" without "in_flight: retry"`}},
	{"attempts of a stage", lines("version: 1", "pipeline: p", "mode: processes", "processes: {on_crash: {max_attempts: 3}}",
		"stages: [{map: F, processes: {on_crash: {in_flight: retry}}}]"), nil},
	{"attempts of the top", lines("version: 1", "pipeline: p", "mode: processes", "processes: {on_crash: {in_flight: retry}}",
		"stages: [{map: F, processes: {on_crash: {max_attempts: 3}}}]"), nil},
	{"letters of a crash", lines("version: 1", "pipeline: p", "mode: processes", "processes: {on_crash: {in_flight: dead_letter}}",
		"stages: [{map: F, processes: {on_crash: {in_flight: dead_letter}}}]"), []string{
		`4:35 PG121 "in_flight: dead_letter" without a dead letter function`,
		`5:53 PG121 "in_flight: dead_letter" without a dead letter function`}},
}

func TestModelOfProcesses(t *testing.T) {
	f, ds := Parse("x.pipegen.yaml", []byte(lines("version: 1", "pipeline: p", "params: {n: {type: int}, s: {type: size}, t: {type: string}}",
		"mode: processes",
		"processes:",
		"  start: forkserver",
		"  spare: $n",
		"  env: {A: 007, B: $t, C: $$x, D: yes}",
		"  stdout: log",
		"  restart: {max_restarts: 0, within: 1m}",
		"  on_crash: {in_flight: retry, max_attempts: 5}",
		"  recycle_after: 1_000",
		"  memory_limit: $s",
		"  heartbeat: 1s",
		"  shutdown_timeout: 2s",
		"  max_item: 0x10",
		"  max_depth: 2",
		"stages:",
		"  - source: F",
		"  - map: G",
		"    command: [g, -n, 07, $$HOME]",
		"    processes: {memory_limit: 5MB}",
		"  - tap: H",
		"    mode: threads",
		"  - sink: I",
		"    mode: processes",
		"    codec: json",
		"  - sink: J")))
	if len(ds) > 0 {
		t.Fatal(problems(ds))
	}
	want := &Processes{
		Start:   Scalar[string]{Value: "forkserver"},
		Spare:   Scalar[int]{Param: "n"},
		Stdout:  Scalar[string]{Value: "log"},
		Restart: Restart{Within: Scalar[time.Duration]{Value: time.Minute}},
		OnCrash: OnCrash{InFlight: Scalar[string]{Value: "retry"}, MaxAttempts: Scalar[int]{Value: 5}},
		Env: []EnvVar{
			{Scalar[string]{Value: "A"}, Literal{Kind: StringLit, Text: "007"}},
			{Scalar[string]{Value: "B"}, Literal{Kind: StringLit, Param: "t"}},
			{Scalar[string]{Value: "C"}, Literal{Kind: StringLit, Text: "$x"}},
			{Scalar[string]{Value: "D"}, Literal{Kind: StringLit, Text: "yes"}},
		},
		RecycleAfter:    Scalar[int]{Value: 1000},
		MemoryLimit:     Scalar[int64]{Param: "s"},
		Heartbeat:       Scalar[time.Duration]{Value: time.Second},
		ShutdownTimeout: Scalar[time.Duration]{Value: 2 * time.Second},
		MaxItem:         Scalar[int64]{Value: 16},
		MaxDepth:        Scalar[int]{Value: 2},
	}
	noSpans := cmp.Transformer("nowhere", func(Span) Span { return Span{} })
	if diff := cmp.Diff(want, f.Process, noSpans); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !f.Process.Restart.MaxRestarts.IsSet() {
		t.Error("max_restarts: 0 is not set")
	}
	var in []bool
	for _, s := range f.Stages {
		in = append(in, f.InProcesses(s))
	}
	if want := []bool{false, true, false, true, false}; !slices.Equal(in, want) {
		t.Errorf("stages in processes: %v, want %v", in, want)
	}
	g := f.Stages[1]
	if want := []string{"g", "-n", "07", "$HOME"}; g.Command == nil || !slices.Equal(g.Command.Args, want) {
		t.Errorf("the command is %+v, want %q", g.Command, want)
	}
	if g.Process.MemoryLimit.Value != 5_000_000 || g.Process.Spare.IsSet() {
		t.Errorf("the stage's own settings are %+v", g.Process)
	}
	if f.Stages[3].Codec.Value != "json" {
		t.Errorf("the codec is %q", f.Stages[3].Codec.Value)
	}
}
