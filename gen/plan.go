package gen

import (
	"go/token"
	"go/types"
	"slices"
	"time"

	"github.com/pipegen/pipegen/spec"
)

// Plan is one pipeline as it will run: plain data, complete, with the reason for each decision.
// Nothing in it changes after planning; explain prints it, emit writes it, tests compare it.
type Plan struct {
	File     *spec.File
	Package  *types.Package // the package the generated file belongs to
	Dir      string         // slash-separated directory of the package, as the user gave it
	Name     string         // exported identifier: LinkCheck for link-check
	Params   []*Param
	Shared   []*Resource // in the order of the spec
	Stages   []*Stage    // in the order items flow: every stage after the stages it reads
	Sources  []*Source   // goroutines that feed the graph: source stages, or the caller's sequence
	Groups   []*Group    // in the order items flow
	Queues   []*Queue
	Input    types.Type   // item type of the open input; nil where the spec has sources
	Output   types.Type   // item type of the open output; nil where every branch ends in a sink
	HasMap   bool         // the chain has one result an item and an output: Map is generated
	HasPool  bool         // a linear chain from the open input with at most one result an item: Start is generated
	Cycles   []*Cycle     // through feedback queues
	Shapes   []string     // the graph as ASCII lines, for the type's doc comment
	Known    []*types.Var // package-level errors that keep their identity between processes; none without stages there
	Warnings spec.Diagnostics
}

// Param is one field of the generated struct.
type Param struct {
	Name     string     // as in the spec
	Field    string     // exported Go field name
	Kind     ParamKind  // how text (env, default) becomes a value
	Type     types.Type // Go type of the field
	Default  any        // string, int, int64, float64, bool, time.Duration (Kind's type) or nil
	Env      string     // environment variable, or ""
	Required bool       // zero after field, env and default is an error
	Doc      string
}

// ParamKind is the declared type of a param.
type ParamKind int

// The kinds of params.
const (
	StringParam ParamKind = iota
	IntParam
	Int64Param
	Float64Param
	BoolParam
	DurationParam
	SizeParam // int64, bytes
	GoParam   // a Go type that the caller fills; nil (where it can be nil) is an error
)

// Stage is one stage of the spec, resolved against Go.
type Stage struct {
	Spec      *spec.Stage
	Index     int    // position in Plan.Stages
	Name      string // unique in the pipeline
	Field     string // Go identifier made of Name, exported: ReadWords
	Verb      spec.Verb
	Call      *Call      // the verb's function; nil for batch, unbatch, reduce
	In, Out   types.Type // of the items as they arrive and leave; nil for a source's In and a sink's Out
	In2       types.Type // of a zip or join: of the items on the right; In is that of those on the left
	Batch     *Batch
	Reduce    *Reduce
	OnError   OnError
	Timeout   Value     // zero: none
	From      []*Stage  // whose items it reads, each once
	Reads     []*Output // what it reads: of a named queue, the outputs that write to it
	Outputs   []*Output // the main one, or a switch's ports, then the failed port; empty after a sink without on_error: route
	Switch    *Switch
	Join      *Join
	Pair      bool  // it reads failed ports: its function takes the item and its error
	Partition *Call // partition_by; nil without
	Retry     *Retry
	Rate      *RateLimit
	State     *State
	Dead      *Call    // on_error: dead_letter: func(ctx, stage, item, err), instantiated
	Process   *Process // where it runs in worker processes; nil: on goroutines
	Reason    string   // why it is fused with the stage above, or begins a group
	// ElemIn and ElemOut say what travels with the items besides their value.
	ElemIn, ElemOut Elem
}

// OnError is what a stage does with an item's error.
type OnError int

// The error policies.
const (
	Stop OnError = iota
	Skip
	Yield
	DeadLetter
	Route
)

// Output is one port of a stage, or the caller's input: where items leave.
type Output struct {
	Stage  *Stage // nil: the caller's input
	Port   string // "" for the main one, a switch's port, or "failed"
	Type   types.Type
	Failed bool   // carries failed items, each with its error
	FanOut FanOut // Single: exactly one edge
	Hash   *Call  // FanOut Hash
	Edges  []*Edge
}

// Edge leads from an output to a queue.
type Edge struct {
	From   *Output
	Queue  *Queue
	Side   Side
	Errors bool // yielded errors of From.Stage and those above leave by this edge: at most one a stage
}

// Side is the input of a zip or join that an edge feeds.
type Side int

// The sides. Edges of other stages have none.
const (
	NoSide Side = iota
	Left
	Right
)

// FanOut is how an output serves several queues.
type FanOut int

// The ways of fanning out.
const (
	Single FanOut = iota
	Broadcast
	RoundRobin
	Hash
)

// Switch is a resolved switch stage: its Call gives the key.
type Switch struct {
	Key     types.Type
	Cases   []Case
	Default *Output // nil: the cases are exhaustive; any other value is the item's error
}

// Case leads items with a key to an output of the stage.
type Case struct {
	Value  Value
	Output *Output
}

// Join is a resolved join stage: its Call is with. Its one queue takes both sides.
type Join struct {
	LeftKey, RightKey *Call
	Left, Right       types.Type // of the items
	Key               types.Type
	MaxItems          Value // a side
}

// Retry is a resolved retry policy.
type Retry struct {
	MaxAttempts        Value // int, the first included
	When               *Call // nil: every error
	Initial, Max       Value // duration
	Multiplier, Jitter Value // float64
}

// RateLimit is a resolved rate limit.
type RateLimit struct {
	Count Value // float64 calls in Per
	Per   time.Duration
	Burst Value // int
	Key   *Call // nil: one limit for all
}

// State is what a stage's function gets before the item; of a method expression it is the receiver.
type State struct {
	Param    *Param // the state itself; nil where New makes it
	New      *Call
	Pipeline bool // one for all workers; else each has its own
	Type     types.Type
}

// Cycle is a strongly connected part of the graph; items in its queues may lead to others there.
type Cycle struct {
	Index  int
	Queues []*Queue
}

// Process says how the worker processes of a stage are started and supervised. All stages of a group have equal ones.
type Process struct {
	ForkServer      bool     // workers come from a reserve of started ones
	Spare           Value    // int, started and initialised beside those at work
	Env             []EnvVar // in the order of the spec
	LogStdout       bool     // stdout goes to Log, line by line, instead of being inherited
	MaxRestarts     Value    // int: more within Within fail the stage
	Within          Value    // duration
	InFlight        InFlight // what becomes of the item in hand when its worker dies
	MaxAttempts     Value    // int: of such an item, the first included
	RecycleAfter    Value    // int, items; unset: never
	MemoryLimit     Value    // size, bytes; unset: none
	Heartbeat       Value    // duration: a worker silent for so long is stopped; unset for commands
	ShutdownTimeout Value    // duration: what still runs so long after the end is killed
	MaxItem         Value    // size, bytes, of one item or result as it crosses
	MaxDepth        Value    // int: levels of worker processes that start workers of their own
	Command         []string // the worker's program and arguments; nil: this program
	JSON            bool     // items cross as JSON: codec: json, and commands
}

// hasWorkers says whether anything runs in worker processes; then the hook for main is generated.
func (p *Plan) hasWorkers() bool {
	return slices.ContainsFunc(p.Stages, func(s *Stage) bool { return s.Process != nil })
}

// EnvVar is one more variable in the environment of worker processes.
type EnvVar struct {
	Name  string
	Value Value // string
}

// InFlight is what becomes of an item in hand when its worker process dies.
type InFlight int

// The ways to go on with such an item.
const (
	FailInFlight InFlight = iota
	RetryInFlight
	DeadLetterInFlight
)

// OnFull is what a full queue does.
type OnFull int

// The overflow policies.
const (
	Block OnFull = iota
	DropNewest
	DropOldest
	FailFull
)

// QueueKind is the order in which a queue gives its items.
type QueueKind int

// The kinds of queues.
const (
	FIFO QueueKind = iota
	LIFO
	Priority
)

// Elem says what an element of a queue carries besides the item.
type Elem struct {
	Index bool // the item's position in the input: chains of one-to-one stages, for errors and Map
	Err   bool // a yielded error of a stage above may stand in the item's place
}

// Call is a Go function as the generated code calls it.
type Call struct {
	Object   types.Object     // *types.Func or *types.Var of a func type; of a command, the *types.TypeName of a func type
	Recv     types.Type       // method expression: the receiver type as written, (*T) or an interface
	TypeArgs []types.Type     // to be written out where inference from arguments is not enough; all of them
	Sig      *types.Signature // instantiated; of a method expression, with the receiver first
	Shape    Shape
	Ctx      bool           // first parameter is a context.Context; of a method, the first after the receiver
	Err      bool           // last result is an error
	Args     []Arg          // parameters after the item, in order; emit and an omitted variadic are not among them
	EmitAt   int            // EmitShape: where emit stands among the parameters after the item; else -1
	Pos      token.Position // of the declaration, file relative to the package directory where inside it
}

// Shape is how a source or flat_map function hands out its items.
type Shape int

// The shapes. Other verbs always have Plain.
const (
	Plain      Shape = iota
	SeqShape         // returns iter.Seq[T]
	Seq2Shape        // returns iter.Seq2[T, error]
	SliceShape       // returns []T (error allowed)
	ChanShape        // returns <-chan T (error allowed)
	EmitShape        // takes emit func(T) error after the item (or first, after ctx, for a source)
)

// Arg is a bound parameter.
type Arg struct {
	Name  string
	Type  types.Type
	Value Value
}

// Value is a literal, a constant, a param or a shared resource. The zero Value is absent.
type Value struct {
	Lit    any          // bool, string, int64, uint64, float64, time.Duration: fits the wanted type
	Const  *types.Const // a named Go constant
	Param  *Param
	Shared *Resource // only among Call.Args, for a parameter that is an interface
}

// IsSet says whether there is a value.
func (v Value) IsSet() bool {
	return v.Lit != nil || v.Const != nil || v.Param != nil || v.Shared != nil
}

// Batch is a resolved batch stage.
type Batch struct {
	Size    Value // int
	MaxWait Value // duration; zero: none
}

// Reduce is a resolved reduce stage.
type Reduce struct {
	Add, Init, Merge, Key *Call // Init, Merge, Key may be nil
	Acc                   types.Type
	KeyType               types.Type // nil without Key
}

// Workers is how many goroutines run a group.
type Workers struct {
	N     int  // a fixed number, at least 1; 0 where Auto or Param says
	Auto  bool // GOMAXPROCS
	Param *Param
}

// Source is a goroutine that feeds a queue (or a group directly below it).
type Source struct {
	Stage   *Stage // nil: the caller's input sequence
	Out     *Queue // where Output leads to one queue
	Output  *Output
	Process *Process // nil: it runs on a goroutine
}

// Group is a run of stages fused into one set of workers: each item goes through all of them in one
// goroutine.
type Group struct {
	Index    int
	Stages   []*Stage // at least one, in order
	In       *Queue
	Out      *Queue // the one queue that its last stage's one output leads to; else nil
	Workers  Workers
	In2      *Queue   // the right side of a zip; else nil
	Ordered  bool     // never with a single fixed worker, which keeps the order anyway
	Process  *Process // of all its stages; nil: it runs on goroutines
	MaxAhead Value    // int; unset: 4 × workers × chunk; with a chosen chunk at least the chosen capacity of the queue below
	Chunk    Value    // int; unset: chosen at run time from the measured cost
	// OneToOne says that each item ends in exactly one element of Out, in place.
	OneToOne bool
	Reason   string // why it begins where it begins: "workers: 5 is explicit", …
}

// Queue stands between writers and one reading group, or before the open output (Reader nil).
type Queue struct {
	Index     int
	Name      string // the reading stage's name, "out" at the open output
	Type      types.Type
	Elem      Elem
	Capacity  Value // int
	Explicit  bool  // the spec gave the capacity: it is exact
	Unlimited bool  // queue: {capacity: unlimited}
	OnFull    OnFull
	Kind      QueueKind
	Key       *Call // of a priority queue
	Edges     []*Edge
	Sources   []*Source
	Writers   []*Group
	Reader    *Group   // the first of Readers; nil at the open end
	Readers   []*Group // several compete for the items of a named queue
	Cycle     *Cycle   // nil outside cycles
	Reason    string   // why this capacity
}
