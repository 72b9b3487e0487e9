package spec

import (
	"fmt"
	"strings"
)

// A Code is one kind of problem. Codes are stable: people search for them and name them in
// "# pipegen:ignore" comments, so a code is never used again for something else.
type Code struct {
	ID          string // "PG105"
	Severity    Severity
	Title       string // a few words, lower case
	Explanation string // why it is refused and what to do, in sentences
}

// The codes that this package reports.
const (
	CodeBadYAML          = "PG101"
	CodeUnknownKey       = "PG102"
	CodeKeyNotTaken      = "PG103"
	CodeDuplicateKey     = "PG104"
	CodeWrongKind        = "PG105"
	CodeMissingKey       = "PG106"
	CodeVersion          = "PG107"
	CodeYAMLFeature      = "PG108"
	CodeLimit            = "PG109"
	CodeCharacter        = "PG110"
	CodeRange            = "PG111"
	CodeUnit             = "PG112"
	CodeName             = "PG113"
	CodeReference        = "PG114"
	CodeVerb             = "PG115"
	CodeUnknownParam     = "PG116"
	CodeParam            = "PG117"
	CodeImport           = "PG118"
	CodeBuild            = "PG119"
	CodeType             = "PG120"
	CodeContradiction    = "PG121"
	CodeIgnoreComment    = "PG122"
	CodeDefaultUnapplied = "PG123"
	CodeUnknownRetry     = "PG124"
	CodeResource         = "PG125"
	CodeUnknownLock      = "PG126"
	CodeUnused           = "PG407" // here of a retry policy; of params and queues the generator says it
	CodeFeedbackBlocks   = "PG413"
	CodePipelineState    = "PG503"
	CodeFork             = "PG504"
	CodeCommandKey       = "PG505"
	CodeNoProcesses      = "PG507"
)

type family struct{ prefix, title, intro string }

// families are the hundreds of codes, in the order of docs/errors.md.
var families = []family{
	{"PG1", "syntax", "The text of the spec, seen without any Go code."},
	{"PG2", "functions", "The Go functions that the spec names."},
	{"PG3", "types", "What flows from stage to stage."},
	{"PG4", "graph", "How the stages are connected."},
	{"PG5", "processes", "What runs in worker processes."},
	{"PG6", "output", "The files that are generated."},
}

// codes is every code of every family, one row each, sorted. docs/errors.md is made of it.
var codes = []Code{
	{CodeBadYAML, Error, "bad YAML", "The file is not YAML. Most often a line does not line up with the keys above it, a tab indents a line, a quote or bracket is never closed, or a value that contains `: `, `#`, or begins with `*`, `[`, `@` or a backquote is not quoted."},
	{CodeUnknownKey, Error, "unknown key", "The language has no such key at this place. The message lists the keys that are allowed there."},
	{CodeKeyNotTaken, Error, "key that this verb does not take", "The key exists, but it means nothing for this verb, or this kind of shared resource: `ordered` on a `sink`, `from` on a `source`, `len` of a `list`. It would have no effect, so it is refused."},
	{CodeDuplicateKey, Error, "duplicate key", "A mapping has the same key twice. YAML readers silently keep one of the two; pipegen shows both."},
	{CodeWrongKind, Error, "wrong kind of value", "The value is text where a number is needed, a list where there must be one name, and the like. A quoted number is text. The YAML characters `*` and `[` at the start of a Go type need quotes: `\"*sql.DB\"`, `\"[]byte\"`."},
	{CodeMissingKey, Error, "missing required key", "A key without a default is not there, or the file is empty."},
	{CodeVersion, Error, "unsupported version", "`version` says in which version of the language the spec is written. This pipegen reads version 1."},
	{CodeYAMLFeature, Error, "YAML outside the language", "Anchors, aliases, merge keys, tags and second documents are not part of the language: they make a spec that looks short and is not, and a value's position would no longer be the place to mend it. Use `defaults` for what stages have in common."},
	{CodeLimit, Error, "limit exceeded", "A spec has at most 256 KiB, 32 levels of nesting and 2000 keys in one mapping."},
	{CodeCharacter, Error, "character that is not allowed", "A spec is UTF-8 text without control characters and without the bidirectional controls that make text look different from what it says."},
	{CodeRange, Error, "value out of range", "The number or duration is too small or too large for this key."},
	{CodeUnit, Error, "missing or unknown unit", "Durations are written with their unit: `200ms`, `1m30s`. Sizes are bytes or have a unit: `4096`, `10MB`, `64MiB`. A bare number is never a duration: nobody remembers whether it meant seconds or milliseconds."},
	{CodeName, Error, "bad name", "Names of pipelines, stages and params become file, field and metric names. They consist of lower-case words joined by `-` or `_`, begin with a letter and have at most 63 characters."},
	{CodeReference, Error, "bad function reference", "A stage names a function; it contains no code. The forms are `F`, `pkg.F`, `F[T]`, `pkg.F[T]`, `T.M`, `(*T).M` and `(*pkg.T).M`."},
	{CodeVerb, Error, "not exactly one verb", "Each stage has exactly one verb, the key that says what it does."},
	{CodeUnknownParam, Error, "unknown param", "`$name` stands for a param that `params` declares. Text that begins with a dollar is written `$$`."},
	{CodeParam, Error, "params entry that cannot work", "The default does not fit the type, or two keys of the param contradict each other. A zero field of the generated struct means the default, so a bool cannot default to true: turn the name round."},
	{CodeImport, Error, "bad import", "An import is a Go import path as in Go source: no relative path, no URL, no pattern."},
	{CodeBuild, Error, "bad build constraint", "`build` is an expression as it stands after `//go:build`."},
	{CodeType, Error, "bad type", "A param's type is one of string, int, int64, float64, bool, duration and size, or a Go type in quotes."},
	{CodeContradiction, Error, "keys that contradict each other", "Two keys of one stage cannot both hold, or one needs the other."},
	{CodeIgnoreComment, Warning, "pipegen:ignore comment without effect or reason", "The comment is `# pipegen:ignore PGnnn reason`, stands at the end of the line that the warning points at, and names the code of a warning. A comment that has outlived its warning would hide the next one. Errors cannot be silenced."},
	{CodeDefaultUnapplied, Warning, "default that no stage takes", "A key under `defaults` reaches every stage whose verb takes it and that does not set it. Here there is none."},
	{CodeUnknownRetry, Error, "unknown retry policy", "`retry` is a number of attempts, a policy, or the name of one that `retries` declares at the top."},
	{CodeResource, Error, "shared resource that cannot be", "Each entry of `shared` says what it is by one kind: `found: counter`, `seen: {map: [string, int]}`. Its name is not that of a param, since `$name` in `args` can mean only one of them. `on_crash` stands beside `guard`: a worker that dies was changing the resource if it held the lock that `guard` names, and nothing else tells."},
	{CodeUnknownLock, Error, "unknown lock", "`guard` names a `lock` or `rlock` that `shared` declares."},

	{"PG201", Error, "no such function", "The package has no function, func variable or method of this name. Names are those of Go, with their capitals; files that the build leaves out (tests, other platforms, missing `-tags`) do not count."},
	{"PG202", Error, "unexported function of another package", "Only the package itself can call it. Export it, or declare a function in the spec's package that does the same."},
	{"PG203", Error, "not a function", "A stage takes a function, a package-level variable of a func type, or a method expression. A type, a constant, another variable or a builtin is none of these."},
	{"PG204", Error, "function of the wrong shape", "Each verb takes functions of certain shapes: so many items, so many results. `ctx context.Context` may come first and an `error` last in all of them. A function that nearly fits is wrapped in a small one of the spec's package."},
	{"PG205", Error, "parameter that nothing binds", "Parameters after the item get their values from `args`, by name. All but a variadic one need a value; one without a name cannot get any."},
	{"PG206", Error, "argument without parameter", "`args` names a parameter that the function does not have."},
	{"PG207", Error, "parameter bound twice", "The pipeline passes the context, the item and `emit`; `args` binds only the parameters after these, each once."},
	{"PG208", Error, "argument that does not fit", "The literal or constant cannot be assigned to the parameter, by the rules of Go: it has another type or is out of range."},
	{"PG209", Error, "instance of a generic function unclear", "Type arguments are inferred as in a Go call: from the item, and from what `args` binds; those of the functions of a `reduce` also from its accumulator. Where these do not tell, write them: `F[int]`."},
	{"PG210", Error, "signature that Go does not accept", "The function's signature does not parse, or does not type-check. Most often it names a type that is about to be generated from it; or the Go code has a mistake."},
	{"PG211", Error, "package that cannot be imported", "The import does not exist, is not a dependency of the module, is a program, is internal elsewhere, or imports the spec's package; or the word before a dot is neither an import nor a type."},
	{"PG212", Error, "directory without a Go package", "The generated file joins the Go package of the spec's directory: there is one, in a module, with at least one hand-written Go file."},
	{"PG213", Error, "param of a type that does not fit", "A param's value is assigned like any Go value: its type has to be the parameter's, or an interface that it implements. Its Go type has to exist, as have the types that a shared resource holds."},
	{"PG214", Error, "shared resource that does not fit the parameter", "A resource arrives as an interface: any that has some of its methods, such as `sync.Locker` for a lock, or one of your own, `interface{ Add(int64) int64 }` for a counter. So the function names nothing generated, and runs unchanged whether the resource is in its process or another. The message shows the method that is lacking, or is another one."},

	{"PG301", Error, "stages that do not fit together", "What a stage emits is passed to the next one as in a Go call: it has to be assignable to the parameter. The note says which function made the type, the other position where the parameter is declared."},
	{"PG302", Error, "key that is not comparable", "Keys of a `reduce` and of a shared map are keys of a Go map, which slices, maps and functions cannot be."},
	{"PG303", Error, "several workers without merge", "Each worker of a `reduce` has an accumulator of its own. Without `merge` nothing joins them."},
	{"PG304", Error, "merge of items without a common type", "Stages of different types can be merged by a stage whose function takes all of them, as an interface for example. `batch` and `unbatch` have no function."},
	{"PG305", Error, "unbatch of something that is no slice", "`unbatch` takes slices apart; other items are taken apart by a `flat_map`."},
	{"PG306", Error, "type that generated code cannot name", "Items pass through generated code, which has to write their type. A type that another package does not export, declares in a function or keeps in an internal directory has no name there."},
	{"PG307", Error, "functions of a reduce that disagree", "What `add` takes first is the accumulator. `init`, `add` and `merge` return it, `merge` takes two."},
	{"PG308", Error, "open input without a type", "The items that the caller passes have the type that the first stage's function takes. A `batch` or `unbatch` has no function."},
	{"PG309", Warning, "any between stages", "A function returns `any`, which the next one takes: the types no longer say whether they fit."},
	{"PG310", Error, "switch case that is no constant of the key", "A case is a literal or the name of a Go constant that can be compared with what the switch's function returns, and no two cases are equal."},
	{"PG311", Error, "switch that leaves values out", "Without `default` the cases cover everything: both values of a bool, or every package-level constant of a named type. Strings and numbers have no end and always need a `default`."},
	{"PG312", Error, "switch on a type without constants", "The function of a switch returns a string, a bool, an integer or a named type of these: cases are constants."},
	{"PG313", Error, "dead letter function that cannot take the items", "One function takes the failed items of all stages with `on_error: dead_letter`. A generic one takes items of any type."},
	{"PG314", Error, "priority key that has no order", "A priority queue gives the item with the smallest key first. Keys are what Go's `<` compares: numbers and strings."},
	{"PG315", Error, "keys of a join that differ", "Items join where their keys are equal, so both key functions return the same type."},
	{"PG316", Error, "state that does not fit", "A stage's state is what its function takes before the item, after the context, or the receiver of its method. It is passed as in a Go call."},

	{"PG401", Error, "unknown stage, port or queue", "`from` names a stage of the same spec that emits items, by its `name` or its automatic name; a port of one, `stage.port`; or a queue of `queues`, which is also what `to` names. A `switch` is read by its ports only, and `stage.failed` takes `on_error: route`."},
	{"PG402", Error, "two readers of one output", "The items of an output go to one reader unless `fan_out` says how they reach several. What only looks on can also stand between as a `tap`."},
	{"PG403", Error, "output that nothing reads", "Every branch ends in a `sink`, is merged into another, or, if it is the last stage of the spec, is left open for the caller. Each port of a `switch` and of `on_error: route` has a reader."},
	{"PG404", Error, "cycle", "Stages that read each other in a circle wait for each other, unless the circle leads through a queue with `feedback: true`."},
	{"PG405", Error, "stage without input", "A stage reads the one above it. Where that is a `sink`, a `switch` or a stage with `to`, or the caller's items would meet a source, `from` has to say what it reads."},
	{"PG406", Error, "two stages of one name", "Names of stages are fields of the generated statistics: they differ, also as Go identifiers."},
	{CodeUnused, Error, "unused param, retry policy, queue, shared resource or dead letter", "A param or shared resource that nothing uses is most often a forgotten `$`. A retry policy wants a `retry`, a queue a `from`, and a dead letter function a stage with `on_error: dead_letter`."},
	{"PG408", Error, "yielded errors with nowhere to go", "`on_error: yield` hands errors to the caller, out of the open end of the stage's branch. A branch that ends in a `sink` has none."},
	{"PG409", Warning, "timeout without a context", "A timeout cancels the context of the call. A function that takes none cannot learn of it and runs to its end."},
	{"PG410", Warning, "order that is lost already", "`ordered` keeps the order in which items arrive. Below a merge, or a stage of several workers that is not ordered, they arrive in any order."},
	{"PG411", Warning, "unlimited queue", "A queue without a capacity grows as long as its reader is slower than what feeds it: until the memory ends."},
	{"PG412", Error, "fusion that cannot be", "`fuse: true` puts a stage into the goroutines of the one above. That takes the same number of workers, no queue, merge, batch or reduce between the two, and no order that the stage above does not keep."},
	{CodeFeedbackBlocks, Error, "feedback queue that blocks", "Who writes to a feedback queue is downstream of those who read it. When it is full and all of them wait for room, nobody is left to make any: the run stands still. Such a queue is unlimited, or drops items, or ends the run when it is full."},
	{"PG414", Error, "fan_out that cannot be", "`fan_out` spreads an output, or a named queue, over at least two readers, and at one place only: what writes to a queue with `fan_out` has other readers only where both broadcast."},
	{"PG415", Error, "stage that nothing reaches", "Items come from sources or from the caller. Stages that read each other and nothing else never get one."},
	{"PG416", Error, "queue without a writer or reader", "A named queue stands between the stages that write `to` it and those that read `from` it: it needs at least one of each."},
	{"PG417", Error, "feedback without a cycle", "`feedback: true` is for a queue that a stage below its readers writes to. Elsewhere it has no effect."},
	{"PG418", Error, "stage that cannot stand in a cycle", "A `batch`, `reduce`, `zip` or `join` and an ordered stage hold items back until others come or the input ends. In a cycle these may be what they wait for."},
	{"PG419", Error, "zip that waits for itself", "The two inputs of a `zip` come from one fan-out, and one branch may pass on another number of items than it gets: it filters, skips, drops, batches, or makes many items of one. Then one branch runs ahead until its queues are full, the fan-out waits for it, the other branch gets nothing more, and the zip waits for that one: the run stands still. The same can happen round several zips and fan-outs; the note follows the circle."},
	{"PG420", Error, "zip of unordered input", "A `zip` pairs by position. Below a merge, a stage of several workers that is not ordered, a queue that is not first in, first out, or one of several readers of a named queue, positions mean nothing."},
	{"PG421", Error, "named queue that cannot be used so", "A stage reads one named queue, with that queue's settings. Readers that share its items take the same type, none of them is partitioned, and none reads anything else."},
	{"PG422", Error, "error without an item", "`dead_letter` and `route` do something with the item that failed. A source's error has none, and one of a `zip` or `join` belongs to two."},
	{"PG423", Warning, "retry of a function that cannot fail", "A call is made again where it returns an error. A function without an error result returns none; a panic is not tried again."},
	{"PG424", Error, "stage that is ordered and partitioned", "`partition_by` lets each worker go on with the items of its keys, in their order, while `ordered` makes all workers emit in one order. One stage does one or the other."},
	{"PG425", Error, "pipe that is not one worker's", "A pipe leads from the caller to one worker and back: exactly one stage takes it, and has one worker. What several read or write is a `queue`."},
	{"PG426", Warning, "lock held across an emit", "What is emitted waits until there is room in the queue below. Whoever needs the lock waits with it: if a stage below is among them, the run stands still. Emit after `Unlock`. Only `pipegen vet` looks into function bodies."},

	{"PG501", Error, "type that cannot cross", "Items and results of a stage in worker processes are copied from one process to the other, and so is what a shared map, list, queue or pipe holds: numbers, text, bools, structs, slices, maps, arrays, pointers and times, and what has its own `MarshalBinary` and `UnmarshalBinary`. Channels, functions and interfaces stand for something inside one process. Keys of a shared map hold no pointers and times either: a copy is another key. The message names the field."},
	{"PG502", Error, "param that cannot reach a worker", "A worker process gets a copy of the params that its stages use. A connection, a file or a client belongs to the process that opened it: let each worker open its own with `state: {new: F}`, from params that are text and numbers."},
	{CodePipelineState, Error, "one state for several processes", "`scope: pipeline` is one value that all workers have, and each worker process has memory of its own. With `scope: process` each of them has a state of its own; counters, maps and locks that they have in common are `shared`."},
	{CodeFork, Error, "fork", "A Go process has many threads, and a fork takes only the calling one along: the child would be without garbage collector and scheduler, with every lock held for ever that another thread held. `spawn` starts the program anew, `forkserver` keeps a reserve of processes that are started already."},
	{CodeCommandKey, Error, "key that command workers do not take", "A program started by `command` reads items and writes results. Parameters, states, its standard output and signs of life are its own business: what it needs to know stands in its arguments and in `env`."},
	{"PG506", Error, "command without its contract", "A stage with `command` names a Go func type, whose signature says what the program takes and gives: one item, and what the verb says, an error or not. Nothing of Go is called, so it is a type and no function; a `flat_map` returns a slice."},
	{CodeNoProcesses, Warning, "processes without effect", "The key says something of worker processes, and nothing runs in any. `mode: processes` at the top is for `map`, `filter`, `filter_map`, `flat_map` and `tap`; a `source` or `sink` says it itself."},
	{"PG508", Warning, "package variable assigned in a worker process", "A worker process has package variables of its own: what the stage's function assigns there neither reaches this process nor the other workers, and is gone when the worker is replaced. Return it as a result, share a counter, value or map for it, or keep it in a `state` if it is a cache. Only `pipegen vet` looks into function bodies."},
	{"PG509", Error, "type that cannot live in shared memory", "A `value` or `array` is memory that every worker process has at an address of its own: numbers, bools, and arrays and structs of these have their place there. A pointer, a string, a slice, a map, an interface leads to the memory of one process. The rule is the same with `mode: threads`, so that the mode can change. Maps, lists and queues hold values of any type that can cross."},

	{"PG601", Error, "name that is declared already", "The package declares a name that would be generated, or one that begins with `pipegen`. Rename it, or the pipeline."},
	{"PG602", Error, "two specs that generate the same", "Two specs of one package would declare the same name or be generated into the same file."},
	{"PG603", Error, "param or resource that collides with a field or method", "Params are fields of the generated struct, beside `Stats`, `Drain`, `Log` and `Shared` and the methods; shared resources are fields of a struct of their own, beside its method `Close`."},
	{"PG604", Error, "predeclared name with another meaning", "The package declares a name such as `len` or `error`, which generated code uses in Go's meaning."},
	{"PG605", Error, "file that pipegen did not write", "The file that would be generated exists and does not begin with pipegen's header. It is never overwritten: move what is yours out of it, or rename the spec."},
	{"PG606", Error, "output that is no regular file", "Where a file would be generated there is a symbolic link, a directory or something else that is no regular file of the package."},
}

// Codes returns every code, sorted by ID.
func Codes() []Code { return append([]Code(nil), codes...) }

// LookupCode returns the code with the given ID.
func LookupCode(id string) (Code, bool) {
	for _, c := range codes {
		if c.ID == id {
			return c, true
		}
	}
	return Code{}, false
}

// ErrorReference returns docs/errors.md: every code, by family, as Markdown.
func ErrorReference() string {
	var b strings.Builder
	b.WriteString("# Errors and warnings\n\n" +
		"<!-- Generated from the table of codes in spec/codes.go. DO NOT EDIT. -->\n\n" +
		"Errors stop generation: nothing is written. Warnings do not. A warning is silenced by a comment at the end\n" +
		"of the line it points at, with its code and the reason:\n\n" +
		"```yaml\n  - map: Fetch   # pipegen:ignore PGnnn the reason\n```\n")
	for _, f := range families {
		fmt.Fprintf(&b, "\n## %sxx: %s\n\n%s\n", f.prefix, f.title, f.intro)
		for _, c := range codes {
			if !strings.HasPrefix(c.ID, f.prefix) {
				continue
			}
			fmt.Fprintf(&b, "\n### %s: %s", c.ID, c.Title)
			if c.Severity == Warning {
				b.WriteString(" (warning)")
			}
			fmt.Fprintf(&b, "\n\n%s\n", c.Explanation)
		}
	}
	return b.String()
}
