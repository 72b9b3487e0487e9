package spec

import (
	"fmt"
	"strings"
)

// writeResources writes the section on shared resources.
func writeResources(b *strings.Builder) {
	b.WriteString(resourcesIntro)
	b.WriteString("| kind | value | among goroutines | where worker processes take it |\n|---|---|---|---|\n")
	for i := range resourceRows {
		r := &resourceRows[i]
		fmt.Fprintf(b, "| [%s](#shared-%s) | %s | %s | %s |\n", code(r.name), r.name, r.describe(code), r.threads, r.crossed)
	}
	for i := range resourceRows {
		r := &resourceRows[i]
		fmt.Fprintf(b, "\n### shared %s\n\n%s\n\n", r.name, r.doc)
		entry := "{" + strings.ReplaceAll(r.complete(), "\n", ", ") + "}"
		if r.plain {
			entry = r.name
		}
		fmt.Fprintf(b, "```yaml\nshared: {it: %s}\n```\n\n```go\ninterface {\n\t%s\n}\n```\n", entry, strings.Join(r.methods, "\n\t"))
	}
	b.WriteString("\nBeside the kind stand these keys.\n\n| key | taken by | value | default |\n|---|---|---|---|\n")
	for i := range resourceKeys {
		k := &resourceKeys[i]
		kinds := make([]string, len(k.of))
		for i, kind := range k.of {
			kinds[i] = string(kind)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", code(k.name), joinCode(kinds), k.describe(code), absent(&k.key))
	}
	for i := range resourceKeys {
		k := &resourceKeys[i].key
		fmt.Fprintf(b, "\n**%s**: %s\n\n%s", code(k.name), k.doc, yamlBlock("    ", k.beside(), "shared:\n  out: lock\n  it:\n"))
	}
}

const resourcesIntro = `
## Shared resources

Each entry of ` + "`shared`" + ` is a name and a kind: the kind's word, where it has nothing to know, ` + "`found: counter`" + `, or a
mapping, ` + "`seen: {map: [string, int]}`" + `. Types are Go type expressions, resolved in the package of the spec.

A function takes a resource by ` + "`args`" + `, as a parameter of any interface that has some of its methods: ` + "`sync.Locker`" + `,
` + "`interface{ Add(int64) int64 }`" + `. It names nothing that is generated, and does not know whether the resource is in its
process. The caller has all of them in the field ` + "`Shared`" + ` of the pipeline, where it may put what its function
` + "`New…Shared`" + ` has made; without that each run makes its own.

When a worker process dies, what it held is given back: its locks are freed, its permits are released, the keys that it
was changing are as they were before, and items that it had got from a queue count as done. When it ends because its work
is done, at the end of the input or by ` + "`recycle_after`" + `, permits and items stay taken, as those of a goroutine do, until another
stage or the caller gives them back; locks and updates are freed in any case.

In the methods below K, V and T are the types that the entry names. One that takes a context returns the cause of its end, if
that comes first: nothing was put, sent or taken then. The others cannot be interrupted: a run that is cancelled waits for a
goroutine that is blocked in a ` + "`Lock` or an `Update`" + `, and up to ` + "`shutdown_timeout`" + ` for a worker process that is.

What a call from a worker process sends or gets takes no more than ` + "`max_item`" + `, a ` + "`Snapshot`" + ` included. What is larger stays where
it was; the call returns an error, or panics if it returns none.

After ` + "`Close`" + ` of the resources a run with them is refused. Counters and values can still be read, queues and pipes are
closed, and an array that worker processes took is empty.

`
