package oracle

import (
	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// Topology is a random pipeline: its spec, and what its functions do.
type Topology struct {
	Seed   uint64
	Name   string  // of the pipeline, the spec and, capitalised, the Go type
	Dir    string  // of its package, below the module's root
	Nodes  []*Node // in the order of the file
	Input  *Port   // the caller's items; nil where there are sources
	Open   *Port   // the open end, of the last node; nil where every branch ends in a sink
	Queues []*NamedQueue

	Spec string    // the YAML
	Go   string    // the functions
	Plan *gen.Plan // once it is planned

	nodeOf map[string]*Node // by stage name
}

// Node is one stage of the spec.
type Node struct {
	ID    int // names it in functions and faults, from 1
	Verb  spec.Verb
	Name  string
	Named bool   // the spec says name
	Func  string // the Go function's name; "" for batch, unbatch and reduce
	Shape string // of a source or flat_map: slice, seq, seq2, emit, chan

	From       []*Port // of a zip or join: left, right
	In, In2    Type    // In2: the right side's
	Out        Type
	Main       *Port   // nil for a sink or switch
	Ports      []*Port // of a switch
	Failed     *Port   // of on_error: route
	To         *NamedQueue
	FromQueue  *NamedQueue
	Ctx        bool // its function takes a context
	Err        bool // its function can fail
	Arg        bool // its function takes its number as an argument
	Cycle      bool // a flat_map that sends items round again
	Key        Key  // of a reduce
	Init       bool // reduce
	Merge      bool // reduce
	SwitchKind string
	PairFailed bool   // it reads a failed port
	State      string // worker, pipeline or ""
	Workers    string // as in the spec; "" for none
	Ordered    bool
	Partition  Key
	Timeout    bool
	Retry      int // max_attempts; 0: none
	When       bool
	OnError    string
	Keys       []string // further lines of the stage: "queue: 3"
	verbValue  string
}

// Port is an output that stages read.
type Port struct {
	Node    *Node  // nil: the caller's input
	Name    string // of a switch's port or "failed"; "" for the main one
	Type    Type
	Readers []*Node
	FanOut  string // broadcast, round_robin, or hash
	Key     Key    // hash
	Failed  bool

	ordered bool   // items come in an order that the spec fixes
	roots   uint64 // sources that it is made of, by number
	shared  bool   // a fan-out stands above: other branches take part in its pace
	even    *Port  // the broadcast above of which it has one item for each; nil where there is none
}

// NamedQueue is an entry of queues.
type NamedQueue struct {
	Name     string
	Type     Type
	Writers  []*Node
	Readers  []*Node
	Feedback bool
	Value    string // as in the spec
	FanOut   string
	Lossy    bool
}

// ref is the port as from names it.
func (p *Port) ref() string {
	if p.Name != "" {
		return p.Node.Name + "." + p.Name
	}
	return p.Node.Name
}

// Node returns the node of a stage of the plan.
func (t *Topology) Node(s *gen.Stage) *Node { return t.nodeOf[s.Name] }
