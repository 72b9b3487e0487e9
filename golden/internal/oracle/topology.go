package oracle

import (
	"github.com/pipegen/pipegen/gen"
	"github.com/pipegen/pipegen/spec"
)

// Topology is a random pipeline: its spec, and what its functions do.
type Topology struct {
	Seed   uint64
	Where  Where
	Name   string        // of the pipeline and the spec
	Dir    string        // of its package, below the module's root
	Nodes  []*Node       // in the order of the file
	Queues []*NamedQueue // likewise
	Input  *Port         // the caller's items; nil where there are sources
	Open   *Port         // the open end, of the last node; nil where every branch ends in a sink

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
	Shape string // of a source or flat_map: slice, seq, seq2, emit, chan; of a switch: the type of its key
	Ctx   bool   // its function takes a context
	Err   bool   // its function can fail
	Arg   bool   // its function takes its number as an argument

	From    []*Port // of a zip or join: left, right
	In, Out Type
	Main    *Port   // nil for a sink or switch
	Ports   []*Port // of a switch
	Failed  *Port   // of on_error: route
	To      *NamedQueue
	FanOut  string // broadcast, round_robin or a key for hash, of all of its ports
	Pair    bool   // it reads a failed port: its function takes the item and its error
	Cycle   bool   // a flat_map that sends items round again
	InCycle bool

	Key         Key    // of a reduce or join
	Init, Merge bool   // of a reduce
	State       string // worker, process, pipeline or ""
	Workers     string // as in the spec; "" for none
	Ordered     bool
	Partition   Key
	Processes   bool // it runs in worker processes
	Timeout     bool
	Retry       int // max_attempts; 0: none
	OnError     string
	Keys        []string // further lines of the stage: "queue: 3"

	value  string // of the verb, where it is no function
	held   bool   // a zip below relies on its order
	steady bool   // it passes on as many items as it gets, as a zip below relies on
}

// Port is an output that stages read.
type Port struct {
	Node    *Node       // nil: the caller's input, or a named queue
	Queue   *NamedQueue // that the port is the far end of
	Name    string      // of a switch's port or "failed"; "" for the main one
	Type    Type
	Readers []*Node
	Failed  bool
	FanOut  string

	ordered bool   // items come in an order that the spec fixes
	roots   uint64 // sources that it is made of, by number
	shared  bool   // other branches take part in its pace: a fan-out, switch or route stands above
	even    *Port  // the fan-out above of which it has one item for each, or each turn; nil where there is none
}

// NamedQueue is an entry of queues.
type NamedQueue struct {
	Name     string
	Settings string // as in the spec
	FanOut   string
	Feedback bool
	Plain    bool // it neither drops nor sorts
	Writers  []*Node
	Port     *Port
}

// ref is the port as from names it.
func (p *Port) ref() string {
	switch {
	case p.Queue != nil:
		return p.Queue.Name
	case p.Name != "":
		return p.Node.Name + "." + p.Name
	}
	return p.Node.Name
}

// Node returns the node of a stage of the plan.
func (t *Topology) Node(s *gen.Stage) *Node { return t.nodeOf[s.Name] }
