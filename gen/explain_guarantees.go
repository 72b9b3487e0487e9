package gen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pipegen/pipegen/spec"
)

// guarantees says what holds of order, delivery, errors and the end.
func (e *explainer) guarantees() {
	e.section("Guarantees")
	e.printf("  Order: %s\n", e.order())
	e.printf("  Delivery: %s\n", e.delivery())
	byPolicy := map[OnError][]string{}
	for _, s := range e.plan.Stages {
		if s.Verb != spec.BatchVerb && s.Verb != spec.Unbatch {
			byPolicy[s.OnError] = append(byPolicy[s.OnError], s.Name)
		}
	}
	for _, policy := range []struct {
		is   OnError
		text string
	}{
		{Stop, "ends the run: no new call starts, and what has not begun counts as interrupted"},
		{Skip, "drops its item and counts it as failed; the run goes on"},
		{Yield, "comes out in its item's place; the run goes on"},
		{DeadLetter, "hands its item to the dead letter function; the run goes on"},
		{Route, "sends its item to the port failed; the run goes on"},
	} {
		if names := byPolicy[policy.is]; len(names) > 0 {
			e.printf("  Errors: an error in %s %s.\n", orList(names), policy.text)
		}
	}
	end := "nothing that the pipeline started is alive when it returns"
	if e.plan.hasWorkers() {
		end += ", worker processes included"
	}
	e.printf("  End: %s.\n", end)
}

// delivery says how often an item is handed to a stage, and where it may get lost.
func (e *explainer) delivery() string {
	var copied, retried, dropping, again []string
	for _, s := range e.plan.Stages {
		if slices.ContainsFunc(s.Outputs, func(o *Output) bool { return o.FanOut == Broadcast }) {
			copied = append(copied, s.Name)
		}
		if s.Retry != nil {
			retried = append(retried, s.Name)
		}
		if s.Process != nil && s.Process.InFlight == RetryInFlight {
			again = append(again, s.Name)
		}
	}
	for _, q := range e.plan.Queues {
		if q.OnFull == DropNewest || q.OnFull == DropOldest {
			dropping = append(dropping, q.Name)
		}
	}
	if len(copied)+len(retried)+len(dropping)+len(again) == 0 {
		return "each item is handed to a stage once; none is retried or copied, and every one is counted where it ends."
	}
	text := "each item is handed to a stage once, and every one is counted where it ends."
	if len(copied) > 0 {
		text += fmt.Sprintf(" The readers of %s get the same value, not copies.", andList(copied))
	}
	if len(retried) > 0 {
		text += fmt.Sprintf(" A failed call of %s is made again.", orList(retried))
	}
	if len(again) > 0 {
		text += fmt.Sprintf(" An item of %s whose worker process dies is done at least once: perhaps again in another.", orList(again))
	}
	if len(dropping) > 0 {
		text += fmt.Sprintf(" What the queue of %s has no room for is lost.", orList(dropping))
	}
	return text
}

// order says whether items leave as they came, and if not, where they may change places.
func (e *explainer) order() string {
	var reasons []string
	for _, q := range e.plan.Queues {
		switch {
		case q.Kind != FIFO:
			reasons = append(reasons, fmt.Sprintf("%s is not first in, first out", q.Name))
		case len(q.Edges) > 1:
			reasons = append(reasons, fmt.Sprintf("%s reads %s as their items come", q.Name, strings.Join(writerNames(q), ", ")))
		}
	}
	for _, g := range e.plan.Groups {
		if g.Ordered || isSingle(g.Workers) {
			continue
		}
		var n quantity
		n.addWorkers(g.Workers)
		name, text := strings.Join(stageNames(g.Stages), " + "), "has %s workers and does not say ordered: true"
		switch last := g.Stages[len(g.Stages)-1]; {
		case last.Reduce != nil:
			name, text = last.Name, "adds up in %s workers and merges at the end"
		case g.Stages[0].Partition != nil:
			text = "keeps the order of items with one key only, in %s workers"
		case len(last.Outputs) == 0:
			name, text = last.Name, "takes items in %s workers at once"
		case slices.ContainsFunc(g.Stages, func(s *Stage) bool { return s.Batch != nil }):
			text = "fills batches in %s workers"
		}
		reasons = append(reasons, name+" "+fmt.Sprintf(text, n.String()))
	}
	if len(reasons) == 0 {
		return "items keep the order in which they came."
	}
	text := "not kept: " + strings.Join(reasons, "; ") + "."
	if e.plan.HasMap {
		text += " Map puts its results in the order of its input all the same."
	}
	return text
}
