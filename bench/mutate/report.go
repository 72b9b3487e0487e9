package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
)

// verdict is what came of a mutant.
type verdict int

const (
	missed   verdict = iota // no test fails
	textOnly                // only the text of generated files differs
	caught
	broken // does not compile
)

// outcome is a mutant with its verdict.
type outcome struct {
	mutant
	verdict verdict
	by      string // the package whose tests noticed
}

func (o outcome) String() string {
	what := map[verdict]string{missed: "NOT NOTICED", textOnly: "TEXT ONLY", caught: "noticed by " + o.by, broken: "does not compile"}[o.verdict]
	return fmt.Sprintf("%s: %s", o.mutant, what)
}

// add notes an outcome, and says how far things are.
func (c *campaign) add(o outcome) {
	c.outcomes = append(c.outcomes, o)
	fmt.Fprintf(os.Stderr, "%d/%d %s\n", len(c.outcomes), c.all, o)
}

// report prints what was not noticed, then a line for each kind.
func report(w io.Writer, outcomes []outcome) {
	slices.SortFunc(outcomes, func(a, b outcome) int {
		return cmp.Or(cmp.Compare(a.verdict, b.verdict), cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line), cmp.Compare(a.from, b.from))
	})
	for _, o := range outcomes {
		if o.verdict == missed {
			fmt.Fprintln(w, "not noticed:", o.mutant)
		}
	}
	for _, o := range outcomes {
		if o.verdict == textOnly {
			fmt.Fprintln(w, "text only:  ", o.mutant)
		}
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "\nkind\tchanges\tnoticed\ttext only\tnot noticed\t%\t")
	total := make(map[verdict]int)
	for _, k := range kinds {
		n := make(map[verdict]int)
		for _, o := range outcomes {
			if o.kind == k {
				n[o.verdict]++
				total[o.verdict]++
			}
		}
		line(tw, string(k), n)
	}
	line(tw, "all", total)
	tw.Flush()
	fmt.Fprintf(w, "\n%d more do not compile\n", total[broken])
}

func line(w io.Writer, name string, n map[verdict]int) {
	if all := n[missed] + n[textOnly] + n[caught]; all > 0 {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%.0f\t\n", name, all, n[caught], n[textOnly], n[missed], 100*float64(n[caught])/float64(all))
	}
}

// parseEquivalents reads a list of changes that change nothing: two lines each, the change as the report has it without
// place and kind, and, indented, the reason.
func parseEquivalents(text string) (map[string]bool, error) {
	all := make(map[string]bool)
	last, reason := "", true
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		switch line := lines.Text(); {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "\t"):
			reason = true
		case !reason:
			return nil, fmt.Errorf("equivalent.txt: no reason for %q", last)
		default:
			last, reason = line, false
			all[line] = true
		}
	}
	if !reason {
		return nil, fmt.Errorf("equivalent.txt: no reason for %q", last)
	}
	return all, lines.Err()
}
