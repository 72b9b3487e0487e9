package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A decoder turns nodes into the model by the field table.
type decoder struct {
	name string
	ds   *Diagnostics
	uses []paramUse

	defaultKeys map[string]Span // the keys of the defaults block
}

// topLevel is what messages call the mapping that is the whole file.
const topLevel = "the top of a spec"

// report adds an error at the given place.
func (d *decoder) report(code string, at Span, diag Diagnostic) {
	diag.Code, diag.File, diag.Span = code, d.name, at
	d.ds.Add(diag)
}

// at formats a place for a note.
func (d *decoder) at(p Pos) string { return fmt.Sprintf("%s:%d:%d", d.name, p.Line, p.Col) }

// file decodes the top of a spec.
func (d *decoder) file(n *node) *File {
	f := &File{}
	decodeMapping(d, topLevel, fileKeys, n, n.span, f)
	f.Mentions = make(map[string]bool)
	n.mentions(f.Mentions)
	if v := f.Version; v.IsSet() && v.Value != 1 {
		d.report(CodeVersion, v.Span, Diagnostic{
			Message: fmt.Sprintf("version %d of the language is not known", v.Value),
			Label:   "unsupported",
			Help:    "write `version: 1`, or use a newer pipegen",
		})
	}
	d.checkParams(f)
	d.applyDefaults(f)
	d.check(f, n)
	return f
}

// decodeMapping decodes n into the struct at into by the rows of its keys. owner says what the mapping is
// for messages; at is where a missing key is reported.
func decodeMapping[T any](d *decoder, owner string, rows []row[T], n *node, at Span, into *T) {
	given := map[string]bool{}
	for _, p := range n.pairs {
		if r := findKey(rows, p.key.text); r != nil {
			given[r.name] = true
			d.value(&r.key, p.value, r.into(into))
		} else {
			given[d.unknownKey(p, owner, keysOf(rows))] = true
		}
	}
	for i := range rows {
		if r := &rows[i]; r.required && !given[r.name] {
			d.missingKey(owner, &r.key, at)
		}
	}
}

// missingKey reports that a required key is not there.
func (d *decoder) missingKey(owner string, k *key, at Span) {
	d.report(CodeMissingKey, at, Diagnostic{
		Message: fmt.Sprintf("%s has no %q", owner, k.name),
		Label:   fmt.Sprintf("%q is missing", k.name),
		Help:    fmt.Sprintf("add `%s`", exampleLine(k)),
	})
}

// unknownKey reports a key that is not among those allowed, and returns the one that was meant, if that can
// be guessed.
func (d *decoder) unknownKey(p pair, owner string, allowed []*key) string {
	var names, fitting []string
	for _, k := range allowed {
		names = append(names, k.name)
		if k.accepts(p.value) {
			fitting = append(fitting, k.name)
		}
	}
	diag := Diagnostic{
		Message: fmt.Sprintf("unknown key %s", quote(p.key.text)),
		Label:   "unknown",
		Notes:   []string{fmt.Sprintf("keys that %s takes: %s", owner, joinList(names, ", "))},
		Help:    "remove it, or use one of the keys allowed here",
	}
	meant, ok := suggestKey(p.key.text, fitting)
	if !ok {
		meant, ok = suggestKey(p.key.text, names)
	}
	stageKey := findKey(stageKeys, p.key.text)
	switch {
	case stageKey != nil && owner == topLevel && stageKey.perStage == "":
		diag.Help = "it is a key of stages: move it into a stage, or under `defaults` for all of them"
		meant = ""
	case ok:
		diag.Help = fmt.Sprintf("did you mean %q?", meant)
	case strings.Contains(p.key.text, " "):
		diag.Help = "inside {…} a comma ends the text: put text that holds one in quotes"
	case owner != topLevel && findKey(fileKeys, p.key.text) != nil:
		diag.Help = "it is a key of the top of a spec: move it there"
	}
	d.report(CodeUnknownKey, p.key.span, diag)
	return meant
}

// stages decodes the list of stages.
func (d *decoder) stages(n *node) []*Stage {
	var stages []*Stage
	for _, item := range n.items {
		if item.kind == mappingNode {
			stages = append(stages, d.stage(item))
			continue
		}
		stages = append(stages, &Stage{Span: item.span}) // keeps the place of what cannot be read
		if item.kind != badNode {
			d.report(CodeWrongKind, item.span, Diagnostic{
				Message: fmt.Sprintf("a stage must be a mapping, not %s", describe(item)),
				Label:   "not a stage",
				Help:    "write the verb before the function: `- map: Fetch`",
			})
		}
	}
	if len(n.items) == 0 {
		d.report(CodeMissingKey, n.span, Diagnostic{
			Message: `"stages" is empty`,
			Label:   "no stages",
			Help:    "add a stage: `- map: Fetch`",
		})
	}
	return stages
}

// stage decodes one stage.
func (d *decoder) stage(n *node) *Stage {
	s := &Stage{Span: n.span}
	for _, p := range n.pairs {
		verb := findVerb(p.key.text)
		switch {
		case verb == nil:
		case s.Verb == "":
			s.Verb, s.VerbSpan = verb.verb, p.key.span
		default:
			d.report(CodeVerb, p.key.span, Diagnostic{
				Message: fmt.Sprintf("a second verb, %q, in a stage", p.key.text),
				Label:   "second verb",
				Notes:   []string{fmt.Sprintf("%s: the first verb is %q", d.at(s.VerbSpan.Pos), s.Verb)},
				Help:    fmt.Sprintf("begin a new stage: `- %s: …`", p.key.text),
			})
		}
	}
	owner, allowed := fmt.Sprintf("%q", s.Verb), stageKeysOf(s.Verb)
	if s.Verb == "" {
		owner, allowed = "a stage", append(verbKeys(), keysOf(stageKeys)...)
	}
	unknown, given := false, map[string]bool{}
	for _, p := range n.pairs {
		k := p.key.text
		given[k] = true
		if verb := findVerb(k); verb != nil {
			if verb.verb == s.Verb {
				d.value(&verb.key, p.value, verb.into(s))
			}
			continue
		}
		r := findKey(stageKeys, k)
		switch {
		case r == nil:
			given[d.unknownKey(p, owner, allowed)] = true
			unknown = true
		case s.Verb != "" && !slices.Contains(r.verbs, s.Verb):
			d.keyNotTaken(p.key, r, s.Verb)
		default:
			d.value(&r.key, p.value, r.into(s))
		}
	}
	for _, k := range stageKeysOf(s.Verb) {
		if k.required && !given[k.name] {
			d.missingKey(owner, k, s.VerbSpan)
		}
	}
	if s.Verb == "" && !unknown {
		d.report(CodeVerb, n.span, Diagnostic{
			Message: "a stage without a verb",
			Label:   "no verb",
			Help:    "add one of " + joinList(namesOf(verbKeys()), ", ") + ": `map: Fetch`",
		})
	}
	return s
}

func (d *decoder) keyNotTaken(k *node, r *row[Stage], verb Verb) {
	d.report(CodeKeyNotTaken, k.span, Diagnostic{
		Message: fmt.Sprintf("%q takes no %q", verb, r.name),
		Label:   fmt.Sprintf("not for %q", verb),
		Notes:   []string{fmt.Sprintf("keys that %q takes: %s", verb, joinList(namesOf(stageKeysOf(verb)), ", "))},
		Help:    "remove it: " + takers(r.verbs),
	})
}

// takers says which verbs take a key, in a sentence.
func takers(verbs []Verb) string {
	others := without(allVerbs, verbs...)
	switch {
	case len(verbs) == 1:
		return fmt.Sprintf("only %s takes it", verbs[0])
	case len(others) <= 3:
		return fmt.Sprintf("all verbs but %s take it", andList(wordsOf(others)))
	}
	return fmt.Sprintf("only %s take it", andList(wordsOf(verbs)))
}

// wordsOf returns the verbs as words.
func wordsOf(verbs []Verb) []string {
	words := make([]string, len(verbs))
	for i, v := range verbs {
		words[i] = string(v)
	}
	return words
}

// defaults decodes the defaults block: a stage without a verb.
func (d *decoder) defaults(n *node) *Stage {
	var rows []row[Stage]
	for _, r := range stageKeys {
		if r.perStage == "" {
			rows = append(rows, r)
		}
	}
	d.defaultKeys = map[string]Span{}
	kept := &node{kind: mappingNode, span: n.span}
	for _, p := range n.pairs {
		d.defaultKeys[p.key.text] = p.key.span
		r := findKey(stageKeys, p.key.text)
		if r == nil || r.perStage == "" {
			kept.pairs = append(kept.pairs, p)
			continue
		}
		d.report(CodeKeyNotTaken, p.key.span, Diagnostic{
			Message: fmt.Sprintf("%q cannot be a default: %s", r.name, r.perStage),
			Label:   "not in defaults",
			Help:    fmt.Sprintf("write %q in the stage it is meant for", r.name),
		})
	}
	s := &Stage{Span: n.span}
	decodeMapping(d, "defaults", rows, kept, n.span, s)
	return s
}

// applyDefaults gives each stage the default keys that its verb takes and that it does not set itself.
func (d *decoder) applyDefaults(f *File) {
	if f.Defaults == nil {
		return
	}
	for i := range stageKeys {
		r := &stageKeys[i]
		if r.perStage != "" {
			continue
		}
		def := reflect.ValueOf(r.into(f.Defaults)).Elem()
		if def.IsZero() {
			continue
		}
		applied := false
		for _, s := range f.Stages {
			field := reflect.ValueOf(r.into(s)).Elem()
			if slices.Contains(r.verbs, s.Verb) && field.IsZero() && defaultFits(r.name, f, s) {
				field.Set(def)
				applied = true
			}
		}
		unknown := slices.ContainsFunc(f.Stages, func(s *Stage) bool { return s.Verb == "" })
		if !applied && !unknown && len(f.Stages) > 0 {
			d.ds.Add(Diagnostic{
				Code: CodeDefaultUnapplied, Severity: Warning, File: d.name, Span: d.defaultKeys[r.name],
				Message: fmt.Sprintf("no stage takes %q from defaults", r.name),
				Label:   "no effect",
				Help:    "remove it",
			})
		}
	}
}

// defaultFits holds back defaults that would be an error in a stage which does not ask for them: workers
// for a reduce that cannot merge, a look-ahead for a stage that is not ordered, a queue whose order or losses
// the stage does not bear, what is done with a failed item, or for the key of one, where calls are not made for a
// single item, and settings of processes where there are none.
func defaultFits(key string, f *File, s *Stage) bool {
	def := f.Defaults
	switch key {
	case "processes", "codec":
		return f.InProcesses(s)
	case "state":
		return s.Command == nil
	case "workers":
		return s.Verb != ReduceV || s.Reduce != nil && s.Reduce.Merge.IsSet()
	case "max_ahead":
		return s.Ordered.Value
	case "on_error":
		takesItem := def.OnError.Value == "dead_letter" || def.OnError.Value == "route"
		return !takesItem || !slices.Contains([]Verb{Source, ZipV, JoinV}, s.Verb)
	case "rate_limit":
		return !def.Rate.Key.IsSet() || s.Verb != ZipV && s.Verb != JoinV
	case "queue":
		_, why := misfit(s, def.Queue)
		return why == ""
	}
	return true
}
