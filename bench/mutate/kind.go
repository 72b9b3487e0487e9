package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// kind is what a change is about.
type kind string

// Those up to ack are the machinery's duties towards goroutines and items. None of them may go unnoticed.
const (
	closes   kind = "close"  // the end of a queue, a group, a stage
	waits    kind = "wait"   // waiting and waking
	cancels  kind = "cancel" // stopping, and noticing that one is stopped
	unlocks  kind = "unlock" // locks
	acks     kind = "ack"    // items accounted for
	bounds   kind = "bound"  // comparisons and sizes
	orders   kind = "order"  // neighbouring atomic steps
	results  kind = "result" // boolean results
	branches kind = "branch" // other conditions
	others   kind = "other"  // other statements
)

var kinds = []kind{closes, waits, cancels, unlocks, acks, bounds, orders, results, branches, others}

func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return names
}

func parseKinds(list string) (map[kind]bool, error) {
	wanted := make(map[kind]bool)
	for name := range strings.SplitSeq(list, ",") {
		switch {
		case name == "all":
			for _, k := range kinds {
				wanted[k] = true
			}
		case slices.Contains(kinds, kind(name)):
			wanted[kind(name)] = true
		default:
			return nil, fmt.Errorf("-kind: %q is none of %s, all", name, strings.Join(kindNames(), ", "))
		}
	}
	return wanted, nil
}

// vocabulary says what a statement is about that uses a name. The names are those of functions, methods, fields and
// of the generated code's in the emitters.
var vocabulary = words(map[kind]string{
	unlocks: "Lock Unlock RLock RUnlock",
	closes:  "close finish leave end endTimed finished closed",
	cancels: "cancel fail stop Stop stopped abandon unwatch detach endSources forget keep Err Cause cause cancelled halted drained terminate",
	waits: "Wait wait wake wakes wakeOne wakeLast wakeAll wakeForRoom wakeReader signal park pause resume await admit cue startWatch " +
		"Reset watch watching blocked idle alive",
	acks: "filtered failed interrupted dropped retries deadLettered settle tell produced counts retract passed skipped " +
		"begun erred resolve reject left lost observe",
})

func words(lists map[kind]string) map[string]kind {
	all := make(map[string]kind)
	for _, k := range slices.Sorted(maps.Keys(lists)) {
		for _, word := range strings.Fields(lists[k]) {
			all[word] = k
		}
	}
	return all
}

// about says what n, which a change removes or ignores, is about: the first word of it that the vocabulary knows, what
// is called before what it is called on. otherwise is the answer where there is none.
func about(n ast.Node, otherwise kind) kind {
	found := otherwise
	look := func(name string) {
		if k, ok := vocabulary[name]; ok && found == otherwise {
			found = k
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if found != otherwise {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // what it does, it does later
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found = waits
			}
		case *ast.SendStmt:
			found = waits
		case *ast.SelectorExpr:
			look(n.Sel.Name)
		case *ast.Ident:
			look(n.Name)
		case *ast.BasicLit: // a name in an emitter
			if text, err := strconv.Unquote(n.Value); err == nil {
				look(text)
			}
		}
		return true
	})
	return found
}

// rank is k's place among the kinds.
func (k kind) rank() int { return slices.Index(kinds, k) }

// raced says whether only the race detector can be expected to notice a change of this kind.
func (k kind) raced() bool { return k == unlocks || k == orders }
