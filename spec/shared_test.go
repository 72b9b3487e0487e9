package spec

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sharedSpec is a spec with the entries of shared.
func sharedSpec(entries ...string) string {
	text := "version: 1\npipeline: p\nshared:\n"
	for _, e := range entries {
		text += "  " + e + "\n"
	}
	return text + "stages: [{map: F}]\n"
}

// sharedCases are further cases of TestSyntax: what is said of shared resources.
var sharedCases = []syntaxCase{
	{"every kind", sharedSpec("found: counter", "tally: {counter: true, guard: out, on_crash: keep}", "out: lock", "mine: {rlock: true}", "gate: {semaphore: 4}",
		"go: event", "cond: condition", "all: {barrier: 4}", "ratio: {value: float64, guard: mine}", "grid: {array: '[2]float64', len: 1_024}",
		"seen: {map: [string, '[]int']}", "lines: {list: 'map[string]int'}", "work: {queue: pkg.Task, capacity: 1}", "conn: {pipe: 'Pair[int]'}"), nil},
	{"entries that are none", sharedSpec("A: counter", "b:", "c: 5", "d: [lock]", "e: locks", "f: value", "g: barrier"), []string{
		`4:3 PG113 "A" is not a name`,
		`5:3 PG105 "b" has no value; it must be counter, lock, rlock, event, condition or a mapping`,
		`6:6 PG105 "c" must be counter, lock, rlock, event, condition or a mapping, not the number 5`,
		`7:6 PG105 "d" must be counter, lock, rlock, event, condition or a mapping, not a list`,
		`8:6 PG105 "e" must be counter, lock, rlock, event, condition or a mapping, not the text "locks"`,
		`9:6 PG105 the value "f" does not say enough`,
		`10:6 PG105 the barrier "g" does not say enough`}},
	{"kinds of resources", sharedSpec("a: {counter: false}", "b: {semaphore: 0}", "c: {semaphore: $n}", "d: {list: a b}", "e: {map: [int]}", "f: {map: [int, x y]}",
		"g: {array: int, len: 0}", "h: {queue: int, capacity: unlimited}", "i: {list: $t}", "j: {map: [[a], int]}"), []string{
		`4:16 PG105 "counter" must be true, not false`,
		`5:18 PG111 "semaphore" is 0; the least is 1`,
		`6:18 PG105 "semaphore" takes no $param: its value is fixed when the code is generated`,
		`7:13 PG120 "a b" is not a type`,
		`8:12 PG105 "map" must be a list of 2, not of 1`,
		`9:18 PG120 "x y" is not a type`,
		`10:24 PG111 "len" is 0; the least is 1`,
		`11:29 PG105 "capacity" must be a number from 1, not the text "unlimited"`,
		`12:13 PG120 "$t" is not a type`,
		`13:13 PG105 "map" must be a type, not a list`}},
	{"keys of resources", sharedSpec("a: {list: int, len: 5, colour: red}", "b: {queue: int}", "c: {array: int}", "d: {kind: lock}", "e: {guard: x}", "f: {lock: true, event: true}",
		"g: {}", "h: {semaphore: 2, guard: a, on_crash: keep}"), []string{
		`4:18 PG103 a shared list takes no "len"`,
		`4:26 PG102 unknown key "colour"`,
		`5:7 PG106 the queue "b" has no "capacity"`,
		`6:7 PG106 the array "c" has no "len"`,
		`7:7 PG102 unknown key "kind"`,
		`8:3 PG125 the shared resource "e" does not say what it is`,
		`8:14 PG126 unknown lock "x"`,
		`9:19 PG125 a second kind, "event", of the shared resource "f"`,
		`10:3 PG125 the shared resource "g" does not say what it is`,
		`11:21 PG103 a shared semaphore takes no "guard"`,
		`11:31 PG103 a shared semaphore takes no "on_crash"`}},
	{"guards", sharedSpec("a: {value: int, guard: b}", "b: {semaphore: 1}", "c: {value: int, guard: d}", "e: {value: int, guard: f}", "f: {}", "g: {value: int, guard: G, on_crash: reset}",
		"h: {value: int, on_crash: rest}", "i: {value: int, on_crash: fail}"), []string{
		`4:26 PG126 "b" is a semaphore and guards nothing`,
		`6:26 PG126 unknown lock "d"`,
		`8:3 PG125 the shared resource "f" does not say what it is`,
		`9:26 PG113 "G" is not a name`,
		`10:29 PG105 "on_crash" must be keep, reset or fail, not the text "rest"`,
		`11:29 PG125 "on_crash" of "i" without "guard"`}},
	{"names of resources", lines("version: 1", "pipeline: p", "params: {n: {type: int}, m: {type: int}}", "shared: {n: lock, found: counter, found: lock}", "stages:", "  - map: F", "    workers: $found",
		"    state: $found", "    args: {a: $found, b: $foud, c: $m, d: $n}", "    processes: {env: {A: $found}}", "    mode: processes"), []string{
		`4:10 PG125 "n" is a param and a shared resource`,
		`4:35 PG104 duplicate key "found"`,
		`7:14 PG105 $found is a shared resource, and "workers" takes a param`,
		`8:12 PG105 $found is a shared resource, and "state" takes a param`,
		`9:26 PG116 unknown param $foud`,
		`10:26 PG105 $found is a shared resource, and "A" takes a param`}},
	{"unquoted types of resources", sharedSpec("a: {map: [string, *Task]}", "b: {list: []byte}", "c: {map: [[4]byte, []int]}"), []string{
		`4:21 PG105 *Task is YAML for an alias: Go types and references that YAML misreads are quoted`,
		`5:13 PG105 []byte is YAML for a list: Go types and references that YAML misreads are quoted`,
		`6:13 PG105 [4]byte is YAML for a list: Go types and references that YAML misreads are quoted`,
		`6:22 PG105 []int is YAML for a list: Go types and references that YAML misreads are quoted`}},
}

// TestSharedModel looks at what is decoded of each key.
func TestSharedModel(t *testing.T) {
	f, ds := Parse("x", []byte(sharedSpec("found: counter", "out: {lock: true}", "seen: {map: [string, time.Time], guard: out, on_crash: fail}",
		"grid: {array: float64, len: 8}", "work: {queue: Task, capacity: 9}", "gate: {semaphore: 2}", "all: {barrier: 3}")))
	if len(ds) > 0 {
		t.Fatal(problems(ds))
	}
	type resource struct {
		Name, Key, Elem, Guard, OnCrash string
		Kind                            ResourceKind
		N, Len, Capacity                int
	}
	var got []resource
	for _, r := range f.Shared {
		got = append(got, resource{r.Name.Value, r.Key.Value, r.Elem.Value, r.Guard.Value, r.OnCrash.Value, r.Kind, r.N.Value, r.Len.Value, r.Capacity.Value})
		if !r.Span.IsValid() || !r.Name.Span.IsValid() {
			t.Errorf("%s has no place", r.Name.Value)
		}
	}
	want := []resource{
		{Name: "found", Kind: SharedCounter},
		{Name: "out", Kind: SharedLock},
		{Name: "seen", Kind: SharedMap, Key: "string", Elem: "time.Time", Guard: "out", OnCrash: "fail"},
		{Name: "grid", Kind: SharedArray, Elem: "float64", Len: 8},
		{Name: "work", Kind: SharedQueue, Elem: "Task", Capacity: 9},
		{Name: "gate", Kind: SharedSemaphore, N: 2},
		{Name: "all", Kind: SharedBarrier, N: 3},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
