package gen

import (
	"go/token"
	"go/types"

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
	Stages   []*Stage  // in the order items flow: every stage after the stages it reads
	Sources  []*Source // goroutines that feed the graph: source stages, or the caller's sequence
	Groups   []*Group  // in the order items flow
	Queues   []*Queue
	Input    types.Type // item type of the open input; nil where the spec has sources
	Output   types.Type // item type of the open output; nil where every branch ends in a sink
	HasMap   bool       // the chain has one result an item and an output: Map is generated
	Shapes   []string   // the graph as ASCII lines, for the type's doc comment
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
	Spec    *spec.Stage
	Index   int    // position in Plan.Stages
	Name    string // unique in the pipeline
	Field   string // Go identifier made of Name, exported: ReadWords
	Verb    spec.Verb
	Call    *Call      // the verb's function; nil for batch, unbatch, reduce
	In, Out types.Type // of the items as they arrive and leave; nil for a source's In and a sink's Out
	Batch   *Batch
	Reduce  *Reduce
	OnError OnError
	Timeout Value // zero: none
	From    []*Stage
	To      *Stage // the only reader; nil at an end
	Reason  string // why it is fused with the stage above, or begins a group
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
)

// Elem says what an element of a queue carries besides the item.
type Elem struct {
	Index bool // the item's position in the input: chains of one-to-one stages, for errors and Map
	Err   bool // a yielded error of a stage above may stand in the item's place
}

// Call is a Go function as the generated code calls it.
type Call struct {
	Object   types.Object     // *types.Func or *types.Var of a func type
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

// Value is a literal, a constant or a param. The zero Value is absent.
type Value struct {
	Lit   any          // bool, string, int64, uint64, float64, time.Duration: fits the wanted type
	Const *types.Const // a named Go constant
	Param *Param
}

// IsSet says whether there is a value.
func (v Value) IsSet() bool { return v.Lit != nil || v.Const != nil || v.Param != nil }

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
	Stage *Stage // nil: the caller's input sequence
	Out   *Queue
}

// Group is a run of stages fused into one set of workers: each item goes through all of them in one
// goroutine.
type Group struct {
	Index    int
	Stages   []*Stage // at least one, in order
	In       *Queue
	Out      *Queue // nil after a sink
	Workers  Workers
	Ordered  bool  // never with a single fixed worker, which keeps the order anyway
	MaxAhead Value // int; unset: 4 × workers × chunk
	Chunk    Value // int; unset: chosen at run time from the measured cost
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
	Sources   []*Source
	Writers   []*Group
	Reader    *Group
	Reason    string // why this capacity
}
