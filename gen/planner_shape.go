package gen

import (
	"strings"
	"unicode/utf8"

	"github.com/pipegen/pipegen/spec"
)

const (
	arrow      = " → "
	shapeWidth = 100 // characters, beyond which branches get lines of their own
)

// A drawing is a run of stages as text, and the branches in which it ends.
type drawing struct {
	run      string
	branches []drawing
}

// shapes draws the graph as lines of text: one for each source, the caller, and each merge that has something
// below it, down to the next merges and the ends. Branches stand in braces. The caller is in and out; workers
// stand in brackets where they are not 1.
func (p *planner) shapes(order []*node) []string {
	var lines []string
	for _, n := range order {
		d := p.draw(n)
		switch {
		case n.caller:
			d.run = "in" + arrow + d.run
		case len(n.from) == 1, len(n.from) > 1 && d.run == p.shape(n) && d.branches == nil:
			continue // drawn with what it reads
		}
		lines = append(lines, d.lines(shapeWidth)...)
	}
	return lines
}

// draw draws n and what comes below it, down to merges.
func (p *planner) draw(n *node) drawing {
	d := drawing{run: p.shape(n)}
	for _, o := range n.ports {
		label := ""
		if o.Failed {
			label = failedPort + ": "
		}
		for _, out := range o.outlets() {
			for _, r := range out.readers {
				below := drawing{run: p.shape(r)}
				if len(r.from) == 1 {
					below = p.draw(r)
				}
				below.run = label + below.run
				d.branches = append(d.branches, below)
			}
		}
		if o == p.open {
			d.branches = append(d.branches, drawing{run: "out"})
		}
	}
	if len(d.branches) == 1 && !strings.HasPrefix(d.branches[0].run, failedPort+":") {
		only := d.branches[0]
		return drawing{d.run + arrow + only.run, only.branches}
	}
	return d
}

// flat writes d on one line.
func (d drawing) flat() string {
	if d.branches == nil {
		return d.run
	}
	var branches []string
	for _, b := range d.branches {
		branches = append(branches, b.flat())
	}
	return d.run + arrow + "{" + strings.Join(branches, ", ") + "}"
}

// lines writes d on one line, if it is not longer than width, else with a line for each branch.
func (d drawing) lines(width int) []string {
	if flat := d.flat(); d.branches == nil || utf8.RuneCountInString(flat) <= width {
		return []string{flat}
	}
	lines := []string{d.run + arrow + "{"}
	for _, b := range d.branches {
		below := b.lines(width - 2)
		below[len(below)-1] += ","
		for _, line := range below {
			lines = append(lines, "  "+line)
		}
	}
	return append(lines, "}")
}

// shape is a stage as the drawing shows it: "download(32)".
func (p *planner) shape(n *node) string {
	if w := p.workers(n); n.Verb != spec.Source && !w.isOne() {
		return n.Name + "(" + w.text() + ")"
	}
	return n.Name
}
