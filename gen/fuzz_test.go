package gen

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// A specWriter makes specs out of choices. The same choices make the same spec, so a fuzzer that changes
// choices changes specs, and nearly all of what it makes is YAML in the language.
type specWriter struct {
	choices []byte
	out     strings.Builder
}

// pick returns a number below n. Where the choices are used up it is 0, which is always the plainest.
func (w *specWriter) pick(n int) int {
	if len(w.choices) == 0 {
		return 0
	}
	c := int(w.choices[0])
	w.choices = w.choices[1:]
	return c % n
}

func (w *specWriter) oneOf(texts ...string) string { return texts[w.pick(len(texts))] }

// rarely is true once in n times.
func (w *specWriter) rarely(n int) bool { return w.pick(n) == n-1 }

func (w *specWriter) line(format string, args ...any) { fmt.Fprintf(&w.out, format+"\n", args...) }

// specOf writes the spec that choices stand for, as pipeline name.
func specOf(choices []byte, name string) string {
	w := &specWriter{choices: choices}
	w.line("version: 1\npipeline: %s", name)
	if w.rarely(4) {
		w.line("doc: %s", w.oneOf("Does it.", `"two\nlines"`, `"*/ //go:generate x"`))
	}
	if w.rarely(8) {
		w.line("build: %s", w.oneOf("linux", "linux || darwin", "'!purego'"))
	}
	params := w.rarely(4)
	if params {
		w.line("params:")
		w.line("  by: {type: int, default: 2, env: BY}")
		w.line("  wait: {type: duration, default: 1s%s}", w.oneOf("", ", doc: How long.", ", env: WAIT"))
	}
	shared := w.rarely(4)
	if shared {
		w.line("shared:")
		w.line("  found: %s", w.oneOf("counter", "{counter: true, guard: out}", "{counter: true, guard: out, on_crash: reset}", "{counter: true, guard: out, on_crash: fail}"))
		w.line("  out: %s", w.oneOf("lock", "rlock", "{lock: true}", "{rlock: true}", "lock", "condition"))
		w.line("  seen: %s", w.oneOf("{map: [int, int]}", "{map: [int, int], guard: out, on_crash: reset}", "{map: [int, int], guard: out}", "{map: [int, int]}", "{map: [Level, int]}"))
		w.line("  gate: {semaphore: %s}\n  ratio: {value: %s}", w.oneOf("4", "1", "1000000"), w.oneOf("float64", "float64", "float64", "float64", "float64", "string"))
	}
	if w.rarely(4) {
		w.line("dead_letter: %s", w.oneOf("Bury", "{func: BuryCtx, args: {path: x}}", "Bury[int]"))
		w.line("retries: {often: {max_attempts: 9, when: %s}}", w.oneOf("Soon", "Ever"))
		w.line("defaults: {on_error: dead_letter, %s}", w.oneOf("retry: often", "retry: often, workers: auto", "retry: often, rate_limit: 7/m", "retry: often, timeout: 1s"))
	} else if w.rarely(4) {
		w.line("defaults: {%s}", w.oneOf("workers: auto", "on_error: skip", "ordered: true, workers: 2", "queue: 3", "fuse: true", "chunk: 4"))
	}
	w.line("stages:")
	switch w.pick(6) {
	case 0, 1, 2:
		w.source("one")
	case 3: // the input stays open
	default:
		w.source("one")
		w.source("two")
		w.line("  - map: Inc\n    from: [one, two]")
	}
	if params {
		w.line("  - map: Add\n    args: {by: $by}")
		w.line("  - map: IncCtx\n    timeout: $wait")
	}
	if shared {
		w.line("  - map: Tally\n    args: {found: $found}")
		w.keys("mode: processes", "workers: 3")
		w.line("  - map: Tell\n    args: {out: $out, seen: $seen}")
		w.keys("mode: processes", "workers: auto")
		w.line("  - map: Ration\n    args: {gate: $gate, ratio: $ratio}")
		w.keys("mode: processes", "timeout: 1s")
	}
	for range w.pick(6) {
		w.middle()
	}
	switch w.pick(8) {
	case 6:
		w.line("  - reduce: {add: %s%s}", w.oneOf("Sum", "SumErr", "Fold"), w.oneOf("", ", init: Zero", ", merge: Merge", ", key: Key", ", key: Parity, merge: Merge"))
		w.keys("workers: auto", "queue: 2", "on_error: skip")
	case 7: // the output stays open
	default:
		w.line("  - sink: %s", w.oneOf("See", "SeeErr", "See", "out", "Any", "fmt.Print"))
		w.keys("workers: 2", "on_error: skip", "queue: {capacity: unlimited}", "timeout: 1s", "from: one")
	}
	return w.out.String()
}

func (w *specWriter) source(name string) {
	w.line("  - source: %s\n    name: %s", w.oneOf("Slice", "SliceCtxErr", "Seq", "Seq2", "Seq2Err", "Chan", "ChanErr", "Emit", "EmitCtx", "in", "Words"), name)
	w.keys("on_error: skip", "on_error: stop", "on_error: yield", "timeout: 1s", "workers: 2", "rate_limit: {rate: 5/s, per: Key}")
}

func (w *specWriter) middle() {
	switch w.pick(12) {
	case 0, 1:
		w.line("  - map: %s", w.oneOf("Inc", "IncErr", "IncCtx", "Same", "IncVar", "queue", "ctx", "Run", "Stats", "Same[int]", "Pair[int, int]", "notYet"))
	case 2: // there and back
		pair := w.pick(5)
		w.line("  - map: %s", []string{"Text", "Boxed", "strconv.Itoa", "AtLevel", "NewScaler"}[pair])
		w.keys("workers: auto", "queue: 1", "on_error: skip")
		w.line("  - map: %s", []string{"Len", "Box[int].Get", "strconv.Atoi", "Level.Number", "(*Scaler).Size"}[pair])
	case 3:
		w.line("  - map: %s", w.oneOf("Add\n    args: {by: 3}", "Many\n    args: {b: true, s: text, f: 1.5, d: 2s, u: 255}", "Rune\n    args: {r: 120, e: High}"))
	case 4:
		w.line("  - filter: %s", w.oneOf("Even", "EvenErr", "Parity"))
	case 5:
		w.line("  - filter_map: %s", w.oneOf("Half", "HalfErr"))
	case 6:
		w.line("  - flat_map: %s", w.oneOf("Twice", "TwiceErr", "CountTo", "CountTo2", "Spread", "SpreadCtx\n    args: {by: 2}"))
	case 7:
		w.line("  - tap: %s", w.oneOf("See", "SeeErr", "Any"))
	case 8:
		w.line("  - batch: {size: %s%s}", w.oneOf("2", "1", "1000"), w.oneOf("", ", max_wait: 1ms"))
		w.keys("workers: 2", "queue: 1")
		w.line("  - %s", w.oneOf("unbatch: true", "map: SumOf", "flat_map: Same"))
	case 9:
		w.line("  - reduce: {add: Sum%s}", w.oneOf("", ", merge: Merge", ", init: Zero"))
	case 11: // with a state
		w.line("  - %s", w.oneOf("map: (*Store).Put", "filter: Keep", "flat_map: Spill", "flat_map: Seen", "tap: Done"))
		w.line("    state: %s", w.oneOf("{new: NewStore, args: {by: 1}}", "{new: NewStore, args: {by: 1}, scope: pipeline}", "{new: NewStored, args: {v: 1.5}}", "{new: NewStoreOf}", "{new: Zero}"))
	case 10: // what is wrong
		w.line("  - map: %s", w.oneOf("Nope", "Three", "Variadic", "ErrFirst", "Constrained", "Add", "Text", "Inc\n    from: nowhere", "Inc\n    args: {by: 1}", "secret"))
	}
	w.keys("workers: 3", "workers: auto", "ordered: true\n    workers: auto", "queue: 1", "queue: {capacity: 100}",
		"on_error: skip", "on_error: yield", "chunk: 1", "chunk: 8", "fuse: true", "fuse: false",
		"max_ahead: 2\n    ordered: true\n    workers: 2", "timeout: 50ms",
		"retry: 2", "retry: {max_attempts: 3, when: Soon, backoff: {initial: 1ms, jitter: 1}}", "retry: {max_attempts: 2, when: Ever}",
		"rate_limit: 10/s", "rate_limit: {rate: 3/m, burst: 2, per: Key}", "rate_limit: {rate: 0.5/h, per: Parity}")
}

// keys adds up to two of the lines to the stage above.
func (w *specWriter) keys(lines ...string) {
	for range w.pick(5) / 3 {
		i := w.pick(len(lines))
		w.line("    %s", lines[i])
		lines = append(lines[:i:i], lines[i+1:]...)
		if len(lines) == 0 {
			return
		}
	}
}

// FuzzSpec makes one or two specs of a package out of the fuzzer's choices: whatever is accepted comes out as
// Go that compiles and passes the census, and whatever is not is told without a panic.
func FuzzSpec(f *testing.F) {
	s, err := loadShapes()
	if err != nil {
		f.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		f.Add(randomChoices(rnd), randomChoices(rnd))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		texts := map[string]string{"a.pipegen.yaml": specOf(a, "alpha")}
		if len(b) > 0 {
			texts["b.pipegen.yaml"] = specOf(b, "beta")
		}
		files, diags := s.compile(t, texts)
		checkPrintable(t, diags, texts)
		if !diags.HasErrors() {
			s.check(t, files, "", texts)
		}
	})
}

// FuzzText mutates specs as text.
func FuzzText(f *testing.F) {
	s, err := loadShapes()
	if err != nil {
		f.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		f.Add(specOf(randomChoices(rnd), "alpha"))
	}
	f.Fuzz(func(t *testing.T, text string) {
		texts := map[string]string{"a.pipegen.yaml": text}
		files, diags := s.compile(t, texts)
		checkPrintable(t, diags, texts)
		if !diags.HasErrors() {
			s.check(t, files, "", texts)
		}
	})
}

// TestRandomSpecs is FuzzSpec for everyday: as many specs as take some seconds, and enough of them good.
func TestRandomSpecs(t *testing.T) {
	s, err := loadShapes()
	if err != nil {
		t.Fatal(err)
	}
	tries := 800
	if testing.Short() {
		tries = 100
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	accepted := 0
	for range tries {
		texts := map[string]string{"a.pipegen.yaml": specOf(randomChoices(rnd), "alpha")}
		files, diags := s.compile(t, texts)
		if diags.HasErrors() {
			continue
		}
		accepted++
		s.check(t, files, "", texts)
	}
	t.Logf("%d of %d specs were accepted", accepted, tries)
	if accepted < tries/20 {
		t.Errorf("%d of %d specs were accepted: the generator has lost touch with the language", accepted, tries)
	}
}

func randomChoices(rnd *rand.Rand) []byte {
	choices := make([]byte, 10+rnd.IntN(60))
	for i := range choices {
		choices[i] = byte(rnd.IntN(256))
	}
	return choices
}
