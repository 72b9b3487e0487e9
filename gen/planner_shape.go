package gen

import (
	"strings"

	"github.com/pipegen/pipegen/spec"
)

const arrow = " → "

// shapes draws the graph as lines of text: one for each source, the caller, and each merge that has something
// below it, down to the next merges and the ends. Branches stand in braces. The caller is in and out; workers
// stand in brackets where they are not 1.
func (p *planner) shapes(order []*node) []string {
	var lines []string
	for _, n := range order {
		switch below := p.below(n); {
		case n.caller:
			lines = append(lines, "in"+arrow+p.shape(n)+below)
		case len(n.from) == 0, len(n.from) > 1 && below != "":
			lines = append(lines, p.shape(n)+below)
		}
	}
	return lines
}

// below draws what comes after n, beginning with an arrow; "" for nothing.
func (p *planner) below(n *node) string {
	var branches []string
	for _, o := range n.ports {
		label := ""
		if o.Failed {
			label = failedPort + ": "
		}
		for _, out := range o.outlets() {
			for _, r := range out.readers {
				branch := label + p.shape(r)
				if len(r.from) == 1 {
					branch += p.below(r)
				}
				branches = append(branches, branch)
			}
		}
		if o == p.open {
			branches = append(branches, "out")
		}
	}
	switch {
	case len(branches) == 0:
		return ""
	case len(branches) == 1 && !strings.HasPrefix(branches[0], failedPort+":"):
		return arrow + branches[0]
	}
	return arrow + "{" + strings.Join(branches, ", ") + "}"
}

// shape is a stage as the drawing shows it: "download(32)".
func (p *planner) shape(n *node) string {
	if w := p.workers(n); n.Verb != spec.Source && !w.isOne() {
		return n.Name + "(" + w.text() + ")"
	}
	return n.Name
}
