package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// explainSyntax turns yaml.v3's error into a diagnostic: it finds the line, because yaml.v3 names that on
// which the surrounding mapping or list begins, and says what to do.
func (t *sourceText) explainSyntax(failed *syntaxError, lines []string) Diagnostic {
	line := syntaxLine(failed, lines)
	d := Diagnostic{Code: CodeBadYAML, File: t.name, Span: t.lineSpan(line)}
	text := t.lines[d.Span.Line-1]
	if tab := strings.IndexByte(indentation(text), '\t'); tab >= 0 {
		d.Span = t.span(line, tab+1, len(indentation(text))-tab)
		d.Message = "a tab indents this line"
		d.Label = "tab"
		d.Help = "indent with spaces: YAML takes no tabs"
		more := 0
		for _, l := range t.lines[d.Span.Line:] {
			if strings.Contains(indentation(l), "\t") {
				more++
			}
		}
		if more > 0 {
			d.Notes = []string{fmt.Sprintf("lines below that are indented with tabs too: %d", more)}
		}
		return d
	}
	for _, w := range syntaxWords {
		if strings.Contains(failed.problem, w.problem) {
			d.Message, d.Label, d.Help = w.message, w.label, w.help
			if m := w.place.FindStringSubmatchIndex(text); m != nil {
				d.Span = t.span(line, utf8.RuneCountInString(text[:m[2]])+1, utf8.RuneCountInString(text[m[2]:m[3]]))
			}
			return d
		}
	}
	d.Message = "this is not YAML: " + printable(failed.problem)
	d.Help = `write one "key: value" a line, lined up with the keys beside it, and quote values with special characters`
	return d
}

// Where on the line a syntax error is, as far as that can be seen; the whole line where there is no match.
var (
	wholeLine     = regexp.MustCompile(`^\s*(\S.*?)\s*$`)
	secondColon   = regexp.MustCompile(`:\s.*?(:)(?:\s|$)`)
	openQuote     = regexp.MustCompile(`(?:^|[:,\[{-])\s*(["'][^"']*)$`)
	openList      = regexp.MustCompile(`(\[[^\]]*)$`)
	openMapping   = regexp.MustCompile(`(\{[^}]*)$`)
	reservedStart = regexp.MustCompile("(?:^|[:,\\[{-])\\s+([@%`][^\\s]*)")
	badEscape     = regexp.MustCompile(`(\\[^0abt\tnvfre "/\\N_LPxuU])`)
	badHexEscape  = regexp.MustCompile(`(\\[xuU][0-9A-Fa-f]*)`)
)

// syntaxWords says what yaml.v3's errors mean to somebody who wrote a spec.
var syntaxWords = []struct {
	problem, message, label, help string
	place                         *regexp.Regexp
}{
	{"mapping values are not allowed", "a second key or colon in one value", "not expected here",
		`line the key up with the keys above it, or quote the value if the ": " belongs to it`, secondColon},
	{"did not find expected key", "this line does not continue the mapping above it", "does not line up",
		"line it up with the keys above it, and close the quote of a value before writing on", wholeLine},
	{"did not find expected '-' indicator", "this line does not continue the list above it", "does not line up",
		`begin it with "- " below the other items, or line it up with a key further above`, wholeLine},
	{"could not find expected ':'", "a key without a colon", "no colon",
		`write "key: value", with a space after the colon`, wholeLine},
	{"expected ',' or ']'", "a list that is not closed", "opened here",
		"close it with ], and quote items that contain brackets or commas", openList},
	{"expected ',' or '}'", "a mapping that is not closed", "opened here",
		"close it with }, and quote values that contain brackets or commas", openMapping},
	{"cannot start any token", "a value cannot begin with this character", "needs quotes",
		"quote the value", reservedStart},
	{"found unexpected end of stream", "a quote that is never closed", "opened here",
		"close the quote on the same line", openQuote},
	{"found unexpected document indicator", "a quote that is never closed", "opened here",
		"close the quote on the same line", openQuote},
	{"unknown escape character", "an unknown escape in a double-quoted value", "bad escape",
		`write \\ for a backslash, or use single quotes`, badEscape},
	{"hexdecimal number", "an incomplete escape in a double-quoted value", "bad escape",
		`write \\ for a backslash, or use single quotes`, badHexEscape},
	{"block sequence entries are not allowed", "a list cannot begin here", "not expected here",
		`put the "- " on a line of its own`, wholeLine},
	{"<document start>", "text after the end of the spec", "not expected here",
		"remove it, or line it up with the keys above", wholeLine},
	{"max depth", "brackets or lists nested too deep", "too deep",
		fmt.Sprintf("values nest at most %d levels deep", maxDepth), wholeLine},
	{"unknown anchor", "an alias without an anchor", "aliases are not part of the language",
		`quote the value that begins with *`, wholeLine},
	{"expected alphabetic or numeric character", "an anchor or alias without a name", "needs quotes",
		"quote the value that begins with * or &", wholeLine},
}

// syntaxLine returns the line of a syntax error: the first one that, added to those above it, makes them
// fail. Where that is a bracket or quote that is never closed it is the line that opens it.
func syntaxLine(failed *syntaxError, lines []string) int {
	const tries = 16 // each costs a parse, and the parser reads ahead by a line or two
	line := min(failed.read, len(lines))
	for try := 0; line > 1 && try < tries; line-- {
		if isBlank(lines[line-1]) {
			continue
		}
		if _, _, err := parseYAML(lines[:line-1]); err == nil {
			return line
		}
		try++
	}
	if line > 1 && failed.line > 0 {
		return failed.line
	}
	return max(line, 1)
}

// isBlank says whether a line has neither keys nor values.
func isBlank(line string) bool {
	text := strings.TrimSpace(line)
	return text == "" || text[0] == '#'
}

func indentation(line string) string {
	return line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// Go types that YAML takes for something else when they are not quoted: *T for an alias, []T for a list
// with text after it and, inside braces, anything with brackets.
var (
	unquotedType   = regexp.MustCompile(`(?:^\s*|: +|- +|[\[,] *)((?:\*|\[[0-9]*\])[\w.*\[\]]*\w[\]]*)`)
	unquotedInFlow = regexp.MustCompile(`: +([A-Za-z_][\w.]*\[[\w.*\[\], ]*\][\w.*\[\]]*)`)
)

// quoteGoTypes reports Go types that stand without the quotes they need. It returns the lines with a word in
// the place of each, and where those are, so that the rest of a spec can be read all the same; or nil if
// there are none.
func (t *sourceText) quoteGoTypes(ds *Diagnostics) (mended []string, at map[Pos]bool) {
	at = map[Pos]bool{}
	mended = slices.Clone(t.lines)
	for i, line := range t.lines {
		matches := unquotedType.FindAllStringSubmatchIndex(line, -1)
		if strings.Contains(line, "{") {
			matches = append(matches, unquotedInFlow.FindAllStringSubmatchIndex(line, -1)...)
		}
		for _, m := range matches {
			for strings.Count(line[m[2]:m[3]], "]") > strings.Count(line[m[2]:m[3]], "[") {
				m[3]-- // the bracket that ends a list with the type in it
			}
			before, found := line[:m[2]], line[m[2]:m[3]]
			if strings.ContainsAny(before, `#"'`) {
				continue // in a comment or in quotes
			}
			why := "is cut at its bracket inside braces"
			switch found[0] {
			case '*':
				why = "is YAML for an alias"
			case '[':
				why = "is YAML for a list"
			}
			span := Span{Pos{i + 1, utf8.RuneCountInString(before) + 1}, utf8.RuneCountInString(found)}
			at[span.Pos] = true
			mended[i] = mended[i][:m[2]] + strings.Repeat("x", len(found)) + mended[i][m[3]:]
			ds.Add(Diagnostic{
				Code: CodeWrongKind, File: t.name, Span: span,
				Message: fmt.Sprintf("%s %s: Go types and references that YAML misreads are quoted", found, why),
				Label:   "needs quotes",
				Help:    fmt.Sprintf("write %q", found),
			})
		}
	}
	if len(at) == 0 {
		return nil, nil
	}
	return mended, at
}
