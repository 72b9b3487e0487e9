package spec

import (
	"fmt"
	"math"
	"strings"
)

// A kind is a set of kinds of values that a key takes.
type kind uint

const (
	numberKind   kind = 1 << iota // a whole number
	floatKind                     // a number, perhaps with a fraction
	boolKind                      // true or false
	durationKind                  // text with a unit: 1m30s
	rateKind                      // text with a unit: 50/s
	sizeKind                      // bytes: a number, or text with a unit: 64MiB
	wordKind                      // one of key.words
	nameKind                      // text that satisfies IsName
	textKind                      // any text
	funcKind                      // a reference to a Go function
	typeKind                      // the type of a param
	paramKind                     // $name
	literalKind                   // any scalar; its meaning depends on a Go type
	listKind                      // a YAML list
	mappingKind                   // a YAML mapping
)

// A key is one row of the field table: all that the decoder, the messages and the manual know of a key.
type key struct {
	name     string
	kinds    kind
	words    []string // the words it takes, where kinds has word
	min      int      // smallest number, where kinds has number or float
	max      int      // largest number, where kinds has float or size; 0: none, and then the number is more than zero
	required bool
	defaults string // what holds where the key is absent, for the manual; "" where nothing does
	items    int    // how many items a list has, where that is fixed
	example  string // YAML: the key with a value
	needs    string // YAML: what must stand beside it, for the manual's example
	doc      string // sentences, Markdown
	verbs    []Verb // keys of stages: the verbs that take it
	perStage string // keys of stages: why defaults cannot give it; "" where it can
	check    func(string) (string, *Diagnostic)
}

// A row is a key together with the place in the model, a T, where the decoder puts its value. The type of
// the pointer that into returns says how the value is decoded.
type row[T any] struct {
	key
	into func(*T) any
}

// takes says in words which values the key takes: "a number from 1, auto or $param".
func (k *key) takes() string { return k.describe(func(word string) string { return word }) }

// describe is takes with verbatim applied to what is to be written as it stands.
func (k *key) describe(verbatim func(string) string) string {
	var parts []string
	add := func(bit kind, what ...string) {
		if k.kinds&bit != 0 {
			parts = append(parts, what...)
		}
	}
	add(numberKind|floatKind, k.number())
	add(literalKind, "a number", "text")
	add(boolKind|literalKind, verbatim("true"), verbatim("false"))
	add(durationKind, "a duration")
	add(rateKind, "a rate")
	add(sizeKind, "a size")
	for _, w := range k.words {
		add(wordKind, verbatim(w))
	}
	add(nameKind, "a name")
	add(textKind, "text")
	add(funcKind, "a function")
	add(typeKind, "a type")
	if k.items > 0 {
		add(listKind, fmt.Sprintf("a list of %d", k.items))
	} else {
		add(listKind, "a list")
	}
	add(mappingKind, "a mapping")
	add(paramKind, verbatim("$param"))
	return orList(parts)
}

// number says in words which numbers the key takes.
func (k *key) number() string {
	switch {
	case k.max > 0:
		return fmt.Sprintf("a number from %d to %d", k.min, k.max)
	case k.min > 0:
		return fmt.Sprintf("a number from %d", k.min)
	case k.kinds&(floatKind|rateKind) != 0:
		return "more than zero"
	}
	return "a number"
}

// holds says whether v is in the key's range.
func (k *key) holds(v float64) bool {
	switch {
	case k.max > 0:
		return float64(k.min) <= v && v <= float64(k.max)
	case k.min > 0:
		return v >= float64(k.min) && !math.IsInf(v, 0)
	}
	return v > 0 && !math.IsInf(v, 0)
}

// orList joins words: "a, b or c".
func orList(words []string) string { return joinList(words, " or ") }

// andList joins words: "a, b and c".
func andList(words []string) string { return joinList(words, " and ") }

func joinList(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	n := len(words) - 1
	return strings.Join(words[:n], ", ") + last + words[n]
}

// keysOf returns the keys of the rows.
func keysOf[T any](rows []row[T]) []*key {
	keys := make([]*key, len(rows))
	for i := range rows {
		keys[i] = &rows[i].key
	}
	return keys
}

// namesOf returns the names of the keys.
func namesOf(keys []*key) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k.name
	}
	return names
}

// findKey returns the row with the given name, or nil.
func findKey[T any](rows []row[T], name string) *row[T] {
	for i := range rows {
		if rows[i].name == name {
			return &rows[i]
		}
	}
	return nil
}

// fileKeys are the keys at the top of a spec.
var fileKeys = []row[File]{
	{key{name: "version", kinds: numberKind, required: true, example: "version: 1",
		doc: "The version of the language."},
		func(f *File) any { return &f.Version }},
	{key{name: "pipeline", kinds: nameKind, required: true, check: checkName, example: "pipeline: link-check",
		doc: "The pipeline's name. The generated Go type is its CamelCase with the usual initialisms: `link-check` becomes `LinkCheck`, `http-get` becomes `HTTPGet`."},
		func(f *File) any { return &f.Pipeline }},
	{key{name: "doc", kinds: textKind, check: checkText, example: "doc: Finds dead links.",
		doc: "Text for the doc comment of the generated type."},
		func(f *File) any { return &f.Doc }},
	{key{name: "build", kinds: textKind, check: checkBuild, example: "build: linux && !race",
		doc: "A build constraint for the generated file, as it stands after `//go:build`."},
		func(f *File) any { return &f.Build }},
	{key{name: "imports", kinds: listKind | mappingKind, example: "imports: [net/url, example.com/app/fetch]",
		doc: "Packages whose functions stages may name: a list of import paths, or a mapping from alias to path, `imports: {thumb: example.com/app/thumbnail}`. Packages of the standard library whose path is one word, such as `strconv`, need no entry."},
		func(f *File) any { return &f.Imports }},
	{key{name: "params", kinds: mappingKind, example: "params: {limit: {type: int, default: 10}}",
		doc: "Values that are known only at run time: each one is a field of the generated struct. `$limit` stands for the param `limit` as the whole value of a key that takes `$param`, and in `args`. The field's value counts, then the environment's, then the default; a zero field means the next of these."},
		func(f *File) any { return &f.Params }},
	{key{name: "mode", kinds: wordKind, words: modes, defaults: "threads", example: "mode: processes",
		doc: "Where `map`, `filter`, `filter_map`, `flat_map` and `tap` run: `threads` are the goroutines of this process, `processes` are worker processes, as many for each stage as it has `workers`. Every other verb stays in this process unless the stage itself says `mode`."},
		func(f *File) any { return &f.Mode }},
	{key{name: "processes", kinds: mappingKind, example: "processes: {start: forkserver, memory_limit: 1GiB}", needs: "mode: processes",
		doc: "How worker processes are started and supervised, with the keys of [processes](#processes). A stage overrides key by key."},
		func(f *File) any { return &f.Process }},
	{key{name: "defaults", kinds: mappingKind, example: "defaults: {workers: 4, on_error: skip}",
		doc: "Keys of stages, applied to every stage whose verb takes the key and that does not set it. A default passes by a stage that could not have it: `workers` a `reduce` without `merge`, for example, `max_ahead` a stage that is not ordered, or `on_error: yield` one whose branch ends in a sink. It does not pass by a source: `timeout` limits all that one does, unless the source has one of its own."},
		func(f *File) any { return &f.Defaults }},
	{key{name: "retries", kinds: mappingKind, example: "retries: {patient: {max_attempts: 5, backoff: {initial: 1s}}}",
		doc: "Retry policies by name, for `retry: patient`. Each has the keys of [retry](#retry)."},
		func(f *File) any { return &f.Retries }},
	{key{name: "queues", kinds: mappingKind, example: "queues: {work: {capacity: 100}}",
		doc: "Queues by name. Stages write to one with `to: work` and read it with `from: work`; several readers compete for its items unless the queue says `fan_out`."},
		func(f *File) any { return &f.Queues }},
	{key{name: "shared", kinds: mappingKind, example: "shared: {found: counter, seen: {map: [string, int]}}",
		doc: "What stages share, by name: each entry is one of the [shared resources](#shared-resources). A function takes one by `args: {seen: $seen}`, as a parameter of any interface that has some of its methods, and so runs unchanged in both modes."},
		func(f *File) any { return &f.Shared }},
	{key{name: "dead_letter", kinds: funcKind | mappingKind, example: "dead_letter: {func: SaveLetter, args: {path: failed.json}}",
		doc: "The function that gets the items of stages with `on_error: dead_letter` once their last attempt has failed: `(ctx, stage string, item T, err error)`, with or without the context and an error result. It is generic, `func SaveLetter[T any]`, or takes a `T` that all of these items can be assigned to. Parameters after the error are bound by `args`."},
		func(f *File) any { return &f.Dead }},
	{key{name: "stages", kinds: listKind, required: true, example: "stages:\n  - source: ReadURLs\n  - map: Fetch\n  - sink: Print",
		doc: "The stages, each a mapping with exactly one verb. A stage reads the one above it unless `from` says otherwise."},
		func(f *File) any { return &f.Stages }},
}

// modes are where stages can run.
var modes = []string{"threads", "processes"}

// paramKeys are the keys of one param.
var paramKeys = []row[Param]{
	{key{name: "type", kinds: typeKind, required: true, check: checkType, example: "type: duration",
		doc: "`string`, `int`, `int64`, `float64`, `bool`, `duration`, `size` (bytes, an `int64`), or a Go type in quotes, such as `\"*sql.DB\"`, whose value only the caller can give. Where such a type can be nil, nil is an error before the first item."},
		func(p *Param) any { return &p.Type }},
	{key{name: "default", kinds: literalKind, example: "default: 30s",
		doc: "The value where neither the field nor the environment gives one. It must fit the type. `true` is refused: a false field could not be told from an absent one, so turn the name round."},
		func(p *Param) any { return &p.Default }},
	{key{name: "env", kinds: textKind, check: checkEnv, example: "env: APP_TIMEOUT",
		doc: "The environment variable that is read where the field is zero."},
		func(p *Param) any { return &p.Env }},
	{key{name: "required", kinds: boolKind, defaults: "false", example: "required: true",
		doc: "Whether the run fails at once where neither the field nor the environment gives a value. Not together with `default`."},
		func(p *Param) any { return &p.Required }},
	{key{name: "doc", kinds: textKind, check: checkText, example: "doc: How long one request may take.",
		doc: "Text for the field's doc comment."},
		func(p *Param) any { return &p.Doc }},
}
