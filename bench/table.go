package main

import (
	"fmt"
	"io"
	"math"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"golang.org/x/perf/benchmath"
)

// A table collects results; every side is a line for each metric.
type table struct{ results []result }

func (t *table) add(r result) { t.results = append(t.results, r) }

func (t *table) print(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "shape\tside\tas\tvalue\tpipegen ÷ side\tpipegen is better\ttarget\tallocs/item\tpeak memory")
	var notes []string
	for _, r := range t.results {
		notes = append(notes, fmt.Sprintf("%-4s %s", r.shape.id, r.shape.title))
		for i, s := range r.sides {
			if s.err != nil {
				fmt.Fprintf(tw, "%s\t%s\t%s\tnot measured\t\t\t\t\t\n", r.shape.id, s.side.title(), s.variant.label)
				notes = append(notes, fmt.Sprintf("%-4s %s: not measured: %v", r.shape.id, s.side.name, s.err))
				continue
			}
			for m := range r.shape.metrics {
				fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\n", r.shape.id, s.side.title(), s.variant.label,
					r.shape.metrics[m].text(s.value[m].Center), s.comparison(m, i == 0), s.footprint(m))
			}
		}
		fmt.Fprintln(tw, strings.Repeat("\t", 8))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, strings.Join(notes, "\n"))
	return err
}

func (m metric) text(v float64) string {
	text := fmt.Sprintf("%.3g %s", v, m.unit)
	if v >= 1000 {
		text = fmt.Sprintf("%.0f %s", v, m.unit)
	}
	if m.name != "" {
		text = m.name + " " + text
	}
	return text
}

// comparison is the three columns that set pipegen against the side.
func (s sideResult) comparison(m int, self bool) string {
	if self || s.ratio == nil {
		return "\t\t"
	}
	ratio := s.ratio[m]
	text := fmt.Sprintf("%s %s\t%s ×\t", short3(ratio.Center), interval(ratio), short3(1/ratio.Center))
	if m == 0 {
		text += s.side.target.text(ratio.Center)
	}
	return text
}

func (s sideResult) footprint(m int) string {
	if s.memory == nil || m > 0 {
		return "\t"
	}
	return fmt.Sprintf("%.4f\t%.1f MiB", s.memory.allocs, float64(s.memory.peak)/(1<<20))
}

// interval is the 95% interval of the median, empty where there are too few rounds for one.
func interval(s benchmath.Summary) string {
	if math.IsInf(s.Lo, 0) || math.IsInf(s.Hi, 0) {
		return ""
	}
	return fmt.Sprintf("[%s, %s]", short3(s.Lo), short3(s.Hi))
}

// short3 prints three digits.
func short3(v float64) string {
	if v >= 1000 {
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// text says what was wanted and whether ratio, pipegen ÷ side, is it.
func (t target) text(ratio float64) string {
	switch verdict := map[bool]string{true: "reached", false: "missed"}; {
	case t.atMost > 0:
		return fmt.Sprintf("≤ %.3g × it: %s", t.atMost, verdict[ratio <= t.atMost])
	case t.atLeast > 0:
		return fmt.Sprintf("≥ %.3g × better: %s", t.atLeast, verdict[1/ratio >= t.atLeast])
	}
	return ""
}

// title is the side's name with its module's version.
func (s side) title() string {
	if info, ok := debug.ReadBuildInfo(); ok && s.module != "" {
		for _, m := range info.Deps {
			if m.Path == s.module {
				return s.name + " " + m.Version
			}
		}
	}
	return s.name
}
