package spec

import "time"

// Scalar is a value of the spec with the place where it stands. The zero Scalar is an absent key.
// Where the spec says "$name", Param is the name and Value is T's zero value.
type Scalar[T any] struct {
	Value T
	Param string
	Span  Span
}

// IsSet says whether the spec (or its defaults) gives the value.
func (s Scalar[T]) IsSet() bool { return s.Span.IsValid() }

// File is one spec, decoded and checked as far as YAML alone allows: no Go types yet.
type File struct {
	Name     string // path as the user gave it; diagnostics print it
	Source   []byte
	Version  Scalar[int]
	Pipeline Scalar[string]
	Doc      Scalar[string]
	Build    Scalar[string]
	Imports  []Import
	Params   []*Param
	Mode     Scalar[string] // "threads" (the default) or "processes"
	Process  *Processes     // processes; nil without
	Retries  []*NamedRetry
	Queues   []*NamedQueue
	Shared   []*Resource
	Dead     *DeadLetter     // dead_letter; nil without one
	Defaults *Stage          // the defaults block as a stage without a verb; nil without one
	Stages   []*Stage        // in the order of the file, defaults applied
	Ignores  []Ignore        // "# pipegen:ignore" comments that name a warning, in the order of the file
	Mentions map[string]bool // what stands anywhere as $name, and what a misspelt one may mean
}

// Import makes the functions of a package available to stages.
type Import struct {
	Alias Scalar[string] // unset in the list form
	Path  Scalar[string]
}

// Param is one field of the generated struct.
type Param struct {
	Name     Scalar[string]
	Type     Scalar[string] // string, int, int64, float64, bool, duration, size, or a Go type expression
	Default  Literal
	Env      Scalar[string]
	Required Scalar[bool]
	Doc      Scalar[string]
}

// Literal is a scalar whose meaning depends on the Go type it is used for.
type Literal struct {
	Kind   LiteralKind
	Text   string // as written, without quotes
	Quoted bool   // a quoted scalar is always a string
	Param  string // "$name" without the dollar
	Span   Span
}

// LiteralKind is what a plain YAML scalar looks like.
type LiteralKind int

// The kinds of literals. A plain word such as os.O_RDONLY or 2s is StringLit with Quoted false: it may
// still turn out to be a Go constant, a duration or a size, depending on the type that is wanted.
const (
	NoLit LiteralKind = iota
	StringLit
	IntLit
	FloatLit
	BoolLit
	NullLit
)

// IsSet says whether the spec gives the literal.
func (l Literal) IsSet() bool { return l.Kind != NoLit }

// Ref names a Go function, func variable or method expression: F, pkg.F, F[T], (*T).M, T.M.
// It is parsed, never copied into code as text.
type Ref struct {
	Text     string   // as written
	Pkg      string   // the qualifier of pkg.F, or of T.M before T is known to be a type; else ""
	Recv     string   // T of (*T).M or (*pkg.T).M; else ""
	Ptr      bool     // the receiver has a star
	Name     string   // F or M
	TypeArgs []string // Go type expressions, each parsed by go/parser
	Span     Span
}

// IsSet says whether the spec gives the reference.
func (r Ref) IsSet() bool { return r.Span.IsValid() }

// Count is a number that may also be chosen by the generator.
type Count struct {
	Auto bool // "auto"
	N    Scalar[int]
	Span Span
}

// IsSet says whether the spec gives the count.
func (c Count) IsSet() bool { return c.Span.IsValid() }

// Verb is what a stage does; its string is the key in the spec.
type Verb string

// The verbs.
const (
	Source    Verb = "source"
	Map       Verb = "map"
	Filter    Verb = "filter"
	FilterMap Verb = "filter_map"
	FlatMap   Verb = "flat_map"
	Tap       Verb = "tap"
	BatchVerb Verb = "batch"
	Unbatch   Verb = "unbatch"
	ReduceV   Verb = "reduce"
	Sink      Verb = "sink"
	SwitchV   Verb = "switch"
	ZipV      Verb = "zip"
	JoinV     Verb = "join"
)

// Stage is one entry of stages.
type Stage struct {
	Verb     Verb
	VerbSpan Span    // the verb's key
	Func     Ref     // source, map, filter, filter_map, flat_map, tap, sink, switch; with of zip and join
	Batch    *Batch  // batch
	Reduce   *Reduce // reduce
	Switch   *Switch // cases and default, beside switch
	Zip      *Zip    // zip
	Join     *Join   // join
	Span     Span    // the stage's first key

	Name      Scalar[string]
	From      []Scalar[string] // stage, stage.port or queue; empty: the stage above
	To        Scalar[string]   // a named queue
	FanOut    *FanOut
	Workers   Count
	Queue     *Queue
	Ordered   Scalar[bool]
	MaxAhead  Scalar[int]
	Timeout   Scalar[time.Duration]
	OnError   Scalar[string] // "stop", "skip", "yield", "dead_letter", "route"
	Args      []Arg
	Partition Ref // partition_by
	Retry     *Retry
	Rate      *RateLimit
	State     *State
	Chunk     Count
	Fuse      Fuse
	Mode      Scalar[string] // "threads" or "processes"; absent: see File.InProcesses
	Process   *Processes     // processes: what differs from the file's; nil without
	Command   *Command
	Codec     Scalar[string] // "auto" (the default) or "json"
}

// Batch is the value of the batch verb.
type Batch struct {
	Size    Scalar[int]
	MaxWait Scalar[time.Duration]
}

// Reduce is the value of the reduce verb.
type Reduce struct {
	Add, Init, Merge, Key Ref
}

// Queue is the value of the queue key: the queue that feeds the stage.
type Queue struct {
	Capacity  Scalar[int]
	Unlimited bool
	OnFull    Scalar[string] // "block", "drop_newest", "drop_oldest", "fail"
	Kind      Scalar[string] // "fifo", "lifo", "priority"
	Key       Ref            // of a priority queue: its smallest key comes first
	Span      Span
}

// NamedQueue is one entry of queues.
type NamedQueue struct {
	Name Scalar[string]
	Queue
	Feedback Scalar[bool]
	FanOut   *FanOut
}

// FanOut says how the items of a stage or named queue reach several readers.
type FanOut struct {
	Kind Scalar[string] // "broadcast", "round_robin", "hash"
	Hash Ref            // hash: the function that gives the key
	Span Span
}

// Switch is what stands beside the switch verb.
type Switch struct {
	Cases   []Case
	Default Scalar[string] // a port
}

// Case leads items whose key is Value to Port.
type Case struct {
	Value Literal // a literal, or the name of a Go constant
	Port  Scalar[string]
}

// Zip is the value of the zip verb; with stands in Stage.Func.
type Zip struct {
	Inputs []Scalar[string] // two of them, as in from
}

// Join is the value of the join verb; with stands in Stage.Func.
type Join struct {
	Left, Right JoinSide
	MaxItems    Scalar[int]
}

// JoinSide is one input of a join.
type JoinSide struct {
	From Scalar[string] // as in from
	Key  Ref
	Span Span
}

// Retry is the value of the retry key: a policy, or the name of one.
type Retry struct {
	Name        Scalar[string] // of one of File.Retries; then the rest is unset
	MaxAttempts Scalar[int]    // the first included
	When        Ref            // func(error) bool
	Backoff     *Backoff
	Span        Span
}

// Backoff is the wait between attempts.
type Backoff struct {
	Initial, Max       Scalar[time.Duration]
	Multiplier, Jitter Scalar[float64] // jitter: a share of the wait, either way
}

// NamedRetry is one entry of retries.
type NamedRetry struct {
	Name Scalar[string]
	Retry
}

// RateLimit is the value of the rate_limit key.
type RateLimit struct {
	Count Scalar[float64] // calls in Per; a param counts calls a second
	Per   time.Duration   // a second, a minute or an hour
	Burst Scalar[int]
	Key   Ref // per: a limit for each key
	Span  Span
}

// DeadLetter is the value of the dead_letter key at the top.
type DeadLetter struct {
	Func Ref
	Args []Arg
	Span Span
}

// State is the value of the state key: $param, or how the state is made.
type State struct {
	Param Scalar[string] // $param: its Param is set; then the rest is unset
	New   Ref
	Args  []Arg
	Scope Scalar[string] // "worker" (the default), "process" or "pipeline"
	Span  Span
}

// Arg binds one parameter of the stage's function by name.
type Arg struct {
	Name  Scalar[string]
	Value Literal
}

// Fuse is auto unless the spec says otherwise.
type Fuse struct {
	Auto  bool
	Value Scalar[bool]
	Span  Span
}
