package gen

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// commentWidth is the column at which comments wrap.
const commentWidth = 100

// Comment turns free text of a spec into lines of a comment, each beginning with "//". Whatever the text,
// the lines are comment and nothing else: no control, bidi or other invisible character, no end of a
// comment, no directive to the compiler or a linter. Paragraphs are kept, lines are wrapped. It returns nil
// for blank text.
func Comment(text string) []string {
	var lines []string
	blank := false // a paragraph ended; its line is written only when another follows
	for paragraph := range strings.SplitSeq(printable(text), "\n") {
		words := strings.Fields(paragraph)
		if len(words) == 0 {
			blank = len(lines) > 0
			continue
		}
		if blank {
			lines = append(lines, "//")
			blank = false
		}
		lines = append(lines, wrap(words)...)
	}
	return lines
}

// printable returns text as lines of printable characters and plain spaces.
func printable(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "\ufffd"), "\r\n", "\n")
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
			return '\n'
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	return strings.ReplaceAll(text, "*/", "* /")
}

func wrap(words []string) []string {
	var lines []string
	line, width := "", 0
	for _, word := range words {
		n := utf8.RuneCountInString(word)
		if line != "" && width+1+n > commentWidth {
			lines = append(lines, line)
			line = ""
		}
		if line == "" {
			line, width = "//", 2
			if isMarker(word) {
				line, width = "// >", 4
			}
		}
		line += " " + word
		width += 1 + n
	}
	return append(lines, line)
}

// isMarker says whether some tool takes a comment that begins with word for an instruction, even after the
// space that keeps Go's own directives harmless.
func isMarker(word string) bool {
	for _, prefix := range []string{"+", "#cgo", "#nosec", "nolint", "lint:", "go:"} {
		if strings.HasPrefix(word, prefix) {
			return true
		}
	}
	return false
}
