package spec

import (
	"fmt"
	"strings"
)

// Reference returns docs/language.md, the reference of the language as Markdown. Everything in it that
// concerns a key comes from the field table.
func Reference() string {
	var b strings.Builder
	b.WriteString(referenceIntro)

	b.WriteString("\n## Top-level keys\n\n")
	writeKeys(&b, fileKeys, "", "")

	b.WriteString("\n## Params\n\nEach entry of `params` is a name and a mapping with these keys.\n\n")
	writeKeys(&b, paramKeys, "params:\n  patience:\n", "    ")

	b.WriteString("\n## Queues\n\nEach entry of `queues` is a name with a capacity, or with a mapping of these keys.\n\n")
	writeKeys(&b, namedQueueKeys, "queues:\n  work:\n", "    ")

	writeResources(&b)

	b.WriteString("\n## Dead letters\n\n`dead_letter` is a function, or a mapping of these keys.\n\n")
	writeKeys(&b, deadLetterKeys, "dead_letter:\n", "  ")

	b.WriteString("\n## Verbs\n\nA stage has exactly one verb, which says what the stage does. `ctx context.Context` may come\n" +
		"first in every function, and an `error` may be the last result of every one; the table leaves both out.\n" +
		"Parameters after the item are bound by `args`.\n\n" +
		"| verb | value | function | keys |\n|---|---|---|---|\n")
	for i := range verbRows {
		v := &verbRows[i]
		shapes := make([]string, len(v.functions))
		for i, f := range v.functions {
			shapes[i] = code(f)
		}
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", code(v.name), v.name, v.describe(code),
			orDash(strings.Join(shapes, ", ")), joinCode(namesOf(stageKeysOf(v.verb))))
	}
	for i := range verbRows {
		v := &verbRows[i]
		fmt.Fprintf(&b, "\n### %s\n\n%s\n\n%s", v.name, v.doc, yamlBlock("  - ", v.example))
		switch v.verb {
		case BatchVerb:
			b.WriteString("\n")
			writeKeys(&b, batchKeys, "  - batch:\n", "      ")
		case ReduceV:
			b.WriteString("\n")
			writeKeys(&b, reduceKeys, "  - reduce:\n", "      ")
		case ZipV:
			b.WriteString("\n")
			writeKeys(&b, zipKeys, "  - zip:\n", "      ")
		case JoinV:
			b.WriteString("\n")
			writeKeys(&b, joinKeys, "  - join:\n", "      ")
			b.WriteString("\nEach side has these keys.\n\n")
			writeKeys(&b, joinSideKeys, "  - join:\n      right: {from: users, key: User.ID}\n      with: Bill\n      max_items: 1000\n      left:\n", "        ")
		}
	}

	b.WriteString("\n## Keys of stages\n\n| key | taken by | value | default |\n|---|---|---|---|\n")
	for i := range stageKeys {
		k := &stageKeys[i].key
		fmt.Fprintf(&b, "| [%s](#%s) | %s | %s | %s |\n", code(k.name), k.name, takenBy(k), k.describe(code), absent(k))
	}
	for i := range stageKeys {
		k := &stageKeys[i].key
		fmt.Fprintf(&b, "\n### %s\n\n%s", k.name, k.doc)
		if k.perStage != "" {
			fmt.Fprintf(&b, " Not under `defaults`: %s.", k.perStage)
		}
		fmt.Fprintf(&b, "\n\n%s", yamlBlock("    ", k.beside()))
		switch k.name {
		case "queue":
			b.WriteString("\n")
			writeKeys(&b, queueKeys, "    queue:\n", "      ")
		case "fan_out":
			b.WriteString("\n")
			writeKeys(&b, fanOutKeys, "    fan_out:\n", "      ")
		case "retry":
			b.WriteString("\n")
			writeKeys(&b, retryKeys, "    retry:\n", "      ")
			b.WriteString("\nThe wait grows from one attempt to the next.\n\n")
			writeKeys(&b, backoffKeys, "    retry:\n      max_attempts: 5\n      backoff:\n", "        ")
		case "rate_limit":
			b.WriteString("\n")
			writeKeys(&b, rateLimitKeys, "    rate_limit:\n", "      ")
		case "state":
			b.WriteString("\n")
			writeKeys(&b, stateKeys, "    state:\n", "      ")
		case "processes":
			b.WriteString("\n")
			writeKeys(&b, processesKeys, "    mode: processes\n    processes:\n", "      ")
			b.WriteString("\n`restart` bounds how often.\n\n")
			writeKeys(&b, restartKeys, "    mode: processes\n    processes:\n      restart:\n", "        ")
			b.WriteString("\n`on_crash` says what becomes of the item in hand.\n\n")
			writeKeys(&b, onCrashKeys, "    mode: processes\n    processes:\n      on_crash:\n", "        ")
		case "command":
			b.WriteString(commandProtocol)
		}
	}
	b.WriteString(referenceEnd)
	return b.String()
}

// writeKeys writes the keys of one mapping: a table, then for each what it means and an example. Below the
// lines above, which lead to the mapping, the example stands with the keys that the mapping requires.
func writeKeys[T any](b *strings.Builder, rows []row[T], above, indent string) {
	b.WriteString("| key | value | default |\n|---|---|---|\n")
	for i := range rows {
		k := &rows[i].key
		fmt.Fprintf(b, "| %s | %s | %s |\n", code(k.name), k.describe(code), absent(k))
	}
	for i := range rows {
		k := &rows[i].key
		lines := above
		for j := range rows {
			if above != "" && rows[j].required && j != i {
				lines += indent + rows[j].example + "\n"
			}
		}
		fmt.Fprintf(b, "\n**%s**: %s\n\n%s", code(k.name), k.doc, yamlBlock(indent, k.beside(), lines))
	}
}

// yamlBlock returns a fenced block: the lines above, and below them the example, indented.
func yamlBlock(indent, example string, above ...string) string {
	// What follows a list's dash is indented by the dash's width.
	further := strings.Replace(indent, "-", " ", 1)
	return "```yaml\n" + strings.Join(above, "") + indent + strings.ReplaceAll(example, "\n", "\n"+further) + "\n```\n"
}

// absent says what holds where the key is not there.
func absent(k *key) string {
	if k.required {
		return "required"
	}
	return orDash(k.defaults)
}

// beside is the key's example below the line that it needs.
func (k *key) beside() string {
	if k.needs == "" {
		return k.example
	}
	return k.needs + "\n" + k.example
}

// takenBy says which verbs take a key.
func takenBy(k *key) string {
	others := without(allVerbs, k.verbs...)
	switch {
	case len(others) == 0:
		return "all"
	case len(others) <= 3:
		return "all but " + joinCode(wordsOf(others))
	}
	return joinCode(wordsOf(k.verbs))
}

func code(s string) string { return "`" + s + "`" }

func joinCode(words []string) string {
	coded := make([]string, len(words))
	for i, w := range words {
		coded[i] = code(w)
	}
	return strings.Join(coded, " ")
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

const referenceIntro = `# The spec language

<!-- Generated from the field table in spec/. DO NOT EDIT. -->

A file ` + "`NAME.pipegen.yaml`" + ` declares one pipeline over functions of the Go package in its directory, and
becomes ` + "`NAME_pipegen.go`" + ` beside it.

` + "```yaml" + `
version: 1
pipeline: fetch-all
stages:
  - source: ReadURLs      # func(ctx context.Context) iter.Seq2[string, error]
  - map: Fetch            # func(ctx context.Context, url string) (Page, error)
    workers: 5
  - sink: Print           # func(Page) error
` + "```" + `

Types of items are never written in a spec. They are read from the functions and checked from end to end.

## Values

| value | written |
|---|---|
| a name | lower-case words of letters and digits joined by ` + "`-` or `_`" + `, the first beginning with a letter, at most 63 characters: ` + "`link-check`" + ` |
| a number | a whole number: ` + "`8`, `1_000`" + `; ` + "`multiplier` and `jitter`" + ` may have a fraction: ` + "`0.5`" + ` |
| a duration | a number with a unit, several in a row if need be: ` + "`200ms`, `5s`, `1m30s`" + `; the units are ` + "`ns us ms s m h`" + ` |
| a rate | so many in a second, minute or hour: ` + "`50/s`, `3000/m`, `100/h`" + ` |
| a size | bytes, or a number with a unit: ` + "`4096`, `10MB`, `64MiB`" + `; the units are ` + "`B KB MB GB TB`" + ` (powers of 1000) and ` + "`KiB MiB GiB TiB`" + ` (powers of 1024) |
| a function | ` + "`F`, `pkg.F`, `F[T]`, `pkg.F[T]`, `T.M`, `(*T).M`, `(*pkg.T).M`" + `; ` + "`F`" + ` may be a variable of a function type |
| a type | ` + "`string int int64 float64 bool duration size`" + `, or a Go type in quotes: ` + "`\"*sql.DB\"`" + ` |
| ` + "`$param`" + ` | the value of a param, known at run time: ` + "`$limit`" + ` |
| text | any YAML scalar that is no number, ` + "`true`, `false` or `null`" + `; quote what looks like one of these or begins with a special character |
`

const commandProtocol = `
Each line that the program reads is one object, ` + "`{\"id\":7,\"item\":…}`" + `. For each it writes one: ` + "`{\"id\":7,\"item\":…}`" + ` or
` + "`{\"id\":7,\"error\":\"…\"}`" + `, with the names that ` + "`encoding/json`" + ` gives fields. The end of its input is the end of its work.

| verb | func type | answer |
|---|---|---|
| ` + "`map`" + ` | ` + "`func(In) (Out, error)`" + ` | ` + "`item`" + ` is the result |
| ` + "`filter`" + ` | ` + "`func(T) (bool, error)`" + ` | ` + "`item`" + ` is ` + "`true`" + ` or ` + "`false`" + ` |
| ` + "`filter_map`" + ` | ` + "`func(In) (Out, bool, error)`" + ` | ` + "`item`" + ` is the result; without it, or with ` + "`null`" + `, there is none |
| ` + "`flat_map`" + ` | ` + "`func(In) ([]Out, error)`" + ` | ` + "`item`" + ` is the list of results |
| ` + "`tap`, `sink`" + ` | ` + "`func(T) error`" + ` | no ` + "`item`" + ` |

The ` + "`error`" + ` in the type may be left out; the program can fail all the same. Beside ` + "`command`" + ` there is no ` + "`state`" + ` and
no ` + "`args`" + `, and in ` + "`processes`" + ` no ` + "`heartbeat`" + ` and no ` + "`stdout`" + `: these say nothing to a program in another language, and what
the top says of them does not reach it. ` + "`retry.when`" + ` sees an error with the program's text.
`

var referenceEnd = fmt.Sprintf(`
## YAML

A spec is plain YAML: mappings, lists and scalars, in block or flow style, with comments. Anchors, aliases,
merge keys, tags and further documents are refused. So are files of over %d KiB, more than %d levels of
nesting, more than %d keys in a mapping, control characters, and the controls of text direction that make a
line look different from what it says.

## Warnings

A comment at the end of a line silences a warning that points at the line. It names the code, from
[errors.md](errors.md), and the reason. Errors cannot be silenced.
`, maxBytes>>10, maxDepth, maxKeys) + "\n```yaml\n  - map: Fetch   # pipegen:ignore PGnnn the reason\n```\n"
