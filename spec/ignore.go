package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var ignoreComment = regexp.MustCompile(`(?:^|\s)#\s*pipegen:ignore\b\s*(\S*)`)

// ignores returns the codes that "# pipegen:ignore" comments silence, by line, and warns of those that
// cannot have an effect.
func (t *sourceText) ignores(ds *Diagnostics) map[int][]string {
	codes := map[int][]string{}
	for i, line := range t.lines {
		m := ignoreComment.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		start := m[0] + strings.IndexByte(line[m[0]:], '#')
		id := line[m[2]:m[3]]
		code, known := LookupCode(id)
		var problem string
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
			codes[i+1] = append(codes[i+1], id)
			continue
		}
		ds.Add(Diagnostic{
			Code: CodeIgnoreComment, Severity: Warning, File: t.name,
			Span:    t.span(i+1, utf8.RuneCountInString(line[:start])+1, utf8.RuneCountInString(line[start:])),
			Message: "this pipegen:ignore comment " + problem,
			Label:   "no effect",
			Help:    `write "# pipegen:ignore PGnnn reason" with the code of a warning, at the end of the line it points at`,
		})
	}
	return codes
}

// Silence returns the diagnostics without the warnings of f that a "# pipegen:ignore" comment on their line
// names. Errors are never silenced.
func (f *File) Silence(ds Diagnostics) Diagnostics {
	return slices.DeleteFunc(ds, func(d Diagnostic) bool {
		return d.Severity == Warning && d.File == f.Name && slices.Contains(f.Ignores[d.Span.Line], d.Code)
	})
}
