package spec

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTableCoversModel keeps table and model honest: every exported field of the model is where some row
// puts its value, but for those the decoder derives.
func TestTableCoversModel(t *testing.T) {
	covers(t, fileKeys, "Name", "Source", "Ignores", "Mentions")
	covers(t, paramKeys, "Name")
	covers(t, batchKeys)
	covers(t, reduceKeys)
	covers(t, queueKeys, "Capacity", "Unlimited", "Span")
	covers(t, namedQueueKeys, "Name", "Queue")
	covers(t, fanOutKeys, "Kind", "Span")
	covers(t, joinSideKeys, "Span")
	covers(t, retryKeys, "Name", "Span")
	covers(t, backoffKeys)
	covers(t, rateLimitKeys, "Count", "Per", "Span")
	covers(t, stateKeys, "Param", "Span")
	covers(t, deadLetterKeys, "Span")
	covers(t, processesKeys, "Span")
	covers(t, restartKeys)
	covers(t, onCrashKeys)
	var resource []row[Resource]
	for _, r := range resourceRows {
		if r.into(&Resource{}) != nil {
			resource = append(resource, r.row)
		}
	}
	for _, k := range resourceKeys {
		resource = append(resource, k.row)
	}
	covers(t, resource, "Name", "Kind", "Key", "Span") // Key: the first type of a map
	rows := slices.Clone(stageKeys)
	for _, v := range verbRows {
		if v.into(&Stage{}) != nil {
			rows = append(rows, v.row)
		}
	}
	covers(t, rows, "Verb", "VerbSpan", "Span", "Switch", "Zip", "Join")

	// The parts of a stage that are pointers are made when the first of their keys is there.
	stage := &Stage{Switch: &Switch{}, Zip: &Zip{}, Join: &Join{}}
	for _, c := range []struct {
		part any
		rows []row[Stage]
	}{{stage.Switch, stageKeys}, {stage.Zip, zipKeys}, {stage.Join, joinKeys}} {
		part := reflect.ValueOf(c.part).Elem()
		for i := range part.NumField() {
			field := part.Field(i).Addr().Interface()
			if !slices.ContainsFunc(c.rows, func(r row[Stage]) bool { return r.into(stage) == field }) {
				t.Errorf("no row of the table leads to %T.%s", c.part, part.Type().Field(i).Name)
			}
		}
	}
}

// covers checks the rows against the fields of T; derived are those without a row.
func covers[T any](t *testing.T, rows []row[T], derived ...string) {
	t.Helper()
	var into T
	v := reflect.ValueOf(&into).Elem()
	want := map[string]bool{}
	for _, name := range derived {
		if !v.FieldByName(name).IsValid() {
			t.Errorf("%T has no field %s", into, name)
		}
		want[name] = true
	}
	for _, r := range rows {
		p := reflect.ValueOf(r.into(&into)).Pointer()
		for i := range v.NumField() {
			f := v.Field(i)
			if f.Addr().Pointer() == p && f.Type() == reflect.TypeOf(r.into(&into)).Elem() {
				want[v.Type().Field(i).Name] = true
			}
		}
	}
	for i := range v.NumField() {
		if name := v.Type().Field(i).Name; !want[name] {
			t.Errorf("no row of the table leads to %T.%s", into, name)
		}
	}
}

// TestRows checks what every row must have.
func TestRows(t *testing.T) {
	complete := func(k key) {
		if k.name == "" || k.kinds == 0 || k.doc == "" || !strings.HasSuffix(k.doc, ".") {
			t.Errorf("the row of %q is incomplete", k.name)
		}
		if !strings.HasPrefix(k.example, k.name+":") {
			t.Errorf("the example of %q is %q", k.name, k.example)
		}
		if (k.kinds&wordKind != 0) != (len(k.words) > 0) {
			t.Errorf("%q: words without the kind, or the reverse", k.name)
		}
	}
	eachKey(complete)
	for _, k := range stageKeys {
		if k.required && k.perStage == "" {
			t.Errorf("%q is required and may stand in defaults", k.name)
		}
	}
	for _, v := range verbRows {
		if v.name != string(v.verb) {
			t.Errorf("the row of %q is that of the verb %q", v.name, v.verb)
		}
	}
	for _, k := range stageKeys {
		if len(k.verbs) == 0 {
			t.Errorf("no verb takes %q", k.name)
		}
		if findVerb(k.name) != nil {
			t.Errorf("%q is a key and a verb", k.name)
		}
	}
}

// eachKey calls f for every row of every table.
func eachKey(f func(key)) {
	for _, keys := range [][]*key{
		keysOf(fileKeys), keysOf(paramKeys), verbKeys(), keysOf(stageKeys), keysOf(batchKeys), keysOf(reduceKeys),
		keysOf(zipKeys), keysOf(joinKeys), keysOf(joinSideKeys), keysOf(queueKeys), keysOf(namedQueueKeys),
		keysOf(fanOutKeys), keysOf(retryKeys), keysOf(backoffKeys), keysOf(rateLimitKeys), keysOf(stateKeys),
		keysOf(deadLetterKeys), keysOf(processesKeys), keysOf(restartKeys), keysOf(onCrashKeys),
		resourceKinds(), resourceKeysOf(""),
	} {
		for _, k := range keys {
			f(*k)
		}
	}
}

// TestSynonyms: whoever is told to write another word is told one that exists.
func TestSynonyms(t *testing.T) {
	words := map[string]bool{}
	eachKey(func(k key) {
		words[k.name] = true
		for _, w := range k.words {
			words[w] = true
		}
	})
	for from, all := range synonyms {
		for to := range strings.FieldsSeq(all) {
			if !words[to] {
				t.Errorf("%q leads to %q, which is no word of the language", from, to)
			}
		}
		if from != strings.ToLower(from) {
			t.Errorf("%q is never looked up: it has capitals", from)
		}
	}
}

var yamlBlocks = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestReferenceExamples decodes every example of the reference, completed to a spec where it is a part.
func TestReferenceExamples(t *testing.T) {
	n := 0
	for _, m := range yamlBlocks.FindAllStringSubmatch(Reference(), -1) {
		src := m[1]
		switch {
		case strings.HasPrefix(src, "    "): // keys of a stage
			verb := "map: F"
			if strings.Contains(src, "cases:") {
				verb = "switch: F"
			}
			src = head + "  - " + verb + "\n" + src
		case strings.HasPrefix(src, "  "): // stages
			src = head + src
		}
		if !strings.Contains(src, "\nstages:") && !strings.HasPrefix(src, "stages:") {
			src += "stages:\n  - map: F\n"
			if strings.HasPrefix(src, "retries:") {
				src += "    retry: patient\n"
			}
		}
		if !strings.Contains(src, "pipeline:") {
			src = "pipeline: p\n" + src
		}
		if !strings.Contains(src, "version:") {
			src = "version: 1\n" + src
		}
		src = strings.ReplaceAll(src, "PGnnn", "PG123")
		if strings.Contains(src, "$") {
			params := "params: {prefix: {type: string}, url: {type: string}}\n"
			if strings.Contains(src, "$token") {
				params = "params: {token: {type: string}}\n"
			}
			src = params + src
		}
		if _, ds := Parse("x.pipegen.yaml", []byte(src)); len(ds) > 0 {
			t.Errorf("%s%v", src, problems(ds))
		}
		n++
	}
	keys := 0
	eachKey(func(key) { keys++ })
	if n < keys {
		t.Errorf("%d examples for %d keys", n, keys)
	}
}
