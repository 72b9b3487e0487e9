package spec

import (
	"slices"
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0},
		{"abc", "abd", 1}, {"abc", "ab", 1}, {"abc", "xabc", 1},
		{"abc", "acb", 1},        // a transposition is one edit
		{"ca", "abc", 3},         // and no letter of it is edited again
		{"kitten", "sitting", 3}, // the textbook's
		{"日本", "日本語", 1},
	} {
		if got := distance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
		if got := distance([]rune(c.b), []rune(c.a)); got != c.want {
			t.Errorf("distance(%q, %q) = %d, want %d", c.b, c.a, got, c.want)
		}
	}
}

func TestSuggest(t *testing.T) {
	keys := namesOf(keysOf(stageKeys))
	for _, c := range []struct {
		word       string
		candidates []string
		want       string // "" for none
	}{
		{"wrokers", keys, "workers"},
		{"worker", keys, "workers"},
		{"Workers", keys, "workers"},
		{"maxAhead", keys, "max_ahead"},
		{"on-error", keys, "on_error"},
		{"flatMap", namesOf(verbKeys()), "flat_map"},
		{"mpa", namesOf(verbKeys()), "map"},
		{"ReadURL", []string{"ReadURLs", "ReadUrl"}, "ReadUrl"}, // equal but for case
		{"ab", []string{"ax", "ay"}, "ax"},                      // the first of equals
		{"x", []string{"y", "z"}, ""},                           // not every letter
		{"completely", keys, ""},
		{"", keys, ""},
		{"map", nil, ""},
		{"map", []string{"map"}, ""}, // the word itself helps nobody
		{strings.Repeat("a", 1<<20), keys, ""},
	} {
		got, ok := Suggest(c.word, c.candidates)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Suggest(%.20q) = %q, %v; want %q", c.word, got, ok, c.want)
		}
	}
}

// TestSuggestionsWork follows every did-you-mean for every slip in every key of a spec that has them all:
// the file is whole again.
func TestSuggestionsWork(t *testing.T) {
	const src = `version: 1
pipeline: p
doc: x
build: linux
imports: [net/url]
params:
  limit:
    type: int
    default: 5
    env: X
    doc: x
  needed:
    type: int
    required: true
  share: {type: float64}
mode: threads
defaults:
  timeout: 5s
retries:
  patient: {max_attempts: 5, when: F, backoff: {initial: 1s, max: 5s, multiplier: 2, jitter: 0.1}}
queues:
  jobs: {capacity: unlimited, feedback: true, kind: priority, key: F, fan_out: {hash: F}}
  drops: {capacity: 5, on_full: drop_oldest}
dead_letter: {func: F, args: {}}
stages:
  - source: F
  - map: F
    name: x
    from: f
    workers: auto
    queue: {capacity: unlimited}
    ordered: true
    max_ahead: 3
    on_error: skip
    args: {a: $limit}
    chunk: auto
    fuse: auto
  - filter: F
  - filter_map: F
    on_error: yield
  - flat_map: F
    on_error: stop
  - tap: F
  - batch: {size: $needed, max_wait: 1s}
  - unbatch: true
  - reduce: {add: F, init: F, merge: F, key: F}
    to: jobs
    fan_out: broadcast
  - switch: F
    from: jobs
    cases: {a: b}
    default: c
    retry: patient
    rate_limit: {rate: $share, burst: 5, per: F}
    state: {new: F, args: {}, scope: pipeline}
  - zip: {inputs: [a, b], with: F}
    queue: {on_full: fail, kind: fifo}
  - join: {left: {from: a, key: F}, right: {from: b, key: F}, with: F, max_items: 5}
    on_error: dead_letter
    fan_out: round_robin
  - tap: F
    partition_by: F
    on_error: route
    queue: {on_full: drop_newest}
    state: {new: F, scope: worker}
  - sink: F
    queue: {kind: lifo, on_full: block}
`
	if _, ds := Parse("x", []byte(src)); len(ds) > 0 {
		t.Fatal(problems(ds))
	}
	tried, suggested := 0, 0
	var words []string
	eachKey(func(k key) { words = append(append(words, k.name), k.words...) })
	words = append(words, "limit", "needed", "share", "patient")
	for _, word := range words {
		for _, place := range []string{word + ":", ": " + word + "\n", ": " + word + "}", "$" + word} {
			i := strings.Index(src, place)
			if i < 0 {
				continue
			}
			i += strings.Index(place, word)
			for _, slip := range slips(word) {
				broken := src[:i] + slip + src[i+len(word):]
				_, ds := Parse("x", []byte(broken))
				tried++
				mended := []byte(broken)
				for _, d := range slices.Backward(ds) {
					_, meant, ok := strings.Cut(d.Help, "did you mean ")
					if !ok {
						continue
					}
					suggested++
					meant = strings.Trim(meant, "\"?")
					at := len(strings.Join(strings.SplitAfter(broken, "\n")[:d.Span.Line-1], "")) + d.Span.Col - 1
					mended = slices.Replace(mended, at, at+d.Span.Len, []byte(meant)...)
				}
				if string(mended) == broken {
					continue
				}
				if _, after := Parse("x", mended); len(after) > 0 {
					t.Errorf("%q for %q: following the help leads from %v to %v", slip, word, problems(ds), problems(after))
				}
			}
		}
	}
	if tried < 300 || suggested < tried/2 {
		t.Errorf("%d suggestions for %d slips", suggested, tried)
	}
}

// slips are words that differ from word as typing errors do.
func slips(word string) []string {
	var all []string
	for i := range word {
		all = append(all, word[:i]+word[i+1:], word[:i]+"q"+word[i:], word[:i]+"q"+word[i+1:])
		if i > 0 {
			all = append(all, word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:])
		}
	}
	return append(all, strings.ToUpper(word), word+"s")
}
