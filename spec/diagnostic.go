package spec

import (
	"cmp"
	"slices"
)

// Severity says whether a diagnostic stops generation.
type Severity int

const (
	// Error stops generation; nothing is written.
	Error Severity = iota
	// Warning is reported and generation goes on.
	Warning
)

// Pos is a place in a text file. Line and Col count from 1, Col in runes; the zero Pos means unknown.
type Pos struct {
	Line, Col int
}

// IsValid says whether p names a place.
func (p Pos) IsValid() bool { return p.Line > 0 }

// Span is a run of Len runes on one line, starting at Pos.
type Span struct {
	Pos
	Len int
}

// Diagnostic is one problem of one spec, with everything a reader needs to mend it.
type Diagnostic struct {
	Code     string   // "PG301"; the families are listed in docs/errors.md
	Severity Severity //
	Message  string   // one line, no trailing period
	File     string   // the spec's path as the user gave it
	Span     Span     // where in File; the caret goes below it. Zero: the whole file
	Label    string   // short text beside the caret; may be empty
	Where    string   // the other side, "resize.go:9:6", printed after Label; may be empty
	Notes    []string // "= note:" lines
	Help     string   // "= help:" line: what to do about it
}

// Diagnostics collects problems. The zero value is ready to use.
type Diagnostics []Diagnostic

// Add appends a problem.
func (ds *Diagnostics) Add(d Diagnostic) { *ds = append(*ds, d) }

// Sort orders the problems by file and position; problems of a whole file come first, and problems of one
// place keep the order in which they were found.
func (ds Diagnostics) Sort() {
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Span.Line, b.Span.Line),
			cmp.Compare(a.Span.Col, b.Span.Col),
		)
	})
}

// HasErrors says whether any of the problems stops generation.
func (ds Diagnostics) HasErrors() bool { return ds.Errors() > 0 }

// Errors returns how many of the problems are errors.
func (ds Diagnostics) Errors() int { return ds.count(Error) }

// Warnings returns how many of the problems are warnings.
func (ds Diagnostics) Warnings() int { return ds.count(Warning) }

func (ds Diagnostics) count(s Severity) int {
	n := 0
	for _, d := range ds {
		if d.Severity == s {
			n++
		}
	}
	return n
}

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}
