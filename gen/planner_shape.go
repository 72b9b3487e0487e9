package gen

import (
	"strings"

	"github.com/pipegen/pipegen/spec"
)

const arrow = " → "

// shapes draws the graph as lines of text: one for each run of stages from a source, the caller or a merge
// to the next merge or an end. The caller is in and out; workers stand in brackets where they are not 1.
func (p *planner) shapes(order []*node) []string {
	var lines []string
	for _, n := range order {
		var line []string
		switch {
		case n.caller:
			line = append(line, "in")
		case len(n.from) == 1, len(n.from) > 1 && n.to == nil && !p.isOpen(n):
			continue // drawn with what it reads
		}
		for {
			line = append(line, p.shape(n))
			if n.to == nil {
				if p.isOpen(n) {
					line = append(line, "out")
				}
				break
			}
			n = n.to
			if len(n.from) > 1 {
				line = append(line, p.shape(n))
				break
			}
		}
		lines = append(lines, strings.Join(line, arrow))
	}
	return lines
}

// shape is a stage as the drawing shows it: "download(32)".
func (p *planner) shape(n *node) string {
	if w := p.workers(n); !w.isOne() {
		return n.Name + "(" + w.text() + ")"
	}
	return n.Name
}

// isOpen says whether n's items go to the caller.
func (p *planner) isOpen(n *node) bool {
	return p.plan.Output != nil && n.to == nil && n.Verb != spec.Sink
}
