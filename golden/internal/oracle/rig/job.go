package rig

import (
	"fmt"
	"strings"
)

// Job is one run of a topology: how many items there are, and what goes wrong.
type Job struct {
	Topology string
	Fault    uint64        // the seed of what goes wrong in this topology
	Seed     uint64        // that, and the topology's
	Via      string        // the method that runs it
	Items    map[int]int   // of each source, by the number of its stage; the caller's input is 0
	Rates    map[int]Rates // by stage; nothing goes wrong in the others
	BadKey   uint64        // the item whose key functions go wrong
	BadOpen  int           // the stage whose state cannot be made
	BadKind  Kind          // how
	Cancel   int           // the step at which the caller's context is cancelled; 0: never; -1: before the run
	Drain    int           // the step at which Drain is closed, likewise
	Break    int           // the caller leaves the stream with this element; 0: never
	Leave    Kind          // how: Panic, Goexit; else by break
	Watch    bool          // somebody reads the counters meanwhile
	Kills    bool          // worker processes are killed
	Slow     bool          // some calls take over a millisecond
}

func (j Job) String() string {
	return fmt.Sprintf("%s seed %d via %s items %v rates %v bad key %x bad open %d %v cancel %d drain %d break %d %v kills %v slow %v watch %v",
		j.Topology, j.Seed, j.Via, j.Items, j.Rates, j.BadKey, j.BadOpen, j.BadKind, j.Cancel, j.Drain, j.Break, j.Leave, j.Kills, j.Slow, j.Watch)
}

// Pool says whether the items go through a pool.
func (j Job) Pool() bool { return strings.HasPrefix(j.Via, "Pool") }

// Kind is what happens to an item in a stage.
type Kind int

// The kinds. Err fails in every attempt, Flaky in the first ones, Hang until its context ends.
const (
	None Kind = iota
	Err
	Flaky
	Hang
	Panic
	Goexit
)

func (k Kind) String() string {
	return [...]string{"none", "err", "flaky", "hang", "panic", "goexit"}[k]
}

// Rates are how many of a thousand items each kind of fault meets.
type Rates [Goexit + 1]int

// Draw says what happens to the item in the stage; of a Flaky one, how many attempts fail.
func (j *Job) Draw(stage int, id uint64) (k Kind, failures int) {
	rates, ok := j.Rates[stage]
	if !ok {
		return None, 0
	}
	h := mix(mix(j.Seed, uint64(stage)), id)
	n := int(h % 1000)
	for k := Err; k <= Goexit; k++ {
		if n < rates[k] {
			return k, 1 + int(h>>20)%2
		}
		n -= rates[k]
	}
	return None, 0
}

// Fault is an error that was injected.
type Fault struct {
	Stage int
	ID    uint64
	Kind  Kind
}

func (f *Fault) Error() string { return fmt.Sprintf("injected %v in %d at %x", f.Kind, f.Stage, f.ID) }

// Derive is the k-th item that the stage makes of in.
func Derive(stage int, in Item, k int) Item {
	in.ID = mix(mix(in.ID, uint64(stage)), uint64(k)) & (1<<idBits - 1)
	return in
}

// Mapped is what a map makes of v, item by item.
func Mapped(stage int, v Value) Value {
	if v.Batch == nil {
		return Value{Item: Derive(stage, v.Item, 0)}
	}
	all := make([]Item, len(v.Batch))
	for i, item := range v.Batch {
		all[i] = Derive(stage, item, 0)
	}
	return Value{Batch: all}
}

// Kept says whether a filter keeps v.
func Kept(stage int, v Value) bool { return mix(v.Identity(), uint64(stage))%4 != 0 }

// Many are the items that a flat_map makes of v, and how many of them come before a fault.
func Many(stage int, v Value) (all []Value, good int) {
	h := mix(v.Identity(), uint64(stage))
	n := int(h % 4)
	if v.Batch == nil {
		for k := range n {
			all = append(all, Value{Item: Derive(stage, v.Item, k)})
		}
	} else {
		for _, item := range v.Batch {
			all = append(all, Value{Item: Derive(stage, item, 0)})
		}
	}
	return all, int(h>>8) % (len(all) + 1)
}

// Next are the items that a stage of a cycle sends round again: fewer each time, none in the last round.
func Next(stage int, v Value) []Value {
	if v.Item.Hops >= 3 {
		return nil
	}
	var all []Value
	for k := range int(mix(v.Item.ID, uint64(stage)) % 3) {
		item := Derive(stage, v.Item, k)
		item.Hops++
		all = append(all, Value{Item: item})
	}
	return all
}

// Port is the port, below n, to which a switch leads v.
func Port(stage int, v Value, n int) int {
	return int(mix(v.Identity(), uint64(stage)) % uint64(n))
}

// Pair is what with makes of the two items of a zip or join; it has the first one's key.
func Pair(stage int, a, b Value) Value {
	item := a.Item
	item.ID = mix(mix(a.Identity(), b.Identity()), uint64(stage)) & (1<<idBits - 1)
	item.Hops = 0
	return Value{Item: item}
}

// Made is the k-th item of a source.
func (j *Job) Made(stage, k int) Value {
	h := mix(mix(j.Seed, uint64(stage)), uint64(k))
	return Value{Item: Item{ID: h & (1<<idBits - 1), Key: int(h>>50) % Keys}}
}

// Start is the value from which reductions without merge start, where they have init.
var Start = Sum{X: 7}
