package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var ignoreComment = regexp.MustCompile(`(?:^|\s)#\s*pipegen:ignore\b\s*(\S*)\s*(.*)`)

// An Ignore is a "# pipegen:ignore" comment. It silences the warnings of one code on its line.
type Ignore struct {
	Code string
	Span Span // of the comment
	Used bool // by a warning of Parse, or perhaps by one that errors hide
}

func (i Ignore) silences(d Diagnostic) bool {
	return d.Severity == Warning && d.Code == i.Code && d.Span.Line == i.Span.Line
}

// ignores returns the "# pipegen:ignore" comments that name the code of a warning, and warns of those that cannot have
// an effect or give no reason.
func (t *sourceText) ignores(ds *Diagnostics) []Ignore {
	var all []Ignore
	for i, line := range t.lines {
		m := ignoreComment.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		start := m[0] + strings.IndexByte(line[m[0]:], '#')
		span := t.span(i+1, utf8.RuneCountInString(line[:start])+1, utf8.RuneCountInString(line[start:]))
		id, reason := line[m[2]:m[3]], line[m[4]:m[5]]
		code, known := LookupCode(id)
		problem, label := "", "no effect"
		switch {
		case isBlank(line):
			problem = "stands alone on its line"
		case id == "":
			problem = "names no code"
		case !known:
			problem = fmt.Sprintf("names %s, which is no code", quote(id))
		case code.Severity != Warning:
			problem = fmt.Sprintf("names %s, which is an error", id)
		default:
			all = append(all, Ignore{Code: id, Span: span})
			if reason != "" {
				continue
			}
			problem, label = "gives no reason", "no reason"
		}
		ds.Add(ignoreProblem(t.name, span, problem, label))
	}
	return all
}

// ignoreProblem says what is wrong with a comment.
func ignoreProblem(file string, span Span, problem, label string) Diagnostic {
	return Diagnostic{
		Code: CodeIgnoreComment, Severity: Warning, File: file, Span: span,
		Message: "this pipegen:ignore comment " + problem,
		Label:   label,
		Help:    `write "# pipegen:ignore PGnnn reason" with the code of a warning, at the end of the line it points at`,
	}
}

// Silence returns the diagnostics without the warnings of f that a "# pipegen:ignore" comment on their line
// names. Errors are never silenced.
func (f *File) Silence(ds Diagnostics) Diagnostics {
	return slices.DeleteFunc(ds, func(d Diagnostic) bool {
		return d.File == f.Name && slices.ContainsFunc(f.Ignores, func(i Ignore) bool { return i.silences(d) })
	})
}

// markIgnores notes which comments are used by ds, what Parse has found. Errors may hide any warning.
func (f *File) markIgnores(ds Diagnostics) {
	for i := range f.Ignores {
		f.Ignores[i].Used = ds.HasErrors() || slices.ContainsFunc(ds, f.Ignores[i].silences)
	}
}

// UnusedIgnores warns of the "# pipegen:ignore" comments that name one of the codes and silence nothing: neither of what
// Parse has found nor of ds, in which all other warnings of these codes are.
func (f *File) UnusedIgnores(ds Diagnostics, codes func(id string) bool) Diagnostics {
	var unused Diagnostics
	for _, i := range f.Ignores {
		if codes(i.Code) && !i.Used && !slices.ContainsFunc(ds, i.silences) {
			d := ignoreProblem(f.Name, i.Span, fmt.Sprintf("silences nothing: its line has no warning %s", i.Code), "no effect")
			d.Help = "remove it, or put it at the end of the line that the warning points at"
			unused.Add(d)
		}
	}
	return unused
}
